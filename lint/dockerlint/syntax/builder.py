"""Rules of the grammar to typed nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from dockerlint.source import JoinedText, Span
from dockerlint.syntax.grammar import Rule
from dockerlint.syntax.tree import (
    Add,
    Arg,
    Broken,
    Cmd,
    CommandLine,
    Comment,
    Copy,
    Declaration,
    Entrypoint,
    Env,
    Expose,
    Flag,
    Form,
    From,
    Healthcheck,
    Heredoc,
    Instruction,
    Label,
    Maintainer,
    Onbuild,
    Pair,
    Run,
    Shell,
    Stopsignal,
    Token,
    User,
    Volume,
    Word,
    Workdir,
)


class Fields(NamedTuple):
    """What every node has, see `Instruction`; made before it is known which node it will be."""

    keyword: Word
    flags: tuple[Flag, ...]
    arguments: tuple[Word, ...]
    form: Form
    heredocs: tuple[Heredoc, ...]
    span: Span
    line: JoinedText
    comments: tuple[Comment, ...]
    blank_lines: tuple[Span, ...]
    dangling: bool


def build_broken(fields: Fields) -> Broken:
    """The node of a line that is no instruction."""
    return Broken(**fields._asdict())


def build(fields: Fields, rule: Rule, trigger: Instruction | None) -> Instruction:
    """The typed node of a rule. `trigger` is the inner instruction of an ONBUILD."""
    if trigger is not None:
        return Onbuild(**fields._asdict(), trigger=trigger)
    node, own_fields = _NODES[rule.name]
    return node(**fields._asdict(), **own_fields(rule))


def _word(token: Token) -> Word:
    assert isinstance(token.value, Word)  # only FLAG and HEREDOC tokens carry something else
    return token.value


def _only(rule: Rule, kind: str) -> Word:
    return _word(rule.tokens(kind)[0])


def _words(rule: Rule) -> tuple[Word, ...]:
    return tuple(_word(token) for token in rule.tokens("WORD") + rule.tokens("STRING"))


def _from(rule: Rule) -> dict[str, object]:
    image, name = rule.rule("image"), rule.rule("stage_name")
    assert image is not None
    return {"image": _words(image)[0], "stage_name": _words(name)[0] if name else None}


def _declaration(token: Token) -> Declaration:
    word = _word(token)
    equals = word.text.find("=")
    if equals < 0:
        return Declaration(word, None, word.span)
    return Declaration(word.part(0, equals), word.part(equals + 1, len(word.text)), word.span)


def _arg(rule: Rule) -> dict[str, object]:
    return {"declarations": tuple(_declaration(token) for token in rule.tokens("NAME"))}


def _transfer(rule: Rule) -> dict[str, object]:
    *sources, destination = _words(rule)
    return {"sources": tuple(sources), "destination": destination}


def _pair(rule: Rule) -> Pair:
    legacy = rule.name == "legacy_pair"
    key, value = _only(rule, "KEY"), _only(rule, "LEGACY_VALUE" if legacy else "VALUE")
    return Pair(key, value, key.span.cover(value.span), legacy)


def _pairs(rule: Rule) -> dict[str, object]:
    return {"pairs": tuple(_pair(part) for part in rule.rules("pair") + rule.rules("legacy_pair"))}


def _command_line(rule: Rule) -> CommandLine:
    if exec_form := rule.rule("exec_form"):
        return CommandLine(Form.EXEC, words=_words(exec_form))
    if shell_form := rule.rule("shell_form"):
        return CommandLine(Form.SHELL, script=_only(shell_form, "TEXT").joined)
    return CommandLine(Form.NONE)


def _command(rule: Rule) -> dict[str, object]:
    return {"command": _command_line(rule)}


def _healthcheck(rule: Rule) -> dict[str, object]:
    if rule.tokens("NONE"):
        return {"kind": _only(rule, "NONE"), "command": None}
    return {"kind": _only(rule, "CHECK_CMD"), "command": _command_line(rule)}


_NODES: dict[str, tuple[Callable[..., Instruction], Callable[[Rule], dict[str, Any]]]] = {
    "add": (Add, _transfer),
    "arg": (Arg, _arg),
    "cmd": (Cmd, _command),
    "copy": (Copy, _transfer),
    "entrypoint": (Entrypoint, _command),
    "env": (Env, _pairs),
    "expose": (Expose, lambda rule: {"ports": _words(rule)}),
    "from": (From, _from),
    "healthcheck": (Healthcheck, _healthcheck),
    "label": (Label, _pairs),
    "maintainer": (Maintainer, lambda rule: {"maintainer": _only(rule, "TEXT")}),
    "run": (Run, _command),
    "shell": (Shell, lambda rule: {"words": _words(rule)}),
    "stopsignal": (Stopsignal, lambda rule: {"signal": _only(rule, "TEXT")}),
    "user": (User, lambda rule: {"user": _only(rule, "TEXT")}),
    "volume": (Volume, lambda rule: {"paths": _words(rule)}),
    "workdir": (Workdir, lambda rule: {"path": _only(rule, "TEXT")}),
}
