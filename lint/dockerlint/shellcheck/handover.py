"""A script as it is given to ShellCheck, and the way back from its lines and columns.

The text is what the shell gets: continuation lines are joined. ShellCheck then sees no line that the shell does not
see, and `JoinedText` knows where in the file each character stands. Two lines are put in: a comment that names the
dialect, and an `export` of the variables that the build sets. They stand behind the comments that the script begins
with, since what these say to ShellCheck counts for the whole script only in front of the first command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.semantics.scripts import ShellText
from dockerlint.semantics.stages import Step
from dockerlint.semantics.state import State
from dockerlint.shellcheck.codes import EXCLUDED
from dockerlint.source import JoinedText, LineIndex

#: The longest script that is handed over, in characters. A chain of 2,000 commands, of 24,000 characters, takes
#: ShellCheck 18 seconds, and the time grows with the square of the length. Real scripts have a few thousand characters.
LONGEST = 30_000

#: Build arguments that every build has: https://docs.docker.com/reference/dockerfile/#predefined-args
_PREDEFINED = frozenset({"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"})

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: A value that stays one word without quotes.
_ONE_WORD = re.compile(r"[^\s*?\[]+")
#: Empty lines and comments.
_OPENING = re.compile(r"(?:[ \t]*(?:\#[^\n]*)?\n)*")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


class Handover(NamedTuple):
    """A script made ready.

    `joined` is the script, `text` what ShellCheck reads: the script with `size` characters put in at the offset `at`.
    """

    text: str
    joined: JoinedText
    at: int
    size: int

    def offset(self, lines: LineIndex, line: int, column: int) -> int | None:
        """The offset in the script of a place in the text, given by its line and column, both from 1.

        `lines` are those of the text. None for a place in what was put in, or outside the text.
        """
        if not 0 < line <= lines.line_count:
            return None
        start, end = lines.line_span(line)
        offset = start + column - 1
        # A carriage return is part of the line here.
        if column < 1 or offset > end + 1:
            return None
        if offset < self.at:
            return offset
        offset -= self.size
        return offset if self.at <= offset <= len(self.joined.text) else None


def hand_over(script: ShellText, step: Step, dialect: str, *, lenient: bool) -> Handover:
    """Make a script ready for a dialect. `lenient` leaves out what is forbidden, but works in every shell there is."""
    joined = script.joined
    text = joined.text
    if "\0" in text or not text.isascii():
        text = _NOT_TEXT.sub(_replacement, text)
    opening = _OPENING.match(text)
    at = 0 if opening is None else opening.end()
    lines = (_directive(script, dialect, lenient=lenient), *_exports(step.before, text))
    inserted = "".join(f"{line}\n" for line in lines)
    return Handover(text[:at] + inserted + text[at:], joined, at, len(inserted))


def _replacement(match: re.Match[str]) -> str:
    """NUL, which no shell sees, as a blank; a byte that is no text as what stands for such."""
    return " " if match[0] == "\0" else "\ufffd"


def _directive(script: ShellText, dialect: str, *, lenient: bool) -> str:
    excluded = list(EXCLUDED)
    if "errexit" in script.options:
        excluded.append("SC2164")  # a `cd` that fails ends the script
    if lenient and dialect == "sh":
        excluded.append("SC3043")  # POSIX has no `local`, but every shell that is called sh has
    return f"# shellcheck shell={dialect} disable={','.join(excluded)}"


def _exports(state: State, text: str) -> Iterator[str]:
    """A line that says which variables come from outside, if the script names any.

    A value that is known to be one word is given as one, so that ShellCheck does not ask for quotes around it. The
    value itself stays here: it may be a secret.
    """
    words = frozenset(_WORD.findall(text))
    declared = [_export(state, name) for name in sorted(words) if state.declares(name) or name in _PREDEFINED]
    if declared:
        yield f"export {' '.join(declared)}"


def _export(state: State, name: str) -> str:
    value = state.environment.get(name)
    return f"{name}=1" if isinstance(value, str) and _ONE_WORD.fullmatch(value) else name
