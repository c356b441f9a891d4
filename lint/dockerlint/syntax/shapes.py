"""What the grammar makes of a line by the types of its tokens alone."""

from __future__ import annotations

from typing import NamedTuple


class Mismatch(NamedTuple):
    """The tokens are no instruction: `at` is the index of the first that does not fit.

    It equals the number of tokens where the line ends too early.
    """

    at: int


class Shape(NamedTuple):
    """A rule and its parts, with the index of a token in place of the token."""

    name: str
    parts: tuple[Shape | int, ...]
