"""Report writers: one module per format, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO, cast

if TYPE_CHECKING:
    from dockerlint.results import Report

_MODULES = {"text": "text_report", "json": "json_report", "sarif": "sarif_report"}


class _Writer(Protocol):
    """What the module of a format offers."""

    def write(self, report: Report, out: TextIO, *, color: bool) -> None: ...


def write(name: str, report: Report, out: TextIO, *, color: bool) -> None:
    """Write a report in the format of that name, `text`, `json` or `sarif`.

    `color` asks for colours where the format has any. Nothing that was read from a file reaches `out` in a form that a
    terminal or a parser could take for anything but text.
    """
    writer = cast("_Writer", import_module(f"dockerlint.report.{_MODULES[name]}"))
    writer.write(report, out, color=color)
