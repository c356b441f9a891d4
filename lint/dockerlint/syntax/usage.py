"""What to say when a line is no instruction: how the instruction is used, and which word is too many or
missing.
"""

from __future__ import annotations

from dockerlint.syntax.grammar import Mismatch
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.keywords import SHAPES
from dockerlint.syntax.lexer import Lexed
from dockerlint.syntax.nearest import nearest
from dockerlint.syntax.tree import Problem

_USAGE = {
    "ADD": "takes at least one source and a destination",
    "ARG": "takes at least one name",
    "COPY": "takes at least one source and a destination",
    "ENV": "takes at least one name=value",
    "EXPOSE": "takes at least one port",
    "FROM": "takes an image and, if wanted, AS and a stage name",
    "HEALTHCHECK": "takes NONE, or CMD and a command",
    "LABEL": "takes at least one name=value",
    "MAINTAINER": "takes a name",
    "ONBUILD": "takes an instruction",
    "SHELL": 'takes a JSON array of strings, such as ["/bin/bash", "-c"]',
    "STOPSIGNAL": "takes a signal",
    "USER": "takes a user",
    "VOLUME": "takes at least one path",
    "WORKDIR": "takes a path",
}


def usage_problem(lexed: Lexed, mismatch: Mismatch) -> Problem:
    """The problem of a line whose tokens are no instruction."""
    keyword = lexed.keyword
    name = keyword.text.upper()
    if name not in SHAPES:
        return _unknown(lexed)
    usage = f"{name} {_USAGE[name]}"
    if mismatch.at >= len(lexed.tokens):
        if name == "FROM" and lexed.tokens[-1].type == "AS":
            return Problem("DL1015", lexed.tokens[-1].span, "AS has no stage name after it: add one, or drop AS")
        if name == "HEALTHCHECK" and len(lexed.tokens) > 1:
            return Problem("DL1018", lexed.tokens[-1].span, "HEALTHCHECK CMD has no command: add one")
        what = "nothing is given" if not lexed.arguments else "there is only one word"
        return Problem("DL1005", keyword.span, f"{usage}, but {what}")
    guilty = lexed.tokens[mismatch.at]
    if name == "HEALTHCHECK":
        return _healthcheck(lexed, mismatch)
    if name == "SHELL":
        return Problem("DL1000", guilty.span, f"{usage}: the builder accepts no other form")
    text = lexed.arguments[-1].text if not hasattr(guilty.value, "text") else guilty.value.text
    return Problem("DL1005", guilty.span, f"{usage}: {quoted(text)} does not fit there")


def _unknown(lexed: Lexed) -> Problem:
    word = lexed.keyword.text
    near = nearest(word.upper(), SHAPES)
    hint = f"did you mean {near}?" if near else "a line ended too early, or it is no instruction"
    return Problem("DL1002", lexed.keyword.span, f"unknown instruction {quoted(word)}: {hint}")


def _healthcheck(lexed: Lexed, mismatch: Mismatch) -> Problem:
    guilty = lexed.tokens[mismatch.at]
    if guilty.type == "KIND":
        message = f"HEALTHCHECK has no form {quoted(lexed.arguments[0].text)}: write NONE, or CMD and a command"
    elif guilty.type == "EMPTY_ARRAY":
        message = "HEALTHCHECK CMD has no command: add one"
    else:
        message = "HEALTHCHECK NONE takes nothing after it: remove the rest"
    return Problem("DL1018", guilty.span, message)
