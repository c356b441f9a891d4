from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.patterns import (
    InvalidPattern,
    Pattern,
    parse_pattern,
    replace_all,
    replace_first,
    reverse_pattern,
    trim_prefix,
    trim_suffix,
)

PATTERNS = st.lists(st.sampled_from(["a", "b", "[", "\n", "*", "?", "\\*", "\\?", "\\\\", "\\}", "\\/"])).map("".join)
VALUES = st.text(alphabet="ab[\n*?\\}/", max_size=24)


def pattern(text: str) -> Pattern:
    parsed = parse_pattern(text)
    assert isinstance(parsed, Pattern)
    return parsed


def as_expression(text: str, star: str) -> str:
    """The regular expression that the pattern stands for; Python and Go agree on the few operators in it."""
    out = []
    for token in re.findall(r"\\.|.", text, re.DOTALL):
        if token == "*":
            out.append(star)
        elif token == "?":
            out.append(".")
        else:
            out.append(re.escape(token[-1]))
    return "".join(out)


@given(VALUES, PATTERNS, st.booleans())
def test_trims_the_prefix_that_the_regular_expression_matches(value: str, text: str, longest: bool) -> None:
    match = re.match(as_expression(text, ".*" if longest else ".*?"), value)
    expected = value[match.end() :] if match else value
    assert trim_prefix(value, pattern(text), longest) == expected


@given(VALUES, PATTERNS, st.booleans())
def test_trims_the_suffix_that_is_shortest_or_longest(value: str, text: str, longest: bool) -> None:
    expression = re.compile(as_expression(text, ".*"))
    ends = [at for at in range(len(value) + 1) if expression.fullmatch(value, at)]
    expected = value[: min(ends) if longest else max(ends)] if ends else value
    assert trim_suffix(value, pattern(reverse_pattern(text)), longest) == expected


@given(VALUES, PATTERNS)
def test_replaces_the_first_match(value: str, text: str) -> None:
    expected = re.sub(as_expression(text, ".*"), "<>", value, count=1)
    assert replace_first(value, pattern(text), "<>") == expected


@given(VALUES, PATTERNS)
def test_replaces_all_matches_but_empty_ones_after_another(value: str, text: str) -> None:
    out, last = [], 0
    for match in re.finditer(as_expression(text, ".*"), value):
        out.append(value[last : match.start()])
        if match.end() > last or match.start() == 0:
            out.append(f"<{match.group()}>")
        last = match.end()
    out.append(value[last:])
    assert replace_all(value, pattern(text), "<$0>", 10_000) == "".join(out)


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [
        ("$0", "abc"),
        ("${0}", "abc"),
        ("$$0", "a$0c"),
        ("$1", "ac"),
        ("$00", "ac"),
        ("$name-", "a-c"),
        ("$0x", "ac"),
        ("${name}-", "a-c"),
        ("${0", "a${0c"),
        ("${}", "a${}c"),
        ("$-", "a$-c"),
        ("-$", "a-$c"),
    ],
)
def test_replacements_of_all_matches_are_templates_of_go(replacement: str, expected: str) -> None:
    assert replace_all("abc", pattern("b"), replacement, 100) == expected


def test_the_replacement_of_the_first_match_is_no_template() -> None:
    assert replace_first("abc", pattern("b"), "$0") == "a$0c"


@pytest.mark.parametrize("text", ["a\\", "\\a", "*\\ "])
def test_other_escapes_are_invalid(text: str) -> None:
    assert isinstance(parse_pattern(text), InvalidPattern)


@pytest.mark.parametrize(("text", "value"), [("b", "bbb"), ("b*", "b\nb"), ("?", "ab"), ("", "aaa")])
def test_all_matches_are_not_replaced_beyond_the_limit(text: str, value: str) -> None:
    replacement = "x" * 100
    whole = replace_all(value, pattern(text), replacement, 1000)
    assert whole is not None
    assert replace_all(value, pattern(text), replacement, len(whole)) == whole
    assert replace_all(value, pattern(text), replacement, 99) is None


@pytest.mark.parametrize("text", ["*a" * 5000 + "b", "a*" * 5000 + "b", "*" * 10_000 + "b", "a" * 10_000 + "*b"])
def test_takes_no_more_than_a_moment(text: str) -> None:
    value = "a" * 100_000
    start = time.process_time()
    assert trim_prefix(value, pattern(text), longest=True) == value
    assert trim_suffix(value, pattern(reverse_pattern("b" + text)), longest=False) == value
    assert replace_first(value, pattern(text), "") == value
    assert time.process_time() - start < 2
