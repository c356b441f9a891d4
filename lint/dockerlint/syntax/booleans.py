"""Booleans as Go and BuildKit read them."""

from __future__ import annotations

from dockerlint.syntax.invalid import Invalid, quoted

_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))


def parse_bool(text: str) -> bool | Invalid:
    """A boolean by Go's `strconv.ParseBool`: `1 t T true True TRUE` or `0 f F false False FALSE`.

    So read BuildKit's directive `check=error=…`, mount options such as `required=…`, and queries of git URLs.
    """
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return Invalid(f"{quoted(text)} is not a boolean: use true or false", 0, len(text))


def parse_flag_bool(text: str) -> bool | Invalid:
    """The value of a boolean flag such as `--link=true`: `true` or `false` in any case, and nothing else."""
    word = text.lower()
    if word in ("true", "false"):
        return word == "true"
    return Invalid(f"{quoted(text)} is not a boolean: use true or false", 0, len(text))
