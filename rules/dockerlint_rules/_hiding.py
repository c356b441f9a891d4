"""Whether a RUN may hide something of lower layers: a cheap question before the prediction, which costs much more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.shell.directories import absolute
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.tree import Run, Transfer
from dockerlint_rules._runs import actions_of
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

#: The programs that remove, move or change files of lower layers, besides package managers.
_HIDING = names("bunzip2 chgrp chmod chown find gunzip gzip mv rm rmdir setfacl strip touch unlink unxz unzstd")
_GLOB_MARKS = frozenset("*?[{")


class _Below(NamedTuple):
    """What is known of the layers below a RUN: the text that may have made them, where files were copied to, None for a
    place that is not known, and the caches that they fill.
    """

    text: str
    copied: tuple[str | None, ...]
    caches: tuple[str, ...]

    def may_have(self, path: str) -> bool:
        """Whether there may be something at a path.

        Its last part is named in the text, or belongs to a cache, or it lies where files were copied to.
        """
        if self.copied and not path.startswith("/"):
            return True
        if any(place is None or path.startswith(place) for place in self.copied):
            return True
        parts = [part for part in path.split("/") if part not in ("", ".", "..")]
        while parts and not _GLOB_MARKS.isdisjoint(parts[-1]):
            parts.pop()
        return not parts or parts[-1] in self.text or any(parts[-1] in cache for cache in self.caches)


def may_remove(ctx: RuleContext) -> bool:
    """Whether a RUN of the image may remove files of lower layers or change their metadata."""
    return ctx.once(_has_hiding_commands, ctx.model)


def _has_hiding_commands(model: Model, ctx: RuleContext) -> bool:
    if model.target is None:
        return False
    steps = [step for stage in model.chain(model.target) for step in (*stage.triggered, *stage.steps[1:])]
    caches: dict[str, None] = {}
    copied: list[str | None] = []
    end = 0
    for number, step in enumerate(step for step in steps if isinstance(step.node, (Run, Transfer))):
        if isinstance(step.node, Run):
            commands = ctx.commands(step.node, step)
            # A trigger runs further down than it stands.
            below = _Below(ctx.source.text[: max(step.node.span.start, end)], tuple(copied), tuple(caches))
            if number and any(_hides(command, below, ctx) for command in commands):
                return True
            actions = (action for command in commands for action in actions_of(command, ctx))
            caches.update((cache.path, None) for action in actions for cache in action.manager.caches)
        elif isinstance(step.node, Transfer):
            copied.append(_place(step.node, step))
        end = max(end, step.node.span.end)
    return False


def _place(node: Transfer, step: Step) -> str | None:
    """Where files are copied to, seen from the root; None if that is not known."""
    text, workdir = value_of(step, node.destination), step.before.workdir
    return None if text is None else absolute(text, workdir if isinstance(workdir, str) else None)


def _hides(command: Command, below: _Below, ctx: RuleContext) -> bool:
    if command.name == "find":
        return True
    if command.name in _HIDING:
        is_known = ctx.model.options.context is None and not command.open_ended
        return not is_known or any(below.may_have(path) for word in command.arguments for path in _paths(word))
    for action in actions_of(command, ctx):
        if action.action is Action.CLEAN:
            return bool(below.caches)
        if action.action is Action.REMOVE:
            return not action.packages or any(below.may_have(path) for word in action.packages for path in _paths(word))
    return False


def _paths(word: Word) -> Iterator[str]:
    """The operand as it is read and as it is written; nothing for an option, an unknown place where it is not known."""
    if word.raw.startswith("-"):
        return
    yield "" if word.text is None else word.text
    if word.text is not None and word.raw != word.text:
        yield word.raw.strip("\"'")
