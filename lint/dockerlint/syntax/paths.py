"""Paths with slashes, as Go's `path` package treats them."""

from __future__ import annotations

import posixpath


def clean_path(path: str) -> str:
    """The shortest equal path, as Go's `path.Clean` gives it: `.` for nothing, one slash at the start at most.

    Blank parts, `.` and `..` are resolved by their text alone; `..` above the root vanishes, a leading `..` stays.
    """
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
