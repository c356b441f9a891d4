"""The entry point: commands, messages, exit statuses, start-up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dockerlint
from dockerlint.cli import guard
from dockerlint.cli.guard import CommandError, guarded
from dockerlint.cli.main import main
from tests.cli.program import START, dlint, environment

ONE_FORMAT = "only one format can go to standard output: give the others a file, as json:FILE"
NO_LEVEL = (
    "expected one of error, warning, info, style, never, found '{}': in hadolint this word makes every finding "
    "fail; write 'style' for that, or 'never' if none shall fail"
)


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["lint", "--version"], ["rules", "-V"]])
def test_the_version(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"dlint {dockerlint.__version__}\n"


def test_the_version_needs_no_imports() -> None:
    code = (
        "import sys; before = set(sys.modules); from dockerlint.cli.main import main; main(['--version']);"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "__future__ dockerlint dockerlint.cli dockerlint.cli.main"


@pytest.mark.parametrize(
    "module", ["rich", "yaml", "tomllib", "pathspec", "importlib.metadata", "multiprocessing", "sarif_om"]
)
def test_linting_a_file_for_a_program_imports_nothing_slow(tmp_path: Path, module: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    code = (
        "import sys; from dockerlint.cli.main import main; main(['--format', 'json', 'Dockerfile']);"
        f"raise SystemExit({module!r} in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize("settings", [None, "select: [DL3006]\n"])
def test_a_prediction_loads_rules_only_to_check_settings(tmp_path: Path, settings: str | None) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    if settings is not None:
        (tmp_path / ".dlint.yaml").write_text(settings)
    code = (
        "import sys; from dockerlint.cli.main import main; main(['layers', '--format', 'json']);"
        "raise SystemExit('dockerlint_rules' in sys.modules)"
    )
    variables = {name: value for name, value in environment().items() if name != "DLINT_SHELLCHECK"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=variables, capture_output=True, check=False)
    assert done.returncode == (settings is not None)


@pytest.mark.parametrize("command", ["", "lint", "rules", "explain", "ast", "layers", "schema"])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: dlint {command}".rstrip() if command != "lint" else "usage: dlint ")
    assert all(len(line) <= 100 for line in text.splitlines())


def test_the_main_help_names_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n  {command} " in text for command in ("rules", "explain", "ast", "layers", "schema"))
    assert "exit status:" in text
    assert "examples:" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--formt", "json"], "dlint: there is no option --formt: did you mean '--format'?"),
        (["--nonsense=1"], "dlint: there is no option --nonsense"),
        (["--format"], "dlint: argument -f/--format: expected one argument"),
        (["--sel", "DL3006"], "dlint: there is no option --sel: did you mean '--select'?"),
        (["--jobs", "0"], "dlint: --jobs: expected a number from 1, found '0'"),
        (["--jobs", "many"], "dlint: --jobs: expected a number from 1, found 'many'"),
        (["--format", "xml"], "dlint: --format: expected one of text, json, sarif, found 'xml'"),
        (["--format", "text", "--format", "json"], f"dlint: {ONE_FORMAT}"),
        (["--fail-on", "none"], f"dlint: --fail-on: {NO_LEVEL.format('none')}"),
        (["--failure-threshold", "ignore"], f"dlint: --fail-on: {NO_LEVEL.format('ignore')}"),
        (["--select", "DL99"], "dlint: --select: no rule is called 'DL99' (`dlint rules` lists them)"),
        (
            ["--severity", "DL3006=bad"],
            "dlint: --severity: expected one of error, warning, info, style, off, found 'bad'",
        ),
        (["--config", "missing.yaml"], "dlint: missing.yaml: cannot be read: No such file or directory"),
        (["explain"], "dlint: name a rule (`dlint rules` lists them)"),
        (["explain", "DL0"], "dlint: no rule is called 'DL0' (`dlint rules` lists all)"),
        (["explain", "--color", "red", "DL3006"], "dlint: --color: expected auto, always or never, found 'red'"),
        (["rules", "--format", "xml"], "dlint: --format: expected text or json, found 'xml'"),
        (["ast", "--format", "xml"], "dlint: --format: expected text or json, found 'xml'"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_message(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.splitlines()[0] == message


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """The exit status of a command that raises."""

    class Module:
        @staticmethod
        def run(arguments: list[str]) -> int:
            assert arguments == ["x"]
            raise error

    monkeypatch.setattr(guard, "import_module", lambda _name: Module)
    return guarded("any", ["x"])


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (CommandError("two\nlines"), 2, "dlint: two\ndlint: lines\n"),
        (CommandError("bad \x1b[31m name"), 2, "dlint: bad \\x1b[31m name\n"),
        (PermissionError(13, "Permission denied", "out.json"), 2, "dlint: out.json: Permission denied\n"),
        (SystemExit(3), 3, ""),
    ],
)
def test_what_goes_wrong_becomes_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, status: int, message: str
) -> None:
    assert fail_with(monkeypatch, error) == status
    assert capsys.readouterr().err == message


def test_a_bug_is_one_line_that_can_be_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fail_with(monkeypatch, KeyError("x")) == 2
    line = capsys.readouterr().err
    assert line.startswith("dlint: internal error: KeyError at test_main.py:")
    assert line.endswith(
        f": 'x' (a bug in dlint {dockerlint.__version__}: please report this line and the Dockerfile)\n"
    )
    assert line.count("\n") == 1


@pytest.mark.parametrize("command", [["rules"], ["--format", "json", "."], ["ast", "--format", "json", "."]])
def test_a_reader_that_stops_is_no_error(tmp_path: Path, command: list[str]) -> None:
    for number in range(60):
        (tmp_path / f"Dockerfile.{number}").write_text("FROM debian\nENV A=$B\n" * 30)
    process = subprocess.Popen(
        [sys.executable, "-c", START, *command],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        process.stdout.read(1)
        process.stdout.close()
        errors = process.stderr.read()
    # What fits into the pipe's buffer is written before the reader has gone.
    assert process.returncode in ((141, 0) if command == ["rules"] else (141,))
    assert errors == b""


def test_an_interrupt_ends_with_130(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Dockerfile")
    # Whoever runs the tests in the background has interrupts ignored, and children inherit that.
    listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    process = subprocess.Popen(
        [sys.executable, "-c", listen + START, "Dockerfile"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        # It waits in the pipe for somebody to write, once it has started.
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        try:
            output, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, output, errors) == (130, b"", b"")


def test_an_interrupt_while_modules_are_imported_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(guard, "import_module", interrupted)
    assert main(["rules"]) == 130


@pytest.mark.parametrize("command", [["--version"], ["rules"], ["--format", "json", "Dockerfile"]])
def test_output_that_cannot_be_written_is_trouble(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", START, *command],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert "Traceback" not in done.stderr
    # Python itself may notice once more at its end, and then has a status of its own for that.
    assert done.returncode in (2, 120)


def test_a_closed_output_is_no_bug(tmp_path: Path) -> None:
    command = f"{sys.executable} -c '{START}' rules >&-"
    done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_path_named_like_a_command_can_be_linted(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("FROM debian:12\nWORKDIR app\n")
    options = ["--select", "DL3000", "--fail-on", "style"]
    for arguments in (
        [*options, "./rules"],
        [*options, "--", "rules"],
        ["lint", *options, "rules"],
        [*options, "rules"],
    ):
        done = dlint(*arguments, cwd=tmp_path)
        assert done.returncode == 1, arguments
        assert "rules:2:" in done.stdout
    (tmp_path / "-x").write_text("FROM debian:12\nWORKDIR app\n")
    assert "-x:2:" in dlint("--select", "DL3000", "--", "-x", cwd=tmp_path).stdout


def test_a_command_that_comes_late_is_explained(tmp_path: Path) -> None:
    done = dlint("--no-config", "rules", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no such file or folder (a command comes first: `dlint rules …`)" in done.stdout + done.stderr
