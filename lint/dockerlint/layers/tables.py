"""Tables of names."""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """The names in a text: how tables are written here, many to a line."""
    return frozenset(text.split())
