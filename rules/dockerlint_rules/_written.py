"""What a build writes into files by itself: text that stands in the Dockerfile and ends up in a file of the image.

Understood are `echo`, `printf` and `cat` with a here-document, through a redirection or `tee`, heredocs of COPY and
ADD, and what `sed -i` puts into files. Settings of programs are often written this way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Step
from dockerlint.shell.options import NO_VALUES, Syntax, read_options
from dockerlint.shell.script import Command, Pipeline, Redirect, ScopeKind, Word
from dockerlint.source import JoinedText, Source, Span
from dockerlint.syntax.tree import Heredoc, Run, Transfer
from dockerlint_rules._runs import Placed, commands_of
from dockerlint_rules._values import value_of

_SAYING = frozenset({"cat", "echo", "printf"})
#: The programs whose texts in files are found here.
WRITERS = _SAYING | {"sed", "tee"}
_FILE_REDIRECTS = frozenset({">", ">>", ">|", "&>", "&>>"})
_SED = Syntax(valued=frozenset({"-e", "--expression", "-f", "--file", "-l", "--line-length"}))
_SED_TEXT = re.compile(r"(?:[0-9]+|\$|/(?:[^/\\\n]|\\.)*/)?[ \t]*[aic](?:\\\s*|[ \t]+|(?=[A-Z]))(.+)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

#: After so many lines that do not stand in the file as they are the others are not looked for.
_MOST_MISSED = 20
_PLACEHOLDER = re.compile(r"%[sb]")


class Line(NamedTuple):
    """One line of text. Expansions in it that are not known stay as they are written.

    `span` is the place of the line in the Dockerfile, or of all the words that make it where its text is not found
    there as it is.
    """

    text: str
    span: Span

    def place(self, part: str) -> Span:
        """The place of a part of the line, as near as it is known."""
        at = self.text.find(part)
        if at < 0 or len(self.text) != self.span.end - self.span.start:
            return self.span
        return Span(self.span.start + at, self.span.start + at + len(part))


class Written(NamedTuple):
    """Lines that are written into a file.

    `path` is the file as the instruction names it; an expansion that is not known stays in it as written. With
    `edited` the lines replace, or are put between, lines that the file has already. `command` is what writes them, None
    for COPY and ADD.
    """

    path: str
    lines: tuple[Line, ...]
    edited: bool = False
    command: Command | None = None


def written(placed: Placed, ctx: RuleContext) -> tuple[Written, ...]:
    """The texts that a RUN, COPY or ADD writes into files, in order."""
    return ctx.once(_written, placed) if isinstance(placed.node, (Run, Transfer)) else ()


def _written(placed: Placed, ctx: RuleContext) -> tuple[Written, ...]:
    if isinstance(placed.node, Transfer):
        return tuple(_copied(placed.node, placed.step, ctx.source)) if placed.node.heredocs else ()
    commands = commands_of(placed, ctx)
    tees: dict[tuple[Pipeline | None, int], Command] = {
        (command.pipeline, command.stage): command
        for command in commands
        if command.name == "tee" and command.pipeline is not None
    }
    found: list[Written] = []
    for command in commands:
        if command.name in _SAYING:
            paths = tuple(_files(command, tees))
            lines = said(command, ctx.source) if paths else ()
            found += (Written(path, lines, command=command) for path in paths)
        elif command.name == "tee" and _heredoc(command) is not None:
            lines = said(command, ctx.source)
            found += (Written(path, lines, command=command) for path in _operands(command))
        elif command.name == "sed":
            found += _edited(command, ctx.source)
    return tuple(found)


def as_written(word: Word) -> str:
    """The value of a word, with what is not known in it as it is written."""
    if word.text is not None:
        return word.text
    return "".join(part if isinstance(part, str) else part.raw for part in word.parts)


def _files(command: Command, tees: dict[tuple[Pipeline | None, int], Command]) -> Iterator[str]:
    """The files that the output of a command goes to."""
    own = tuple(_targets(command.redirects))
    if own:
        yield from own
        return
    piped = next(command.pipelines(), None)
    if piped is not None:
        tee = tees.get((piped[0], piped[1] + 1))
        yield from () if tee is None else _operands(tee)
        return
    for scope in command.scope.outward():
        if scope.kind is ScopeKind.SUBSTITUTION:
            return
        outer = tuple(_targets(scope.redirects))
        if outer:
            yield from outer
            return


def _targets(redirects: Sequence[Redirect]) -> Iterator[str]:
    for redirect in redirects:
        if redirect.operator in _FILE_REDIRECTS and redirect.descriptor in (None, 1) and redirect.target is not None:
            yield as_written(redirect.target)


def _operands(command: Command) -> tuple[str, ...]:
    return tuple(as_written(word) for word in read_options(command.arguments, NO_VALUES).operands)


def _heredoc(command: Command) -> JoinedText | None:
    return next((redirect.body for redirect in reversed(command.redirects) if redirect.body is not None), None)


def said(command: Command, source: Source) -> tuple[Line, ...]:
    """The lines that `echo`, `printf`, or `cat` and `tee` with a here-document put out."""
    if command.name in ("cat", "tee"):
        body = _heredoc(command)
        return () if body is None else tuple(_body_lines(body.text, body.span_of))
    words = command.arguments
    if command.name == "echo":
        while words and words[0].text in ("-e", "-n", "-E", "-en", "-ne"):
            words = words[1:]
        text = _unescaped(" ".join(as_written(word) for word in words))
    else:
        text = _formatted([as_written(word) for word in words])
    return _found_in(text, words, source)


def _formatted(texts: Sequence[str]) -> str:
    """What `printf` makes of a format and its arguments; the format is used again until no argument is left."""
    if not texts:
        return ""
    form, waiting = _unescaped(texts[0]), list(reversed(texts[1:]))
    parts = _PLACEHOLDER.split(form)
    if len(parts) == 1:
        return form.replace("%%", "%")
    said: list[str] = []
    while True:
        for at, part in enumerate(parts):
            said.append(part.replace("%%", "%"))
            if at < len(parts) - 1 and waiting:
                said.append(_unescaped(waiting.pop()))
        if not waiting:
            return "".join(said)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[0]), text) if "\\" in text else text


def _found_in(text: str, words: Sequence[Word], source: Source) -> tuple[Line, ...]:
    """The lines of a text that some words make; each is looked for where the words stand."""
    if not words:
        return ()
    region = words[0].span.cover(words[-1].span)
    lines = []
    at = region.start
    missed = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        start = source.text.find(line, at, region.end) if missed < _MOST_MISSED else -1
        if start < 0:
            missed += 1
            lines.append(Line(line, region))
        else:
            at = start + len(line)
            lines.append(Line(line, Span(start, at)))
    return tuple(lines)


def _body_lines(text: str, span_of: Callable[[int, int], Span]) -> Iterator[Line]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield Line(line, span_of(start, start + len(line)))
        start += len(line) + 1


def _copied(node: Transfer, step: Step, source: Source) -> Iterator[Written]:
    """The heredocs of a COPY or ADD; in a folder each has the name of its delimiter."""
    destination = value_of(step, node.destination)
    if destination is None:
        return
    for heredoc in node.heredocs:
        path = destination if len(node.sources) == 1 and not destination.endswith("/") else ""
        yield Written(path or f"{destination.rstrip('/')}/{heredoc.name}", tuple(_heredoc_lines(heredoc, source)))


def _heredoc_lines(heredoc: Heredoc, source: Source) -> Iterator[Line]:
    body = JoinedText(source.text, (heredoc.body,))
    return _body_lines(body.text, body.span_of)


def _edited(command: Command, source: Source) -> Iterator[Written]:
    """What `sed -i` puts into files: the replacements of its `s`, and the texts of its `a`, `i` and `c`."""
    options = read_options(command.arguments, _SED)
    if not any(flag.name.startswith(("-i", "--in-place")) for flag in options.flags):
        return
    scripts, files = tuple(options.values("-e", "--expression")), options.operands
    if not scripts:
        scripts, files = files[:1], files[1:]
    lines = [line for script in scripts for line in _found_in("\n".join(_sed_texts(script)), (script,), source)]
    for file in files if lines else ():
        yield Written(as_written(file), tuple(lines), edited=True, command=command)


def _sed_texts(script: Word) -> Iterator[str]:
    """The texts that a script of sed puts in; of an unusual script only those before what is not understood."""
    text = as_written(script)
    appended = _SED_TEXT.match(text)
    if appended is not None:
        yield _unescaped(appended[1])
        return
    at = text.find("s")
    while 0 <= at < len(text) - 1:
        sign = text[at + 1]
        if sign.isalnum() or sign in " \\\n;}":
            at = text.find("s", at + 1)
            continue
        replacement = _delimited(text, at + 2, sign)
        if replacement is None:
            return
        yield _unescaped(text[replacement.start : replacement.end].replace(f"\\{sign}", sign))
        at = text.find("s", replacement.end)


def _delimited(text: str, start: int, sign: str) -> Span | None:
    """The second of two parts that a sign ends; None if there are no two."""
    middle = _closing(text, start, sign)
    end = -1 if middle < 0 else _closing(text, middle + 1, sign)
    return None if end < 0 else Span(middle + 1, end)


def _closing(text: str, start: int, sign: str) -> int:
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == sign:
            return at
        at += 1
    return -1
