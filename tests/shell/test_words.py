from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dockerlint.shell.script import Expansion, Word
from tests.shell.support import script_of, sole

QUOTED = st.lists(st.sampled_from(["a", "Z", " ", "'", '"', "\\", "$'", '$"', "\\n", "=", "/", "\t"]), max_size=12)


def argument(raw: str) -> Word:
    (word,) = sole(f"a {raw}", "a").arguments
    return word


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("'single \"quoted\" $x'", 'single "quoted" $x'),
        ('"double \'quoted\' \\$x \\" \\\\ \\n"', "double 'quoted' $x \" \\ \\n"),
        ("a\\ b\\$c\\'", "a b$c'"),
        ("a'b'\"c\"d", "abcd"),
        ("''", ""),
        ('""', ""),
        ("$'a\\tb\\x41\\u00e9\\101\\'\\\\'", "a\tbA\u00e9A'\\"),
        ('$"text"', "text"),
        ("{a,b}.c", "{a,b}.c"),
        ("x$", "x$"),
        ("--name='v w'", "--name=v w"),
        ("~/.cache", "~/.cache"),
        ("'it'\\''s'", "it's"),
    ],
)
def test_quotes_are_taken_off(raw: str, text: str) -> None:
    word = argument(raw)
    assert (word.text, word.raw, word.glob) == (text, raw, False)


@pytest.mark.parametrize(
    ("raw", "glob"),
    [("*.c", True), ("a?", True), ("[ab]", True), ("'*'.c", False), ("\\*", False), ('"?"', False), ("$x*", True)],
)
def test_unquoted_pattern_signs_are_seen(raw: str, glob: bool) -> None:
    assert argument(raw).glob is glob


@pytest.mark.parametrize(
    ("raw", "parts", "variables"),
    [
        ("$x", [Expansion("x", ("x",), "$x", quoted=False)], ("x",)),
        ('"${x}"', [Expansion("x", ("x",), "${x}", quoted=True)], ("x",)),
        ("a=${x}=b", ["a=", Expansion("x", ("x",), "${x}", quoted=False), "=b"], ("x",)),
        ("${x:-$y}", [Expansion(None, ("x", "y"), "${x:-$y}", quoted=False)], ("x", "y")),
        ("${#x}", [Expansion(None, ("x",), "${#x}", quoted=False)], ("x",)),
        ('"a $(b $c)"', ["a ", Expansion(None, (), "$(b $c)", quoted=True)], ()),
        ("`b`", [Expansion(None, (), "`b`", quoted=False)], ()),
        ("$((x + 1))", [Expansion(None, ("x",), "$((x + 1))", quoted=False)], ("x",)),
        ("$@$1", [Expansion("@", ("@",), "$@", quoted=False), Expansion("1", ("1",), "$1", quoted=False)], ("@", "1")),
        ("\\$x$x", ["$x", Expansion("x", ("x",), "$x", quoted=False)], ("x",)),
    ],
)
def test_a_word_with_expansions_has_no_text_but_parts(
    raw: str, parts: list[str | Expansion], variables: tuple[str, ...]
) -> None:
    word = argument(raw)
    assert (word.text, list(word.parts), word.variables) == (None, parts, variables)


def test_a_value_behind_a_name_is_a_word_of_its_own() -> None:
    word = argument('--url="$base/x"')
    assert word.prefix == "--url="
    value = word.after(6)
    assert (value.text, value.prefix, value.span) == (None, "", word.span)
    assert value.parts == (Expansion("base", ("base",), "$base", quoted=True), "/x")
    assert argument("--url=x").after(6).text == "x"
    assert argument("--url=").after(6).text == ""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is the oracle")
@given(QUOTED.map("".join))
def test_quote_removal_is_that_of_bash(raw: str) -> None:
    """bash prints each word with a NUL behind it; what it cannot parse is not compared."""
    script = f"LC_ALL=C.UTF-8\nprintf '%s\\0' {raw}\n"
    run = subprocess.run(["bash", "-c", script], capture_output=True, timeout=10, check=False)
    assume(run.returncode == 0 and not run.stderr)
    expected = run.stdout.decode().split("\0")[:-1]
    read = script_of(script)
    assume(not read.errors)
    (command,) = read.named("printf")
    texts = [word.text for word in command.arguments[1:]]
    # Without arguments printf prints its format once.
    assert (texts or [""]) == expected
