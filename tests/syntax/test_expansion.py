from __future__ import annotations

import re
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.expansion import DEEPEST_NESTING, LONGEST_VALUE
from dockerlint.syntax.words import ErrorKind, Expansion, expand, expand_heredoc, expand_words, split_raw
from dockerlint.unknown import Unknown
from tests.syntax.expansion_cases import Case, expansion_cases

SECRET = Unknown("it comes from the outside")
OTHER = Unknown("it comes from elsewhere")

# What the grammar of words is made of, and a bit of everything else.
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from([*"${}\"'\\`/#%?:+-=<* \n\t", "${", "${A", "${U", "$A", "$B", ":-", ":?", "//", "<<"]),
        st.characters(),
    ),
    max_size=40,
).map("".join)
ENVIRONMENT: Mapping[str, str | Unknown] = {"A": "a b*", "B": "", "C": SECRET, "": "nameless"}


def check_recorded(case: Case, expansion: Expansion) -> None:
    recorded = case.recorded
    if recorded.get("error"):
        assert expansion.error is not None
        assert recorded.get("error_contains", "") in expansion.error.message
        return
    assert expansion.error is None
    assert expansion.value == recorded["expected"]
    if "matched" in recorded:
        assert sorted({use.name for use in expansion.uses if use.defined}) == recorded["matched"]
    if "unmatched" in recorded:
        assert sorted({use.name for use in expansion.uses if not use.defined}) == recorded["unmatched"]


@pytest.mark.parametrize("case", expansion_cases("word.json"), ids=lambda case: case.name)
def test_words_that_buildkit_expands(case: Case) -> None:
    recorded = case.recorded
    check_recorded(case, expand(recorded["input"], recorded["env"], escape=recorded["escape"], windows=case.windows))


@pytest.mark.parametrize("case", expansion_cases("matches.json"), ids=lambda case: case.name)
def test_names_that_buildkit_reports(case: Case) -> None:
    recorded = case.recorded
    check_recorded(case, expand(recorded["input"], recorded["env"], escape=recorded["escape"], windows=case.windows))


# The image that engine 28.5 makes of `ENV A="abcabc"`, `ENV E=""`, `ENV P="a*b"` and `LABEL k TEXT`.
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("${A#a*b}-${A##a*b}-${A%b*c}-${A%%b*c}", "cabc-c-abca-a"),
        ("${A##*b}${A%%b*}", "ca"),
        ("${A//b/[$0]}", "a[]ca[]c"),
        ("${A/b/\\$0}${A//b/\\$0}", "a\\$0cabca\\bca\\bc"),
        ("${A//?/.}", "......"),
        ("${A//c*/x}", "abx"),
        ("${A///-}", "-a-b-c-a-b-c-"),
        ("${P#'a*'}${P#a\\*}", "*bb"),
        ('"${A:+"x y"}"', "x y"),
        ("${E-x}${E:-y}${U-z}", "yz"),
        ("${U:+x}${E+w}${A+v}", "wv"),
        ('"\\a\\"\\$A"', '\\a"$A'),
        ("$AA$A", "abcabc"),
        ("a'$A'\"'\"", "a$A'"),
    ],
)
def test_labels_of_a_real_image(text: str, label: str) -> None:
    assert expand(text, {"A": "abcabc", "E": "", "P": "a*b"}).value == label


@pytest.mark.parametrize(
    ("text", "operators"),
    [
        ("$A ${A}", ["", ""]),
        ("${A:-x}${A-x}${A:+x}${A+x}${A:?x}${A?x}", [":-", "-", ":+", "+", ":?", "?"]),
        ("${A#a}${A##a}${A%a}${A%%a}${A/a/b}${A//a/b}", ["#", "##", "%", "%%", "/", "//"]),
        ("${A:-${B-$A}}'$A'\\$A", [":-", "-", ""]),
    ],
)
def test_uses_have_their_operators(text: str, operators: list[str]) -> None:
    assert [use.operator for use in expand(text, ENVIRONMENT).uses] == operators


def test_uses_have_their_places() -> None:
    text = 'x${U:-${A}}"$C" ${B#$U}'
    uses = expand(text, ENVIRONMENT).uses
    assert [text[use.start : use.end] for use in uses] == ["${U:-${A}}", "${A}", "$C", "${B#$U}", "$U"]
    assert [use.defined for use in uses] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("a'b", "'b"),
        ('a"b$A', '"b$A'),
        ("a${A", "${A"),
        ("a${A:", "${A:"),
        ("a${}b", "${}"),
        ("a${A=b}", "${A="),
        ("a${A:=b}", "${A:="),
        ("a${A:-b", "${A:-b"),
        ("a${A:-${B:-x}", "${A:-${B:-x}"),
        ("a${A:-'b}c", "'b}c"),
        ("a${A/b}c", "${A/b}c"),
        ("a${A#b\\c}d", "${A#b\\c}"),
    ],
)
def test_syntax_errors_name_the_broken_part(text: str, broken: str) -> None:
    expansion = expand(text, ENVIRONMENT)
    assert isinstance(expansion.value, Unknown)
    assert expansion.error is not None
    assert expansion.error.kind is ErrorKind.SYNTAX
    assert text[expansion.error.start : expansion.error.end] == broken


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${U?}", "variable 'U' is not set"),
        ("${B:?}", "variable 'B' is empty"),
        ("${U:?say $A}", "variable 'U' is not set, which stops the build with 'say a b*'"),
        ("${U?$C}", "variable 'U' is not set"),
    ],
)
def test_a_variable_may_be_demanded(text: str, message: str) -> None:
    expansion = expand(f"x{text}y", ENVIRONMENT)
    assert expansion.error is not None
    assert expansion.error == (ErrorKind.RAISED, message, 1, 1 + len(text))
    assert expansion.uses[0].operator in ("?", ":?")


@pytest.mark.parametrize(
    "text",
    ["$C", "x${C}", '"$C"', "${C:-x}", "${C-x}", "${C:+x}", "${C?x}", "${C#x}", "${C/x/y}", "${U:-$C}", "${A#$C}"],
)
def test_an_unknown_value_makes_the_result_unknown(text: str) -> None:
    assert expand(text, ENVIRONMENT) == (SECRET, expand(text, ENVIRONMENT).uses, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A:-$C}", "a b*"),
        ("${U:+$C}", ""),
        ("${B:+$C}", ""),
        ("${C:+}", ""),
        ("${A:?$C}", "a b*"),
        ("'$C'\\$C", "$C$C"),
    ],
)
def test_what_is_decided_without_an_unknown_value_is_known(text: str, value: str) -> None:
    assert expand(text, ENVIRONMENT).value == value


def test_the_first_unknown_value_gives_the_reason() -> None:
    assert expand("$A$D$C", {**ENVIRONMENT, "D": OTHER}).value is OTHER


def test_a_wrong_pattern_is_an_error_whatever_the_value_is() -> None:
    assert expand("${C#a\\b}", ENVIRONMENT).error is not None
    assert expand("${C/a\\b/}", ENVIRONMENT).error is not None


def test_case_of_names_matters_but_on_windows() -> None:
    environment = {"Path": "old", "PATH": "new", "Straße": "s"}
    assert expand("$path-$Path", environment).value == "-old"
    assert expand("$path-$Path-$STRAßE", environment, windows=True).value == "new-new-s"


def test_the_escape_character_may_be_a_backtick() -> None:
    assert expand('C:\\$A`$A"`$A`a"', {"A": "x"}, escape="`").value == "C:\\x$A$A`a"
    assert expand("${A#`*\\*}", {"A": "``*y"}, escape="`").value == "y"


# The files that engine 28.5 makes of `COPY <<EOF` with these bodies.
@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("\"q\" 'it' $A ${A:-x}\n", "\"q\" 'it' abcabc abcabc\n"),
        ('\\$A \\\\ \\n \\q \\"\n', '$A \\ n q "\n'),
        ("don't \"open\n", "don't \"open\n"),
        ("${A:+it's}\n", "it's\n"),
        ("`$A` ${U:-a\nb}\r\nend \\\n", "`abcabc` a\nb\r\nend \n"),
        ("${A#\\*} '${A}' \\'$A\\'\n", "abcabc 'abcabc' 'abcabc'\n"),
    ],
)
def test_files_that_a_real_image_has_from_heredocs(body: str, content: str) -> None:
    assert expand_heredoc(body, {"A": "abcabc"}).value == content


def test_a_byte_order_mark_at_the_start_is_dropped() -> None:
    assert expand("\ufeffa\ufeff", {}).value == "a\ufeff"
    assert expand("\ufeff$A", {"A": "\ufeffx"}).value == "\ufeffx"


@given(HOSTILE, st.sampled_from("\\`"), st.booleans())
def test_any_text_expands_with_offsets_in_range(text: str, escape: str, windows: bool) -> None:
    expansion = expand(text, ENVIRONMENT, escape=escape, windows=windows)
    heredoc = expand_heredoc(text, ENVIRONMENT, windows=windows)
    words = expand_words(text, ENVIRONMENT, escape=escape, windows=windows)
    assert (words.uses, words.error) == (expansion.uses, expansion.error)
    for uses, error in ((expansion.uses, expansion.error), (heredoc.uses, heredoc.error)):
        assert [use.start for use in uses] == sorted(use.start for use in uses)
        assert all(text[use.start] == "$" and use.name in text[use.start : use.end] for use in uses)
        assert all(use.start < use.end <= len(text) for use in uses)
        assert error is None or 0 <= error.start < error.end <= len(text)


@given(st.text(st.characters(exclude_characters="$'\"\\\ufeff")))
def test_text_without_special_characters_stands_for_itself(text: str) -> None:
    assert expand(text, ENVIRONMENT) == Expansion(text)
    assert expand_heredoc(text, ENVIRONMENT) == Expansion(text)


@given(st.text())
def test_single_quotes_keep_everything_but_themselves(text: str) -> None:
    inside = text.replace("'", "")
    assert expand(f"'{inside}'", ENVIRONMENT).value == inside


@given(st.text(), st.sampled_from("\\`"))
def test_escaping_every_character_keeps_the_text(text: str, escape: str) -> None:
    assert expand("".join(escape + char for char in text), ENVIRONMENT, escape=escape).value == text


@given(st.text(alphabet="$ab_1@*!.- ", max_size=30))
def test_plain_names_agree_with_a_second_reader(text: str) -> None:
    environment = {"a": "<$a>", "ab": "AB", "1": "one", "_": "'"}
    names = re.compile(r"\$([0-9]+|[@*!\-$#?]|[a-z_][a-z_0-9]*)")
    assert expand(text, environment).value == names.sub(lambda match: environment.get(match[1], ""), text)


@st.composite
def nested(draw: st.DrawFn, depth: int = 3) -> tuple[str, str]:
    """A text and what it means, made from the meaning and not by reading it."""
    text, value = "", ""
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["text", "single", "double", "-", ":-", "+", ":+", "?", ":?"]))
        word, result = draw(nested(depth - 1)) if depth else ("w", "w")
        literal = draw(st.text(alphabet="xy .*/", max_size=4))
        name = draw(st.sampled_from("ABU"))
        content = {"A": "a", "B": "", "U": ""}[name]
        missing = name == "U" or (kind[0] == ":" and not content)
        if kind == "text":
            text, value = text + literal, value + literal
        elif kind == "single":
            text, value = f"{text}'{literal}'", value + literal
        elif kind == "double":
            text, value = f'{text}"{literal}${{{name}}}"', value + literal + content
        elif kind[-1] == "-":
            text, value = f"{text}${{{name}{kind}{word}}}", value + (result if missing else content)
        elif kind[-1] == "+":
            text, value = f"{text}${{{name}{kind}{word}}}", value + ("" if missing else result)
        elif not missing:
            text, value = f"{text}${{{name}{kind}{word}}}", value + content
    return text, value


@given(nested())
def test_nested_operators_mean_what_they_are_made_of(pair: tuple[str, str]) -> None:
    text, value = pair
    expansion = expand(text, {"A": "a", "B": ""})
    assert (expansion.value, expansion.error) == (value, None)


@pytest.mark.parametrize("text", ["${U:-", '"${U:-', "${U#", "${U//", "${U/x/"])
def test_deep_nesting_is_an_error(text: str) -> None:
    expansion = expand(text * 100_000, {})
    assert expansion.error is not None
    assert expansion.error.kind is ErrorKind.TOO_DEEP
    assert split_raw(text * 100_000) == ()


def test_nesting_has_a_limit_beyond_what_anybody_writes() -> None:
    within = "${U:-" * DEEPEST_NESTING + "x" + "}" * DEEPEST_NESTING
    assert expand(within, {}).value == "x"
    beyond = expand(f"${{U:-{within}}}", {}).error
    assert beyond is not None
    assert beyond.kind is ErrorKind.TOO_DEEP


def test_values_have_a_limit() -> None:
    half = "x" * (LONGEST_VALUE // 2)
    assert expand("$A$A", {"A": half}).value == half * 2
    assert isinstance(expand("$A$A$A", {"A": half}).value, Unknown)
    assert isinstance(expand("${A//x/xxx}", {"A": half}).value, Unknown)
    assert expand("y" * LONGEST_VALUE * 2 + "$A", {"A": ""}).value == "y" * LONGEST_VALUE * 2


@pytest.mark.parametrize(
    "text",
    [
        "$A" * 50_000,
        "${A:-x}" * 20_000,
        "${A" * 50_000,
        '"' * 100_000,
        "'" * 100_001,
        "\\" * 100_000,
        "<< " * 50_000,
        '"' + "$" * 100_000,
        "$BIG" * 30_000,
        "${U:-$BIG$BIG}" * 10_000,
        "${BIG##*b}" * 10_000,
        "${BIG//a/aa}" * 10_000,
        "${BIG//?b/aa}" * 10_000,
        "${BIG%%$STARS}" * 2_000,
        "${BIG//$STARS/$STARS}" * 2_000,
        "${BIG//?/" * 40 + "x" + "}" * 40,
        "${LINES//$STARS/x}" * 2_000,
    ],
    ids=lambda text: text[:20],
)
def test_hostile_texts_take_a_moment(text: str) -> None:
    environment = {"A": "abc", "BIG": "a" * 120_000, "STARS": "*?\n*a" * 20_000, "LINES": "a\n" * 60_000}
    start = time.process_time()
    expand(text, environment)
    expand_words(text, environment)
    expand_heredoc(text, environment)
    split_raw(text)
    assert time.process_time() - start < 10
