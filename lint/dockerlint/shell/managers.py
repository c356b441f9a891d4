"""What is known of a package manager: the form of the tables in the modules for each kind of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.shell.options import NO_VALUES, Syntax


class Action(Enum):
    """What a command of a package manager does.

    `BUILD` compiles a project and fetches what that needs; `OTHER` is everything without an effect on packages.
    """

    # That of Enum is written in Python, and members are looked up some hundred times for each file.
    __hash__ = object.__hash__

    INSTALL = "install"
    UPDATE_INDEX = "update-index"
    UPGRADE = "upgrade"
    REMOVE = "remove"
    CLEAN = "clean"
    DOWNLOAD = "download"
    BUILD = "build"
    OTHER = "other"


class Cache(NamedTuple):
    """A folder that a manager fills and that nobody needs afterwards.

    The path may begin with a variable (`$NAME/…`) and have globs; a relative one is seen from the working directory.
    """

    kind: str
    path: str


class Cleaning(NamedTuple):
    """A verb that empties the caches of the kinds `empties` if one of the options `needs` is given, or none is
    needed.
    """

    verb: str
    needs: frozenset[str]
    empties: tuple[str, ...]


class Manager(NamedTuple):
    """What is known of one package manager. Paths are those of root with its usual home.

    `key` is its name here, `names` are base names of its programs, `ecosystem` is "os" or "language". `verbs` lead
    from a sub-command (`install`, `pip install`, an empty text for none) to what it does; those of `flag_verbs` are
    options (`-S`), without effect beside one of `queries`. With `repeatable` several verbs may follow one another
    (`mvn clean package`). Options before the verb are read by `general`, those behind it by `syntax`.

    `yes` are options that answer all questions, `general_yes` those that do before the verb. `no_cache` are options
    and `no_cache_variables` environment variables with the values that keep the cache from being filled.
    `no_recommends` are options that leave weak dependencies out, `refresh` those of an install that fill the index
    first. An entry `--name=value` stands for the option with that value.

    `requirements` are options whose value is a file that lists packages, `projects` those whose value is a folder
    or file to install from. `manifest_verbs` install what a manifest lists unless packages are named; the operands
    of `file_verbs` are no packages but files that list them, or projects. With `frozen` options, or `frozen_verbs`,
    the lock file is law; `no_development` leave development dependencies out. `cache_options` name another folder for
    the cache. `manifests` and `locks` are file names and globs. `pins` stand between a name and an exact version,
    `ranges` before a version that may move.
    """

    key: str
    names: frozenset[str]
    ecosystem: str
    verbs: Mapping[str, Action]
    flag_verbs: Mapping[str, Action]
    queries: frozenset[str]
    repeatable: bool
    general: Syntax
    syntax: Syntax
    yes: frozenset[str]
    general_yes: frozenset[str]
    no_cache: frozenset[str]
    no_cache_variables: Mapping[str, frozenset[str]]
    no_recommends: frozenset[str]
    refresh: frozenset[str]
    requirements: frozenset[str]
    projects: frozenset[str]
    manifest_verbs: frozenset[str]
    file_verbs: frozenset[str]
    frozen: frozenset[str]
    frozen_verbs: frozenset[str]
    no_development: frozenset[str]
    caches: tuple[Cache, ...]
    cache_options: frozenset[str]
    cleanings: tuple[Cleaning, ...]
    pins: tuple[str, ...]
    ranges: tuple[str, ...]
    manifests: tuple[str, ...]
    locks: tuple[str, ...]


def manager(
    key: str,
    names: str,
    ecosystem: str,
    *,
    install: str = "",
    update: str = "",
    upgrade: str = "",
    remove: str = "",
    clean: str = "",
    download: str = "",
    build: str = "",
    bare: Action | None = None,
    flag_verbs: Mapping[str, Action] = MappingProxyType({}),
    queries: str = "",
    repeatable: bool = False,
    valued: str = "",
    syntax: Syntax = NO_VALUES,
    general_valued: str | None = None,
    yes: str = "",
    general_yes: str = "",
    no_cache: str = "",
    no_cache_variables: Mapping[str, frozenset[str]] = MappingProxyType({}),
    no_recommends: str = "",
    refresh: str = "",
    requirements: str = "",
    projects: str = "",
    manifest_verbs: str = "",
    file_verbs: str = "",
    frozen: str = "",
    frozen_verbs: str = "",
    no_development: str = "",
    caches: str = "",
    cache_options: str = "",
    cleanings: tuple[tuple[str, str, str], ...] = (),
    pins: str = "",
    ranges: str = "",
    manifests: str = "",
    locks: str = "",
) -> Manager:
    """Write a manager down: lists are texts with blanks between the entries, verbs (which may be several words)
    with commas.

    `bare` is what the program does without a verb, which `manifest_verbs` call `-`. `caches` are `kind:path`.
    `cleanings` are verb, needed options, kinds. Without `general_valued` the same options may stand before and
    behind the verb.
    """
    verbs = {
        verb.strip(): action
        for text, action in (
            (install, Action.INSTALL),
            (update, Action.UPDATE_INDEX),
            (upgrade, Action.UPGRADE),
            (remove, Action.REMOVE),
            (clean, Action.CLEAN),
            (download, Action.DOWNLOAD),
            (build, Action.BUILD),
        )
        for verb in text.split(",")
        if verb.strip()
    }
    if bare is not None:
        verbs[""] = bare
    syntax = syntax.with_valued(valued.split())
    return Manager(
        key=key,
        names=_set(names),
        ecosystem=ecosystem,
        verbs=MappingProxyType(verbs),
        flag_verbs=flag_verbs,
        queries=_set(queries),
        repeatable=repeatable,
        general=syntax if general_valued is None else Syntax(valued=_set(general_valued)),
        syntax=syntax,
        yes=_set(yes),
        general_yes=_set(general_yes),
        no_cache=_set(no_cache),
        no_cache_variables=no_cache_variables,
        no_recommends=_set(no_recommends),
        refresh=_set(refresh),
        requirements=_set(requirements),
        projects=_set(projects),
        manifest_verbs=_verbs(manifest_verbs),
        file_verbs=_verbs(file_verbs),
        frozen=_set(frozen),
        frozen_verbs=_verbs(frozen_verbs),
        no_development=_set(no_development),
        caches=tuple(Cache(*entry.split(":", 1)) for entry in caches.split()),
        cache_options=_set(cache_options),
        cleanings=tuple(Cleaning(verb, _set(needs), tuple(kinds.split())) for verb, needs, kinds in cleanings),
        pins=tuple(pins.split()),
        ranges=tuple(ranges.split()),
        manifests=tuple(manifests.split()),
        locks=tuple(locks.split()),
    )


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _verbs(text: str) -> frozenset[str]:
    verbs = (verb.strip() for verb in text.split(",") if verb.strip())
    return frozenset("" if verb == "-" else verb for verb in verbs)
