"""What differs from hadolint is counted and explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import shared_path
from tools.hadolint_differences import COUNTS, DATA, Difference, entries, read_counts
from tools.make_hadolint_page import main as make_page
from tools.make_hadolint_page import page
from tools.measure_parity import Findings, Key, compare, counts, hadolint_program, main, problems

FILE = """\
FROM debian:latest
RUN apt-get install -y curl \\
    && cd /tmp
RUN echo done
"""
ROWS: list[dict[str, object]] = [
    {"file": "a/Dockerfile", "line": 1, "code": "DL3007", "message": "latest"},
    {"file": "a/Dockerfile", "line": 4, "code": "DL3001", "message": "echo"},
    {"file": "a/Dockerfile", "line": 2, "code": "SC2046", "message": "no rule of hadolint's own"},
    {"file": "a/broken", "line": 1, "code": "DL1000", "message": "unexpected"},
]


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    (tmp_path / "a").mkdir()
    for name in ("Dockerfile", "broken"):
        (tmp_path / "a" / name).write_text(FILE)
    rows = [row | {"file": str(tmp_path / str(row["file"]))} for row in ROWS]
    return compare(tmp_path, sorted(tmp_path.glob("*/*")), rows)


def difference(
    kind: str,
    *rules: str,
    text: str = "",
    message: str = "",
    at: tuple[str, ...] = (),
    examples: tuple[str, ...] = ("a/Dockerfile:4",),
) -> Difference:
    return Difference("Title", kind, rules, "It differs.", "We are right.", examples, text, message, at)


def test_findings_are_compared_by_instruction_and_code(findings: Findings) -> None:
    latest, echo = Key("a/Dockerfile", 1, "DL3007"), Key("a/Dockerfile", 4, "DL3001")
    assert set(findings.theirs) == {latest, echo}
    assert latest in findings.ours
    assert findings.different("missed") == [echo]
    assert {key.line for key in findings.ours} <= {1, 2, 4}
    assert findings.texts["a/Dockerfile", 2] == "RUN apt-get install -y curl \\\n    && cd /tmp"
    assert (findings.files, findings.left_out) == (1, 1)


def test_a_miss_needs_an_entry(findings: Findings) -> None:
    only_two = findings._replace(ours={key: "x" for key in findings.ours if key.code == "DL3007"})
    assert [*problems(only_two, [])] == [
        "only 1 of hadolint's 2 findings are found (50.0%)",
        "DL3001: 1 missed without an entry",
    ]
    recall = "only 1 of hadolint's 2 findings are found (50.0%)"
    assert [*problems(only_two, [difference("missed", "DL3001", text="^RUN echo", message="echo")])] == [recall]
    others = [
        difference("missed", "DL3001", text="sudo"),
        difference("missed", "DL3001", message="sudo"),
        difference("missed", "DL3001", at=("b:4",)),
        difference("extra", "DL3001", text="echo"),
    ]
    for other in others:
        assert "DL3001: 1 missed without an entry" in problems(only_two, [other])


def test_an_entry_covers_something_and_has_examples_of_it(findings: Findings) -> None:
    only_two = findings._replace(ours={key: "x" for key in findings.ours if key.code == "DL3007"})
    entry = difference("missed", "DL3001", "DL3002", text="echo", examples=("a/Dockerfile:1",))
    assert [*problems(only_two, [entry])][1:] == [
        "Title: covers nothing of DL3002",
        "Title: the example a/Dockerfile:1 is not one of what it covers",
    ]
    assert [*problems(only_two, [entry._replace(rules=("DL3001",), examples=())])][1:] == [
        "Title: has fewer than two examples"
    ]


def test_extra_findings_need_an_entry_where_they_are_many(findings: Findings) -> None:
    ours = {Key("a/Dockerfile", line, "DL3001"): "x" for line in (1, 2, 4)}
    many = findings._replace(ours=ours, theirs={Key("a/Dockerfile", 4, "DL3001"): "x"})
    assert [*problems(many, [])] == ["DL3001: 2 extra without an entry, beside 1 of hadolint's"]
    assert [*problems(many, [difference("extra", "DL3001", text="FROM|apt", examples=("a/Dockerfile:1",))])] == [
        "Title: has fewer than two examples"
    ]
    few = {Key("a/Dockerfile", number, "DL3001"): "x" for number in range(100)}
    texts = {("a/Dockerfile", number): "" for number in range(200)}
    some = many._replace(theirs=few, ours=few | {Key("a/Dockerfile", 104, "DL3001"): "x"}, texts=texts)
    assert [*problems(some, [])] == []


def test_the_page_has_counts_and_entries(findings: Findings) -> None:
    entry = difference("missed", "DL3001", text="echo")
    only_two = findings._replace(ours={key: "x" for key in findings.ours if key.code == "DL3007"})
    measured = read_counts(counts(only_two, [entry]).as_json())
    assert measured == counts(only_two, [entry])
    text = page(measured, [entry])
    assert "counted on 1 Dockerfiles" in " ".join(text.split())
    assert "Of hadolint's 2 findings dlint has 1 (50.0%), and 0 more." in text
    assert "| [DL3001](rules/DL3001.md) [*](#title) | 1 | 0 | 0 | 1 | 0 |" in text
    assert "### Title\n\nDL3001: 1 finding. It differs.\n\nWe are right.\n\nFor example `a/Dockerfile:4`." in text


@pytest.mark.parametrize(
    "text",
    [
        "T: {kind: mised, rules: [DL3001], differs: x, why: x, text: x}",
        "T: {kind: missed, rules: [DL9999], differs: x, why: x, text: x}",
        "T: {kind: missed, rules: [], differs: x, why: x, text: x}",
        "T: {kind: missed, rules: [DL3001], differs: x, why: x}",
        "T: {kind: missed, rules: [DL3001], differs: x, why: x, txt: x}",
    ],
)
def test_a_malformed_entry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^T: "):
        entries(text)


def test_the_page_is_up_to_date_with_its_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = entries(DATA.read_text(encoding="utf-8"))
    assert [*read_counts(COUNTS.read_text(encoding="utf-8")).covered] == [entry.name for entry in known]
    file = tmp_path / "hadolint.md"
    assert make_page(["--check"], file) == 1
    assert "docs/hadolint.md is not up to date" in capsys.readouterr().out
    assert make_page([], file) == 0
    assert make_page(["--check"], file) == 0
    assert make_page(["--wrong"], file) == 2


@pytest.mark.slow
def test_what_differs_in_real_files_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    if hadolint_program() is None:
        pytest.skip("hadolint is not here: name it by $HADOLINT")
    status = main(["--check", str(shared_path("corpus"))])
    assert status == 0, capsys.readouterr().out
