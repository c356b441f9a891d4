"""The header of a file: the comments at its top that are parser directives.

BuildKit reads them twice. Its line parser, which obeys `escape`, takes the white space before a comment away first. The
scan for `syntax` and `check` does not, but it passes over a `#!` line. Either ends at the first line that is no
directive, and look-alikes after that are comments.
"""

from __future__ import annotations

import json
import re

from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Directive, Problem

KNOWN_DIRECTIVES = ("syntax", "escape", "check")

_GO_REGEXP_SPACE = r"[\t\n\f\r ]"
_BODY = rf"{_GO_REGEXP_SPACE}*([a-zA-Z][a-zA-Z0-9]*){_GO_REGEXP_SPACE}*={_GO_REGEXP_SPACE}*([^\n]*)"
_DIRECTIVE = re.compile(f"#{_BODY}")
_FOREIGN_DIRECTIVE = re.compile(f"//{_BODY}")
_SHEBANG = re.compile(r"#![^\n]*\n?")


class Header:
    """Takes the lines at the top of a file one by one; `directives`, `problems` and `escape` are filled on the way.

    `start` is the offset of the text after the byte order mark.
    """

    def __init__(self, text: str, start: int) -> None:
        self._start = start
        self._has_shebang = text.startswith("#!", start)
        self._parser_reads = True
        self._scan_goes_on = True
        self._seen: set[str] = set()
        self.escape = "\\"
        self.directives: list[Directive] = []
        self.problems: list[Problem] = []
        foreign = read_foreign_syntax(text, start)
        if foreign is not None:
            self.directives.append(foreign)

    def end(self) -> None:
        """A line that is no comment has been met."""
        self._parser_reads = self._scan_goes_on = False

    def take(self, text: str, span: Span, *, indented: bool) -> bool:
        """Whether the comment at `span` is a directive with an effect. What is none ends the header."""
        if not self._parser_reads and not self._scan_goes_on:
            return False
        directive = read_directive(text, span)
        if directive is None:
            self._parser_reads = False
            self._scan_goes_on = self._scan_goes_on and self._has_shebang and span.start == self._start
            return False
        self._scan_goes_on = self._scan_goes_on and not indented
        if directive.name in self._seen:
            if not self._parser_reads:
                return False
            message = f"parser directive {quoted(directive.name)} is given twice: the builder accepts it only once"
            self.problems.append(Problem("DL1010", directive.name_span, message))
            return True
        self._seen.add(directive.name)
        reads = self._parser_reads if directive.name == "escape" else self._scan_goes_on
        if reads:
            self.directives.append(directive)
        if reads and directive.name == "escape":
            self._set_escape(directive)
        return reads

    def _set_escape(self, directive: Directive) -> None:
        if directive.value in ("\\", "`"):
            self.escape = directive.value
            return
        message = f"escape character {quoted(directive.value)} is not accepted: use a backslash or a backtick"
        self.problems.append(Problem("DL1010", directive.value_span, message))


def read_directive(text: str, span: Span) -> Directive | None:
    """The directive that the comment `text` at `span` would be at the top of a file; None if its name is not known."""
    return _directive(_DIRECTIVE.match(text), span.start)


def _directive(match: re.Match[str] | None, at: int) -> Directive | None:
    if match is None:
        return None
    name, value = match.group(1).lower(), match.group(2).rstrip("\t\n\f\r ")
    if name not in KNOWN_DIRECTIVES or not value:
        return None
    value_at = at + match.start(2)
    value_span = Span(value_at, value_at + len(value))
    name_span = Span(at + match.start(1), at + match.end(1))
    return Directive(name, value, Span(at, at + match.end()), name_span, value_span)


def read_foreign_syntax(text: str, start: int) -> Directive | None:
    """The `syntax` directive in another dress: `// syntax=…` at the top, or a file that is a JSON object with that key.

    BuildKit then hands the file to the frontend that is named there. `start` is the offset after the byte order mark;
    of an object, both name and value stand for the whole text.
    """
    shebang = _SHEBANG.match(text, start)
    at = start if shebang is None else shebang.end()
    if text.startswith("{", at):
        return _json_syntax(text, at)
    while (match := _FOREIGN_DIRECTIVE.match(text, at)) is not None:
        directive = _directive(match, 0)
        if directive is None or directive.name == "syntax":
            return directive
        at = match.end() + 1
    return None


def _json_syntax(text: str, at: int) -> Directive | None:
    try:
        value = json.loads(text[at:])
    except (ValueError, RecursionError):
        return None
    syntax = value.get("syntax") if isinstance(value, dict) else None
    if not isinstance(syntax, str) or not syntax:
        return None
    span = Span(at, len(text))
    return Directive("syntax", syntax, span, span, span)
