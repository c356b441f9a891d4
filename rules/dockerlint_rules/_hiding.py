"""Whether a RUN may hide something of lower layers: a cheap question before the prediction, which costs much more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache

from dockerlint.rule import RuleContext
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.shell.directories import absolute
from dockerlint.shell.known_managers import managers
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.tree import Instruction, Run, Transfer
from dockerlint_rules._caches import caches_left
from dockerlint_rules._file_uses import folders_of
from dockerlint_rules._runs import Placed, actions_of, package_steps
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

#: The programs that remove, move or change files of lower layers, besides package managers.
_HIDING = names("bunzip2 chgrp chmod chown find gunzip gzip mv rm rmdir setfacl strip touch unlink unxz unzstd")
_GLOB_MARKS = frozenset("*?[{")
_STARS = re.compile(r"[*?]+")
_CLASSES = frozenset("[]{}")
#: What may be a part of a path, or the name of a package, in the text of an instruction.
_PART = re.compile(r"""[^\s/"'`=:,;|&()<>?#\[\]]+""")


class _Below:
    """What is known of the layers below a RUN: names in the text that made them, where files were copied to, and caches
    of package managers that they leave.
    """

    def __init__(self) -> None:
        self.caches: set[str] = set()
        # The name that a download without one gets.
        self._names = {"index.html"}
        self._copied: set[str | None] = set()

    def add(self, node: Instruction) -> None:
        """Take in the text of an instruction."""
        for text in (node.line.text, *(heredoc.content for heredoc in node.heredocs)):
            for name in _PART.findall(text):
                self._names.add(name)
                # `gunzip` and `git clone` make names without their endings.
                stem, dot, _ending = name.rpartition(".")
                while dot:
                    self._names.add(stem)
                    stem, dot, _ending = stem.rpartition(".")

    def add_copy(self, node: Transfer, step: Step) -> None:
        """Take in where files are copied to."""
        text, workdir = value_of(step, node.destination), step.before.workdir
        self._copied.add(None if text is None else absolute(text, workdir if isinstance(workdir, str) else None))

    def names(self, name: str) -> bool:
        """Whether the text has a name."""
        return name in self._names

    def may_have(self, path: str, folder: str | None) -> bool:
        """Whether there may be something at a path that is seen from a folder.

        Its last part is named in the text, or belongs to a cache, or it lies where files were copied to.
        """
        whole = absolute(path, folder)
        if self._copied and (whole is None or None in self._copied or _is_within(whole, self._copied)):
            return True
        if whole is not None and _is_within(whole, _managed()):
            return any(_is_below(whole, place) or _is_below(place, whole) for place in self.caches)
        parts = [part for part in path.split("/") if part not in ("", ".", "..")]
        while parts and not _GLOB_MARKS.isdisjoint(parts[-1]):
            certain = max(_STARS.split(parts.pop()), key=len)
            if certain and _CLASSES.isdisjoint(certain):
                # Whatever the pattern takes has these characters in its name.
                return any(certain in name for name in (*self._names, *self.caches))
        return not parts or parts[-1] in self._names or any(parts[-1] in place for place in self.caches)


def may_remove(ctx: RuleContext) -> bool:
    """Whether a RUN of the image may remove files of lower layers or change their metadata."""
    return ctx.once(_has_hiding_commands, ctx.model)


def _has_hiding_commands(model: Model, ctx: RuleContext) -> bool:
    if model.target is None:
        return False
    steps = [step for stage in model.chain(model.target) for step in (*stage.triggered, *stage.steps[1:])]
    layers = [step for step in steps if isinstance(step.node, (Run, Transfer))]
    if not any(_hiding(step, ctx) for step in layers[1:]):
        return False
    if model.options.context is not None or any(step.inherited for step in steps):
        return True
    below = _Below()
    nodes = model.dockerfile.instructions
    at = 0
    for number, step in enumerate(layers):
        node = step.node
        # Files of other stages are copied: all that stands above counts. A trigger stands above what it runs in.
        while at < len(nodes) and nodes[at].span.start < node.span.start:
            below.add(nodes[at])
            at += 1
        if isinstance(node, Run):
            if number and _hides(step, below, ctx):
                return True
            below.caches.update(_caches(Placed(node, step), ctx))
        elif isinstance(node, Transfer):
            below.add_copy(node, step)
    return False


@cache
def _managed() -> frozenset[str]:
    """The folders that package managers are known to fill."""
    return frozenset(each.path for manager in managers().values() for each in manager.caches)


def _is_within(path: str, folders: Collection[str | None]) -> bool:
    """Whether a path is one of the folders, or lies below one."""
    while path not in folders:
        if path in ("", "/"):
            return "/" in folders
        path = path.rpartition("/")[0]
    return True


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _caches(placed: Placed, ctx: RuleContext) -> Iterator[str]:
    """The folders of the caches that a RUN may leave in its layer."""
    steps = package_steps(placed, ctx)
    left = {(cache.step.action.manager.key, cache.kind) for cache in caches_left(placed, ctx)}
    installs = any(step.action.action is Action.INSTALL for step in steps)
    emptied = {(step.action.manager.key, kind) for step in steps for kind in step.action.empties}
    for key, manager in {step.action.manager.key: step.action.manager for step in steps}.items():
        kinds = Counter(each.kind for each in manager.caches)
        for each in manager.caches:
            kind = (key, each.kind)
            # Where there are several folders of a kind, a RUN may have removed one of them only.
            if not installs or kind in left or (kinds[each.kind] > 1 and kind not in emptied):
                yield each.path


def _hiding(step: Step, ctx: RuleContext) -> list[Command]:
    """The commands of a RUN that may hide anything at all."""
    if not isinstance(step.node, Run):
        return []
    commands = ctx.commands(step.node, step)
    return [command for command in commands if command.name in _HIDING or _takes_away(command, ctx)]


def _takes_away(command: Command, ctx: RuleContext) -> bool:
    actions = actions_of(command, ctx)
    return bool(actions) and any(action.action in (Action.CLEAN, Action.REMOVE) for action in actions)


def _hides(step: Step, below: _Below, ctx: RuleContext) -> bool:
    """Whether one of the commands of a RUN may hide something."""
    hiding = _hiding(step, ctx)
    if not hiding:
        return False
    commands = ctx.commands(step.node, step)
    folders = dict(zip(map(id, commands), folders_of(commands, Placed(step.node, step)), strict=True))
    return any(_may_hide(command, folders[id(command)], below, ctx) for command in hiding)


def _may_hide(command: Command, folder: str | None, below: _Below, ctx: RuleContext) -> bool:
    if command.open_ended:
        # The files are not known, so that the prediction takes none for hidden.
        return False
    if command.name == "find":
        # What follows commands takes time to load: only files with such a command pay for it.
        from dockerlint.layers.find_command import is_followed  # noqa: PLC0415

        return is_followed(command)
    if command.name in _HIDING:
        return any(below.may_have(path, folder) for word in command.arguments for path in _paths(word))
    for action in actions_of(command, ctx):
        emptied = (each.path for each in action.manager.caches if each.kind in action.empties)
        if action.action is Action.CLEAN and not below.caches.isdisjoint(emptied):
            return True
        if action.action is Action.REMOVE:
            return any(below.names(name) for word in action.packages for name in _paths(word))
    return False


def _paths(word: Word) -> Iterator[str]:
    """The operand as it is read and as it is written; nothing for an option, and where the shell makes it."""
    if word.text and not word.raw.startswith("-"):
        yield word.text
        if word.raw != word.text:
            yield word.raw.strip("\"'")
