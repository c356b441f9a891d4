"""File modes as `--chmod` of COPY and ADD takes them: octal, or symbolic as for chmod(1)."""

from __future__ import annotations

from typing import NamedTuple

from dockerlint.syntax.integers import parse_unsigned
from dockerlint.syntax.invalid import Invalid, quoted

SET_USER = 0o4000
SET_GROUP = 0o2000
STICKY = 0o1000
HIGHEST_MODE = 0o7777

_ALL = SET_USER | SET_GROUP | 0o777
_EXECUTE = 0o111
_WHO = {"u": SET_USER | 0o700, "g": SET_GROUP | 0o070, "o": 0o007, "a": _ALL}
_BITS = {"r": 0o444, "w": 0o222, "x": _EXECUTE, "X": _EXECUTE, "s": SET_USER | SET_GROUP, "t": STICKY}
_SHIFTS = {"u": 6, "g": 3, "o": 0}
_OPERATORS = "+-="
_PERMISSIONS = "rwxXstugo"


class ModeAction(NamedTuple):
    """One operator of a symbolic mode with whom it concerns (`ugoa`, blank for all) and its letters (`rwxXstugo`)."""

    who: str
    operator: str
    permissions: str


class OctalMode(NamedTuple):
    """A mode given as a number: the same for everything that is copied, and for the folders made on the way."""

    bits: int

    def apply(self, mode: int, folder: bool) -> int:
        """The permission bits of a copy; neither those of the original nor its kind matter."""
        del mode, folder
        return self.bits


class SymbolicMode(NamedTuple):
    """A mode given as changes to the one of the original, applied from left to right."""

    actions: tuple[ModeAction, ...]

    def apply(self, mode: int, folder: bool) -> int:
        """The permission bits of the copy of a file or folder that has the bits `mode` (0 to 07777).

        BuildKit applies the changes without a file creation mask.
        """
        changed = mode & HIGHEST_MODE
        for action in self.actions:
            changed = _applied(action, changed, folder or bool(mode & _EXECUTE))
        return changed


def parse_mode(text: str) -> OctalMode | SymbolicMode | Invalid:
    """The value of `--chmod`: octal digits up to 07777, or clauses such as `u=rwX,go-w`.

    A clause is any of `ugoa`, then one or more operators `+ - =`, each followed by any of `rwxXst` or `ugo`. BuildKit
    checks an octal mode when it converts the file, but a symbolic one only while it builds.
    """
    bits = parse_unsigned(text, 8, 32)
    if bits is not None and bits <= HIGHEST_MODE:
        return OctalMode(bits)
    if not text or bits is not None or text[0] in "0123456789":
        return Invalid(f"{quoted(text)} is not an octal mode between 0 and 07777", 0, len(text), "octal")
    actions: list[ModeAction] = []
    at = 0
    while True:
        at = _read_clause(text, at, actions)
        if at == len(text) and actions:
            return SymbolicMode(tuple(actions))
        if at < 0 or text[at : at + 1] != ",":
            return _not_symbolic(text, ~at if at < 0 else at)
        at += 1


def _read_clause(text: str, start: int, actions: list[ModeAction]) -> int:
    """Add the actions of the clause at `start`; the offset after it, or its complement where no operator stands."""
    at = start
    while text[at : at + 1] in _WHO:
        at += 1
    who = text[start:at]
    first = at
    while text[at : at + 1] and text[at] in _OPERATORS:
        operator, begin = text[at], at + 1
        at = begin
        while text[at : at + 1] and text[at] in _PERMISSIONS:
            at += 1
        actions.append(ModeAction(who, operator, text[begin:at]))
    return at if at > first else ~at


def _not_symbolic(text: str, at: int) -> Invalid:
    found = f"{quoted(text[at])} is not understood" if at < len(text) else "its end is missing"
    reason = f"{quoted(text)} is not a mode such as '644' or 'u=rwX,go=rX': {found}"
    return Invalid(reason, at, len(text), "symbolic")


def _applied(action: ModeAction, mode: int, executable: bool) -> int:
    """The mode after one action; `executable` tells what `X` asks of the original.

    The letters `ugo` act at once, with what was gathered before them; the others act together at the end. So `u=gx`
    is x alone, because `=` takes the copied bits away again. Once a `t` stands in an action without `ugoa`, the
    action is about the sticky bit only. Both are as in BSD's setmode(3), which BuildKit's reader of modes comes from.
    """
    who = 0
    for letter in action.who:
        who |= _WHO[letter]
    gathered, conditional = 0, 0
    finished = action.operator != "="
    for letter in action.permissions:
        if letter in _SHIFTS:
            if gathered:
                mode = _changed(action.operator, who, gathered, mode)
            mode = _changed("+", who, conditional, mode)
            gathered, conditional, finished = 0, 0, True
            mode = _copied(action.operator, who, mode >> _SHIFTS[letter] & 0o007, mode)
        elif letter == "X" and action.operator != "-":
            conditional = _EXECUTE if executable else 0
        elif letter not in "st":
            gathered |= _BITS[letter]
        elif not who or who & ~0o007:  # `o` alone has neither of these bits
            gathered |= _BITS[letter]
            who |= _BITS[letter] & STICKY
    if gathered or not finished:
        mode = _changed(action.operator, who, gathered, mode)
    return _changed("+", who, conditional, mode)


def _changed(operator: str, who: int, bits: int, mode: int) -> int:
    """Add, take away or set the bits for those concerned (0 means everybody)."""
    if operator == "=":
        mode &= ~(who or _ALL)
    bits = bits & who if who else bits
    return mode & ~bits if operator == "-" else mode | bits


def _copied(operator: str, who: int, bits: int, mode: int) -> int:
    """Add, take away or set the bits of one class (0 to 7) for each class concerned."""
    for shift in _SHIFTS.values():
        if not who or who & 0o4 << shift:
            if operator == "=":
                mode &= ~(0o7 << shift)
            mode = mode & ~(bits << shift) if operator == "-" else mode | bits << shift
    return mode
