"""What ShellCheck says about a script, read from its output.

The program may be of any version, or broken, or not ShellCheck at all: an output that is not of the expected shape is
refused, and what is read of it is bounded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeGuard

from dockerlint.finding import Severity

#: More than these are not kept of one script, nor longer messages: whoever gets a thousand reads the first.
_MOST_REMARKS = 1_000
_MOST_REPLACEMENTS = 20
_LONGEST_TEXT = 1_000

_LEVELS = {level.label: level for level in (Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.STYLE)}
_PLACE = ("line", "column", "endLine", "endColumn")


class Range(NamedTuple):
    """A stretch of a script: lines and columns count from 1, columns in code points; the end is one past the last."""

    line: int
    column: int
    end_line: int
    end_column: int


class Replacement(NamedTuple):
    """A part of a fix: put a text in the place of what is there."""

    place: Range
    text: str


class Remark(NamedTuple):
    """One finding about a script; `code` is written as in reports, `SC2086`."""

    code: str
    severity: Severity
    place: Range
    message: str
    fix: tuple[Replacement, ...] = ()


class OutputError(Exception):
    """The output is not that of ShellCheck."""


def read_output(output: bytes, names: Sequence[str]) -> dict[str, tuple[Remark, ...]]:
    """The remarks about each of the files, by name, from output in the format `json1`.

    Raises `OutputError` if it is not in that format, or about other files.
    """
    try:
        document = json.loads(output.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise OutputError from error
    comments = document.get("comments") if isinstance(document, dict) else None
    if not isinstance(comments, list):
        raise OutputError
    found: dict[str, list[Remark]] = {name: [] for name in names}
    for comment in comments:
        remark = _remark(comment)
        of_file = found.get(comment["file"]) if remark is not None and _is_text(comment.get("file")) else None
        if of_file is None:
            raise OutputError
        if remark is not None and len(of_file) < _MOST_REMARKS:
            of_file.append(remark)
    return {name: tuple(remarks) for name, remarks in found.items()}


def write_remarks(remarks: Sequence[Remark]) -> str:
    """The remarks as text, for `read_remarks`."""
    comments = [
        {
            **dict(zip(_PLACE, remark.place, strict=True)),
            "code": int(remark.code[2:]),
            "level": remark.severity.label,
            "message": remark.message,
            "fix": {"replacements": list(map(_replacement_object, remark.fix))} if remark.fix else None,
        }
        for remark in remarks
    ]
    return json.dumps(comments, separators=(",", ":"))


def read_remarks(text: str) -> tuple[Remark, ...] | None:
    """The remarks that `write_remarks` has written; None if the text is something else."""
    try:
        comments = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(comments, list) or len(comments) > _MOST_REMARKS:
        return None
    remarks = [remark for comment in comments if (remark := _remark(comment)) is not None]
    return tuple(remarks) if len(remarks) == len(comments) else None


def _remark(comment: object) -> Remark | None:
    if not isinstance(comment, dict):
        return None
    place = _range(comment)
    code, level, message = comment.get("code"), comment.get("level"), comment.get("message")
    if place is None or not _is_number(code) or not 1000 <= code < 100_000:
        return None
    if not _is_text(level) or level not in _LEVELS or not _is_text(message):
        return None
    return Remark(f"SC{code}", _LEVELS[level], place, message[:_LONGEST_TEXT], tuple(_fix(comment.get("fix"))))


def _fix(fix: object) -> Iterator[Replacement]:
    """The replacements of a fix; none at all if one of them cannot be read."""
    given = fix.get("replacements") if isinstance(fix, dict) else None
    if not isinstance(given, list) or len(given) > _MOST_REPLACEMENTS:
        return
    read = [_replacement(each) for each in given]
    replacements = [each for each in read if each is not None]
    if len(replacements) == len(read):
        yield from replacements


def _replacement(given: object) -> Replacement | None:
    place = _range(given) if isinstance(given, dict) else None
    text = given.get("replacement") if isinstance(given, dict) else None
    if place is None or not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        return None
    return Replacement(place, text)


def _replacement_object(replacement: Replacement) -> dict[str, object]:
    return {**dict(zip(_PLACE, replacement.place, strict=True)), "replacement": replacement.text}


def _range(given: dict[object, object]) -> Range | None:
    numbers = [number for name in _PLACE if _is_number(number := given.get(name))]
    return Range(*numbers) if len(numbers) == len(_PLACE) else None


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)
