"""A predicted image for people: the stack of layers with the instruction that makes each, from the base up.

Colours say what a number means: cyan for layers, blue for the base, red for bytes that nobody sees, yellow for what is
not known or runs again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from rich.box import Box
from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from dockerlint.layers.image import HistoryEntry, Image
from dockerlint.layers.layer import Layer
from dockerlint.layers.rebuild import Again
from dockerlint.layers.size import in_words, shown
from dockerlint.layers.waste import dive_figures
from dockerlint.report.image_rebuild import LayerAgain, Rebuilds
from dockerlint.report.visible import visible
from dockerlint.semantics.stages import FileSource, SourceKind
from dockerlint.source import Source
from dockerlint.syntax.tree import Transfer

#: The width where the output is no terminal.
_WIDTH = 120

#: Lines between head, body and foot only.
_LINES = Box("    \n    \n -- \n    \n    \n -- \n    \n    \n")

#: What a script is set out with: it takes room that says nothing.
_BLANKS = re.compile("[ \t]{2,}|\t")

#: An image of which a greater share is seen is not worth a word about flattening.
_WORTH_FLATTENING = 0.99

_BAR = 12
_SIZE = 10
_GAP = 3
_MOST_NOTES = 2
_EIGHTHS = " ▏▎▍▌▋▊▉"
_AGAIN = {Again.YES: ("again", "yellow"), Again.MAYBE: ("maybe", "yellow"), Again.NO: ("cached", "green")}


def write_image_text(
    image: Image, source: Source, platform: str, out: TextIO, *, color: bool, rebuilds: Rebuilds | None = None
) -> None:
    """Write the table of one file. `color` asks for colours, whatever `out` is; `rebuilds` adds what runs again."""
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
    if image.target is None or image.base is None:
        # There is nothing to show of a file without a stage, or of a target that it does not have.
        return
    console.print(
        Segments(_without_blanks(console, _Stack(image, source, rebuilds).table(image.base, console.width))), end=""
    )
    for line in _summary(image, rebuilds):
        console.print(line, soft_wrap=True)


def _without_blanks(console: Console, table: Table) -> Iterator[Segment]:
    """The lines of a table without the blanks that fill them up at their ends."""
    for line in console.render_lines(table, pad=False):
        while line and not line[-1].text.strip():
            line.pop()
        if line:
            line[-1] = line[-1]._replace(text=line[-1].text.rstrip())
        yield from line
        yield Segment.line()


def _title(image: Image, source: Source, platform: str) -> Text:
    title = Text(visible(source.path), style="bold")
    if image.target is not None:
        title.append(f"  target stage {visible(image.target.label)}", style="default")
    title.append(f"  {visible(platform)}", style="dim")
    return title


class _Stack:
    """The table of layers. Columns for which no layer has anything to say are left out."""

    def __init__(self, image: Image, source: Source, rebuilds: Rebuilds | None) -> None:
        self._image = image
        self._source = source
        self._rebuilds = rebuilds
        self._largest = max((layer.size.estimate or layer.size.low for layer in image.layers), default=0)
        self._has_waste = any(layer.wasted.low for layer in image.layers)

    def table(self, base: FileSource, width: int) -> Table:
        """All rows, from the base up; what made a layer is cut to what the other columns leave of the width."""
        table = Table(
            box=_LINES, show_footer=True, pad_edge=False, expand=False, header_style="dim", footer_style="dim"
        )
        table.add_column("layer", "rw", justify="right", no_wrap=True, width=5)
        table.add_column("line", "", justify="right", no_wrap=True, width=5)
        table.add_column("size", "", justify="right", no_wrap=True, width=_SIZE)
        if self._largest:
            table.add_column("", "", no_wrap=True, width=_BAR)
        if self._has_waste:
            table.add_column("wasted", "", justify="right", no_wrap=True, width=_SIZE)
        if self._rebuilds is not None:
            table.add_column("build", "", no_wrap=True, width=6)
        taken = sum(column.width or 0 for column in table.columns) + _GAP * len(table.columns) + 2
        container = "a running container adds a thin writable layer here"
        room = max(width - taken, len(container))
        table.add_column("made by", container, no_wrap=True, overflow="ellipsis", max_width=room)
        table.add_row(*self._cells(Text("base", style="blue"), text=_base(base)))
        for entry in self._image.history:
            table.add_row(*self._row(entry), style="" if entry.layer else "dim")
            if entry.layer is not None:
                for note in self._notes(self._image.layers[entry.layer - 1]):
                    table.add_row(*self._cells(Text(), text=note))
        return table

    def _cells(
        self, layer: Text, *, text: Text, line: str = "", of: Layer | None = None, again: LayerAgain | None = None
    ) -> list[Text]:
        cells = [layer, Text(line), Text("" if of is None else shown(of.size))]
        if self._largest:
            cells.append(Text() if of is None else self._bar(of))
        if self._has_waste:
            wasted = "" if of is None or not of.wasted.low else shown(of.wasted)
            cells.append(Text(wasted, style="red"))
        if self._rebuilds is not None:
            word, style = ("", "") if again is None else _AGAIN[again.again]
            cells.append(Text(word, style=style))
        return [*cells, text]

    def _row(self, entry: HistoryEntry) -> list[Text]:
        number = Text(str(entry.layer), style="bold cyan") if entry.layer else Text("·")
        made_by = _BLANKS.sub(" ", self._made_by(entry).removesuffix(" # buildkit").replace("\n", "⏎"))
        keyword, _, rest = visible(made_by).partition(" ")
        text = Text(keyword, style="bold" if entry.layer else "")
        text.append(f" {rest}", style="not bold")
        line = str(self._source.lines.line(entry.node.span.start))
        if entry.layer is None:
            return self._cells(number, text=text, line=line)
        again = None if self._rebuilds is None else self._rebuilds.of(entry.layer)
        return self._cells(number, text=text, line=line, of=self._image.layers[entry.layer - 1], again=again)

    def _made_by(self, entry: HistoryEntry) -> str:
        """The text of the history, without the arguments in front of the command of a RUN: they would fill the line."""
        if entry.layer is None or not entry.created_by.startswith("RUN |"):
            return entry.created_by
        shell = " ".join(self._image.layers[entry.layer - 1].step.before.shell)
        _, found, command = entry.created_by.partition(f" {shell} ")
        return f"RUN {shell} {command}" if found else entry.created_by

    def _bar(self, layer: Layer) -> Text:
        """A layer's bytes beside those of the largest; what is wasted of them in red."""
        whole = layer.size.estimate or layer.size.low
        wasted = min(layer.wasted.low, whole)
        blocks = _blocks(whole, self._largest)
        # The red part has whole characters: a narrow one would leave a gap before the rest.
        red = max(round(_BAR * wasted / self._largest), 1) if wasted and self._largest else 0
        bar = Text(blocks[:red], style="red")
        bar.append(blocks[red:], style="cyan")
        return bar

    def _notes(self, layer: Layer) -> Iterator[Text]:
        """What explains the numbers of a layer, or the lack of them."""
        for each in layer.installs[:_MOST_NOTES]:
            yield Text(f"  {visible(each.note)}", style="dim")
        for reason in layer.doubts[:_MOST_NOTES] or layer.suspicions[:1] or _unknown_source(layer):
            yield Text(f"  {visible(reason)}", style="dim yellow")
        hidden = {place.layer: 0 for place in layer.hidden}
        for place in layer.hidden:
            hidden[place.layer] += place.size.low
        for number, count in sorted(hidden.items()):
            if count:
                yield Text(f"  hides {in_words(count)} of layer {number}, which stay in the image", style="red")
        if self._rebuilds is not None and (reason := self._rebuilds.reason(layer.number)):
            yield Text(f"  {visible(reason)}", style="dim yellow")


def _blocks(count: int, largest: int) -> str:
    """A bar in eighths of a character; anything but nothing is seen."""
    eighths = max(round(_BAR * 8 * count / largest), 1) if count and largest else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _base(base: FileSource) -> Text:
    if base.kind is SourceKind.SCRATCH:
        return Text("scratch: an empty file system, no layers", style="blue")
    if not isinstance(base.text, str):
        return Text(f"an image that is not known: {visible(base.text.reason)}", style="yellow")
    text = f"{visible(base.text)}: its own layers, shared with other images"
    if base.facts is not None and base.facts.layer_sizes:
        sizes = base.facts.layer_sizes
        packed = f"{_counted(len(sizes), 'layer')} of {in_words(sum(sizes))} compressed"
        text = f"{visible(base.text)}: {packed}, shared with other images"
    return Text(text, style="blue")


def _summary(image: Image, rebuilds: Rebuilds | None) -> Iterator[Text]:
    quiet = len(image.history) - image.layer_count
    summary = Text(_counted(image.layer_count, "layer"), style="bold")
    summary.append(" from this file", style="not bold")
    if image.layers:
        summary.append(_bytes_of(image), style="not bold")
    if quiet:
        change = f"{_counted(quiet, 'instruction')} that only change{'s' if quiet == 1 else ''} the configuration (·)"
        summary.append(f", {change}", style="not bold")
    yield summary
    if any(_lacks_context(layer) for layer in image.layers):
        yield Text("bytes of COPY and ADD are known where the build context is: `dlint layers CONTEXT`", style="dim")
    if image.config.volumes:
        volumes = ", ".join(visible(path) for path in image.config.volumes)
        yield Text(f"what a container writes below {volumes} goes to volumes, not to its writable layer")
    if image.size.estimate:
        yield Text(f"a push or pull moves {shown(image.size)}, before compression, where the base is already there")
    if image.wasted.low:
        waste = Text(f"{shown(image.wasted)} of files", style="bold red")
        share = _share(image)
        waste.append(
            f" are hidden by later layers{share}: they stay in the image, and nobody sees them",
            style="not bold default",
        )
        yield waste
        if image.efficiency is None or image.efficiency < _WORTH_FLATTENING:
            yield Text(
                "flattening it (export | import) would save them, and lose history, configuration and the shared base",
                style="dim",
            )
    if rebuilds is not None:
        yield Text(rebuilds.summary(), style="bold yellow" if rebuilds.count else "bold green")


def _bytes_of(image: Image) -> str:
    """The bytes of all layers together, and how many of them have not told theirs."""
    unknown = sum(layer.size.estimate is None for layer in image.layers)
    if unknown == len(image.layers) and not image.size.low:
        return f", of unknown size{'' if unknown == 1 else 's'}"
    found = f" with {shown(image.size)} of files" if image.size.low else ""
    return f"{found} ({unknown} of unknown size)" if unknown else found


def _unknown_source(layer: Layer) -> tuple[str, ...]:
    """Why the bytes of a copy out of a stage or an image are not known."""
    flag = layer.step.node.flag("from") if layer.size.estimate is None and not layer.installs else None
    if flag is None or flag.value is None:
        return ()
    return (f"what is copied out of '{flag.value.text}' is not known",)


def _lacks_context(layer: Layer) -> bool:
    """Whether the bytes of a layer come out of the build context, and are not known."""
    node = layer.step.node
    is_local = isinstance(node, Transfer) and node.flag("from") is None and not layer.step.windows
    return is_local and layer.size.estimate is None


def _share(image: Image) -> str:
    efficiency, dive = image.efficiency, dive_figures(image.layers).efficiency
    if efficiency is None:
        return ""
    return f" (efficiency {_percent(efficiency)}{'' if dive is None else f', {_percent(dive)} as dive counts it'})"


def _percent(share: float) -> str:
    """A share below 1, so that no rounding makes all of it."""
    return f"{share:.0%}" if share < _WORTH_FLATTENING else f"{min(share, 0.999):.1%}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
