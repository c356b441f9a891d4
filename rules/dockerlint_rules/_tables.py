"""Tables of names."""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """The names in a text: how tables are written here, many to a line."""
    return frozenset(text.split())


#: Rules that take any word of an installation for a package, also one that got there by mistake.
UNPINNED = ("DL3008", "DL3013", "DL3016", "DL3018", "DL3028", "DL3033", "DL3037", "DL3041", "DL8021", "DL8028")
