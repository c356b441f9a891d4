from __future__ import annotations

import pytest

from dockerlint.shell.options import Options, Syntax, read_options
from tests.shell.support import shown, sole

SYNTAX = Syntax(
    valued=frozenset({"-o", "--out", "-t"}),
    optional=frozenset({"--maybe"}),
    numeric=frozenset({"-q"}),
    lists=frozenset({"--many"}),
)


def flags(options: Options) -> list[tuple[str, str | None]]:
    return [(flag.name, flag.value and shown(flag.value)) for flag in options.flags]


def read(text: str, syntax: Syntax = SYNTAX, *, until_operand: bool = False) -> Options:
    return read_options(sole(f"x {text}", "x").arguments, syntax, until_operand=until_operand)


@pytest.mark.parametrize(
    ("text", "expected", "operands"),
    [
        ("-abc d", [("-a", None), ("-b", None), ("-c", None)], ["d"]),
        ("-o v d", [("-o", "v")], ["d"]),
        ("-ov d", [("-o", "v")], ["d"]),
        ("-ao v d", [("-a", None), ("-o", "v")], ["d"]),
        ("-o=v", [("-o", "v")], []),
        ("--out v d", [("--out", "v")], ["d"]),
        ("--out=v d", [("--out", "v")], ["d"]),
        ("--other=v d", [("--other", "v")], ["d"]),
        ("--other d", [("--other", None)], ["d"]),
        ("d -a e", [("-a", None)], ["d", "e"]),
        ("-a -- -b d", [("-a", None)], ["-b", "d"]),
        ("-", [], ["-"]),
        ("--maybe d", [("--maybe", "d")], []),
        ("--maybe -a", [("--maybe", None), ("-a", None)], []),
        ("-q 2 d", [("-q", "2")], ["d"]),
        ("-q d", [("-q", None)], ["d"]),
        ("--many d e -a f", [("--many", "d"), ("--many", "e"), ("-a", None)], ["f"]),
        ("-o", [("-o", None)], []),
        ("$x", [], ["<$x>"]),
        ("-o $x", [("-o", "<$x>")], []),
        ("--out=$x", [("--out", "<--out=$x>")], []),
        ("-o$x d", [("-o", "<-o$x>")], ["d"]),
    ],
)
def test_options_and_operands(text: str, expected: list[tuple[str, str | None]], operands: list[str]) -> None:
    options = read(text)
    assert flags(options) == expected
    assert [shown(word) for word in options.operands] == operands


def test_the_first_operand_can_end_the_options() -> None:
    options = read("-a d -b", until_operand=True)
    assert (flags(options), [shown(word) for word in options.operands]) == ([("-a", None)], ["d", "-b"])


def test_one_dash_can_begin_a_long_option() -> None:
    syntax = Syntax(valued=frozenset({"-tags", "-D"}), single_dash=True, glued=frozenset({"-D"}))
    options = read("-tags a -v -mod=b -Dc=d e", syntax)
    assert flags(options) == [("-tags", "a"), ("-v", None), ("-mod", "b"), ("-D", "c=d")]
    assert [shown(word) for word in options.operands] == ["e"]


def test_an_unknown_long_option_of_a_greedy_program_leaves_doubt() -> None:
    syntax = Syntax(valued=frozenset({"--tag"}), switches=frozenset({"--force"}), greedy=True)
    options = read("--tag a --force b --unknown c --no-audit d", syntax)
    assert [shown(word) for word in options.operands] == ["b", "d"]
    assert [shown(word) for word in options.doubtful] == ["c"]
