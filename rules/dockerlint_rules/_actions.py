"""What rules about package managers say and offer in common."""

from __future__ import annotations

from dockerlint.finding import Fix, Safety
from dockerlint.source import Source, Span
from dockerlint_rules._edits import add_behind
from dockerlint_rules._runs import PackageStep


def words_of(step: PackageStep) -> Span:
    """The program with its sub-command: `npm install` of `npm install --omit=dev`."""
    words = [word.span for word in (step.command.program, *step.action.verb) if word is not None]
    return words[0].cover(words[-1])


def add_option(step: PackageStep, option: str, source: Source, safety: Safety) -> Fix | None:
    """A fix that puts an option behind the sub-command; None where that is not written as it is."""
    words = [word for word in (step.command.program, *step.action.verb) if word is not None]
    edit = add_behind(source, words[-1], option)
    return None if edit is None else Fix(f"add {option}", safety, (edit,))
