from __future__ import annotations

import time
import tomllib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.config.document import ConfigError, Items, Node, Scalar, Table
from dockerlint.config.toml_file import parse_toml
from tests.config.sample import problems

PATH = ("tool", "dlint")

PYPROJECT = '''
[project]
name = "[tool.dlint]" # select = 1
description = """
[tool.dlint]
select = ["no"]
"""
[tool.dlint] # here
select = [
  "DL3006", # a = b
  "x = 3",
]
  fail-on = 'error'
severity.DL3006 = "off"
"build-args" = { VERSION = "1.10", OTHER = 2 }

[tool.dlint.rules]
too-many-layers.limit = 3
[tool.dlint.rules."DL3049"]
note = \'\'\'it''s = 1
\'\'\'
ratio = 1.5
when = 2026-01-01
[[tool.other]]
select = 1
[tool.dlint.per-file-ignores]
"tests/**" = ["DL3006"]
'''


def places(node: Node, path: str = "") -> dict[str, tuple[int, int]]:
    found = {path: node.place[1:]}
    if isinstance(node, Table):
        for entry in node.entries:
            assert entry.place == entry.value.place
            found |= places(entry.value, f"{path}/{entry.key}")
    return found


def test_keys_have_their_place() -> None:
    table = parse_toml(PYPROJECT, "pyproject.toml", PATH)
    assert table is not None
    assert places(table) == {
        "": (8, 2),
        "/select": (9, 1),
        "/fail-on": (13, 3),
        "/severity": (14, 1),
        "/severity/DL3006": (14, 1),
        "/build-args": (15, 1),
        "/build-args/VERSION": (15, 1),
        "/build-args/OTHER": (15, 1),
        "/rules": (17, 2),
        "/rules/too-many-layers": (18, 1),
        "/rules/too-many-layers/limit": (18, 1),
        "/rules/DL3049": (19, 2),
        "/rules/DL3049/note": (20, 1),
        "/rules/DL3049/ratio": (22, 1),
        "/rules/DL3049/when": (23, 1),
        "/per-file-ignores": (26, 2),
        "/per-file-ignores/tests/**": (27, 1),
    }
    select = table.get("select")
    assert isinstance(select, Items)
    assert [item.text for item in select.items if isinstance(item, Scalar)] == ["DL3006", "x = 3"]


def test_numbers_and_dates_are_no_texts() -> None:
    table = parse_toml('[tool.dlint]\na = "1.10"\nb = 1.10\nc = 2026-01-01\nd = true\n', "x", PATH)
    assert table is not None
    values = [entry.value for entry in table.entries]
    assert [(node.value, node.text) for node in values if isinstance(node, Scalar)] == [
        ("1.10", "1.10"),
        (1.1, None),
        ("2026-01-01", None),
        (True, None),
    ]


@pytest.mark.parametrize("text", ["", "[project]\nname = 'dlint'\n", "[tool.other]\ndlint = 1\n", "tool = 3\n"])
def test_a_file_without_our_table_is_none(text: str) -> None:
    assert parse_toml(text, "x", PATH) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.dlint]\nselect = \n", "x:2:10: not valid TOML: invalid value"),
        ("[tool.dlint]\nselect = [1", "x:2:12: not valid TOML: unclosed array"),
        ("[tool.dlint\n", "x:1:12: not valid TOML: expected ']' at the end of a table declaration"),
        ("[tool]\ndlint = 3\n", "x:2:1: 'tool.dlint' must be a table"),
        ("[[tool.dlint]]\n", "x:1:3: 'tool.dlint' must be a table"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, "x", PATH)
    assert problems(caught.value) == [problem]


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "[tool.dlint]\n" + "a = '''" + "'" * 2 + "x''" * 50_000 + "'''\n",
        "[tool.dlint]\n" + "".join(f"k{n} = {{ a = 1 }}\n" for n in range(5000)),
        "[tool.dlint]\n" + '"' + "x" * 100_000 + '" = 1\n',
    ],
)
def test_hostile_files_end_soon(text: str) -> None:
    start = time.perf_counter()
    with suppress(ConfigError):
        parse_toml(text, "x", PATH)
    assert time.perf_counter() - start < 5


@given(st.text("tol.dint[]{}=\"'#,a1\\ \n", max_size=120).map(lambda text: "[tool.dlint]\n" + text))
def test_any_valid_text_has_a_table_and_any_other_an_error(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(ConfigError):
            parse_toml(text, "x", PATH)
    else:
        assert isinstance(parse_toml(text, "x", PATH), Table)
