"""The page about accuracy shows each row and counts right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.make_accuracy_page import DATA, main, page, scored


def row(measured: int | None, low: int = 0, estimate: int | None = None, high: int | None = None) -> dict[str, Any]:
    return {
        "case": {"name": f"set of {measured}", "origin": "a/Dockerfile", "dockerfile": "FROM scratch\n", "files": {}},
        "measured": measured,
        "refused": "" if measured is not None else "it has <unmet> dependencies",
        "date": "2026-11-28",
        "version": "Docker 28",
        "estimates": {"online": {"low": low, "estimate": estimate, "high": high}},
    }


ROWS = [
    row(100_000_000, 90_000_000, 110_000_000, 120_000_000),
    row(50_000_000, 51_000_000, 52_000_000, 53_000_000),
    row(20_000_000),
    row(None),
]


def test_errors_are_shares_of_what_was_measured() -> None:
    score = scored(ROWS, "online")
    assert score is not None
    assert score.rows == 3
    assert score.errors == pytest.approx((0.1, 0.04))
    assert (score.holding, score.bounded) == (2, 2)
    assert scored(ROWS, "exact") is None


def test_each_row_is_shown_also_the_bad_ones() -> None:
    text = page({"apt": ROWS})
    assert "| `--online` | 3 | 2 | 7.0 % | 10.0 % | 2 of 3 | 2 |\n" in text
    assert "\n| set of 100000000 | 100.0 MB | 110.0 MB (+10.0 %) | 2026-11-28 |\n" in text
    assert "\n| set of 50000000 | 50.0 MB | 52.0 MB (+4.0 %, not in 51.0 MB to 53.0 MB) | 2026-11-28 |\n" in text
    assert "\n| set of 20000000 | 20.0 MB | not known | 2026-11-28 |\n" in text
    assert "\n| set of None | it has &lt;unmet> dependencies | ? | 2026-11-28 |\n" in text


def test_a_page_that_is_not_up_to_date_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, data = tmp_path / "accuracy.md", tmp_path / "accuracy.json"
    data.write_text(json.dumps({"apt": ROWS}))
    assert main(["--check"], file, data) == 1
    assert main([], file, data) == 0
    assert main(["--check"], file, data) == 0
    data.write_text(json.dumps({"apt": ROWS[:1]}))
    assert main(["--check"], file, data) == 1
    assert capsys.readouterr().out.startswith("docs/accuracy.md is not up to date")


def test_the_rows_of_the_repository_are_whole() -> None:
    for kind, rows in json.loads(DATA.read_text(encoding="utf-8")).items():
        names = [each["case"]["name"] for each in rows]
        assert len(names) == len(set(names)), kind
        assert all(each["measured"] or each["refused"] for each in rows), kind
        assert all(each["estimates"] for each in rows), kind
