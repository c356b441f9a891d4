"""The order of Debian's versions."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.layers.sizes.deb_versions import satisfies, version_key

#: In their order, as the Debian policy explains it.
ORDERED = ("1.0~~", "1.0~~a", "1.0~", "1.0", "1.0-1", "1.0-1+b1", "1.0a", "1.0+dfsg-1", "1.0.1", "1.10", "2", "1:0.1")

SAMPLES = (
    *ORDERED,
    *("0", "00", "0-0", "1.0-0", "1.0-1~bpo12+1", "1.0-1-1", "1.02", "1.2", "9", "10", "a", "1a", "1."),
    *("2:1", "0:1", "7.88.1-10+deb12u12", "7.88.1-10+deb12u5", "1.0~rc1-1", "1.0rc1", "1~", "1+", "1.a", "1.A"),
)

versions = st.text("0123456789~+.-:abzAZ", min_size=1, max_size=12)


def test_an_order_that_the_policy_explains() -> None:
    assert [*sorted({*ORDERED}, key=version_key)] == [*ORDERED]


@given(st.text())
def test_any_text_has_a_place(text: str) -> None:
    assert version_key(text) == version_key(text)


@given(versions, versions, versions)
def test_the_order_is_total(one: str, two: str, three: str) -> None:
    assert satisfies(one, "<=", two) or satisfies(two, "<=", one)
    assert satisfies(one, "=", two) == (satisfies(one, "<=", two) and satisfies(two, "<=", one))
    if satisfies(one, "<=", two) and satisfies(two, "<=", three):
        assert satisfies(one, "<=", three)


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="no dpkg to compare with")
def test_the_order_is_that_of_dpkg() -> None:
    pairs = [(one, two) for at, one in enumerate(SAMPLES) for two in SAMPLES[at::3]]
    program = (
        'while read -r one two; do if dpkg --compare-versions "$one" lt "$two"; then echo y; else echo n; fi; done'
    )
    text = "".join(f"{one} {two}\n" for one, two in pairs)
    done = subprocess.run(["sh", "-c", program], input=text, capture_output=True, text=True, check=True)
    told = dict(zip(pairs, done.stdout.split(), strict=True))
    wrong = [pair for pair in pairs if satisfies(pair[0], "<<", pair[1]) != (told[pair] == "y")]
    assert wrong == []


def test_relations() -> None:
    assert satisfies("1.2-3", ">=", "1.2")
    assert satisfies("1.2~rc1", "<<", "1.2")
    assert satisfies("1.2", "=", "0:1.2-0")
    assert satisfies("2", ">>", "1")
    assert not satisfies("2", "<<", "2")
    assert not satisfies("2", "~~", "2")


def test_a_version_without_end_is_read_in_no_time() -> None:
    assert satisfies("1." * 1_000_000, "=", "1." * 1_000_000)
