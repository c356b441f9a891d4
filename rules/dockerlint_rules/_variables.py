"""Variables as several rules look at them: where they are declared, and which name was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from dockerlint.finding import Edit, Fix, Related, Safety
from dockerlint.semantics.model import Model
from dockerlint.source import Source, Span
from dockerlint.syntax.nearest import nearest
from dockerlint.syntax.tree import Arg, Declaration, From, Instruction, Word
from dockerlint.syntax.words import VariableUse

#: Comparing names costs time, and no one writes a file with more variables by hand.
_MOST_NAMES = 500

#: After so many findings of a rule the reader has seen enough hints; it keeps hostile files cheap.
MOST_HINTS = 20


def global_declarations(model: Model) -> dict[str, Declaration]:
    """The arguments before the first FROM by name; of several with one name the last counts."""
    return {
        declaration.name.text: declaration
        for step in model.global_steps
        if isinstance(step.node, Arg)
        for declaration in step.node.declarations
    }


def where_from(uses: Iterable[VariableUse], declarations: dict[str, Declaration], message: str) -> tuple[Related, ...]:
    """The declarations of the variables that are used, each once, with what `message` says of them."""
    found = (declarations.get(use.name) for use in first_uses(uses))
    return tuple(Related(declaration.span, message) for declaration in found if declaration is not None)


def first_uses(uses: Iterable[VariableUse]) -> Iterator[VariableUse]:
    """The first use of each variable: BuildKit reports a name once for each word it expands."""
    seen: set[str] = set()
    for use in uses:
        if use.name not in seen:
            seen.add(use.name)
            yield use


def base_variables(model: Model) -> dict[int, frozenset[str]]:
    """By the index of a stage, the variables in the name of the image that it is built on in the end."""
    names: dict[int, frozenset[str]] = {}
    for stage in model.stages:
        if stage.base.stage is not None:
            names[stage.index] = names.get(stage.base.stage, frozenset())
        elif isinstance(stage.node, From):
            names[stage.index] = frozenset(use.name for use in stage.steps[0].expand(stage.node.image).uses)
        else:
            names[stage.index] = frozenset()
    return names


def near_name(name: str, known: Iterable[str]) -> str | None:
    """The known variable that was probably meant: at most two edits away, as in BuildKit."""
    return nearest(name, islice(known, _MOST_NAMES))


def rename(word: Word, uses: Iterable[VariableUse], old: str, new: str) -> Fix | None:
    """A fix that puts another name into the uses of a variable; None where their places in the file are not known."""
    if word.joined is None:
        return None
    edits = []
    for use in uses:
        if use.name == old:
            start = use.start + len("${" if word.text.startswith("${", use.start) else "$")
            edits.append(Edit(word.span_of(start, start + len(old)), new))
    return Fix(f"write {new}", Safety.UNSAFE, tuple(edits))


def declare(name: str, node: Instruction, source: Source) -> Fix:
    """A fix that adds an ARG before an instruction, above the comments that belong to it."""
    first = node.comments[0].span if node.comments else node.span
    start = source.lines.line_span(source.lines.line(first.start)).start
    return Fix(f"add ARG {name}", Safety.UNSAFE, (Edit(Span(start, start), f"ARG {name}\n"),))
