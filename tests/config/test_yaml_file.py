from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.config.document import ConfigError, Items, Place, Scalar, Table
from dockerlint.config.yaml_file import parse_yaml
from tests.config.sample import problems


def value(text: str) -> object:
    node = parse_yaml(f"key: {text}\n", "x").get("key")
    assert isinstance(node, Scalar)
    return node.value


def test_every_value_keeps_its_place() -> None:
    table = parse_yaml("# settings\nselect: [DL3006,\n  DL3007]\nrules:\n  'too many':\n    limit: 3\n", ".dlint.yaml")
    select, rules = table.entries
    assert select.place == Place(".dlint.yaml", 2, 1)
    assert isinstance(select.value, Items)
    assert [item.place[1:] for item in select.value.items] == [(2, 10), (3, 3)]
    assert isinstance(rules.value, Table)
    (many,) = rules.value.entries
    assert (many.key, many.place) == ("too many", Place(".dlint.yaml", 5, 3))
    assert isinstance(many.value, Table)
    assert many.value.get("limit") == Scalar(3, "3", Place(".dlint.yaml", 6, 12))
    assert many.value.get("other") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("-7", -7),
        ("0", 0),
        ("'1'", "1"),
        ("1.10", 1.1),
        ("010", "010"),
        ("0x10", "0x10"),
        ("9" * 30, "9" * 30),
        ("true", True),
        ("Off", False),
        ("'off'", "off"),
        ("", None),
        ("~", None),
        ("''", ""),
        ("2026-01-01", "2026-01-01"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_plain_words_have_their_type_and_everything_else_is_text(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "~\n"])
def test_an_empty_file_sets_nothing(text: str) -> None:
    assert parse_yaml(text, "x").entries == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [1\n", "x:2:1: not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: b: c\n", "x:1:5: not valid YAML: mapping values are not allowed here"),
        ("a: 1\n\tb: 2\n", "x:2:1: not valid YAML: found character '\\t' that cannot start any token"),
        ("a: 1\nb: \x07\n", "x:2:4: not valid YAML: it has a control character"),
        ("- a\n", "x:1:1: settings must be a table of keys and values"),
        ("text\n", "x:1:1: settings must be a table of keys and values"),
        ("a: 1\nb: 2\na: 3\n", "x:3:1: the key 'a' stands here for the second time"),
        ("a:\n  b: &anchor 1\n", "x:2:6: anchors and aliases are not read here: write the value out"),
        ("a: *anchor\n", "x:1:4: anchors and aliases are not read here: write the value out"),
        (
            "a: !!python/object/apply:os.system [id]\n",
            "x:1:4: tags such as 'tag:yaml.org,2002:python/object/apply:os.system' are not read here",
        ),
        ("a: !mine 1\n", "x:1:4: tags such as '!mine' are not read here"),
        ("a: 1\n---\nb: 2\n", "x:2:1: a second document begins here: settings are one"),
        ("[a]: 1\n", "x:1:1: a key must be a word"),
        ("a: " + "[" * 30, "x:1:24: nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "x")
    assert problems(caught.value) == [problem]


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 200_000,
        "a: " + "{a: " * 50_000,
        "- " * 100_000,
        "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [*a, *a]\n" for n in range(1000)),
        "a: '" + "x" * 250_000,
        "? " * 100_000,
        "a:\n" + "".join(" " * n + "- \n" for n in range(600)),
    ],
)
def test_hostile_files_end_soon(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ConfigError):
        parse_yaml(text, "x")
    assert time.perf_counter() - start < 10


@given(st.text(max_size=200) | st.text("ab:-[]{}&*!'\"#|>%@`,? \n\t1", max_size=80))
def test_any_text_is_a_table_or_an_error(text: str) -> None:
    with suppress(ConfigError):
        assert isinstance(parse_yaml(text, "x"), Table)
