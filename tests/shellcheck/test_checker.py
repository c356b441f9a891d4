"""ShellCheck is asked about many texts at once, whatever the program is like."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dockerlint.shellcheck import batch, checker, program
from dockerlint.shellcheck.batch import Batch, BatchError
from dockerlint.shellcheck.cache import Cache
from dockerlint.shellcheck.checker import Checker, Trouble
from dockerlint.shellcheck.program import Program
from tests.shellcheck import real
from tests.shellcheck.fake import make

#: Says SC2086 about each file, with the file's text as the message, and notes each start.
ECHO = """
open(os.path.join(os.path.dirname(sys.argv[0]), "starts"), "a").write(f"{len(names)}\\n")
place = {"line": 1, "endLine": 1, "column": 1, "endColumn": 2, "level": "info", "code": 2086}
json.dump({"comments": [{**place, "file": name, "message": open(name).read()} for name in names]}, sys.stdout)
"""
#: As above, but fails if one of the files is bad.
PICKY = "if any('bad' in open(name).read() for name in names): sys.exit(3)\n" + ECHO


def starts(folder: Path) -> list[int]:
    path = folder / "starts"
    return list(map(int, path.read_text().split())) if path.exists() else []


def messages(asked: Checker, texts: list[str]) -> list[str]:
    asked.want(texts)
    answers = [asked.answer(text) for text in texts]
    return [answer.reason if isinstance(answer, Trouble) else answer[0].message for answer in answers]


def test_all_texts_share_a_process(tmp_path: Path) -> None:
    with Checker(make(tmp_path, ECHO)) as asked:
        texts = [f"text {number}" for number in range(20)]
        assert messages(asked, texts) == texts
        assert messages(asked, [*texts, "one more"]) == [*texts, "one more"]
    assert starts(tmp_path) == [20, 1]


def test_the_first_text_does_not_wait_for_others(tmp_path: Path) -> None:
    with Checker(make(tmp_path, ECHO)) as asked:
        asked.want(["a"])
        until = time.monotonic() + 30
        while not asked.has(["a"]) and time.monotonic() < until:
            time.sleep(0.01)
        assert asked.has(["a"])
        assert not asked.has(["a", "b"])


def test_several_processes_share_the_texts(tmp_path: Path) -> None:
    with Checker(make(tmp_path, ECHO), parallel=2) as asked:
        texts = [f"text {number}" for number in range(300)]
        assert messages(asked, texts) == texts
    # How the last texts are shared depends on which process is done first.
    assert sorted(starts(tmp_path)) in ([100, 100, 100], [50, 50, 100, 100])


def test_few_texts_are_not_worth_a_second_process(tmp_path: Path) -> None:
    with Checker(make(tmp_path, ECHO), parallel=2) as asked:
        assert messages(asked, ["a", "b", "c"]) == ["a", "b", "c"]
    assert starts(tmp_path) == [3]


def test_a_bad_text_does_not_cost_the_others(tmp_path: Path) -> None:
    with Checker(make(tmp_path, PICKY)) as asked:
        assert messages(asked, ["a", "bad", "b"]) == ["a", "ended with status 3", "b"]


def test_a_program_that_fails_again_and_again_is_given_up(tmp_path: Path) -> None:
    with Checker(make(tmp_path, f"open('{tmp_path}/starts', 'a').write('1\\n'); sys.exit(3)")) as asked:
        told = messages(asked, [f"text {number}" for number in range(50)])
    assert told == ["ended with status 3"] * 5 + ["failed too often before"] * 45
    assert len(starts(tmp_path)) == 6


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.exit(4)", "ended with status 4"),
        ("os.kill(os.getpid(), 9)", "was ended by signal 9"),
        ("print('no JSON')", "gave an answer that is none of its own"),
        ("pass", "gave an answer that is none of its own"),
        ("print('[' * 1000000)", "gave an answer that is none of its own"),
        ("""print('{"comments": [{"file": "7"}]}')""", "gave an answer that is none of its own"),
        ("while True: print('x' * 1000)", "wrote too much"),
        ("os.close(1); time.sleep(0.2); sys.exit(9)", "ended with status 9"),
    ],
)
def test_what_goes_wrong_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str) -> None:
    monkeypatch.setattr(batch, "_LARGEST_OUTPUT", 2_000_000)
    with Checker(make(tmp_path, body)) as asked:
        assert messages(asked, ["text"]) == [reason]


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    run = Batch(make(tmp_path, "time.sleep(60)"), ["a"], patience=0.2)
    assert run.ended(None)
    with pytest.raises(BatchError, match="did not finish within 1 seconds"):
        run.answer()


@pytest.mark.skipif(not hasattr(os, "posix_spawn") or os.uname().sysname != "Linux", reason="needs limits for others")
def test_a_program_that_burns_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_EFFORT", 1)
    with Checker(make(tmp_path, "while True: pass")) as asked:
        assert messages(asked, ["text"]) == ["took too long"]


def test_a_program_that_is_none(tmp_path: Path) -> None:
    with Checker(Program(str(tmp_path / "missing"), "")) as asked:
        assert messages(asked, ["a", "b"]) == ["could not be started: No such file or directory"] * 2
        assert messages(asked, ["c"]) == ["failed too often before"]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with Checker(make(tmp_path, "time.sleep(60)")) as hanging:
        hanging.want(["a"])
        assert len(list(folder.iterdir())) == 1
    with Checker(make(tmp_path, PICKY)) as asked:
        messages(asked, ["a", "bad"])
    assert list(folder.iterdir()) == []


def test_texts_lie_in_a_folder_of_our_own(tmp_path: Path) -> None:
    body = ECHO.replace("open(name).read()", "oct(os.stat('.').st_mode & 0o777)")
    with Checker(make(tmp_path, body)) as asked:
        assert messages(asked, ["a"]) == ["0o700"]


def test_the_environment_does_not_change_the_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHELLCHECK_OPTS", "--exclude=SC2086 --format=gcc")
    monkeypatch.setenv("GHCRTS", "-A1m")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / ".shellcheckrc").write_text("disable=SC2086\n")
    with Checker(real.program()) as asked:
        answer = asked.answer("# shellcheck shell=sh\necho é $1\n")
    assert [(remark.code, remark.place) for remark in answer] == [("SC2086", (2, 8, 2, 10))]  # type: ignore[union-attr]


def test_an_answer_is_remembered(tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    echo = make(tmp_path, ECHO)
    for _ in range(2):
        with Checker(echo, Cache(cache)) as asked:
            assert messages(asked, ["a", "b"]) == ["a", "b"]
            assert asked.has(["a"])
    assert starts(tmp_path) == [2]
    with Checker(echo._replace(identity="newer"), Cache(cache)) as asked:
        assert messages(asked, ["a"]) == ["a"]
    assert starts(tmp_path) == [2, 1]


def test_trouble_is_not_remembered(tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    failing = make(tmp_path, "sys.exit(3)")
    with Checker(failing, Cache(cache)) as asked:
        assert messages(asked, ["a"]) == ["ended with status 3"]
    working = make(tmp_path, ECHO)._replace(identity=failing.identity)
    with Checker(working, Cache(cache)) as asked:
        assert messages(asked, ["a"]) == ["a"]


@pytest.mark.parametrize(
    ("text", "known"),
    [("version: 0.10.0", True), ("version: 0.9.0", False), ("version: 1.0", True), ("0.11.0", False), ("", False)],
)
def test_the_version_decides_about_dialects(tmp_path: Path, text: str, known: bool) -> None:
    old = make(tmp_path, f"print('ShellCheck'); print({text!r})")
    with Checker(old, Cache(str(tmp_path / "cache"))) as asked:
        assert asked.knows_busybox is known
    made = make(tmp_path, "sys.exit(1)")._replace(identity=old.identity)
    with Checker(made, Cache(str(tmp_path / "cache"))) as asked:
        assert asked.knows_busybox is known


def test_a_program_may_keep_its_version_for_itself(tmp_path: Path) -> None:
    assert program.version_of(Program(str(tmp_path / "missing"), "")) == ""
    assert program.version_of(make(tmp_path, "sys.stdout.buffer.write(b'version: \\xff')")) == ""


def test_the_bounds_are_sane() -> None:
    assert checker._SHARE < checker._MOST
