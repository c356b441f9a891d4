"""What a reader of one value answers when the text is not such a value.

The modules that read durations, ports, mounts, image references and their like are total functions over `str`: they
give the value or an `Invalid`, and never raise.
"""

from __future__ import annotations

from typing import NamedTuple

_SHOWN = 60


class Invalid(NamedTuple):
    """Why a text is not a value of its kind.

    `reason` is a clause without a full stop, fit for a message, with the guilty text in quotes. `start` and `end` are
    offsets into the text that was given, and cover the guilty part. `kind` is a stable word where callers have to
    tell the problems of one reader apart; each reader documents its own.
    """

    reason: str
    start: int
    end: int
    kind: str = ""

    def shifted(self, by: int) -> Invalid:
        """The same problem in a longer text, in which the one that was read starts at offset `by`."""
        return Invalid(self.reason, self.start + by, self.end + by, self.kind)


def quoted(text: str) -> str:
    """The text in single quotes for a message: what cannot be printed is escaped, and a long text is cut."""
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    if not shown.isprintable():
        shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in shown)
    return f"'{shown}'"
