"""Real Dockerfiles: what is read is the whole text, and the same as BuildKit's own parser reads."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dockerlint.semantics.builder import build_model
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import render
from tests.shared import REPOSITORY, SHARED, shared_path

#: The corpus has more; agreement on a few files would mean little.
_FEWEST_FILES = 1_000


def repositories() -> list[Path]:
    """The folders of the corpus, one for each repository; none without the shared data."""
    corpus = SHARED / "corpus"
    return sorted(path for path in corpus.iterdir() if path.is_dir()) if corpus.is_dir() else []


@pytest.mark.parametrize("folder", repositories(), ids=lambda folder: folder.name)
def test_files_of_a_repository_render_to_their_text(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        dockerfile = parse(Source(path.name, text))
        assert render(dockerfile) == text
        model = build_model(dockerfile)
        assert sum(1 for _ in model.steps()) == len(dockerfile.instructions)


@pytest.mark.slow
def test_files_are_read_as_by_the_parser_of_buildkit() -> None:
    pytest.importorskip("dockerfile", reason="BuildKit's parser is not installed: pip install dockerfile")
    script = shared_path("tools", "diff_parser.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(REPOSITORY / root) for root in ("lint", "rules"))}
    dlint = shlex.join([sys.executable, "-c", "import sys; from dockerlint.cli.main import main; sys.exit(main())"])
    command = [sys.executable, str(script), "--dlint", dlint]
    done = subprocess.run(
        [*command, str(shared_path("corpus"))], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = next(line.split() for line in done.stdout.splitlines() if line.startswith("files"))
    assert int(files[1]) == int(files[3]) > _FEWEST_FILES
