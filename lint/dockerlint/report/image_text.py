"""A predicted image for people: the stack of layers with the instruction that makes each, from the base up."""

from __future__ import annotations

from typing import TextIO

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dockerlint.layers.image import HistoryEntry, Image
from dockerlint.layers.size import NOTHING, shown
from dockerlint.report.visible import visible
from dockerlint.semantics.stages import FileSource, SourceKind
from dockerlint.source import Source

#: The width where the output is no terminal.
_WIDTH = 120

#: Lines between head, body and foot only.
_LINES = Box("    \n    \n -- \n    \n    \n -- \n    \n    \n")


def write_image_text(image: Image, source: Source, platform: str, out: TextIO, *, color: bool) -> None:
    """Write the table of one file. `color` asks for colours, whatever `out` is."""
    terminal = out.isatty()
    console = Console(
        file=out,
        force_terminal=color,
        no_color=not color,
        width=None if terminal else _WIDTH,
        highlight=False,
        legacy_windows=False,
    )
    console.print(_title(image, source, platform), soft_wrap=True)
    for problem in image.problems:
        place = source.lines.position(problem.span.start)
        text = Text("  refused ", style="bold red")
        text.append(f"line {place.line}: {visible(problem.message)}", style="default")
        console.print(text, soft_wrap=True)
    for remark in image.remarks:
        console.print(Text(f"  not complete: {visible(remark)}", style="yellow"), soft_wrap=True)
    console.print(_table(image, source))
    console.print(_summary(image), soft_wrap=True)
    if image.wasted.low:
        console.print(_waste(image), soft_wrap=True)


def _title(image: Image, source: Source, platform: str) -> Text:
    title = Text(visible(source.path), style="bold")
    if image.target is not None:
        title.append(f"  target stage {visible(image.target.label)}", style="default")
    title.append(f"  {visible(platform)}", style="dim")
    return title


def _table(image: Image, source: Source) -> Table:
    table = Table(box=_LINES, show_footer=True, pad_edge=False, expand=False, header_style="dim", footer_style="dim")
    table.add_column("layer", "rw", justify="right", no_wrap=True)
    table.add_column("line", "", justify="right", no_wrap=True)
    table.add_column("size", "", justify="right", no_wrap=True)
    table.add_column("wasted", "", justify="right", no_wrap=True)
    table.add_column(
        "made by", "a running container adds a thin writable layer here", no_wrap=True, overflow="ellipsis"
    )
    table.add_row(Text("base", style="blue"), "", "", "", _base(image.base))
    for entry in image.history:
        table.add_row(*_row(entry, image, source), style="" if entry.layer else "dim")
    return table


def _row(entry: HistoryEntry, image: Image, source: Source) -> tuple[Text, str, str, Text, Text]:
    layer = Text(str(entry.layer), style="bold cyan") if entry.layer else Text("·")
    keyword, _, rest = visible(entry.created_by.removesuffix(" # buildkit").replace("\n", "⏎")).partition(" ")
    text = Text(keyword, style="bold" if entry.layer else "")
    text.append(f" {rest}", style="not bold")
    size, wasted = "", ""
    if entry.layer is not None:
        predicted = image.layers[entry.layer - 1]
        size = shown(predicted.size)
        wasted = "" if predicted.wasted == NOTHING else shown(predicted.wasted)
    return layer, str(source.lines.line(entry.node.span.start)), size, Text(wasted, style="red"), text


def _base(base: FileSource | None) -> Text:
    if base is None:
        return Text("no base: the file has no stage to build", style="red")
    if base.kind is SourceKind.SCRATCH:
        return Text("scratch: an empty file system, no layers", style="blue")
    if isinstance(base.text, str):
        return Text(f"{visible(base.text)}: its own layers, shared with other images", style="blue")
    return Text(f"an image that is not known: {visible(base.text.reason)}", style="yellow")


def _summary(image: Image) -> Text:
    quiet = len(image.history) - image.layer_count
    summary = Text(_counted(image.layer_count, "layer"), style="bold")
    summary.append(" from this file", style="not bold")
    if image.layers:
        summary.append(f" with {shown(image.size)} of files" if image.size.low else "", style="not bold")
    summary.append(", ", style="not bold")
    summary.append(
        f"{_counted(quiet, 'instruction')} that only change{'s' if quiet == 1 else ''} the configuration (·)",
        style="not bold",
    )
    return summary


def _waste(image: Image) -> Text:
    waste = Text(f"{shown(image.wasted)} of files", style="bold red")
    waste.append(" are hidden by later layers: they stay in the image, and nobody sees them", style="not bold default")
    return waste


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
