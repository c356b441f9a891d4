"""Values of words, as far as a rule may rely on them."""

from __future__ import annotations

from dockerlint.semantics.stages import Step
from dockerlint.syntax.tree import Word
from dockerlint.unknown import Unknown


def value_of(step: Step, word: Word) -> str | None:
    """The word's value, or None where it cannot be relied on: it is unknown, broken, or waits for a build argument.

    BuildKit takes an argument that is declared without a value for empty; but its author means to give it one.
    """
    expansion = step.expand(word)
    if expansion.error is not None or isinstance(expansion.value, Unknown):
        return None
    if expansion.uses and any(not use.defined and use.name in step.before.args for use in expansion.uses):
        return None
    return expansion.value
