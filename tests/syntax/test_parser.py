"""The tree: which node each instruction becomes, what its fields hold, and where they stand in the file."""

from __future__ import annotations

import pytest

from dockerlint.source import Source, Span
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import (
    Add,
    Arg,
    Broken,
    Cmd,
    CommandLine,
    Copy,
    Dockerfile,
    Entrypoint,
    Env,
    Expose,
    Form,
    From,
    Healthcheck,
    Instruction,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Word,
    Workdir,
)


def dockerfile_of(text: str) -> Dockerfile:
    return parse(Source("Dockerfile", text))


def only(text: str) -> Instruction:
    (node,) = dockerfile_of(text).instructions
    return node


def texts(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in words]


def command(line: CommandLine | None) -> object:
    """The words of the exec form, the text of the shell form, None without a command."""
    assert line is not None
    if line.form is Form.EXEC:
        return texts(line.words)
    return None if line.script is None else line.script.text


def test_from() -> None:
    node = only("FROM --platform=linux/arm64 debian:12 AS Base")
    assert isinstance(node, From)
    assert node.image.text == "debian:12"
    assert node.stage_name is not None
    assert node.stage_name.text == "Base"
    platform = node.flag("platform")
    assert platform is not None
    assert platform.value is not None
    assert platform.value.text == "linux/arm64"
    unnamed = only("from debian")
    assert isinstance(unnamed, From)
    assert unnamed.stage_name is None


def test_arg() -> None:
    node = only("ARG A B=1 C='x y' D=")
    assert isinstance(node, Arg)
    assert [(d.name.text, None if d.default is None else d.default.text) for d in node.declarations] == [
        ("A", None),
        ("B", "1"),
        ("C", "'x y'"),
        ("D", ""),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "pairs"),
    [
        ('ENV A=1 B="x y" C=', Env, [("A", "1", False), ("B", '"x y"', False), ("C", "", False)]),
        ("ENV A x  y = z ", Env, [("A", "x  y = z", True)]),
        ("LABEL a.b='c' \"d e\"=f", Label, [("a.b", "'c'", False), ('"d e"', "f", False)]),
        ("ENV A=x\\ y=z", Env, [("A", "x\\ y=z", False)]),
    ],
)
def test_env_and_label(text: str, kind: type[Env | Label], pairs: list[tuple[str, str, bool]]) -> None:
    node = only(text)
    assert isinstance(node, kind)
    assert [(pair.key.text, pair.value.text, pair.legacy) for pair in node.pairs] == pairs


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("RUN echo  a", Form.SHELL, "echo  a"),
        ('RUN ["echo", "\\u0061\\n"]', Form.EXEC, ["echo", "a\n"]),
        ("RUN ['echo']", Form.SHELL, "['echo']"),
        ("RUN", Form.NONE, None),
        ("RUN --network=none true", Form.SHELL, "true"),
    ],
)
def test_run(text: str, form: Form, words: object) -> None:
    node = only(text)
    assert isinstance(node, Run)
    assert (node.form, node.command.form, command(node.command)) == (form, form, words)


@pytest.mark.parametrize(
    ("text", "kind", "sources", "destination"),
    [
        ("COPY a b /c/", Copy, ["a", "b"], "/c/"),
        ('COPY ["a b", "/c"]', Copy, ["a b"], "/c"),
        ("ADD --chown=1 https://example.com/x /y", Add, ["https://example.com/x"], "/y"),
        ("COPY <<a b /c\nx\na\n", Copy, ["<<a", "b"], "/c"),
    ],
)
def test_copy_and_add(text: str, kind: type[Copy | Add], sources: list[str], destination: str) -> None:
    node = only(text)
    assert isinstance(node, kind)
    assert (texts(node.sources), node.destination.text) == (sources, destination)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("CMD run --fast", Cmd, "run --fast"),
        ("CMD []", Cmd, []),
        ("CMD", Cmd, None),
        ('ENTRYPOINT [ "a" , "b" ]', Entrypoint, ["a", "b"]),
        ("ENTRYPOINT a", Entrypoint, "a"),
    ],
)
def test_cmd_and_entrypoint(text: str, kind: type[Cmd | Entrypoint], words: object) -> None:
    node = only(text)
    assert isinstance(node, kind)
    assert command(node.command) == words


def test_healthcheck() -> None:
    check = only("HEALTHCHECK --interval=5s --retries=3 cmd curl x")
    assert isinstance(check, Healthcheck)
    assert (check.kind.text, command(check.command)) == ("cmd", "curl x")
    assert [flag.text for flag in check.flags] == ["--interval=5s", "--retries=3"]
    listed = only('HEALTHCHECK CMD ["a"]')
    assert isinstance(listed, Healthcheck)
    assert command(listed.command) == ["a"]
    none = only("HEALTHCHECK NONE")
    assert isinstance(none, Healthcheck)
    assert none.command is None


def test_instructions_of_one_string() -> None:
    workdir, user, signal, maintainer = dockerfile_of(
        'WORKDIR  /a b \nUSER "a":b\nSTOPSIGNAL SIGTERM\nMAINTAINER The <authors>\n'
    ).instructions
    assert isinstance(workdir, Workdir)
    assert workdir.path.text == "/a b"
    assert isinstance(user, User)
    assert user.user.text == '"a":b'
    assert isinstance(signal, Stopsignal)
    assert signal.signal.text == "SIGTERM"
    assert isinstance(maintainer, Maintainer)
    assert maintainer.maintainer.text == "The <authors>"


def test_lists() -> None:
    volume, listed, expose, shell = dockerfile_of(
        'VOLUME /a "/b c"\nVOLUME ["/a", "/b c"]\nEXPOSE 80 $P/udp\nSHELL ["/bin/bash", "-c"]\n'
    ).instructions
    assert isinstance(volume, Volume)
    assert texts(volume.paths) == ["/a", '"/b', 'c"']
    assert isinstance(listed, Volume)
    assert texts(listed.paths) == ["/a", "/b c"]
    assert isinstance(expose, Expose)
    assert texts(expose.ports) == ["80", "$P/udp"]
    assert isinstance(shell, Shell)
    assert texts(shell.words) == ["/bin/bash", "-c"]


def test_onbuild_holds_a_whole_instruction() -> None:
    node = only("onbuild copy --from=a b c")
    assert isinstance(node, Onbuild)
    trigger = node.trigger
    assert isinstance(trigger, Copy)
    assert (trigger.name, texts(trigger.sources), trigger.flags[0].text) == ("COPY", ["b"], "--from=a")
    assert texts(node.arguments) == ["copy", "b", "c"]
    assert node.flags == ()


def test_heredocs_of_a_trigger_belong_to_it() -> None:
    node = only("ONBUILD RUN <<E\nx\nE\n")
    assert isinstance(node, Onbuild)
    assert [heredoc.content for heredoc in node.trigger.heredocs] == ["x\n"]


@pytest.mark.parametrize(
    "text",
    [
        "FOO",
        "FROM",
        "COPY a",
        "SHELL a",
        "HEALTHCHECK x",
        "ENV a",
        "ENV a=b c",
        "WORKDIR",
        "VOLUME []",
        "FROM a b c d",
        "\\",
    ],
)
def test_what_is_no_instruction_is_broken(text: str) -> None:
    dockerfile = dockerfile_of(text)
    assert isinstance(dockerfile.instructions[0], Broken)
    assert any(problem.fatal for problem in dockerfile.problems)


def test_reading_goes_on_behind_a_broken_line() -> None:
    dockerfile = dockerfile_of("FROM a\nCOPY x\nFOO\nRUN true\nENV a\nUSER u\n")
    assert [type(node) for node in dockerfile.instructions] == [From, Broken, Broken, Run, Broken, User]
    assert [problem.code for problem in dockerfile.problems] == ["DL1005", "DL1002", "DL1021"]


def test_words_of_a_continued_line_know_their_places() -> None:
    text = "COPY a\\\n# comment\n\n  b \\\n  /c\n"
    dockerfile = dockerfile_of(text)
    (node,) = dockerfile.instructions
    assert isinstance(node, Copy)
    assert node.line.text == "COPY a  b   /c"
    assert [text[word.span.start : word.span.end] for word in (*node.sources, node.destination)] == ["a", "b", "/c"]
    assert [text[span.start : span.end] for span in node.blank_lines] == [""]
    assert [(comment.text, comment.inside) for comment in dockerfile.comments] == [("# comment", True)]


def test_a_word_may_go_on_in_the_next_line() -> None:
    text = "WORKDIR /a\\\nb\n"
    node = only(text)
    assert isinstance(node, Workdir)
    assert node.path.text == "/ab"
    assert node.path.span == Span(text.index("/"), text.index("b") + 1)
    assert node.path.span_of(2, 3) == Span(text.index("b"), text.index("b") + 1)


def test_decoded_strings_are_placed_as_a_whole() -> None:
    text = 'CMD ["plain", "\\u0061"]'
    node = only(text)
    assert isinstance(node, Cmd)
    plain, decoded = node.command.words
    assert text[slice(*plain.span)] == '"plain"'
    assert text[slice(*plain.span_of(0, 2))] == "pl"
    assert (decoded.text, decoded.joined) == ("a", None)
    assert text[slice(*decoded.span_of(0, 1))] == '"\\u0061"'


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("--from=a", [("from", "a")]),
        ("--link --from=", [("link", None), ("from", "")]),
        ("--exclude='a b' --exclude=c\\ d", [("exclude", "a b"), ("exclude", "c d")]),
        ('--"from"=\\"a', [("from", '"a')]),
        ("--chown=é", [("chown", "Ã©")]),
        ("-- --from=a", []),
    ],
)
def test_flags_are_unquoted_as_bytes(written: str, read: list[tuple[str, str | None]]) -> None:
    node = only(f"COPY {written} x /y")
    assert [(flag.name, None if flag.value is None else flag.value.text) for flag in node.flags] == read


def test_a_byte_that_looks_like_white_space_ends_a_flag() -> None:
    node = only("COPY --chown=voilà:x a b")
    assert [flag.text for flag in node.flags] == ["--chown=voilÃ"]
    assert texts(node.arguments) == [":x", "a", "b"]


@pytest.mark.parametrize("escape", ["\\", "`"])
def test_the_escape_character_is_that_of_the_directive(escape: str) -> None:
    dockerfile = dockerfile_of(f"# escape={escape}\nFROM a\nRUN x {escape}\n  y\n")
    assert dockerfile.escape == escape
    assert [node.line.text for node in dockerfile.instructions] == ["FROM a", "RUN x   y"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("RUN a\\\nb", ["RUN ab"]),
        ("RUN a\\  \nb", ["RUN ab"]),
        ("RUN a\\\\\nUSER b", ["RUN a\\\\", "USER b"]),
        ("RUN a\\\n# c \\\nb", ["RUN ab"]),
        ("RUN a\\\n\n\t\nb", ["RUN ab"]),
        ("RUN a\\", ["RUN a"]),
        ("RUN a\\\r\nb\r\n", ["RUN ab"]),
        ("\\\nRUN a", ["RUN a"]),
        ("RUN a \\ # b\nUSER c", ["RUN a \\ # b", "USER c"]),
    ],
)
def test_lines_are_joined(text: str, lines: list[str]) -> None:
    assert [node.line.text for node in dockerfile_of(text).instructions] == lines


def test_a_file_that_ends_in_a_continuation() -> None:
    first, last = dockerfile_of("FROM a\nRUN b \\\n# c\n").instructions
    assert (first.dangling, last.dangling) == (False, True)


def test_the_block_of_comments_above_belongs_to_an_instruction() -> None:
    first, second, third = dockerfile_of("# a\n\n# b\nFROM x\n# c\n#\n# d\nRUN y\nUSER z\n").instructions
    assert [comment.text for comment in first.comments] == ["# a", "# b"]
    assert [comment.text for comment in second.comments] == ["# d"]
    assert third.comments == ()


def test_heredocs_are_read_in_order() -> None:
    text = "RUN <<a cat <<-'b'\n1\na\n\t2\n\tb\nUSER x\n"
    run, user = dockerfile_of(text).instructions
    first, second = run.heredocs
    assert (first.name, first.expand, first.strip_tabs, first.content) == ("a", True, False, "1\n")
    assert (second.name, second.expand, second.strip_tabs, second.content) == ("b", False, True, "\t2\n")
    assert second.terminator is not None
    assert text[slice(*second.terminator)] == "\tb"
    assert text[slice(*first.marker)] == "<<a"
    assert run.span.end == second.terminator.end
    assert isinstance(user, User)


@pytest.mark.parametrize("text", ['RUN ["<<E"]\n', "USER <<E\n", "CMD cat <<E\n", 'RUN "<<E"\n', "RUN <<<E\n"])
def test_where_no_heredoc_begins(text: str) -> None:
    assert only(text).heredocs == ()


def test_a_flag_is_the_last_one_with_a_value() -> None:
    node = only("COPY --chown=1 --chown= --link --parents=false a b")
    chown = node.flag("chown")
    assert chown is not None
    assert chown.text == "--chown=1"
    assert node.flag("from") is None
    assert (node.flag_is_on("link"), node.flag_is_on("parents"), node.flag_is_on("from")) == (True, False, False)
