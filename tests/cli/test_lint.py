"""`dlint [PATH…]`: exit statuses, settings, formats, files, standard input."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dockerlint.cli.main import main
from tests.cli.program import dlint

CLEAN = 'FROM debian:12\nUSER app\nCMD ["x"]\n'
WARNING = "FROM debian\n"
ERROR = "FROM debian:12\nMAINTAINER me\n"
REFUSED = "FROM debian:12\nRUM x\n"

#: With these rules alone a file has exactly the findings that its name above says.
RULES = ["--select", "DL3006,DL4000"]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nothing"))
    for name in list(os.environ):
        if name.startswith(("DLINT_", "HADOLINT_")):
            monkeypatch.delenv(name)
    return folder


def write(work: Path, **files: str) -> None:
    for name, text in files.items():
        (work / name).write_text(text)


class Run:
    """One run in this process: its exit status, what it wrote, and the findings of a JSON report."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.status = main([*arguments])
        self.out, self.err = capsys.readouterr()

    @property
    def findings(self) -> list[tuple[str, str]]:
        rows: list[dict[str, Any]] = json.loads(self.out)
        return [(row["file"], row["code"]) for row in rows]


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        (CLEAN, [], 0),
        (WARNING, [], 1),
        (WARNING, ["--fail-on", "error"], 0),
        (WARNING, ["--fail-on", "style"], 1),
        (WARNING, ["--fail-on", "never"], 0),
        (WARNING, ["--no-fail"], 0),
        (WARNING, ["--severity", "DL3006=info"], 0),
        (WARNING, ["--severity", "DL3006=info", "--failure-threshold", "info"], 1),
        (WARNING, ["--ignore", "DL3006"], 0),
        (WARNING, ["--profile", "hadolint", "--severity", "DL3006=info"], 1),
        (ERROR, ["--fail-on", "error"], 1),
        (ERROR, ["--fail-on", "never"], 0),
        (ERROR, ["--no-fail", "--format", "json"], 0),
        (REFUSED, [], 1),
        (REFUSED, ["--fail-on", "never"], 1),
        (REFUSED, ["--fail-on", "never", "--format", "json"], 1),
        (REFUSED, ["--no-fail"], 0),
        ("", [], 1),
    ],
)
def test_the_exit_status(
    work: Path, capsys: pytest.CaptureFixture[str], text: str, options: list[str], status: int
) -> None:
    write(work, Dockerfile=text)
    assert Run(capsys, *RULES, *options, "Dockerfile").status == status


def test_the_worst_file_decides_and_trouble_comes_before_findings(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(work, clean=CLEAN, warning=WARNING)
    assert Run(capsys, *RULES, "clean", "warning").status == 1
    run = Run(capsys, *RULES, "--format", "json", "clean", "missing", "warning")
    assert run.status == 2
    assert run.findings == [("warning", "DL3006")]
    assert run.err == "dlint: missing: there is no such file or folder\n"
    assert Run(capsys, *RULES, "--no-fail", "missing", "warning").status == 2
    run = Run(capsys, *RULES, "missing", "warning")
    assert "missing" in run.out
    assert run.err == ""


def test_without_a_path_the_current_folder_is_meant(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "sub").mkdir()
    write(work / "sub", Containerfile=ERROR)
    write(work, Dockerfile=WARNING)
    assert Run(capsys, *RULES, "--format", "json").findings == [
        ("Dockerfile", "DL3006"),
        ("sub/Containerfile", "DL4000"),
    ]


def test_each_file_is_reported_once_and_in_the_order_of_the_paths(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(work, b=WARNING, a=WARNING, Dockerfile=WARNING)
    run = Run(capsys, *RULES, "--format", "json", "b", ".", "./a", str(work / "b"), "a")
    assert run.findings == [("Dockerfile", "DL3006"), ("a", "DL3006"), ("b", "DL3006")]


def test_no_files_are_an_error_unless_that_is_allowed(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "empty").mkdir()
    run = Run(capsys, "empty")
    assert (run.status, run.out) == (2, "")
    assert run.err.startswith("dlint: no Dockerfiles in 'empty': ")
    assert Run(capsys).err.startswith("dlint: no Dockerfiles in this folder: ")
    run = Run(capsys, "--allow-empty", "--format", "json")
    assert (run.status, run.out, run.err) == (0, "[]\n", "")


def test_patterns_and_ignore_files(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        work,
        Dockerfile=WARNING,
        **{"app.docker": WARNING, "Dockerfile.old-style": WARNING, ".gitignore": "Dockerfile\n"},
    )
    json_report = [*RULES, "--format", "json"]
    assert Run(capsys, *json_report).findings == [("Dockerfile.old-style", "DL3006")]
    assert Run(capsys, *json_report, "--no-gitignore", "--exclude", "*-style").findings == [("Dockerfile", "DL3006")]
    assert Run(capsys, *json_report, "--include", "*.docker").findings == [("app.docker", "DL3006")]
    assert Run(capsys, *json_report, "Dockerfile").findings == [("Dockerfile", "DL3006")]
    write(work, **{".dlint.yaml": "exclude: ['*-style']\nrespect-gitignore: false\n"})
    assert Run(capsys, *json_report).findings == [("Dockerfile", "DL3006")]


def test_settings_of_the_nearest_file(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "sub").mkdir()
    write(work, Dockerfile=WARNING, **{".dlint.yaml": "select: [DL3006]\nfail-on: error\n"})
    write(
        work / "sub",
        Dockerfile=WARNING,
        **{"dlint.yaml": "select: [DL3006]\nseverity: {DL3006: info}\nfail-on: info\n"},
    )
    assert Run(capsys, "Dockerfile").status == 0
    assert Run(capsys, "sub/Dockerfile").status == 1
    assert Run(capsys, ".").status == 1
    assert Run(capsys, "--config", ".dlint.yaml", ".").status == 0
    assert Run(capsys, "--no-config", *RULES, "Dockerfile").status == 1


def test_wrong_settings_end_the_run(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(work, Dockerfile=WARNING, **{".dlint.yaml": "fail-on: error\nselct: [DL3006]\nseverity:\n  DL3006: bad\n"})
    run = Run(capsys, "Dockerfile")
    assert (run.status, run.out) == (2, "")
    assert run.err.splitlines() == [
        "dlint: .dlint.yaml:2:1: there is no setting 'selct': did you mean 'select'?",
        "dlint: .dlint.yaml:4:11: expected one of error, warning, info, style, off, found 'bad'",
    ]
    (work / "pyproject.toml").write_text("[tool.dlint]\nfail-on = 3\n")
    (work / ".dlint.yaml").unlink()
    assert Run(capsys, "Dockerfile").err == (
        "dlint: pyproject.toml:2:1: expected one of error, warning, info, style, never in quotes, found '3'\n"
    )


def test_what_hadolint_sets_and_we_lack_is_a_warning(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(work, Dockerfile=WARNING, **{".hadolint.yaml": "ignored: [DL3006]\nunknown: 1\n"})
    run = Run(capsys, *("--format", "json"), "Dockerfile", "Dockerfile")
    assert "DL3006" not in run.out
    assert run.err == "dlint: .hadolint.yaml:2:1: warning: there is no setting 'unknown' in hadolint's file\n"


def test_patterns_silence_rules_on_some_files(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "tests").mkdir()
    write(work / "tests", Dockerfile=WARNING)
    write(work, Dockerfile=WARNING, **{".dlint.yaml": "per-file-ignores: {'tests/**': [DL3006]}\n"})
    expected = [("Dockerfile", "DL3006")]
    assert Run(capsys, *RULES, "--format", "json").findings == expected
    os.chdir("tests")
    run = Run(capsys, *RULES, "--format", "json", "..")
    assert run.findings == [(str(work / "Dockerfile"), "DL3006")]


def test_standard_input(work: Path) -> None:
    (work / "sub").mkdir()
    write(work / "sub", **{".dlint.yaml": "fail-on: error\n"})
    done = dlint(*RULES, "--format", "json", "-", cwd=work, stdin=WARNING)
    assert (done.returncode, json.loads(done.stdout)[0]["file"]) == (1, "-")
    done = dlint(*RULES, "--format", "json", "--stdin-filename", "./sub/Dockerfile", "-", cwd=work, stdin=WARNING)
    assert (done.returncode, json.loads(done.stdout)[0]["file"]) == (0, "sub/Dockerfile")


def test_several_reports_in_one_run(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(work, Dockerfile=WARNING)
    run = Run(capsys, *RULES, "--format", "json:out.json,text", "Dockerfile")
    assert "DL3006" in run.out
    assert json.loads((work / "out.json").read_text())[0]["code"] == "DL3006"
    run = Run(capsys, *RULES, "--format", "json", "--output", "second.json", "Dockerfile")
    assert run.out == ""
    assert (work / "second.json").read_text() == (work / "out.json").read_text()


def test_a_report_that_cannot_be_written_is_trouble(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(work, Dockerfile=CLEAN)
    run = Run(capsys, *RULES, "--output", "missing/out.txt", "Dockerfile")
    assert run.status == 2
    assert run.err.endswith(": No such file or directory\n")


def test_colours_are_for_terminals_and_on_demand(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(work, Dockerfile=WARNING)
    assert "\x1b[" not in Run(capsys, *RULES).out
    assert "\x1b[" in Run(capsys, *RULES, "--color", "always").out
    write(work, **{".dlint.yaml": "color: always\n"})
    assert "\x1b[" in Run(capsys, *RULES).out
    assert "\x1b[" not in Run(capsys, *RULES, "--color", "never").out


def test_comments_can_be_disregarded(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(work, Dockerfile="# dlint ignore=DL3006 because\nFROM debian\n")
    assert Run(capsys, *RULES).status == 0
    assert Run(capsys, *RULES, "--no-suppressions").status == 1
    assert Run(capsys, *RULES, "--disable-ignore-pragma").status == 1


@pytest.mark.parametrize(
    ("options", "findings"),
    [
        ([], ["DL3006"]),
        (["--build-arg", "BASE=debian:12"], []),
        (["--build-arg", "BASE"], []),
        (["--build-arg", "NOT_SET_ANYWHERE"], ["DL3006"]),
    ],
)
def test_inputs_of_the_build(
    work: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    findings: list[str],
) -> None:
    monkeypatch.setenv("BASE", "debian:12")
    write(work, Dockerfile="ARG BASE=debian\nFROM $BASE\n")
    run = Run(capsys, "--select", "DL3006", "--format", "json", *options, "Dockerfile")
    assert [code for _, code in run.findings] == findings


def test_the_settings_in_effect_can_be_shown(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "sub").mkdir()
    write(work / "sub", **{".dlint.yaml": "fail-on: error\n"})
    run = Run(capsys, "--show-config", "--profile", "all", "sub/Dockerfile")
    assert run.status == 0
    lines = run.out.splitlines()
    assert lines[0].startswith("# settings file sub/.dlint.yaml; ")
    assert "fail-on: error                           # sub/.dlint.yaml:1:1" in lines
    assert "profile: all                             # --profile" in lines
    assert "# no settings file; " in Run(capsys, "--show-config").out
    assert "sub/.dlint.yaml" in Run(capsys, "--show-config", "--stdin-filename", "sub/x", "-").out


@pytest.mark.parametrize("jobs", [[], ["--jobs", "1"], ["--jobs", "3"]])
def test_many_files_are_reported_in_order_with_any_number_of_processes(
    work: Path, capsys: pytest.CaptureFixture[str], jobs: list[str]
) -> None:
    names = [f"Dockerfile.{number:03}" for number in range(130)]
    for number, name in enumerate(names):
        (work / name).write_text(f"FROM debian\n{number * '# note'}\n")
    (work / "Dockerfile.050").write_bytes(b"\xff\n")
    (work / "sub").mkdir()
    (work / "sub" / ".dlint.yaml").write_text("ignore: [DL3006]\n")
    (work / "sub" / "Dockerfile").write_text(WARNING)
    run = Run(capsys, "--extend-ignore", "DL8*,DL7*", "--format", "json", *jobs, *reversed(names), ".", "missing")
    assert run.status == 2
    assert [file for file, code in run.findings if code == "DL3006"] == [
        name for name in names if name != "Dockerfile.050"
    ]
    assert run.err == "dlint: missing: there is no such file or folder\n"


def test_strange_names_do_no_harm(work: Path) -> None:
    name = os.fsencode(work) + b"/Dockerfile.\xff\x1b[31m\n"
    with open(name, "wb") as file:
        file.write(WARNING.encode())
    done = dlint(*RULES, cwd=work)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    done = dlint(*RULES, "--format", "json", cwd=work, env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout)[0]["code"] == "DL3006"


def test_a_pipe_can_be_named(work: Path) -> None:
    os.mkfifo(work / "pipe")
    writer = os.fork()
    if writer == 0:
        with open(work / "pipe", "w", encoding="utf-8") as pipe:
            pipe.write(WARNING)
        os._exit(0)
    done = dlint(*RULES, "pipe", cwd=work)
    os.waitpid(writer, 0)
    assert done.returncode == 1
