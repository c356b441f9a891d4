"""The schema of settings files is written for the built-in rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.make_schema import main


def test_checking_writes_nothing_and_writing_satisfies_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "dlint.schema.json"
    assert main(["--check"], file) == 1
    assert not file.exists()
    assert "docs/dlint.schema.json is not up to date" in capsys.readouterr().out
    assert main([], file) == 0
    assert main(["--check"], file) == 0
    file.write_text("{}\n")
    assert main(["--check"], file) == 1
    assert main(["--wrong"], file) == 2
