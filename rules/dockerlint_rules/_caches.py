"""Which caches of package managers a RUN leaves in its layer.

What a RUN does is a sequence of events: an installation fills a cache, a clean-up or the removal of its folder empties
it. A cache is left behind if the last event for it that happens is a filling.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Step
from dockerlint.shell.directories import HOME, absolute, directories
from dockerlint.shell.managers import Action, Manager
from dockerlint.shell.removals import Removal, removals
from dockerlint.shell.script import Command, Reach, Scope, Word
from dockerlint.syntax.mounts import MountType
from dockerlint_rules._environment import variable_at
from dockerlint_rules._runs import PackageStep, Placed, commands_of, mounts_of, package_steps

_INSTALLING = frozenset({Action.INSTALL, Action.UPGRADE, Action.DOWNLOAD, Action.BUILD, Action.UPDATE_INDEX})

#: What fills caches of some kinds; the others are filled by whatever fetches something.
_FILLED_BY: Mapping[str, frozenset[Action]] = {
    "lists": frozenset({Action.UPDATE_INDEX}),
    "databases": frozenset({Action.UPDATE_INDEX}),
    "archives": frozenset({Action.INSTALL, Action.UPGRADE}),
}

#: Nobody has so many caches; it keeps hostile files cheap.
_MOST_CACHES = 50

_ROOT_HOME = "/root"
_HOMES = "/home/"


class LeftCache(NamedTuple):
    """A cache that is left behind: the last step that fills it, the kind of cache (`Manager.caches`) and its folders.

    `fillings` are all steps that fill it and after which nothing empties it. The folders are where managers of the
    kind may have it; it is in one of them.
    """

    step: PackageStep
    kind: str
    paths: tuple[str, ...]
    fillings: tuple[PackageStep, ...]


def caches_left(placed: Placed, ctx: RuleContext) -> tuple[LeftCache, ...]:
    """The caches that a RUN leaves in its layer, by the place of what fills them.

    Not those on a mount of type cache or tmpfs, and not where an option or a variable keeps the cache unfilled.
    """
    return ctx.once(_caches_left, placed)


def _caches_left(placed: Placed, ctx: RuleContext) -> tuple[LeftCache, ...]:
    steps = package_steps(placed, ctx)
    if not any(step.action.action in _INSTALLING for step in steps):
        return ()
    fillings: dict[tuple[str, str, tuple[str, ...]], list[PackageStep]] = {}
    for step in steps:
        for kind in _filled(step, placed, ctx):
            paths = _paths(step, kind, placed)
            if paths:
                fillings.setdefault((step.action.manager.key, kind, paths), []).append(step)
    cleaning = _Cleaning(placed, steps, commands_of(placed, ctx))
    left: dict[tuple[str, str], LeftCache] = {}
    for (key, kind, paths), several in islice(fillings.items(), _MOST_CACHES):
        if any(is_mounted(path, placed) for path in paths):
            continue
        cleaners = cleaning.of_cache(several[0], kind, paths)
        staying = tuple(step for step in several if not cleaning.follows(step, cleaners))
        if staying:
            before = left[key, kind].fillings if (key, kind) in left else ()
            left[key, kind] = LeftCache(staying[-1], kind, paths, (*before, *staying))
    return tuple(sorted(left.values(), key=lambda cache: cache.step.command.span))


def _paths(step: PackageStep, kind: str, placed: Placed) -> tuple[str, ...]:
    """The folders in which the cache may be that a step fills; none where an option names one that is not known."""
    given = next(step.action.options.values(*step.action.manager.cache_options), None)
    if given is None:
        return cache_paths(step.action.manager, kind, placed.step)
    workdir = placed.step.before.workdir
    path = None if given.text is None else absolute(in_home(given.text), workdir if isinstance(workdir, str) else None)
    return () if path is None else (path,)


def cache_paths(manager: Manager, kind: str, step: Step) -> tuple[str, ...]:
    """The folders in which a manager may have its cache of a kind; those below the home directory begin with `~`.

    A folder that a variable names is among them if its value is known.
    """
    workdir = step.before.workdir
    paths = (_in_environment(cache.path, step) for cache in manager.caches if cache.kind == kind)
    places = (absolute(in_home(path), workdir if isinstance(workdir, str) else None) for path in paths if path)
    return tuple(place for place in places if place is not None)


def _in_environment(path: str, step: Step) -> str | None:
    if not path.startswith("$"):
        return path
    name, slash, rest = path[1:].partition("/")
    value = step.before.environment.get(name)
    return f"{value.rstrip('/')}{slash}{rest}" if isinstance(value, str) and value else None


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


def _filled(step: PackageStep, placed: Placed, ctx: RuleContext) -> Iterator[str]:
    """The kinds of caches that a step fills, each once."""
    action, manager = step.action.action, step.action.manager
    if action not in _INSTALLING or step.action.no_cache or _is_kept_empty(step, placed, ctx):
        return
    for kind in dict.fromkeys(cache.kind for cache in manager.caches):
        if action in _FILLED_BY.get(kind, _INSTALLING):
            yield kind


def _is_kept_empty(step: PackageStep, placed: Placed, ctx: RuleContext) -> bool:
    """Whether a variable keeps the cache of a step's manager from being filled."""
    for name, values in step.action.manager.no_cache_variables.items():
        value = variable_at(name, step.command, placed, ctx)
        if value is not None and value.lower() in values:
            return True
    return False


class _Cleaning:
    """What a RUN empties and removes, in the order of its commands."""

    def __init__(self, placed: Placed, steps: Sequence[PackageStep], commands: Sequence[Command]) -> None:
        self._order = {id(command): number for number, command in enumerate(commands)}
        self._cleanings = [step for step in steps if step.action.action is Action.CLEAN]
        self._removals: list[tuple[Command, Removal]] = []
        self._vague: list[tuple[Command, frozenset[str]]] = []
        if any(command.name in ("rm", "find") for command in commands):
            workdir = placed.step.before.workdir
            places = directories(commands, workdir if isinstance(workdir, str) else None)
            for command, directory in zip(commands, places, strict=True):
                for removal in removals(command, directory):
                    self._removals.append((command, removal._replace(path=in_home(removal.path))))
                words = tuple(word for word in command.arguments if word.text is None)
                if words and command.name in ("rm", "find"):
                    self._vague.append((command, _sources(words, commands)))

    def of_cache(self, filling: PackageStep, kind: str, paths: Sequence[str]) -> Mapping[Scope | None, int]:
        """The places of the last commands that empty a cache: under None of those that surely run, and of others under
        the scope in which they run.
        """
        manager = filling.action.manager
        named = {cache.path[1:].partition("/")[0] for cache in manager.caches if cache.path.startswith("$")}
        commands = [command for command, removal in self._removals if any(removal.covers(path) for path in paths)]
        commands += [
            step.command for step in self._cleanings if kind in step.action.empties and step.family == filling.family
        ]
        commands += [command for command, sources in self._vague if not sources.isdisjoint(named | manager.names)]
        last: dict[Scope | None, int] = {}
        for command in commands:
            if command.reach is Reach.ALWAYS or command.scope.conditions > 0:
                scope = None if command.reach is Reach.ALWAYS else command.scope
                last[scope] = max(last.get(scope, -1), self._order[id(command)])
        return last

    def follows(self, filling: PackageStep, cleaners: Mapping[Scope | None, int]) -> bool:
        """Whether one of the commands stands below a filling, and runs whenever that has run."""
        order = self._order[id(filling.command)]
        return cleaners.get(None, -1) > order or any(
            cleaners.get(scope, -1) > order for scope in filling.command.scope.outward()
        )


def _sources(words: Sequence[Word], commands: Sequence[Command]) -> frozenset[str]:
    """What says which folders are removed where that is not known: variables, and programs in `$(pip cache dir)`."""
    names = {name for word in words for name in word.variables}
    place = words[0].span.cover(words[-1].span)
    at = bisect_left(commands, place.start, key=lambda command: command.span.start)
    while at < len(commands) and commands[at].span.start < place.end:
        names.add(commands[at].name or "")
        at += 1
    return frozenset(names)
