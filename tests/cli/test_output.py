"""Reports replace files in one step, and colours are asked for."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from dockerlint.cli.output import ProgressLine, opened, wants_color


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    path.chmod(0o640)
    with opened(str(path)) as file:
        file.write("new é \udcff\n")
        assert path.read_text() == "old"
    assert path.read_bytes() == "new é \\udcff\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_file_stays_as_it_was_when_something_goes_wrong(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")

    def write_half() -> None:
        with opened(str(path)) as file:
            file.write("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to("real/out.txt")
    with opened(str(tmp_path / "link.txt")) as file:
        file.write("text")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real" / "out.txt").read_text() == "text"


def test_devices_are_written_directly() -> None:
    with opened("/dev/null") as file:
        file.write("text")
    assert not os.path.isfile("/dev/null")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "expected"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {}, False),
    ],
)
def test_colours(choice: str, terminal: bool, environment: dict[str, str], expected: bool) -> None:
    out = Terminal() if terminal else io.StringIO()
    assert wants_color(choice, out, environment) is expected


@pytest.mark.parametrize(
    ("total", "terminal", "expected"),
    [(50, True, "\r\x1b[K10/50 files\r\x1b[K"), (50, False, ""), (30, True, "")],
)
def test_progress_is_for_terminals_and_many_files(
    monkeypatch: pytest.MonkeyPatch, total: int, terminal: bool, expected: str
) -> None:
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    progress = ProgressLine(total)
    for done in (1, 10, total):
        progress(done)
    assert stream.getvalue() == expected
