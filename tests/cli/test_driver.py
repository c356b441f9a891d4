"""Many files: in one process or several, nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlint.cli import driver
from dockerlint.cli.driver import available_processors, lint_files
from dockerlint.cli.paths import File
from dockerlint.config.effective import Effective, SettingsSource
from dockerlint.config.layers import Layer
from dockerlint.engine import Engine, Pending
from dockerlint.finding import Finding
from dockerlint.registry import load
from dockerlint.results import FileResult
from dockerlint.shellcheck.program import Program
from dockerlint.source import Source


@pytest.fixture(scope="module")
def effective() -> Effective:
    return SettingsSource(load(), Layer(), {}, discover=False).for_folder("")


def make(folder: Path, effective: Effective, count: int) -> list[File]:
    files = []
    for number in range(count):
        path = folder / f"Dockerfile.{number}"
        path.write_text(f"FROM debian\nRUN echo {number}\n")
        files.append(File(str(path), effective))
    return files


def run(files: list[File], jobs: int) -> tuple[list[FileResult], list[int]]:
    done: list[int] = []
    return lint_files(files, None, jobs, done.append), done


def findings(results: list[FileResult]) -> list[tuple[str, tuple[Finding, ...]]]:
    return [(result.source.path, result.findings) for result in results]


def test_several_processes_find_what_one_finds(tmp_path: Path, effective: Effective) -> None:
    files = make(tmp_path, effective, 90)
    files[7] = File(str(tmp_path / "missing"), effective)
    one, done_one = run(files, 1)
    several, done_several = run(files, 4)
    assert findings(one) == findings(several)
    assert all(result.findings for at, result in enumerate(one) if at != 7)
    assert [result.error for result in several].count("No such file or directory") == 1
    assert done_one == done_several == list(range(1, 91))


def test_a_bug_costs_one_file_only(tmp_path: Path, effective: Effective, monkeypatch: pytest.MonkeyPatch) -> None:
    files = make(tmp_path, effective, 3)

    class Broken(Engine):
        def begin(self, source: Source) -> Pending:
            if source.path.endswith(".1"):
                raise ZeroDivisionError
            return super().begin(source)

    monkeypatch.setattr(driver, "Engine", Broken)
    results, _ = run(files, 1)
    errors = [result.error for result in results]
    assert (errors[0], errors[2]) == (None, None)
    assert errors[1] is not None
    assert errors[1].startswith("internal error: ZeroDivisionError at test_driver.py:")


def test_a_process_that_dies_costs_its_files_only(
    tmp_path: Path, effective: Effective, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make(tmp_path, effective, 60)
    whole = driver._lint

    def dying(share: list[File], stdin_name: str | None, shellcheck: Program | None) -> Iterator[FileResult]:
        for number, result in enumerate(whole(share, stdin_name, shellcheck)):
            if share[0] == files[1] and number == 5:
                os._exit(9)
            yield result

    monkeypatch.setattr(driver, "_lint", dying)
    results, _ = run(files, 2)
    lost = [at for at, result in enumerate(results) if result.error]
    assert lost == list(range(11, 60, 2))
    assert results[11].error == "the process that was to read it has ended"
    assert results[11].source.path == files[11].path


def test_there_is_a_processor() -> None:
    assert available_processors() >= 1
