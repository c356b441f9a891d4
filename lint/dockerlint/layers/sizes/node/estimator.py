"""Estimates what npm, yarn and pnpm install, from lock files and a registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.size import NOTHING, Provenance, Size
from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.install import Estimate, Install, PackageSize, Request, unknown
from dockerlint.layers.sizes.node.locks import Chosen, LockError, of_npm, of_pnpm, of_yarn
from dockerlint.layers.sizes.node.platform import platform_of
from dockerlint.layers.sizes.node.registry import REGISTRY, NodeRegistry, Weight
from dockerlint.layers.sizes.node.tree import Placed, tree
from dockerlint.shell.managers import Cache
from dockerlint.shell.options import names
from dockerlint.syntax.paths import clean_path

_INSTALLING = names("install add i in ins inst insta instal isnt isnta isntal isntall ci clean-install ic") | {
    "",
    "global add",
}
_FROZEN = names("ci clean-install ic install-clean isntall-clean")
#: Options and variables with which packages come from elsewhere, or are not installed as usual.
_NOT_USUAL = names(
    "--registry --dry-run --package-lock-only -w --workspace --workspaces --filter -F --cpu --os --libc --lockfile-only"
    " --modules-folder"
)
_OTHER_REGISTRY = names("npm_config_registry NPM_CONFIG_REGISTRY YARN_REGISTRY")
_GLOBAL = names("-g --global")

#: Bytes that the list of a package takes in `node_modules/.package-lock.json`.
_ENTRY = 330
#: What one entry of npm's cache takes besides the archive.
_CACHE_ENTRY = 700
#: A usual log, and what one may have.
_LOG = (6_000, 3_000_000)


class _Solved(NamedTuple):
    """What is installed, and the bytes of the documents that were asked for."""

    packages: tuple[Placed, ...]
    documents: int
    source: str


class NodeEstimator:
    """The estimator for npm and its like; see `Estimator`."""

    def __init__(self, fetcher: Fetcher, registry: str = REGISTRY) -> None:
        self._registry = NodeRegistry(fetcher, registry)
        self._solved: dict[object, _Solved | str] = {}

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides the cache."""
        try:
            solved = self._solve(install)
            weights = self._weights(solved)
        except (ContextError, LockError) as error:
            return unknown(str(error))
        total = sum(weight.unpacked for weight in weights)
        listed = _ENTRY * len(weights)
        runs = [each.name for each in solved.packages if each.has_script]
        # What a script of a package makes or fetches is not known.
        high = None if runs else round(total * 1.02) + 2 * listed + 10_000
        script = f"; the script of {runs[0]} may add more" if runs else ""
        count = len(weights)
        note = f"{count} package{'' if count == 1 else 's'} from {solved.source}{script}"
        sizes = (PackageSize(*each[:2], weight.unpacked) for each, weight in zip(solved.packages, weights, strict=True))
        low = round(total * 0.98)
        return Estimate(Size(low, total + listed, high, Provenance.ESTIMATED), note, tuple(sizes))

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What is left in a cache: archives and documents, or for yarn 1 unpacked packages; pnpm links what it has."""
        if cache.kind == "logs":
            return Estimate(Size(0, _LOG[0], _LOG[1], Provenance.ESTIMATED), "a log")
        if cache.kind not in ("all", "metadata") or (install.manager == "yarn" and cache.path.startswith("/root/")):
            return Estimate(NOTHING, "")
        try:
            solved = self._solve(install)
            weights = self._weights(solved)
        except (ContextError, LockError) as error:
            return unknown(str(error))
        size = solved.documents
        if install.manager == "yarn":
            size = sum(weight.unpacked + weight.download for weight in weights)
        elif cache.kind == "all":
            size += sum(weight.download + _CACHE_ENTRY for weight in weights)
        return Estimate(Size(size // 2, size, size * 2 + 100_000, Provenance.ESTIMATED), f"{len(weights)} packages")

    def _weights(self, solved: _Solved) -> tuple[Weight, ...]:
        """The bytes of each package, found out side by side."""
        waiting = [self._registry.weigh(each.name, each.version) for each in solved.packages]
        return tuple(wait() for wait in waiting)

    def _solve(self, install: Install) -> _Solved:
        _check(install.request, install.environment)
        chosen = _chosen(install)
        # Without a version npm takes `latest` only if that is neither deprecated nor made for another Node.
        usual = "*" if install.manager == "npm" else "latest"
        wanted = {name: version or usual for name, version in map(_named, install.request.packages)}
        is_global = install.request.has(*_GLOBAL) or "global" in install.request.verb
        manifest = {} if is_global else _manifest(install)
        lock = None if wanted else _lock(install)
        if not wanted and manifest is None:
            raise ContextError("the content of package.json is not known")
        key = (install.manager, tuple(wanted.items()), json.dumps(manifest, sort_keys=True), lock, chosen, is_global)
        if key not in self._solved:
            # The other managers have one project for all that is global.
            shallow = is_global and install.manager == "npm"
            try:
                if lock is not None:
                    self._solved[key] = _Solved(_of_lock(*lock, manifest or {}, chosen), 0, lock[0])
                else:
                    wanted = {**_needs(manifest or {}, chosen), **wanted}
                    self._solved[key] = self._found(wanted, chosen, shallow=shallow)
            except (ContextError, LockError) as error:
                self._solved[key] = str(error)
        found = self._solved[key]
        if isinstance(found, str):
            raise ContextError(found)
        return found

    def _found(self, wanted: Mapping[str, str], chosen: Chosen, *, shallow: bool) -> _Solved:
        found = tree(self._registry, chosen.platform, wanted, optional=chosen.optional, is_global=shallow)
        return _Solved(found.packages, found.documents, "the registry")


def _of_lock(name: str, content: bytes, manifest: Mapping[str, object], chosen: Chosen) -> tuple[Placed, ...]:
    """The packages of a lock file. Raises `LockError`."""
    if name == "yarn.lock":
        return of_yarn(content, manifest, chosen)
    return (of_pnpm if name == "pnpm-lock.yaml" else of_npm)(content, chosen)


def _needs(manifest: Mapping[str, object], chosen: Chosen) -> dict[str, str]:
    """The ranges of versions that a project needs, by names."""
    kinds = ("dependencies", "optionalDependencies", *(("devDependencies",) if chosen.development else ()))
    tables = [table for kind in kinds if isinstance(table := manifest.get(kind), dict)]
    return {name: str(text) for table in tables for name, text in table.items()}


def _check(request: Request, environment: Mapping[str, str]) -> None:
    """Raise `ContextError` where packages come from elsewhere, or not as usual."""
    if request.verb not in _INSTALLING:
        raise ContextError(f"what '{request.verb}' installs is not known")
    option = next((name for name, _ in request.options if name in _NOT_USUAL), None)
    if option is not None:
        raise ContextError(f"what {option} brings is not known")
    variable = next((name for name in sorted(_OTHER_REGISTRY) if environment.get(name)), None)
    if variable is not None:
        raise ContextError(f"what {variable} brings is not known")


def _chosen(install: Install) -> Chosen:
    request = install.request
    omitted = set(request.values("--omit"))
    production = install.environment.get("NODE_ENV") == "production" or request.no_development or "dev" in omitted
    included = "dev" in request.values("--include") or "false" in request.values("--production", "--prod")
    return Chosen(
        development=included or not production,
        optional="optional" not in omitted and not request.has("--no-optional", "--ignore-optional"),
        platform=platform_of(install.image, install.platform, install.environment),
    )


def _named(operand: str) -> tuple[str, str]:
    """The name and the version of `name@version` and `@scope/name@version`, "" for none. Raises `ContextError`."""
    name, mark, version = operand.rpartition("@")
    if not mark or not name:
        name, version = operand, ""
    if ("/" in name and not name.startswith("@")) or name.startswith((".", "~")) or ":" in name:
        raise ContextError(f"what '{operand[:80]}' installs is not known")
    return name, version


def _read(install: Install, name: str) -> bytes | None:
    request = install.request
    directory = next(request.values("--prefix", "-C", "--dir", "--cwd"), request.directory)
    if directory is not None and not directory.startswith("/"):
        directory = f"{request.directory}/{directory}" if request.directory is not None else None
    return None if directory is None else install.files.read(clean_path(f"{directory}/{name}"))


def _manifest(install: Install) -> dict[str, object] | None:
    """package.json in the directory of the command; None where nothing is known of it."""
    content = _read(install, "package.json")
    if content is None:
        return None
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ContextError("package.json cannot be read") from error
    return document if isinstance(document, dict) else {}


def _lock(install: Install) -> tuple[str, bytes] | None:
    """The name and the content of the lock file that counts. Raises `ContextError` where one must be there."""
    places = {"yarn": ("yarn.lock",), "pnpm": ("pnpm-lock.yaml",)}
    for name in places.get(install.manager, ("npm-shrinkwrap.json", "package-lock.json")):
        content = _read(install, name)
        if content is not None:
            return name, content
    if install.request.verb in _FROZEN or install.request.has("--frozen-lockfile", "--immutable"):
        raise ContextError("the content of the lock file is not known")
    return None
