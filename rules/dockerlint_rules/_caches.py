"""Which caches of package managers a RUN leaves in its layer.

What a RUN does is a sequence of events: an installation fills a cache, a clean-up or the removal of its folder empties
it. A cache is left behind if the last event for it that happens is a filling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Step
from dockerlint.shell.directories import HOME, absolute, directories
from dockerlint.shell.managers import Action, Manager
from dockerlint.shell.removals import Removal, removals
from dockerlint.shell.script import Command, Reach
from dockerlint.syntax.mounts import MountType
from dockerlint_rules._runs import PackageStep, Placed, commands_of, mounts_of, package_steps

_INSTALLING = frozenset({Action.INSTALL, Action.UPGRADE, Action.DOWNLOAD, Action.BUILD, Action.UPDATE_INDEX})

#: What fills caches of some kinds; the others are filled by whatever fetches something.
_FILLED_BY: Mapping[str, frozenset[Action]] = {
    "lists": frozenset({Action.UPDATE_INDEX}),
    "databases": frozenset({Action.UPDATE_INDEX}),
    "archives": frozenset({Action.INSTALL, Action.UPGRADE}),
}

_ROOT_HOME = "/root"
_HOMES = "/home/"


class LeftCache(NamedTuple):
    """A cache that is left behind: the last step that fills it, the kind of cache (`Manager.caches`) and its folders.

    The folders are where managers of the kind may have it; it is in one of them.
    """

    step: PackageStep
    kind: str
    paths: tuple[str, ...]


def caches_left(placed: Placed, ctx: RuleContext) -> tuple[LeftCache, ...]:
    """The caches that a RUN leaves in its layer, by the place of what fills them.

    Not those on a mount of type cache or tmpfs, and not where an option or a variable keeps the cache unfilled.
    """
    return ctx.once(_caches_left, placed)


def _caches_left(placed: Placed, ctx: RuleContext) -> tuple[LeftCache, ...]:
    steps = package_steps(placed, ctx)
    if not any(step.action.action in _INSTALLING for step in steps):
        return ()
    commands = commands_of(placed, ctx)
    unfilled = _Variables(placed.step, commands)
    fillings: dict[tuple[str, str], list[PackageStep]] = {}
    for step in steps:
        for kind in _filled(step, unfilled):
            fillings.setdefault((step.action.manager.key, kind), []).append(step)
    cleaning = _Cleaning(placed, steps, commands)
    left = []
    for (_, kind), several in fillings.items():
        paths = cache_paths(several[0].action.manager, kind)
        if any(is_mounted(path, placed) for path in paths):
            continue
        last = next((step for step in reversed(several) if not cleaning.follows(step, kind, paths)), None)
        if last is not None:
            left.append(LeftCache(last, kind, paths))
    return tuple(sorted(left, key=lambda cache: cache.step.command.span))


def cache_paths(manager: Manager, kind: str) -> tuple[str, ...]:
    """The folders in which a manager may have its cache of a kind; those below the home directory begin with `~`."""
    return tuple(in_home(cache.path) for cache in manager.caches if cache.kind == kind)


def in_home(path: str) -> str:
    """The path, with `~` for the home directory of whatever user."""
    if path == _ROOT_HOME or path.startswith(_ROOT_HOME + "/"):
        return HOME + path[len(_ROOT_HOME) :]
    if path.startswith(_HOMES):
        _, _, below = path[len(_HOMES) :].partition("/")
        return f"{HOME}/{below}" if below else HOME
    for variable in ("$HOME", "${HOME}"):
        if path == variable or path.startswith(variable + "/"):
            return HOME + path[len(variable) :]
    return path


def is_mounted(path: str, placed: Placed) -> bool:
    """Whether a mount of type cache or tmpfs covers a path, so that what is written there is in no layer."""
    workdir = placed.step.before.workdir
    for mount in mounts_of(placed):
        if mount.type in (MountType.CACHE, MountType.TMPFS) and mount.target:
            target = absolute(in_home(mount.target), workdir if isinstance(workdir, str) else None)
            if target is not None and (path == target or path.startswith(target.rstrip("/") + "/")):
                return True
    return False


def _filled(step: PackageStep, unfilled: _Variables) -> Iterator[str]:
    """The kinds of caches that a step fills, each once."""
    action, manager = step.action.action, step.action.manager
    if action not in _INSTALLING or step.action.no_cache or unfilled.keep_empty(step):
        return
    for kind in dict.fromkeys(cache.kind for cache in manager.caches):
        if action in _FILLED_BY.get(kind, _INSTALLING):
            yield kind


class _Variables:
    """The variables in force in a RUN: those of the builder, and those that the script sets on its way."""

    def __init__(self, step: Step, commands: Sequence[Command]) -> None:
        self._environment = step.before.environment
        self._set = [
            (command.span.start, assignment.name, assignment.value.text)
            for command in commands
            if command.name in ("export", "declare") or command.program is None
            for assignment in command.assignments
            if assignment.value is not None and assignment.value.text is not None
        ]

    def keep_empty(self, step: PackageStep) -> bool:
        """Whether a variable keeps the cache of a step's manager from being filled."""
        for name, values in step.action.manager.no_cache_variables.items():
            value = self._environment.get(name)
            for start, other, given in self._set:
                if other == name and start < step.command.span.start:
                    value = given
            if isinstance(value, str) and value.lower() in values:
                return True
        return False


class _Cleaning:
    """What a RUN empties and removes, in the order of its commands."""

    def __init__(self, placed: Placed, steps: Sequence[PackageStep], commands: Sequence[Command]) -> None:
        self._order = {id(command): number for number, command in enumerate(commands)}
        self._cleanings = [step for step in steps if step.action.action is Action.CLEAN]
        self._removals: list[tuple[Command, Removal]] = []
        if any(command.name in ("rm", "find") for command in commands):
            workdir = placed.step.before.workdir
            places = directories(commands, workdir if isinstance(workdir, str) else None)
            for command, directory in zip(commands, places, strict=True):
                for removal in removals(command, directory):
                    self._removals.append((command, removal._replace(path=in_home(removal.path))))

    def follows(self, filling: PackageStep, kind: str, paths: Sequence[str]) -> bool:
        """Whether a clean-up that surely comes after a filling empties one of the folders of the cache."""
        return any(
            self._is_after(command, filling.command) and any(removal.covers(path) for path in paths)
            for command, removal in self._removals
        ) or any(
            kind in step.action.empties
            and step.family == filling.family
            and self._is_after(step.command, filling.command)
            for step in self._cleanings
        )

    def _is_after(self, later: Command, earlier: Command) -> bool:
        """Whether a command stands below another one and runs whenever that one has run."""
        if self._order[id(later)] <= self._order[id(earlier)]:
            return False
        if later.reach is Reach.ALWAYS:
            return True
        return later.scope.conditions > 0 and later.scope in earlier.scope.outward()
