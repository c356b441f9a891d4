"""Whether a RUN may hide something of lower layers: a cheap question before the prediction, which costs much more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.shell.directories import absolute
from dockerlint.shell.known_managers import managers
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.tree import Run, Transfer
from dockerlint_rules._caches import caches_left
from dockerlint_rules._file_uses import folders_of
from dockerlint_rules._runs import Placed, actions_of, package_steps
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

#: The programs that remove, move or change files of lower layers, besides package managers.
_HIDING = names("bunzip2 chgrp chmod chown find gunzip gzip mv rm rmdir setfacl strip touch unlink unxz unzstd")
_GLOB_MARKS = frozenset("*?[{")


class _Below(NamedTuple):
    """What is known of the layers below a RUN.

    `text` is what may have made them, `copied` where files were copied to, None for a place that is not known, and
    `caches` are those of package managers that they leave.
    """

    text: str
    copied: tuple[str | None, ...]
    caches: tuple[str, ...]

    def may_have(self, path: str, folder: str | None) -> bool:
        """Whether there may be something at a path that is seen from a folder.

        Its last part is named in the text, or belongs to a cache, or it lies where files were copied to.
        """
        whole = absolute(path, folder)
        if self.copied and (whole is None or any(place is None or whole.startswith(place) for place in self.copied)):
            return True
        parts = [part for part in path.split("/") if part not in ("", ".", "..")]
        while parts and not _GLOB_MARKS.isdisjoint(parts[-1]):
            parts.pop()
        if whole is not None and any(_is_below(whole, folder) for folder in _managed()):
            return any(_is_below(whole, each) or _is_below(each, whole) for each in self.caches)
        return not parts or parts[-1] in self.text or any(parts[-1] in each for each in self.caches)


@cache
def _managed() -> frozenset[str]:
    """The folders that package managers are known to fill."""
    return frozenset(each.path for manager in managers().values() for each in manager.caches)


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
            if number and _hides(step, commands, below, ctx):
                return True
            caches.update(dict.fromkeys(_caches(Placed(step.node, step), ctx)))
        elif isinstance(step.node, Transfer):
            copied.append(_place(step.node, step))
        end = max(end, step.node.span.end)
    return False


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _place(node: Transfer, step: Step) -> str | None:
    """Where files are copied to, seen from the root; None if that is not known."""
    text, workdir = value_of(step, node.destination), step.before.workdir
    return None if text is None else absolute(text, workdir if isinstance(workdir, str) else None)


def _caches(placed: Placed, ctx: RuleContext) -> Iterator[str]:
    """The folders of the caches that a RUN may leave in its layer."""
    steps = package_steps(placed, ctx)
    left = {(cache.step.action.manager.key, cache.kind) for cache in caches_left(placed, ctx)}
    installs = any(step.action.action is Action.INSTALL for step in steps)
    for key, manager in {step.action.manager.key: step.action.manager for step in steps}.items():
        kinds = Counter(each.kind for each in manager.caches)
        for each in manager.caches:
            # Where there are several folders of a kind, a RUN may have emptied one of them only.
            if not installs or kinds[each.kind] > 1 or (key, each.kind) in left:
                yield each.path


def _hides(step: Step, commands: tuple[Command, ...], below: _Below, ctx: RuleContext) -> bool:
    """Whether one of the commands of a RUN may hide something."""
    hiding = [command for command in commands if command.name in _HIDING or actions_of(command, ctx)]
    if not hiding:
        return False
    if ctx.model.options.context is not None:
        return True
    folders = dict(zip(map(id, commands), folders_of(commands, Placed(step.node, step)), strict=True))
    return any(_may_hide(command, folders[id(command)], below, ctx) for command in hiding)


def _may_hide(command: Command, folder: str | None, below: _Below, ctx: RuleContext) -> bool:
    if command.name == "find" or command.open_ended:
        return True
    if command.name in _HIDING:
        return any(below.may_have(path, folder) for word in command.arguments for path in _paths(word))
    for action in actions_of(command, ctx):
        if action.action is Action.CLEAN and below.caches:
            return True
        if action.action is Action.REMOVE:
            return any(path in below.text for word in action.packages for path in _paths(word))
    return False


def _paths(word: Word) -> Iterator[str]:
    """The operand as it is read and as it is written; nothing for an option, and where the shell makes it."""
    if word.text and not word.raw.startswith("-"):
        yield word.text
        if word.raw != word.text:
            yield word.raw.strip("\"'")
