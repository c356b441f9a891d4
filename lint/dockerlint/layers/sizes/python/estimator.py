"""Estimates what pip, uv, poetry, pipenv and pdm install, from the wheels of an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from packaging.version import Version

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.size import Provenance, Size
from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.install import Estimate, Install, PackageSize, Request, unknown
from dockerlint.layers.sizes.python.closure import Wanted, closure
from dockerlint.layers.sizes.python.index import INDEX, Candidate, PythonIndex
from dockerlint.layers.sizes.python.locks import Locked, locked
from dockerlint.layers.sizes.python.requirements import NotKnownError, listed
from dockerlint.layers.sizes.python.target import Target, target_of
from dockerlint.layers.sizes.python.weights import Compiler, Weight, of_source, of_wheel
from dockerlint.layers.sizes.python.wheels import wheel_of
from dockerlint.shell.managers import Cache
from dockerlint.shell.options import names

#: Options and variables with which packages come from elsewhere, or are not installed as usual.
_NOT_USUAL = names(
    """
    -i --index-url --extra-index-url --pypi-url -f --find-links --no-index --index --default-index --no-binary
    --platform --python-version --implementation --abi --dry-run --group --requirements-from-script -e --editable
    --no-build --python-platform --with-editable --override --overrides --torch-backend --resolution --exclude-newer
    --prerelease --report --root --src
    """
)
_OTHER_INDEX = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_NO_BINARY", "PIP_TARGET"),
    *("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX", "UV_FIND_LINKS"),
)
_LIST_VERBS = frozenset({"install", "pip install", "pip sync"})
_TRUE = frozenset({"1", "true", "yes", "on"})

#: What an interpreter's own folder has to begin with; setuptools and wheel up to Python 3.11.
_BUNDLED = {"pip": 99, "setuptools": 11, "wheel": 11}


class _Solved(NamedTuple):
    """All packages after an installation, and those that it adds."""

    present: Mapping[str, Candidate]
    added: tuple[Candidate, ...]


class PythonEstimator:
    """The estimator for pip and its like; see `Estimator`."""

    def __init__(self, fetcher: Fetcher, index: str = INDEX) -> None:
        self._fetcher = fetcher
        self._url = index
        self._solved: dict[object, _Solved | str] = {}

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides the cache."""
        try:
            target = _target(install)
            added = self._added(install, target).added
            weights = self._weights(added, target, Compiler(target.minor, _compiles(install)))
        except (ContextError, NotKnownError) as error:
            return unknown(str(error))
        packages = tuple(
            PackageSize(each.name, str(each.version), weight.usual) for each, weight in zip(added, weights, strict=True)
        )
        size = Size(
            sum(weight.low for weight in weights),
            sum(weight.usual for weight in weights),
            sum(weight.high for weight in weights),
            Provenance.ESTIMATED,
        )
        return Estimate(size, _note(added, target), packages)

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What is left in the cache: the wheels and the pages of the index; uv only links what it has installed."""
        if install.manager == "uv":
            linked = install.environment.get("UV_LINK_MODE") != "copy"
            size = Size(0, 0, None, Provenance.ESTIMATED)
            return Estimate(size, "") if linked else unknown("uv copies its cache")
        if "pipenv" in cache.path:
            return Estimate(Size(0, 0, None, Provenance.ESTIMATED), "")
        try:
            target = _target(install)
            added = self._added(install, target).added
            index = self._index(target)
            for each in added:
                index.ask(each.name)
            pages = sum(index.page(each.name).size for each in added)
        except (ContextError, NotKnownError) as error:
            return unknown(str(error))
        files = sum(each.size for each in added)
        # pip keeps pages as they come; what it looked at and did not take is not known.
        size = Size(round(files * 0.98), files + pages, (files + pages) * 2 + 1_000_000, Provenance.ESTIMATED)
        return Estimate(size, f"{len(added)} files and pages of the index")

    def _index(self, target: Target) -> PythonIndex:
        return PythonIndex(self._fetcher, target, self._url)

    def _added(self, install: Install, target: Target) -> _Solved:
        """What one installation adds to those before it. Raises `ContextError` and `NotKnownError`."""
        present: Mapping[str, Candidate] = {}
        if not install.request.has("-t", "--target", "--prefix"):
            for request in install.before:
                # Of what is not known nothing is there.
                solved = self._known(partial(self._solve, install, request, target, present))
                present = solved.present if solved is not None else present
        return self._solve(install, install.request, target, present)

    def _known(self, solve: Callable[[], _Solved]) -> _Solved | None:
        try:
            return solve()
        except (ContextError, NotKnownError):
            return None

    def _solve(self, install: Install, request: Request, target: Target, present: Mapping[str, Candidate]) -> _Solved:
        manager = install.manager
        if request.from_manifest and not request.lists and manager != "pip":
            entries = locked(manager, request, install.files, target.environment())
            return self._remember((target, entries, tuple(present)), lambda: self._of_lock(entries, target, present))
        if request.verb not in _LIST_VERBS:
            raise NotKnownError(f"what {manager} {request.verb} installs is not known")
        _check(request, install.environment)
        asked = listed(request, install.files, install.environment)
        requirements = tuple(
            each
            for each in asked.requirements
            if not _is_bundled(each.name, request, target, exact=bool(each.specifier))
        )
        wanted = Wanted(
            requirements, asked.constraints, {} if request.has("-U", "--upgrade") else present, asked.prereleases
        )
        key = (
            target,
            tuple(map(str, requirements)),
            tuple(asked.constraints.items()),
            tuple(present.values()),
            request.options,
        )
        return self._remember(key, lambda: self._of_closure(wanted, request, target, present))

    def _remember(self, key: object, solve: Callable[[], _Solved]) -> _Solved:
        if key not in self._solved:
            try:
                self._solved[key] = solve()
            except ContextError as error:
                self._solved[key] = str(error)
        found = self._solved[key]
        if isinstance(found, str):
            raise ContextError(found)
        return found

    def _of_closure(
        self, wanted: Wanted, request: Request, target: Target, present: Mapping[str, Candidate]
    ) -> _Solved:
        index = self._index(target)
        named = {each.name for each in wanted.requirements}
        found = closure(index, target, wanted, follow=not request.has("--no-deps"))
        added = [
            each
            for name, each in found.items()
            if present.get(name) != each and (name in named or not _is_bundled(name, request, target, exact=False))
        ]
        return _Solved({**present, **found}, tuple(sorted(added, key=lambda each: each.name)))

    def _of_lock(self, entries: Iterable[Locked], target: Target, present: Mapping[str, Candidate]) -> _Solved:
        index = self._index(target)
        kept = tuple(entries)
        for entry in kept:
            index.ask(entry.name)
        found = {entry.name: _at(index, entry.name, entry.version) for entry in kept}
        added = tuple(each for name, each in found.items() if present.get(name) != each)
        return _Solved({**present, **found}, added)

    def _weights(self, candidates: Iterable[Candidate], target: Target, compiler: Compiler) -> tuple[Weight, ...]:
        """The bytes of all packages, whose wheels and source archives are read side by side."""
        index = self._index(target)
        waiting = [self._weighing(each, index, compiler) for each in candidates]
        return tuple(wait() for wait in waiting)

    def _weighing(self, candidate: Candidate, index: PythonIndex, compiler: Compiler) -> Callable[[], Weight]:
        """Start to weigh one package; what is returned waits for it."""
        if candidate.is_wheel:
            read = partial(wheel_of, self._fetcher, candidate.url, candidate.sha256)
            wheel = self._fetcher.once(f"wheel {candidate.url}", read)
            return lambda: of_wheel(wheel(), compiler)
        source = index.source(candidate)

        def weigh() -> Weight:
            try:
                return of_source(source(), candidate.size, compiler)
            except ContextError:
                return of_source(None, candidate.size, compiler)

        return weigh


def _target(install: Install) -> Target:
    target = target_of(install.image, install.platform, install.environment)
    if target is None:
        raise NotKnownError("the Python in this base image is not known")
    return target


def _check(request: Request, environment: Mapping[str, str]) -> None:
    """Raise `NotKnownError` where packages come from elsewhere, or not as usual."""
    option = next((name for name, _ in request.options if name in _NOT_USUAL), None)
    if option is not None:
        raise NotKnownError(f"what {option} brings is not known")
    variable = next((name for name in _OTHER_INDEX if environment.get(name)), None)
    if variable is not None:
        raise NotKnownError(f"what {variable} brings is not known")


def _compiles(install: Install) -> bool:
    """Whether byte code is made: by pip always, by the others only if they are told to."""
    request, environment = install.request, install.environment
    if install.manager in ("pip", "pipenv"):
        return not request.has("--no-compile") and environment.get("PIP_NO_COMPILE", "").lower() not in _TRUE
    if install.manager == "uv":
        return (
            request.has("--compile-bytecode", "--compile")
            or environment.get("UV_COMPILE_BYTECODE", "").lower() in _TRUE
        )
    return request.has("--compile")


def _is_bundled(name: str, request: Request, target: Target, *, exact: bool) -> bool:
    """Whether a package is there to begin with, and stays as it is."""
    if request.has("-t", "--target", "--prefix", "-U", "--upgrade", "-I", "--ignore-installed") or exact:
        return False
    return target.minor <= _BUNDLED.get(name, 0)


def _at(index: PythonIndex, name: str, version: Version) -> Candidate:
    found = next((each for each in index.page(name).candidates if each.version == version), None)
    if found is None:
        raise ContextError(f"the index has no {name} {version} for this platform")
    return found


def _note(added: tuple[Candidate, ...], target: Target) -> str:
    built = sum(not each.is_wheel for each in added)
    of_source = f", {built} of them built from source" if built else ""
    return f"{len(added)} package{'' if len(added) == 1 else 's'} from the index for Python {target.python}{of_source}"
