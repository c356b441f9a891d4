"""Reads lock files: they tell the versions, so that nothing has to be solved.

What a lock file says is taken for the groups that are installed by default; groups that are asked for or left out by
name make the answer not known.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from dockerlint.layers.sizes.install import Files, Request
from dockerlint.layers.sizes.python.requirements import NotKnownError
from dockerlint.syntax.paths import clean_path

#: Options that choose other groups than those that are installed by default.
_CHOICES = (
    *("--group", "-G", "--no-group", "--only-group", "--only", "--with", "--without", "--extra", "-E", "--extras"),
    *("--all-extras", "--all-groups", "--package", "--all-packages", "--only-main", "--no-default"),
)
_MAIN_ONLY = ("--only-main", "--no-dev", "--no-default-groups", "--prod", "--production")
_MOST_PACKAGES = 10_000

Table = Mapping[str, object]


class Locked(NamedTuple):
    """A package at its version."""

    name: str
    version: Version


def locked(manager: str, request: Request, files: Files, environment: Mapping[str, str]) -> tuple[Locked, ...]:
    """What a lock file in the directory of the command installs. Raises `NotKnownError`.

    `environment` are the values of markers.
    """
    name, read = _FILES[manager]
    if request.directory is None:
        raise NotKnownError("the folder of the project is not known")
    if manager == "pipenv":
        main_only = not request.has("--dev", "-d")
    else:
        main_only = request.no_development or request.has(*_MAIN_ONLY) or _is_only_main(request)
    chosen = [option for option, _ in request.options if option in _CHOICES and option not in _MAIN_ONLY]
    if chosen and not _is_only_main(request):
        raise NotKnownError(f"which packages {chosen[0]} chooses is not known")
    path = clean_path(f"{request.directory}/{name}")
    content = files.read(path)
    if content is None:
        raise NotKnownError(f"the content of {path[:100]} is not known")
    try:
        document = json.loads(content) if name == "Pipfile.lock" else tomllib.loads(content.decode())
        found = tuple(read(_Lock(document, environment, main_only=main_only)))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise NotKnownError(f"{name} cannot be read") from error
    return tuple(dict.fromkeys(found))[:_MOST_PACKAGES]


def _is_only_main(request: Request) -> bool:
    """Whether poetry is told `--only main` or `--without dev`."""
    only, without = list(request.values("--only")), list(request.values("--without"))
    return (only == ["main"] and not without) or (without in (["dev"], ["dev,test"]) and not only)


class _Lock(NamedTuple):
    """A lock file that was read."""

    document: Table
    environment: Mapping[str, str]
    main_only: bool

    def packages(self) -> Iterator[Table]:
        """The entries of `package` that are tables."""
        entries = self.document.get("package")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield entry

    def applies(self, marker: object) -> bool:
        """Whether a marker fits the interpreter; what cannot be read fits."""
        if isinstance(marker, dict):
            # Poetry tells one for each group.
            return any(map(self.applies, marker.values()))
        if not isinstance(marker, str) or not marker:
            return True
        try:
            return Marker(marker).evaluate({**self.environment, "extra": ""})
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
            return True


def _of_pipenv(lock: _Lock) -> Iterator[Locked]:
    """Pipfile.lock: `default`, and `develop` where that is asked for."""
    for group in ("default",) if lock.main_only else ("default", "develop"):
        entries = lock.document.get(group)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            version = entry.get("version")
            if isinstance(version, str) and lock.applies(entry.get("markers")):
                yield from _entry(name, version.removeprefix("=="))


def _of_poetry(lock: _Lock) -> Iterator[Locked]:
    """poetry.lock: each package tells its groups (2.0), or its category (before 1.5)."""
    for entry in lock.packages():
        groups = entry.get("groups") or [entry.get("category", "main")]
        if lock.main_only and lock.document.get("package") and "groups" not in entry and "category" not in entry:
            raise NotKnownError("poetry.lock does not tell which packages are for development")
        wanted = not lock.main_only or (isinstance(groups, list) and "main" in groups)
        if wanted and not entry.get("optional") and lock.applies(entry.get("markers")):
            yield from _entry(entry["name"], entry["version"])


def _of_pdm(lock: _Lock) -> Iterator[Locked]:
    """pdm.lock: each package tells its groups; those with the name `dev` are for developers."""
    for entry in lock.packages():
        groups = entry.get("groups")
        names = groups if isinstance(groups, list) else ["default"]
        if ("default" in names or (not lock.main_only and "dev" in names)) and lock.applies(entry.get("marker")):
            yield from _entry(entry["name"], entry["version"])


def _of_uv(lock: _Lock) -> Iterator[Locked]:
    """uv.lock: what the project needs, and what that needs, is followed by name."""
    packages = {str(entry.get("name")): entry for entry in lock.packages()}
    roots = [entry for entry in packages.values() if _is_project(entry)]
    if not roots:
        raise NotKnownError("uv.lock does not tell which package is the project")
    todo: list[tuple[str, frozenset[str]]] = []
    for root in roots:
        todo += _needs(root.get("dependencies"), lock)
        groups = root.get("dev-dependencies")
        if isinstance(groups, dict) and not lock.main_only:
            todo += _needs(groups.get("dev"), lock)
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        need = todo.pop()
        entry = packages.get(need[0])
        if need in seen or entry is None:
            continue
        seen.add(need)
        if not _is_project(entry):
            yield from _entry(need[0], entry["version"])
        todo += _needs(entry.get("dependencies"), lock)
        extras = entry.get("optional-dependencies")
        if isinstance(extras, dict):
            for extra in need[1]:
                todo += _needs(extras.get(extra), lock)


def _is_project(entry: Table) -> bool:
    source = entry.get("source")
    return isinstance(source, dict) and bool({"virtual", "editable", "directory"} & source.keys())


def _needs(entries: object, lock: _Lock) -> list[tuple[str, frozenset[str]]]:
    """The names, with extras, of the entries that count for the interpreter."""
    found = []
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and lock.applies(entry.get("marker")):
            extras = entry.get("extra")
            found.append((str(entry["name"]), frozenset(extras if isinstance(extras, list) else ())))
    return found


def _entry(name: object, version: object) -> Iterator[Locked]:
    try:
        yield Locked(canonicalize_name(str(name)), Version(str(version)))
    except InvalidVersion:
        return


_FILES: Mapping[str, tuple[str, Callable[[_Lock], Iterator[Locked]]]] = {
    "pipenv": ("Pipfile.lock", _of_pipenv),
    "poetry": ("poetry.lock", _of_poetry),
    "pdm": ("pdm.lock", _of_pdm),
    "uv": ("uv.lock", _of_uv),
}
