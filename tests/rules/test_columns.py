"""Findings point at the guilty word: a sample of 100 in real Dockerfiles, which `tools/sample_columns.py` draws."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dockerlint.finding import Finding
from tests.shared import shared_path
from tools.sample_columns import KEYWORD, READ, SAID, SIZE, UNREAD, Sample, cut, draw, found, recorded, said_of, veiled

SAMPLE = recorded()


@pytest.fixture(scope="module")
def corpus() -> Path:
    return shared_path("corpus").resolve()


@pytest.fixture(scope="module")
def findings(corpus: Path) -> dict[tuple[str, str], Finding]:
    """What all rules find in the files of the sample."""
    files = sorted({corpus / row.file for row in SAMPLE})
    return {(code, place): finding for code, place, finding in found(files, corpus)}


def test_the_sample_is_large_mixed_and_read() -> None:
    assert len(SAMPLE) == SIZE
    assert [row for row in SAMPLE if row.known == UNREAD] == []
    assert max(Counter(row.code for row in SAMPLE).values()) <= 2


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: f"{row.code}-{row.place}")
def test_a_finding_of_the_sample_points_at_the_guilty_word(
    row: Sample, corpus: Path, findings: dict[tuple[str, str], Finding]
) -> None:
    finding = findings.get((row.code, row.place))
    others = [place for code, place in findings if code == row.code and place.startswith(f"{row.file}:")]
    assert finding is not None, f"{row.code} is found at {others} now, not at {row.place}"
    # The text is cut out by counting lines and characters of the file, not by what we made of it.
    text = cut((corpus / row.file).read_bytes().decode("utf-8"), row.place)
    assert veiled(text, finding) == row.text
    if row.known != READ:
        assert said_of(text, finding.message) == row.known


@pytest.mark.slow
def test_nobody_has_chosen_the_sample(corpus: Path) -> None:
    codes = {row.code for row in SAMPLE}
    keys = [(code, place) for code, place, _ in found(sorted(corpus.glob("*/*ockerfile*")), corpus) if code in codes]
    assert draw(keys) == [(row.code, row.place) for row in SAMPLE], "run `python -m tools.sample_columns`, and read"


def test_all_rules_have_their_turn() -> None:
    many = [("A", f"a:{number}:1-1:2") for number in range(50)] + [("B", "b:1:1-1:2"), ("C", "c:1:1-1:2")]
    assert Counter(code for code, _ in draw(many, 5)) == {"A": 3, "B": 1, "C": 1}
    assert draw(many, 5) == draw([*reversed(many)], 5)
    assert set(draw(many, 5)) < set(draw(many, 8))


def test_a_word_may_go_on_in_the_next_line() -> None:
    assert cut("RUN a \\\n  b c\n", "x:2:3-2:4") == "b"
    assert cut("RUN a \\\n  b c\n", "x:1:5-2:4") == "a \\\n  b"
    assert said_of("a\\\n  b", "'ab' is wrong") == SAID
    assert said_of("install", "'apt-get install' is wrong") == SAID
    assert said_of('"ab"', "'ab' is wrong") == SAID
    assert said_of("from", "this FROM is wrong") == KEYWORD
    assert said_of("get", "'apt-get install' is wrong") == UNREAD
