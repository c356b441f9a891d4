"""All real Dockerfiles in one run: every file is reported, nothing fails, and the log is valid SARIF."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.cli.program import dlint
from tests.shared import shared_path


@pytest.mark.slow
def test_one_run_over_the_corpus_loses_nothing(tmp_path: Path) -> None:
    corpus = shared_path("corpus")
    schema = json.loads(shared_path("conformance", "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
    lists = {"README.md", "SOURCES.tsv"}
    files = sorted(str(path) for path in corpus.rglob("*") if path.is_file() and path.name not in lists)
    log = tmp_path / "log.sarif"
    run = dlint("--no-config", "--format", "json", "--format", f"sarif:{log}", *files, cwd=tmp_path)
    assert (run.returncode, run.stderr) == (1, "")
    found = json.loads(run.stdout)
    sarif = json.loads(log.read_text(encoding="utf-8"))
    jsonschema.validate(sarif, schema)
    (sarif_run,) = sarif["runs"]
    assert len(sarif_run["artifacts"]) == len(files)
    assert {finding["file"] for finding in found} <= set(files)
    shown = [result for result in sarif_run["results"] if "suppressions" not in result]
    assert len(shown) == len(found)
    assert sarif_run["invocations"][0]["executionSuccessful"] is True
