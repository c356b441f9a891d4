"""What runs after commands whose end is known: predicted, and done by real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dockerlint.image.catalogue import lookup
from dockerlint.layers.filesystem import walk
from dockerlint.layers.image import Image
from dockerlint.layers.nodes import File, Folder
from dockerlint.layers.predict import predict
from dockerlint.layers.simulate import Contexts, simulate
from dockerlint.layers.size import NOTHING, Size
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.scripts import Scripts
from dockerlint.source import Source
from dockerlint.syntax.parser import parse

SCRIPTS = (
    "cp none a || echo 1 > b",
    "cp none a && echo 1 > b; echo 2 > c",
    "rm none || touch a",
    "rm -f none || touch a",
    "mkdir d && mkdir d || touch a",
    "mkdir d; mkdir -p d && touch a",
    "mkdir d/e || touch a",
    "touch d/e || touch a",
    "echo 1 > d/e || touch a",
    "mkdir d; rm d || touch d/a",
    "mkdir d; rm -f d || touch d/a",
    "mkdir d; rmdir d && touch a; rmdir d || touch b",
    "mkdir d; touch d/f; rmdir d || touch a",
    "mv none a || touch b",
    "touch a; mv a b; mv a c || touch d",
    "touch a; mkdir d; mv a d; [ -f d/a ] && touch b; [ -f a ] || touch c",
    "touch a b; cp a none/c || touch c; cp a b none || touch d",
    "touch a; cp a none/ || touch b",
    "mkdir d; touch d/f; cp d e || touch g; cp -r d e; cp -r d e; ls e",
    "mkdir -p d/x e/d; touch d/x/f e/d/g; mv d e || touch a",
    "touch a b; ln a b || touch c; ln -f a b && touch d; ln none x || touch e",
    "ln -s none l; [ -e l ] || touch a; [ -L l ] && touch b; ln -s x l || touch c",
    "cd none || touch a; touch b",
    "mkdir d; cd d && touch a; cd .. && touch b",
    "mkdir d; (cd d; touch a; exit 3) || touch b",
    "if cd none; then touch a; else touch b; fi",
    "if [ -f none ]; then touch a; elif [ 1 = 1 ]; then touch b; else touch c; fi",
    "if false; then touch a; elif false; then touch b; else touch c; fi",
    "if true; then touch a; elif true; then touch b; else touch c; fi",
    "if ! false; then touch a; fi; ! true || touch b; ! false && touch c",
    "[ -d . ] && touch a; [ ! -d . ] && touch b; [ -n x ] && touch c; [ -z x ] || touch d; [ 2 -gt 1 ] && touch e",
    "test -s none || touch a; echo 1 > f; test -s f && touch b; : > g; test -s g || touch c",
    "touch f; [ -x f ] || touch a; chmod +x f; [ -x f ] && touch b",
    "false || false || touch a; false && touch b || touch c; true || touch d && touch e",
    "{ false; true; } && touch a; { true; false; } || touch b; ( false ) || touch c",
    "false | true && touch a; true | false || touch b",
    "set -e; false || touch a; if false; then :; fi; ! true; touch b",
    "set -e; false && touch a; touch b",
    "set -e; { false && true; }; touch b",
    "(set -e; false; touch a); touch b",
    "set -e; (false; touch a) || touch b; touch c",
    "sh -c 'exit 3' || touch a; sh -c 'touch b; exit 0; touch c' && touch d",
    "sh -ec 'false; touch a' || touch b; sh -c 'false; touch c' && touch d",
    "touch a; exit 0; touch b",
    "[ -e none ] || exit 0; touch b",
    "touch a && [ -e a ] && exit; touch b",
    "for n in 1 2; do touch f$n; done; [ -f f2 ] && touch a",
    "for n in 1 2; do false || touch b; done",
    "while true; do touch a; break; touch b; done; touch c",
    "for n in 1 2; do touch a; continue; touch b; done; touch c",
    "cat none > a || touch b; cat < none > c || touch d",
    "cat none || touch a; touch f; cat f && touch b; head -c 3 none || touch c",
    "chmod 600 none || touch a; chmod 600 . && touch b; sed -i s/a/b/ none || touch c; truncate -s 3 d/e || touch d",
    "install -m 600 none a || touch b; install -m 600 /dev/null c && touch d; install -d d/e && touch f",
    "touch f; mkdir f/g || touch a; mkdir -p f/g || touch b; cd f || touch c; touch f/g || touch d",
    "touch f; cp f f || touch a; mv f f || touch b; cp f f2 && rm f && cp f f2 || touch c",
    "echo 1 | tee d/e || touch a; echo 1 | tee a > b && touch c",
    "touch f; rm f none || touch a; touch g; rm -f g none && touch b",
    "dd if=/dev/zero of=d/e bs=1 count=1 2> err || touch a; dd if=/dev/zero of=e bs=3 count=2 2> err && touch b",
    "x=1 && touch a; x= || touch b; export y=1 && touch c",
    "mkdir d d/e none/f || touch a; rmdir d/e d && touch b",
    "touch a & wait; false & touch b",
    "exit 3",
    "false",
    "touch a; cp none b",
    "set -e; rm none; touch a",
    "touch a && [ -e none ]",
    "(exit 1)",
    "sh -c 'exit 1'",
    "if false; then touch a; else exit 2; fi",
    "[ -e none ] && touch a",
    "mkdir a && echo x > a",
    "mkdir -p d/e; touch d/.f d/g d/e/.h; find d -mindepth 1 -delete; ls -a d",
    "mkdir -p d/e; touch d/f.log d/e/g.log d/e/h; find d -name '*.log' -type f -delete; ls d/e",
    "mkdir -p d/e; touch d/f.log d/e/g.log d/h; find d -mindepth 2 -type f -exec rm -f {} +; ls d",
    "mkdir d; touch d/f; ln -s f d/l; find . -type l -name 'l*' -exec rm {} ';' && touch a",
)


def _predicted(folder: Path, script: str, shell: str) -> Image:
    text = f'FROM scratch\nSHELL ["{shell}", "-c"]\nWORKDIR {folder}\nRUN {script}\n'
    return predict(build_model(parse(Source("Dockerfile", text)), BuildOptions(), lookup))


def _files(folder: Path, script: str, shell: str) -> dict[str, Size]:
    """The predicted files below a folder, by their paths there, with their sizes."""
    text = f'FROM scratch\nSHELL ["{shell}", "-c"]\nWORKDIR {folder}\nRUN {script}\n'
    model = build_model(parse(Source("Dockerfile", text)), BuildOptions(), lookup)
    root = simulate(model, Scripts(model.dockerfile), Contexts()).root
    return {
        path.removeprefix(f"{folder}/"): node.size if isinstance(node, File) else NOTHING
        for path, node in walk(root)
        if path.startswith(f"{folder}/") and not isinstance(node, Folder)
    }


def _real_files(folder: Path) -> dict[str, int]:
    found = [Path(at) / name for at, _, names in os.walk(folder) for name in names]
    return {str(each.relative_to(folder)): 0 if each.is_symlink() else each.stat().st_size for each in found}


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_what_runs_is_what_a_shell_runs(script: str, shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    image = _predicted(tmp_path, script, shell)
    layer = image.layers[-1]
    done = subprocess.run([shell, "-c", script], cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60)
    assert bool(image.problems) == (done.returncode != 0), done.stderr
    assert not layer.doubts
    assert not layer.suspicions
    if done.returncode == 0:
        ours, real = _files(tmp_path, script, shell), _real_files(tmp_path)
        assert ours.keys() == real.keys()
        for path, size in ours.items():
            assert size.low <= real[path]
            assert size.high is None or real[path] <= size.high
