"""Reads lock files of npm, yarn 1 and pnpm: they tell every copy of every package."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dockerlint.layers.sizes.node.platform import NodePlatform
from dockerlint.layers.sizes.node.tree import Placed

_MOST_PACKAGES = 20_000
_DEEPEST = 100
_MODULES = "node_modules/"
_PNPM_KEY = re.compile(r"/?((?:@[^/@]+/)?[^/@]+)[@/]([^/_(]+)")
Table = Mapping[str, object]


class LockError(Exception):
    """A lock file does not tell what is installed; the message says why."""


class Chosen(NamedTuple):
    """What is installed of a lock file: also what only developers need, also what is optional, and for which system."""

    development: bool
    optional: bool
    platform: NodePlatform

    def takes(self, entry: Table) -> bool:
        """Whether an entry is installed."""
        if entry.get("dev") is True and not self.development:
            return False
        if entry.get("devOptional") is True and not self.development and not self.optional:
            return False
        return not (entry.get("optional") is True and not self.optional) and self.platform.fits(entry)


def of_npm(content: bytes, chosen: Chosen) -> tuple[Placed, ...]:
    """package-lock.json or npm-shrinkwrap.json of any version. Raises `LockError`."""
    try:
        document = json.loads(content)
        packages = document.get("packages")
        if isinstance(packages, dict):
            found = tuple(_of_paths(packages, chosen))
        else:
            found = tuple(_nested(document.get("dependencies"), chosen, 0))
    except (ValueError, AttributeError, RecursionError) as error:
        raise LockError("the lock file cannot be read") from error
    return found[:_MOST_PACKAGES]


def _of_paths(packages: Mapping[str, Table], chosen: Chosen) -> Iterator[Placed]:
    """The packages of versions 2 and 3 by their folders."""
    for path, entry in packages.items():
        name = path.rpartition(_MODULES)[2] if _MODULES in path else ""
        # The project itself, its workspaces, links to them, and what comes in the archive of another package.
        if not name or entry.get("link") or entry.get("inBundle") or not chosen.takes(entry):
            continue
        told = entry.get("name")
        version = entry.get("version")
        if not isinstance(version, str):
            raise LockError(f"the lock file does not tell the version of {name[:80]}")
        # A package may lie in a folder with another name.
        yield Placed(told if isinstance(told, str) else name, version, bool(entry.get("hasInstallScript")))


def _nested(entries: object, chosen: Chosen, depth: int) -> Iterator[Placed]:
    """The packages of version 1, which lie in one another."""
    if depth > _DEEPEST:
        raise LockError("the lock file is nested too deeply")
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        version = entry.get("version")
        if not isinstance(version, str) or entry.get("bundled") or not chosen.takes(entry):
            continue
        # `npm:name@version` is another package under this name.
        real, _, number = version.removeprefix("npm:").rpartition("@")
        yield Placed(real or name, number)
        yield from _nested(entry.get("dependencies"), chosen, depth + 1)


def of_yarn(content: bytes, manifest: Table, chosen: Chosen) -> tuple[Placed, ...]:
    """yarn.lock of yarn 1; `manifest` is package.json, which tells what is for developers. Raises `LockError`.

    Each version counts once: where yarn has to put copies of it is not known.
    """
    text = content.decode("utf-8", "replace")
    if "yarn lockfile v1" not in text[:500]:
        raise LockError("lock files of newer versions of yarn are not followed")
    entries = _entries_of_yarn(text)
    todo = [f"{name}@{wanted}" for name, wanted in _roots(manifest, chosen)]
    found: dict[Placed, None] = {}
    seen: set[str] = set()
    while todo:
        key = todo.pop()
        entry = entries.get(key)
        if key in seen or entry is None:
            continue
        seen.add(key)
        # `alias@npm:name@range` is another package under that name.
        found[Placed(key.rpartition("@")[0].rpartition("@npm:")[2], entry.version)] = None
        todo += entry.needs
        todo += entry.options if chosen.optional else []
    return tuple(found)[:_MOST_PACKAGES]


def _roots(manifest: Table, chosen: Chosen) -> Iterator[tuple[str, str]]:
    kinds = ["dependencies", *(["devDependencies"] if chosen.development else [])]
    kinds += ["optionalDependencies"] if chosen.optional else []
    for kind in kinds:
        table = manifest.get(kind)
        for name, wanted in table.items() if isinstance(table, dict) else ():
            yield name, str(wanted)


class _Entry:
    """A package in yarn.lock."""

    def __init__(self) -> None:
        self.version = ""
        self.needs: list[str] = []
        self.options: list[str] = []


def _entries_of_yarn(text: str) -> dict[str, _Entry]:
    """The entries by each of their names, `name@range`."""
    found: dict[str, _Entry] = {}
    entry = _Entry()
    part = entry.needs
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        if not line.startswith(" "):
            entry = _Entry()
            found.update({key.strip().strip('"'): entry for key in bare.rstrip(":").split(",")})
        elif line.startswith("    "):
            name, _, wanted = bare.partition(" ")
            part.append("@".join(word.strip().strip('"') for word in (name, wanted)))
        elif bare.startswith("version "):
            entry.version = bare[8:].strip('" ')
        elif bare.endswith(":"):
            part = entry.options if bare == "optionalDependencies:" else entry.needs
    return found


def of_pnpm(content: bytes, chosen: Chosen) -> tuple[Placed, ...]:
    """pnpm-lock.yaml: each version is kept once. Raises `LockError`."""
    import yaml  # noqa: PLC0415 - slow to import

    try:
        document = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise LockError("the lock file cannot be read") from error
    packages = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(packages, dict):
        raise LockError("the lock file tells no packages")
    tables = {str(key): entry for key, entry in packages.items() if isinstance(entry, dict)}
    if "snapshots" in document and not chosen.development:
        kept = _reached(document, chosen)
    else:
        kept = {key for key, entry in tables.items() if chosen.takes(entry)}
    found = (_of_key(key) for key, entry in tables.items() if key in kept and chosen.platform.fits(entry))
    return tuple(dict.fromkeys(found))[:_MOST_PACKAGES]


def _of_key(key: str) -> Placed:
    """The package of `/name@1.0.0(peer@2.0.0)`, `name@1.0.0` or `/name/1.0.0_peer@2.0.0`."""
    match = _PNPM_KEY.match(key)
    if match is None:
        raise LockError(f"the lock file names a package '{key[:80]}'")
    return Placed(match[1], match[2])


def _reached(document: Table, chosen: Chosen) -> set[str]:
    """The keys of packages that the project needs, without those that only developers do (lock files of version 9)."""
    importers, snapshots = document.get("importers"), document.get("snapshots")
    if not isinstance(importers, dict) or not isinstance(snapshots, dict):
        raise LockError("the lock file cannot be read")
    kinds = ("dependencies", "optionalDependencies") if chosen.optional else ("dependencies",)
    todo: list[str] = []
    for importer in importers.values():
        for kind in kinds:
            entries = importer.get(kind) if isinstance(importer, dict) else None
            for name, entry in entries.items() if isinstance(entries, dict) else ():
                version = entry.get("version") if isinstance(entry, dict) else entry
                todo.append(f"{name}@{version}")
    seen: set[str] = set()
    while todo:
        key = todo.pop()
        if key in seen:
            continue
        seen.add(key)
        entry = snapshots.get(key)
        for kind in kinds:
            needs = entry.get(kind) if isinstance(entry, dict) else None
            todo += [f"{name}@{version}" for name, version in needs.items()] if isinstance(needs, dict) else []
    return {key.partition("(")[0] for key in seen}
