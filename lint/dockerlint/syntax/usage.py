"""What to say when a line is no instruction: how the instruction is used, and which word is too many or missing."""

from __future__ import annotations

from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.keywords import SHAPES
from dockerlint.syntax.lexer import Lexed
from dockerlint.syntax.nearest import nearest
from dockerlint.syntax.shapes import Mismatch
from dockerlint.syntax.tree import Heredoc, Problem, Token

_USAGE = {
    "ADD": "needs at least one source and a destination",
    "ARG": "needs at least one name",
    "COPY": "needs at least one source and a destination",
    "ENV": "needs at least one NAME=value",
    "EXPOSE": "needs at least one port",
    "FROM": "needs an image",
    "HEALTHCHECK": "needs NONE, or CMD and a command",
    "LABEL": "needs at least one name=value",
    "MAINTAINER": "needs a name",
    "ONBUILD": "needs an instruction",
    "SHELL": 'needs a JSON array of strings, such as ["/bin/bash", "-c"]',
    "STOPSIGNAL": "needs a signal",
    "USER": "needs a user",
    "VOLUME": "needs at least one path",
    "WORKDIR": "needs a path",
}

_TEMPLATE = "this looks like a template, so lint the file that is made from it"


def usage_problem(lexed: Lexed, mismatch: Mismatch) -> Problem:
    """The problem of a line whose tokens are no instruction."""
    name = lexed.keyword.text.upper()
    if name not in SHAPES:
        return _unknown(lexed)
    guilty = lexed.tokens[mismatch.at] if mismatch.at < len(lexed.tokens) else None
    if guilty is None or isinstance(guilty.value, Heredoc) or guilty.type == "EMPTY_ARRAY":
        return _too_little(lexed, guilty)
    if name == "HEALTHCHECK":
        return _healthcheck(lexed, guilty)
    if name == "SHELL":
        return Problem("DL1005", guilty.span, f"SHELL {_USAGE[name]}, not {quoted(lexed.arguments[0].text)}")
    return _too_much(lexed, mismatch.at)


def told_once(problems: list[Problem]) -> list[Problem]:
    """The problems with one for all lines of a template that are no instructions, instead of one for each."""
    unknown = [problem for problem in problems if problem.code == "DL1002"]
    first = next((problem for problem in unknown if problem.message.endswith(_TEMPLATE)), None)
    if first is None or len(unknown) == 1:
        return problems
    more = len(unknown) - 1
    others = "1 more line is none either" if more == 1 else f"{more} more lines are none either"
    told = first._replace(message=f"{first.message}; {others}")
    return [
        told if problem is first else problem for problem in problems if problem is first or problem.code != "DL1002"
    ]


def _unknown(lexed: Lexed) -> Problem:
    keyword = lexed.keyword
    word = keyword.text
    if not word:
        message = "the line has nothing but an escape character: remove it"
        return Problem("DL1002", lexed.keyword.span, message)
    first = word.split()[:1]
    if first != [word] and first and first[0].upper() in SHAPES:
        at = len(first[0])
        hint = f"replace the character U+{ord(word[at]):04X} after {first[0]} by a blank"
        return Problem("DL1002", keyword.span_of(at, at + 1), f"unknown instruction {quoted(word)}: {hint}")
    if "{{" in word or "}}" in word or "{%" in word:
        return Problem("DL1002", keyword.span, f"{quoted(word)} is no instruction: {_TEMPLATE}")
    near = nearest(word.upper(), SHAPES, limit=min(2, len(word) // 2))
    hint = (
        f"did you mean {near}?" if near else "if it belongs to the line above, end that line with the escape character"
    )
    return Problem("DL1002", keyword.span, f"unknown instruction {quoted(word)}: {hint}")


def _too_little(lexed: Lexed, guilty: Token | None) -> Problem:
    keyword = lexed.keyword
    name = keyword.text.upper()
    last = lexed.tokens[-1]
    if last.type == "AS":
        return Problem("DL1015", last.span, "AS has no stage name after it: add one, or drop AS")
    if last.type == "CHECK_CMD" or (name == "HEALTHCHECK" and guilty is not None):
        return Problem("DL1018", (guilty or last).span, "HEALTHCHECK CMD has no command: add one")
    if guilty is not None and guilty.type == "EMPTY_ARRAY":
        return Problem("DL1005", guilty.span, f"{name} {_USAGE[name]}, but the array is empty")
    if lexed.arguments:
        only = lexed.arguments[0]
        return Problem("DL1005", only.span, f"{name} {_USAGE[name]}, but there is only {quoted(only.text)}")
    return Problem(
        "DL1005", keyword.span, f"{name} {_USAGE[name]}, but {'only flags are' if lexed.flags else 'nothing is'} given"
    )


def _too_much(lexed: Lexed, at: int) -> Problem:
    """FROM with words that do not fit; all other instructions take as many as there are, or all as one."""
    guilty = lexed.tokens[at]
    word = next(word for word in lexed.arguments if word.span == guilty.span)
    if word.text.startswith("#"):
        message = f"a comment needs a line of its own: {quoted(word.text)} counts as a word of FROM here"
    elif any(token.type == "AS" for token in lexed.tokens[:at]):
        message = f"FROM ends with the name of the stage: remove {quoted(word.text)}"
    else:
        message = f"FROM takes one image: {quoted(word.text)} does not fit, write FROM IMAGE AS NAME to name the stage"
    return Problem("DL1005", guilty.span, message)


def _healthcheck(lexed: Lexed, guilty: Token) -> Problem:
    kind = lexed.arguments[0].text
    if guilty.type != "KIND":
        message = "HEALTHCHECK NONE takes nothing after it: remove the rest, or write CMD for a check"
    elif nearest(kind.upper(), ("NONE", "CMD")):
        message = f"HEALTHCHECK has no form {quoted(kind)}: did you mean {nearest(kind.upper(), ('NONE', 'CMD'))}?"
    else:
        message = f"HEALTHCHECK has no form {quoted(kind)}: write CMD before the command, or NONE"
    return Problem("DL1018", guilty.span, message)
