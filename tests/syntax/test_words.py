from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dockerlint.syntax.lines import GO_SPACE
from dockerlint.syntax.words import (
    ExpansionError,
    HeredocName,
    expand_words,
    heredoc_name,
    split_key_values,
    split_raw,
)
from dockerlint.unknown import Unknown
from tests.shared import shared_files
from tests.syntax.expansion_cases import Case, expansion_cases

SECRET = Unknown("it comes from the outside")
WORDS = st.lists(st.sampled_from([*"ab='\"\\ \t", "\\ ", "$x", "é", "\x1f", "\u2003"]), max_size=25).map("".join)
MARKER = re.compile(r"\d*<<-?\s*([^<]*)")


def parser_cases(name: str) -> list[dict[str, object]]:
    return [
        case
        for path in shared_files("conformance/buildkit-parser", name)
        for case in json.loads(path.read_text("utf-8"))
    ]


def marker_name(word: str) -> HeredocName | ExpansionError | None:
    match = MARKER.fullmatch(word)
    return heredoc_name(match[1]) if match and match[1] else None


@pytest.mark.parametrize("case", expansion_cases("words.json"), ids=lambda case: case.name)
def test_words_that_buildkit_splits(case: Case) -> None:
    recorded = case.recorded
    expansion = expand_words(recorded["input"], recorded["env"], escape=recorded["escape"], windows=case.windows)
    if recorded.get("error"):
        assert expansion.error is not None
        assert expansion.words == ()
    else:
        assert expansion.error is None
        assert [word.value for word in expansion.words] == recorded["expected"]


# The ports that engine 28.5 exposes for `EXPOSE TEXT`, in the order of the text.
@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ('9"1"2${S}"3"', ["912", "81", "82", "3"]),
        ("${A:-7000}-${B:-7005}", ["7005"]),
        ("80${X:-80}", ["80"]),
        ("9${S:+5}0", ["50"]),
        ('5"${X:-6}"', ["6"]),
        ("1${X}2", ["12"]),
    ],
)
def test_ports_that_a_real_image_exposes(text: str, ports: list[str]) -> None:
    expansion = expand_words(text, {"S": " 81  82 "})
    assert [word.value for word in expansion.words] == ports


def test_words_know_where_they_come_from() -> None:
    text = ' a"b c"d $S \\ e'
    words = expand_words(text, {"S": "x y"}).words
    assert [(word.value, text[word.start : word.end]) for word in words] == [
        ("ab cd", 'a"b c"d'),
        ("x", "$S"),
        ("y", "$S"),
        (" e", "\\ e"),
    ]


def test_an_unknown_value_makes_its_word_unknown() -> None:
    text = '80 $C/tcp 1"$C" 90'
    words = expand_words(text, {"C": SECRET}).words
    assert [word.value for word in words] == ["80", SECRET, SECRET, "90"]
    assert [text[word.start : word.end] for word in words] == ["80", "$C/tcp", '1"$C"', "90"]


def test_empty_quotes_are_no_word() -> None:
    assert expand_words("\"\" '' $E", {"E": ""}).words == ()


@pytest.mark.parametrize("case", parser_cases("words.json"), ids=lambda case: str(case["input"]))
def test_key_values_that_buildkit_splits(case: dict[str, object]) -> None:
    assert [word.text for word in split_key_values(str(case["input"]))] == case["expected"]


@given(WORDS, st.sampled_from("\\`"))
def test_key_values_agree_with_buildkits_parser(text: str, escape: str) -> None:
    parser = pytest.importorskip("dockerfile", reason="BuildKit's parser is not installed")
    # The line parser trims the text, and a last escape character joins it with the next line.
    trimmed = text.strip(GO_SPACE)
    assume(trimmed and not trimmed.endswith(escape))
    commands = parser.parse_string(f"# escape={escape}\nFROM a\nARG {trimmed}\n")
    assert tuple(word.text for word in split_key_values(trimmed, escape)) == commands[1].value


@given(st.text(alphabet="ab='\"\\` \t\x1f\x85\n"), st.sampled_from("\\`"))
def test_key_values_leave_only_white_space_out(text: str, escape: str) -> None:
    words = split_key_values(text, escape)
    end = 0
    for word in words:
        written = text[word.start : word.end]
        assert text[end : word.start].strip(GO_SPACE) == ""
        assert word.text in (written, written[:-1])
        assert word.text == written or (word.end == len(text) and written.endswith(escape))
        end = word.end
    assert text[end:].strip(GO_SPACE) in ("", escape)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\\", [("a", 0, 2)]),
        ("\\", []),
        ('"a\\', [('"a', 0, 3)]),
        ("'a\\", [("'a\\", 0, 3)]),
        ("a\\\\", [("a\\\\", 0, 3)]),
        ('""', [('""', 0, 2)]),
        ("a 'b c", [("a", 0, 1), ("'b c", 2, 6)]),
    ],
)
def test_a_last_escape_is_dropped_and_an_open_quote_takes_the_rest(
    text: str, expected: list[tuple[str, int, int]]
) -> None:
    assert list(split_key_values(text)) == expected


@pytest.mark.parametrize("case", parser_cases("heredoc-lines.json"), ids=lambda case: str(case["line"]))
def test_lines_in_which_buildkit_sees_heredocs(case: dict[str, object]) -> None:
    names = [marker_name(word.text) for word in split_raw(str(case["line"]))]
    assert [name.name for name in names if isinstance(name, HeredocName)] == case["names"]


@pytest.mark.parametrize("case", parser_cases("heredoc-words.json"), ids=lambda case: str(case["word"]))
def test_words_that_buildkit_takes_for_heredocs(case: dict[str, object]) -> None:
    name = marker_name(str(case["word"]))
    if case.get("error"):
        assert isinstance(name, ExpansionError)
    elif case["name"] is None:
        assert name is None
    else:
        assert isinstance(name, HeredocName)
        assert name.name == case["name"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EOF", HeredocName("EOF", quoted=False)),
        ("E'O'F", HeredocName("EOF", quoted=True)),
        ("eo\\'f", HeredocName("eo'f", quoted=False)),
        ("'e'o\\'f", HeredocName("eo'f", quoted=True)),
        ("'one two'", HeredocName("one two", quoted=True)),
        ("\\EOF", HeredocName("EOF", quoted=False)),
        ("$EOF", HeredocName("$EOF", quoted=False)),
        ("one two", None),
        ("''", None),
    ],
)
def test_quotes_in_the_name_of_a_heredoc(text: str, name: HeredocName | None) -> None:
    assert heredoc_name(text) == name


@pytest.mark.parametrize("text", ["EOF ''", "EOF'", "${}", "${A:-'}"])
def test_names_that_stop_the_build(text: str) -> None:
    assert isinstance(heredoc_name(text), ExpansionError)


def test_raw_words_keep_what_is_written() -> None:
    text = "cat <<  'E O' \\<< x $A ${B:-\"c d\"} e\\ f \"\\g\" '\\h'"
    words = [word.text for word in split_raw(text)]
    # In double quotes BuildKit doubles an escape that escapes nothing; values of operators are split.
    expected = ["cat", "<<  'E O'", "\\<<", "x", "$A", '${B:-"c', 'd"}', "e\\ f", '"\\\\g"', "'\\h'"]
    assert words == expected


@pytest.mark.parametrize("text", ["echo it's <<EOF", 'cat <<EOF "', "x=${} cat <<EOF", "n=${#a} cat <<EOF"])
def test_a_broken_line_has_no_words(text: str) -> None:
    assert split_raw(text) == ()


@given(st.lists(st.sampled_from([*"ab$'\"\\<- \t", "${a}", "<<", "<<E"]), max_size=25).map("".join))
def test_raw_words_are_in_order_and_in_range(text: str) -> None:
    words = split_raw(text)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(before.end <= after.start for before, after in pairwise(words) if before.start != after.start)
    if "$" not in text and "\\" not in text:
        assert all(word.text == text[word.start : word.end] for word in words)


@given(st.text())
def test_any_text_has_a_heredoc_name_or_none(text: str) -> None:
    assert isinstance(heredoc_name(text), HeredocName | ExpansionError | None)
