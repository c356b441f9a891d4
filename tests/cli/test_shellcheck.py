"""`--shellcheck`: codes of ShellCheck in options, settings, comments and reports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.program import START, dlint, environment
from tests.shellcheck.fake import make
from tests.shellcheck.real import program

TEXT = "FROM debian:12\nARG V\nRUN rm $V; \\\n  cd /x; \\\n  rm $V\n"
ALL = ["SC2086", "SC2164", "SC2086"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a Dockerfile, away from the cache."""
    program()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "Dockerfile").write_text(TEXT)
    return tmp_path / "work"


def found(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Codes and levels of what ShellCheck finds."""
    run = dlint("--shellcheck", "on", "-f", "json", *arguments, cwd=folder, env=env)
    assert run.stderr == ""
    return [(each["code"], each["level"]) for each in json.loads(run.stdout) if each["code"].startswith("SC")]


def codes(folder: Path, *arguments: str) -> list[str]:
    return [code for code, _ in found(folder, *arguments)]


def test_all_findings_are_reported_with_their_levels(folder: Path) -> None:
    assert found(folder) == [("SC2086", "info"), ("SC2164", "warning"), ("SC2086", "info")]
    assert found(folder, "--profile", "hadolint") == found(folder)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--ignore", "SC2086"], ["SC2164"]),
        (["--ignore", "sc2086,SC21*"], []),
        (["--extend-ignore", "SC*"], []),
        (["--ignore", "shellcheck"], []),
        (["--ignore", "all"], []),
        (["--select", "SC2164"], ["SC2164"]),
        (["--select", "SC2*"], ALL),
        (["--select", "shellcheck"], ALL),
        (["--select", "DL3006"], []),
        (["--select", "DL3006", "--extend-select", "SC2086"], ["SC2086", "SC2086"]),
        (["--severity", "SC2086=off"], ["SC2164"]),
        (["--severity", "SC*=off", "--severity", "SC2164=error"], ["SC2164"]),
        (["--select", "DL3006", "--severity", "SC2086=error"], []),
    ],
)
def test_options_name_codes(folder: Path, options: list[str], expected: list[str]) -> None:
    assert codes(folder, *options) == expected


def test_levels_can_be_chosen(folder: Path) -> None:
    levels = dict(found(folder, "--severity", "SC*=style,SC2086=error"))
    assert levels == {"SC2086": "error", "SC2164": "style"}


def test_a_code_that_cannot_be_is_refused(folder: Path) -> None:
    run = dlint("--ignore", "SC208", cwd=folder)
    assert run.returncode == 2
    assert "no rule is called 'SC208'" in run.stderr


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (".dlint.yaml", "ignore: [SC2086]\n", ["SC2164"]),
        (".dlint.yaml", "per-file-ignores: {Dockerfile: ['SC20*']}\n", ["SC2164"]),
        (".hadolint.yaml", "ignored: [SC2164]\noverride: {error: [SC2086]}\n", ["SC2086", "SC2086"]),
        ("pyproject.toml", '[tool.dlint]\nselect = ["SC2164"]\n', ["SC2164"]),
    ],
)
def test_settings_name_codes(folder: Path, name: str, text: str, expected: list[str]) -> None:
    (folder / name).write_text(text)
    assert codes(folder) == expected


@pytest.mark.parametrize(("text", "expected"), [("on", 3), ("off", 0), ("auto", 3)])
def test_a_variable_switches_it(folder: Path, text: str, expected: int) -> None:
    run = dlint("-f", "json", cwd=folder, env={"DLINT_SHELLCHECK": text})
    assert run.stdout.count('"SC') == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# dlint ignore=SC2086 meant", ["SC2164"]),
        ("# dlint ignore=SC2* meant", []),
        ("# dlint ignore=shellcheck", []),
        ("# hadolint ignore=SC2086,SC2164", []),
        ("# hadolint global ignore=SC2164", ["SC2086", "SC2086"]),
        ("# tally ignore=shellcheck/SC2086", ["SC2164"]),
        ("# shellcheck disable=SC2086", ["SC2164"]),
        ("# shellcheck disable=SC2086,SC2164 # meant", []),
        ("# shellcheck source=x disable=SC2086", ["SC2164"]),
        ("# shellcheck shell=bash", ALL),
    ],
)
def test_comments_of_all_families_name_codes(folder: Path, comment: str, expected: list[str]) -> None:
    (folder / "Dockerfile").write_text(TEXT.replace("RUN", f"{comment}\nRUN"))
    assert codes(folder) == expected


def test_a_comment_in_an_instruction_is_about_the_next_line(folder: Path) -> None:
    (folder / "Dockerfile").write_text(TEXT.replace("  rm", "# shellcheck disable=SC2086\n  rm"))
    assert codes(folder) == ["SC2086", "SC2164"]


def unused(folder: Path, comment: str, *options: str) -> bool:
    (folder / "Dockerfile").write_text(TEXT.replace("RUN", f"{comment}\nRUN"))
    run = dlint("-f", "json", *options, cwd=folder)
    return "DL1030" in {each["code"] for each in json.loads(run.stdout)}


def test_a_comment_is_unused_only_if_shellcheck_has_looked(folder: Path) -> None:
    assert unused(folder, "# dlint ignore=SC2046", "--shellcheck", "on")
    assert not unused(folder, "# dlint ignore=SC2046", "--shellcheck", "off")
    assert not unused(folder, "# dlint ignore=SC2046", "--shellcheck", "on", "--ignore", "SC2046")
    assert not unused(folder, "# dlint ignore=SC2086", "--shellcheck", "on")
    assert not unused(folder, "# dlint ignore=SC1091 never looked for", "--shellcheck", "on")


def test_a_comment_about_what_is_meant_is_used(folder: Path) -> None:
    text = "FROM debian:12\n# hadolint ignore=SC2046\nRUN make -j$(nproc)\n"
    (folder / "Dockerfile").write_text(text)
    run = dlint("-f", "json", "--shellcheck", "on", cwd=folder)
    assert not {"DL1030", "SC2046"} & {each["code"] for each in json.loads(run.stdout)}


def test_reports_say_what_a_code_is(folder: Path) -> None:
    log = folder / "log.sarif"
    run = dlint("--shellcheck", "on", "-f", f"sarif:{log}", "-f", "text", cwd=folder)
    assert "Dockerfile:3:8 info SC2086 shellcheck" in run.stdout
    assert "https://www.shellcheck.net/wiki/SC2086" in run.stdout
    (sarif,) = json.loads(log.read_text())["runs"]
    (rule,) = [rule for rule in sarif["tool"]["driver"]["rules"] if rule["id"] == "SC2086"]
    assert rule["helpUri"] == "https://www.shellcheck.net/wiki/SC2086"
    assert rule["defaultConfiguration"]["level"] == "note"
    assert rule["shortDescription"]["text"].startswith("A variable without quotes")


def test_codes_are_explained(folder: Path) -> None:
    run = dlint("explain", "sc2086", "SC9998", cwd=folder)
    assert run.returncode == 0
    assert "# SC2086: shellcheck\n" in run.stdout
    assert "A variable without quotes is split at blanks" in run.stdout
    assert "https://www.shellcheck.net/wiki/SC9998" in run.stdout


def run_with(folder: Path, body: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run in which a program of our own stands for ShellCheck, or none is there."""
    path = folder.parent / "bin"
    path.mkdir(exist_ok=True)
    if body is not None:
        make(path, body)
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.executable = ''; {START}", "--no-config", *arguments],
        cwd=folder,
        env=environment({"PATH": str(path), "DLINT_SHELLCHECK": "auto"}),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_its_absence_is_said_once(folder: Path) -> None:
    run = run_with(folder, None)
    remark = "shell scripts were not checked, since there is no ShellCheck: pip install 'dockerlint[shellcheck]'"
    assert run.stdout.count(remark) == 1
    assert (run.returncode, run.stderr) == (0, "")
    assert remark not in run_with(folder, None, "--shellcheck", "off").stdout
    assert remark not in run_with(folder, None, "--select", "DL3006").stdout
    for name in ("json", "sarif"):
        silent = run_with(folder, None, "-f", name)
        assert "ShellCheck" not in silent.stdout + silent.stderr


def test_it_can_be_demanded(folder: Path) -> None:
    run = run_with(folder, None, "--shellcheck", "on")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("dlint: there is no ShellCheck beside dlint or on PATH: pip install")


def test_a_program_that_fails_is_no_error_unless_it_is_demanded(folder: Path) -> None:
    run = run_with(folder, "sys.exit(3)")
    assert run.returncode == 0
    assert run.stdout.endswith("\nShellCheck ended with status 3\n")
    demanded = run_with(folder, "sys.exit(3)", "--shellcheck", "on")
    assert demanded.returncode == 2
    assert "error ShellCheck ended with status 3" in demanded.stdout


def test_what_it_writes_cannot_reach_the_terminal(folder: Path) -> None:
    comment = {"file": "0", "line": 3, "endLine": 3, "column": 1, "endColumn": 3, "level": "info", "code": 2086}
    said = {"comments": [{**comment, "message": "\x1b[31mred\nDockerfile:1:1 error"}]}
    run = run_with(folder, f"print({json.dumps(json.dumps(said))})")
    assert "SC2086" in run.stdout
    assert "\x1b" not in run.stdout
    assert "\nDockerfile:1:1 error" not in run.stdout


def test_settings_say_which_program_is_used(folder: Path) -> None:
    assert "# ShellCheck was not found" in run_with(folder, None, "--show-config").stdout
    assert "# ShellCheck is not used\n" in run_with(folder, None, "--show-config", "--shellcheck", "off").stdout
    assert "# ShellCheck 1.2.3: " in run_with(folder, "print('version: 1.2.3')", "--show-config").stdout
    assert "# ShellCheck does not start: " in run_with(folder, "sys.exit(1)", "--show-config").stdout


def test_many_files_have_the_same_findings_in_several_processes(tmp_path: Path) -> None:
    program()
    for number in range(60):
        (tmp_path / f"Dockerfile.{number}").write_text(f"FROM debian:12\nRUN rm $V{number % 7}; cd /x\nRUN rm $a\n")
    runs = [dlint("--shellcheck", "on", "-f", "json", "-j", jobs, cwd=tmp_path) for jobs in ("1", "3")]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.count('"SC2086"') == 120


def test_a_second_run_starts_nothing(folder: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(folder.parent / "cache")}
    first = found(folder, env=cache)
    assert found(folder, env=cache) == first
    for path in (folder.parent / "cache").rglob("*"):
        if path.is_file() and path.suffix != ".TAG":
            path.write_text("[]")
    assert found(folder, env=cache) == []
