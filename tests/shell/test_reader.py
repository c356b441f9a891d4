from __future__ import annotations

import pytest

from dockerlint.shell.reader import read_script
from dockerlint.shell.script import Operator, Reach, ScopeKind
from dockerlint.source import JoinedText, Span
from tests.shell.support import joined, line_of, lines_of, script_of, sole


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("a b && c; d & e\nf", ["a b", "c", "d", "e", "f"]),
        ("a | b |& c || d", ["a", "b", "c", "d"]),
        ("{ a; b; } && (c; d)", ["a", "b", "c", "d"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("while a; do b; done; until c; do d; done", ["a", "b", "c", "d"]),
        ("for x in 1 2; do a $x; done", ["a <$x>"]),
        ("for ((i = 0; i < 3; i++)); do a; done", ["a"]),
        ("select x in 1 2; do a; done", ["a"]),
        ("case $x in a|b) c ;; (d) e; f;; *) g; esac", ["c", "e", "f", "g"]),
        ("f() { a; }; function g { b; }; h() ( c )", ["a", "b", "c"]),
        ('a $(b $(c)) `d` "$(e)"', ['a <$(b $(c))> <`d`> <"$(e)">', "b <$(c)>", "c", "d", "e"]),
        ("diff <(a) >(b)", ["diff <<(a)> <>(b)>", "a", "b"]),
        ("x=$(a) y=${z:-$(b)}", ["-", "a", "b"]),
        ("export A=$(a)", ["export <A=$(a)>", "a"]),
        ("! a; time b", ["a", "time b", "b"]),
        ("[ -f x ] && [[ $y == z* ]] && test -d w", ["[ -f x", "[[ <$y> == z*", "test -d w"]),
        ("(( x++ )) && a", ["((", "a"]),
        ("echo a # b; c", ["echo a"]),
        ("echo a#b", ["echo a#b"]),
        ("", []),
        ("# only a comment", []),
    ],
)
def test_commands_are_found_wherever_they_stand(text: str, commands: list[str]) -> None:
    script = script_of(text)
    assert lines_of(script) == commands
    assert script.errors == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/usr/bin/apt-get update", "apt-get"),
        ("./gradlew build", "gradlew"),
        ("'apt'-get update", "apt-get"),
        ("$PIP install x", None),
        ("A=b", None),
        ("> file", None),
    ],
)
def test_the_name_is_the_last_part_of_a_static_program(text: str, name: str | None) -> None:
    (command,) = script_of(text).commands
    assert command.name == name


def test_operators_stand_on_both_sides() -> None:
    script = script_of("a && b || c; d | e & f\ng")
    assert [(command.name, command.before, command.after) for command in script.commands] == [
        ("a", Operator.NONE, Operator.AND),
        ("b", Operator.AND, Operator.OR),
        ("c", Operator.OR, Operator.SEMICOLON),
        ("d", Operator.SEMICOLON, Operator.PIPE),
        ("e", Operator.PIPE, Operator.BACKGROUND),
        ("f", Operator.BACKGROUND, Operator.NEWLINE),
        ("g", Operator.NEWLINE, Operator.NONE),
    ]
    assert [command.name for command in script.commands if command.background] == ["d", "e"]


def test_a_pipeline_knows_its_pipes_and_members() -> None:
    text = "curl x | tee f |& sh && wc"
    script = script_of(text)
    (pipeline,) = script.pipelines
    assert [text[span.start : span.end] for span in pipeline.pipes] == ["|", "|&"]
    assert text[pipeline.span.start : pipeline.span.end] == "curl x | tee f |& sh"
    stages = [(command.name, command.stage) for command in script.commands if command.pipeline is pipeline]
    assert stages == [("curl", 0), ("tee", 1), ("sh", 2)]


def test_a_negated_pipeline_negates_its_commands() -> None:
    script = script_of("! a | b; c")
    assert [(command.name, command.negated) for command in script.commands] == [("a", True), ("b", True), ("c", False)]


def test_output_passes_through_the_pipeline_around_a_subshell_but_not_out_of_a_substitution() -> None:
    script = script_of('(curl x; y "$(z)") | sh')
    stages = {command.name: [stage for _, stage in command.pipelines()] for command in script.commands}
    assert stages == {"curl": [0], "y": [0], "z": [], "sh": [1]}


@pytest.mark.parametrize(
    ("text", "name", "reach"),
    [
        ("a && b", "b", Reach.ALWAYS),
        ("a; b", "b", Reach.ALWAYS),
        ("a || b", "b", Reach.ON_FAILURE),
        ("a || true && b", "b", Reach.ALWAYS),
        ("[ -f x ] && b; c", "b", Reach.MAYBE),
        ("[ -f x ] && b || c", "b", Reach.MAYBE),
        ("[ -f x ] && b || c", "c", Reach.MAYBE),
        ("[ -f x ] || b", "b", Reach.MAYBE),
        ("a | grep -q x && b; c", "b", Reach.MAYBE),
        ("command -v a && b; c", "b", Reach.MAYBE),
        ("! a && b; c", "b", Reach.MAYBE),
        # The last list decides whether the step succeeds: if it did, all of it ran.
        ("[ -f x ] && b", "b", Reach.ALWAYS),
        ("a || c && [ -f x ] && b", "b", Reach.ALWAYS),
        ("[ -f x ] && b &", "b", Reach.MAYBE),
        ("if b; then c; fi", "b", Reach.ALWAYS),
        ("if a; then b; fi", "b", Reach.MAYBE),
        ("if a; then c; elif b; then d; fi", "b", Reach.MAYBE),
        ("if a; then c; else b; fi", "b", Reach.MAYBE),
        ("case x in y) b;; esac", "b", Reach.MAYBE),
        ("for x in y z; do b; done", "b", Reach.ALWAYS),
        ("for x in $y z; do b; done", "b", Reach.ALWAYS),
        ("for x in $y *.z; do b; done", "b", Reach.MAYBE),
        ("for x; do b; done", "b", Reach.MAYBE),
        ("while b; do c; done", "b", Reach.ALWAYS),
        ("while a; do b; done", "b", Reach.MAYBE),
        ("while true; do b; break; done", "b", Reach.ALWAYS),
        ("until a; do b; done", "b", Reach.MAYBE),
        ("a || { c && b; }", "b", Reach.ON_FAILURE),
        ("a && (c && b)", "b", Reach.ALWAYS),
        ("f() { b; }", "b", Reach.MAYBE),
        ("f() { b; }; f", "b", Reach.ALWAYS),
        ("f() { b; }; g() { f; }; g x", "b", Reach.ALWAYS),
        ("f() { b; }; a || f", "b", Reach.MAYBE),
        ("f() { f; b; }; f", "b", Reach.ALWAYS),
        ("if a; then f() { b; }; fi; f", "b", Reach.MAYBE),
        ("x=$(b)", "b", Reach.ALWAYS),
        ("a || x=$(b)", "b", Reach.ON_FAILURE),
    ],
)
def test_what_runs_for_certain(text: str, name: str, reach: Reach) -> None:
    assert sole(text, name).reach is reach


def test_scopes_lead_outward() -> None:
    command = sole('f() { for x in 1; do (a "$(b)"); done; }', "b")
    assert [scope.kind for scope in command.scope.outward()] == [
        ScopeKind.SUBSTITUTION,
        ScopeKind.SUBSHELL,
        ScopeKind.LOOP,
        ScopeKind.GROUP,
        ScopeKind.FUNCTION,
        ScopeKind.SCRIPT,
    ]
    assert (command.scope.depth, command.scope.conditions, command.scope.subshells) == (5, 2, 2)
    loop = next(scope.loop for scope in command.scope.outward() if scope.loop)
    assert (loop.variable, [word.text for word in loop.words]) == ("x", ["1"])


def test_redirections_belong_to_the_command_they_follow() -> None:
    script = script_of("a 2>&1 >> f b && c < g | d &> h; { e; } > i; 3<> j k >&-")
    redirects = {
        line_of(command): [(r.descriptor, r.operator, r.target and r.target.text) for r in command.redirects]
        for command in script.commands
    }
    assert redirects == {
        "a b": [(2, ">&", "1"), (None, ">>", "f")],
        "c": [(None, "<", "g")],
        "d": [(None, "&>", "h")],
        "e": [],
        "k": [(3, "<>", "j"), (None, ">&-", None)],
    }
    group = sole("{ e; } > i", "e").scope
    assert [redirect.target and redirect.target.text for redirect in group.redirects] == ["i"]
    assert script.errors == ()


def test_assignments_stand_before_a_command_or_alone() -> None:
    script = script_of('A=1 B+="$C" D=( x y ) a E=2; F[0]=3; export G=4 H')
    assigned = [
        (command.name, [(a.name, a.value and a.value.text, a.append) for a in command.assignments])
        for command in script.commands
    ]
    assert assigned == [
        ("a", [("A", "1", False), ("B", None, True), ("D", None, False)]),
        (None, [("F", "3", False)]),
        ("export", [("G", "4", False), ("H", None, False)]),
    ]
    assert script.variables == {"C"}


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        # BuildKit keeps the lines of these elsewhere: the script ends with the line of the marker.
        ("cat <<EOF > f && b", ["cat", "b"]),
        ("cat <<A <<B | c; d", ["cat", "c", "d"]),
        ("<<EOF", ["-"]),
        ("cat <<EOF > f && b\na\n'$x\nEOF\nc", ["cat", "b", "c"]),
        ("cat <<A <<-'B' d\nx\nA\n\ty\n\tB\ne", ["cat d", "e"]),
        ('a "$(cat <<EOF\nb\nEOF\n)" c', ['a <"$(cat <<EOF\nb\nEOF\n)"> c', "cat"]),
        ("a $((1 << 2)); b", ["a <$((1 << 2))>", "b"]),
        ("a <<< 'b <<c'; d", ["a", "d"]),
        ("echo '<<EOF' # <<EOF\nb", ["echo <<EOF", "b"]),
    ],
)
def test_here_documents_do_not_derail_the_reading(text: str, commands: list[str]) -> None:
    script = script_of(text)
    assert lines_of(script) == commands
    assert script.errors == ()


def test_a_here_document_keeps_its_body() -> None:
    command = sole("cat <<-EOF <<'B'\n\ta $X\n\tEOF\nb $Y\nB", "cat")
    first, second = command.redirects
    assert (first.operator, first.body and first.body.text, first.expands) == ("<<-", "\ta $X\n", True)
    assert (second.operator, second.body and second.body.text, second.expands) == ("<<", "b $Y\n", False)
    assert script_of("cat <<-EOF <<'B'\n\ta $X\n\tEOF\nb $Y\nB").variables == {"X"}


def test_line_continuations_join_words() -> None:
    text = "apt-\\\nget in\\\nstall 'a\\\nb' \\\n c"
    (command,) = script_of(text).commands
    assert line_of(command) == "apt-get install a\\\nb c"
    assert [text[word.span.start : word.span.end] for word in command.words] == [
        "apt-\\\nget",
        "in\\\nstall",
        "'a\\\nb'",
        "c",
    ]


def test_words_point_into_the_file_across_pieces_and_wide_characters() -> None:
    file = 'RUN a é \\\n# comment\n  "ü$x" && \U0001f600 b\n'
    first, second = file.index("a é"), file.index('  "ü')
    text = JoinedText(file, (Span(first, first + 4), Span(second, len(file) - 1)))
    script = read_script(text)
    words = [file[word.span.start : word.span.end] for command in script.commands for word in command.words]
    assert words == ["a", "é", '"ü$x"', "\U0001f600", "b"]
    assert [file[command.span.start : command.span.end] for command in script.commands] == [
        'a é \\\n# comment\n  "ü$x"',
        "\U0001f600 b",
    ]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("a && (b x", ["a", "b x"]),
        ("a && && b c", ["a", "b c"]),
        ("a | | b c; d", ["a", "b c", "d"]),
        ("a &&", ["a"]),
        ("if a; then b x", ["a", "b x"]),
        ("a; echo 'open", ["a", "echo"]),
    ],
)
def test_broken_text_gives_what_can_be_read(text: str, commands: list[str]) -> None:
    script = script_of(text)
    assert lines_of(script) == commands
    assert script.errors
    assert all(0 <= span.start <= span.end <= len(text) for span in script.errors)


@pytest.mark.parametrize("dialect", ["fish", "csh", "python3"])
def test_other_shells_give_no_commands(dialect: str) -> None:
    script = read_script(joined("Get-Item x | Remove-Item"), dialect=dialect)
    assert (script.dialect, script.commands, script.errors) == (dialect, (), ())


def test_all_variables_are_gathered() -> None:
    script = script_of(
        'a $A ${B:-$C} "$D" $((E + 1)); for x in $F; do b; done; case $G in $H) c;; esac; (( I )); [[ $J ]]; d < $K'
    )
    assert script.variables == set("ABCDEFGHIJK")


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ('echo "apt-get install x" # sudo rm', ["echo apt-get install x"]),
        ('echo "$(sudo id)"', ['echo <"$(sudo id)">', "sudo id", "id"]),
        ("if ! command -v sudo; then a; fi", ["command -v sudo", "a"]),
        ("apk add sudo", ["apk add sudo"]),
        ("bash -ex <<EOF\na | tee b\nEOF", ["bash -ex", "a", "tee b"]),
    ],
)
def test_what_only_looks_like_a_command_is_none(text: str, commands: list[str]) -> None:
    assert lines_of(script_of(text)) == commands


def test_each_variable_of_a_word_is_seen() -> None:
    script = script_of("x http://h/$A/b-$C.d '$D' $")
    assert [word.variables for word in script.commands[0].arguments] == [("A", "C"), (), ()]
    assert script.variables == {"A", "C"}
