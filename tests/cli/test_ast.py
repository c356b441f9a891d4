"""`dlint ast` shows files as BuildKit's parser reads them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dockerlint.cli.main import main
from tests.cli.program import START, dlint


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ast(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> list[dict[str, Any]]:
    assert main(["ast", "--format", "json", *arguments]) == status
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def one(work: Path, capsys: pytest.CaptureFixture[str], text: str, status: int = 0) -> dict[str, Any]:
    (work / "Dockerfile").write_text(text)
    (row,) = ast(capsys, "Dockerfile", status=status)
    return row


def test_every_field_of_a_file(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '# syntax=docker/dockerfile:1\n# escape=`\nfrom --platform=linux/amd64 a AS b\n\nRUN ["x", `\n  "y"]\n'
    assert one(work, capsys, text) == {
        "file": "Dockerfile",
        "directives": {"syntax": "docker/dockerfile:1", "escape": "`"},
        "instructions": [
            {
                "keyword": "FROM",
                "flags": ["--platform=linux/amd64"],
                "form": "none",
                "arguments": ["a", "AS", "b"],
                "heredocs": [],
                "start_line": 3,
                "end_line": 3,
                "text": "from --platform=linux/amd64 a AS b",
            },
            {
                "keyword": "RUN",
                "flags": [],
                "form": "exec",
                "arguments": ["x", "y"],
                "heredocs": [],
                "start_line": 5,
                "end_line": 6,
                "text": 'RUN ["x",   "y"]',
            },
        ],
        "problems": [],
    }


@pytest.mark.parametrize(
    ("line", "form", "arguments"),
    [
        ("RUN echo  a | b", "shell", ["echo  a | b"]),
        ("ENV A=b C='d e'", "none", ["A", "b", "C", "'d e'"]),
        ("ENV A b c", "none", ["A", "b c"]),
        ("ARG A B=2", "none", ["A", "B=2"]),
        ("COPY --from=x a  b c", "none", ["a", "b", "c"]),
        ("HEALTHCHECK NONE", "none", ["NONE"]),
        ("HEALTHCHECK CMD curl x", "shell", ["CMD", "curl x"]),
        ('HEALTHCHECK --interval=5s CMD ["curl", "x"]', "exec", ["CMD", "curl", "x"]),
        ("ONBUILD RUN echo x", "shell", ["RUN", "echo x"]),
        ('ONBUILD ADD ["a b", "c"]', "exec", ["ADD", "a b", "c"]),
        ("WORKDIR /a b", "none", ["/a b"]),
    ],
)
def test_arguments_are_those_of_the_parser(
    work: Path, capsys: pytest.CaptureFixture[str], line: str, form: str, arguments: list[str]
) -> None:
    instruction = one(work, capsys, f"FROM x\n{line}\n")["instructions"][1]
    assert (instruction["form"], instruction["arguments"]) == (form, arguments)
    assert instruction["text"] == line


def test_onbuild_shows_the_flags_and_heredocs_of_what_it_does(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = one(work, capsys, "FROM x\nONBUILD COPY --chmod=755 <<-'EOF' /a\n\tone\n\tEOF\n")
    instruction = row["instructions"][1]
    assert instruction["keyword"] == "ONBUILD"
    assert instruction["flags"] == ["--chmod=755"]
    assert instruction["heredocs"] == [
        {"name": "EOF", "expand": False, "strip_tabs": True, "content": "\tone\n", "start_line": 3, "end_line": 4}
    ]
    assert (instruction["start_line"], instruction["end_line"]) == (2, 4)


def test_problems_have_their_place_and_make_the_status_1(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = one(work, capsys, "FROM x\nRUN a\nRUM b\n", status=1)
    (problem,) = row["problems"]
    assert (problem["code"], problem["line"], problem["column"], problem["fatal"]) == ("DL1002", 3, 1, True)
    assert "RUM" in problem["message"]


def test_files_come_in_the_order_of_the_arguments(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b", "a", "c/Dockerfile", "c/Dockerfile.x"):
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_text("FROM x\n")
    assert [row["file"] for row in ast(capsys, "b", "a", "c", "./b")] == ["b", "a", "c/Dockerfile", "c/Dockerfile.x"]


def test_an_unreadable_file_has_its_place_in_the_array(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "a").write_text("FROM x\n")
    rows = ast(capsys, "missing", "a", status=2)
    assert [row["file"] for row in rows] == ["missing", "a"]
    assert rows[0]["error"] == "there is no such file or folder"
    assert rows[0]["instructions"] == []


def test_standard_input_and_strange_bytes(work: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, "ast", "--format", "json", "--stdin-filename", "x/Dockerfile", "-"],
        input=b"FROM \xff\x00\xc3\xa9\r\n",
        capture_output=True,
        cwd=work,
        check=False,
    )
    (row,) = json.loads(done.stdout)
    assert row["file"] == "x/Dockerfile"
    assert row["instructions"][0]["arguments"] == ["\udcff\x00é"]


def test_the_text_form_is_for_people(work: Path) -> None:
    (work / "Dockerfile").write_text(
        "# escape=\\\nFROM --platform=x a\nRUN <<EOF\necho \x1b[31m\nEOF\nCOPY a \\\n  b\nNO\n"
    )
    done = dlint("ast", "Dockerfile", cwd=work)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:-1] == [
        "Dockerfile",
        "  # escape=\\",
        "        2  FROM",
        "           --platform=x",
        '           "a"',
        "      3-5  RUN (shell form)",
        '           "<<EOF"',
        "           <<EOF: 1 line",
        "      6-7  COPY",
        '           "a"',
        '           "b"',
        "        8  NO",
    ]
    assert done.stdout.splitlines()[-1].startswith("  refused at 8:1: DL1002 ")


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("dockerfile") is None, reason="no package dockerfile")
def test_real_files_are_read_as_buildkit_reads_them(shared: Path) -> None:
    arguments = ["--dlint", f"{sys.executable} -m tests.cli.start", "--min", "97", "--min-instructions", "99"]
    folders = sorted(str(path) for path in (shared / "corpus").iterdir() if path.is_dir())
    done = subprocess.run(
        [sys.executable, shared / "tools" / "diff_parser.py", *arguments, *folders],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
