"""What later layers hide of earlier ones, in the words of findings."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import NamedTuple

from dockerlint.finding import Related
from dockerlint.layers.layer import Cause, Hidden
from dockerlint.layers.size import Provenance, Size, in_words, total
from dockerlint.rule import RuleContext
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.shell.script import Command
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Add, Run, Transfer
from dockerlint_rules._tables import names

#: The programs that make a file of a given size.
_SIZED = names("dd head truncate")

#: Bytes below which nobody minds.
SMALL = 100_000

#: Endings of files that people write, which are small.
_SMALL_ENDINGS = (
    *(".asc", ".cfg", ".conf", ".diff", ".gpg", ".ini", ".json", ".key", ".list", ".md", ".patch", ".pem", ".pub"),
    *(".py", ".repo", ".service", ".sh", ".template", ".toml", ".txt", ".xml", ".yaml", ".yml"),
)


class Waste(NamedTuple):
    """What one word of a step hides; `parts` says of which layers, the lowest first."""

    step: Step
    layer: int
    parts: tuple[Hidden, ...]

    @property
    def first(self) -> Hidden:
        """What the word hides of the lowest layer."""
        return self.parts[0]

    @property
    def size(self) -> Size:
        """The bytes that are hidden."""
        return total(part.size for part in self.parts)

    @property
    def is_small(self) -> bool:
        """Whether only small files are hidden, as far as can be told by their sizes or names."""
        return all(_is_small(part) for part in self.parts)

    def amount(self) -> str:
        """The bytes that are hidden, as `43.1 MB of `; blank where they are not known."""
        size = self.size
        if size.estimate is None or size.provenance > Provenance.READ:
            return ""
        return f"{in_words(size.estimate)} of "

    def lines(self, ctx: RuleContext) -> str:
        """Where the hidden files come from: `line 3`, `lines 3 and 5`."""
        numbers = sorted({ctx.source.lines.line(part.origin.start) for part in self.parts})
        shown = [str(number) for number in numbers[:3]]
        if len(shown) == 1:
            return f"line {shown[0]}"
        return f"lines {', '.join(shown[:-1])} and {shown[-1]}"

    def related(self, message: str) -> tuple[Related, ...]:
        """The places that the hidden files come from."""
        return tuple(Related(origin, message) for origin in dict.fromkeys(part.origin for part in self.parts))

    def origin(self, ctx: RuleContext) -> Step:
        """The step that made the lowest layer of which something is hidden."""
        return ctx.prediction.layers[self.first.layer - 1].step

    def is_all_of_its_layer(self, ctx: RuleContext) -> bool:
        """Whether the path covers all that its layer stores, so that a flag of the copy does for all what is done."""
        path = self.first.path.rstrip("/")
        changes = ctx.prediction.layers[self.first.layer - 1].changes
        paths = (each for each, _ in (*changes.stored, *changes.fills))
        return not self.first.partial and all(each == path or each.startswith(f"{path}/") for each in paths)

    def advice(self, ctx: RuleContext) -> str:
        """How to have the files in no layer, by what put them there."""
        node = self.origin(ctx).node
        if isinstance(node, Run):
            return "remove it in the RUN that makes it"
        if isinstance(node, Transfer) and node.flag("from") is None and not isinstance(node, Add):
            return "do not copy it, or mount it into the RUN with '--mount=type=bind'"
        if isinstance(node, Transfer) and node.flag("from") is not None:
            return "copy what is needed only, or mount it into the RUN with '--mount=type=bind'"
        return "fetch, use and remove it in one RUN"


def wastes(ctx: RuleContext, causes: Collection[Cause]) -> tuple[Waste, ...]:
    """What the layers of the image hide of lower ones for these causes, one for each word that says so."""
    found = []
    for layer in ctx.prediction.layers:
        for _, parts in groupby((each for each in layer.hidden if each.cause in causes), lambda each: each.span):
            found.append(Waste(layer.step, layer.number, tuple(sorted(parts, key=lambda part: part.layer))))
    return tuple(found)


def has_sizes(ctx: RuleContext) -> bool:
    """Whether there can be large files whose size is known: of the build context, or made to a size by a command."""
    if ctx.model.options.context is not None:
        return True
    return ctx.once(_makes_sized_files, ctx.model)


def _makes_sized_files(model: Model, ctx: RuleContext) -> bool:
    stages = (stage for stage in model.stages if stage.index in model.reachable)
    steps = (step for stage in stages for step in (*stage.triggered, *stage.steps[1:]) if isinstance(step.node, Run))
    return any(command.name in _SIZED for step in steps for command in ctx.commands(step.node, step))


def _is_small(part: Hidden) -> bool:
    if part.size.estimate is not None:
        return part.size.estimate < SMALL
    return part.path.lower().endswith(_SMALL_ENDINGS)


def shown_command(command: Command | None) -> str:
    """A command and its options in quotes: `'rm -rf'`."""
    if command is None or command.program is None:
        return "the instruction"
    words = [command.program.raw.rpartition("/")[2]]
    for word in command.arguments:
        if not word.raw.startswith("-"):
            break
        words.append(word.raw)
    return quoted(" ".join(words))


def shown_path(span: Span, ctx: RuleContext) -> str:
    """The path as the user wrote it, in quotes."""
    return quoted(ctx.source.slice(span).strip("\"'"))
