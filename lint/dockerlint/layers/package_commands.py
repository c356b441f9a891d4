"""What package managers do to the files: caches that they fill and empty, packages that come and go.

Which files a package has is not known here, at best what they weigh. An installation makes its layer open-ended; that
it fills a cache, and that a later clean-up or removal comes too late for a layer, is known all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint.layers.call import Call
from dockerlint.layers.filesystem import parts_of
from dockerlint.layers.layer import By, Cause, Hidden, Installed
from dockerlint.layers.nodes import BASE, Fill, Folder
from dockerlint.layers.queries import only_asks
from dockerlint.layers.size import UNKNOWN, Size
from dockerlint.layers.sizes.install import Estimator, Install, Remover, Request
from dockerlint.shell.managers import Action, Cache
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Word

#: Managers that share one set of installed packages.
_FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(("apt-get", "aptitude", "dpkg"), "apt-get"),
    **dict.fromkeys(("yum", "dnf", "microdnf", "tdnf", "rpm"), "yum"),
}
_FILLING = frozenset({Action.INSTALL, Action.UPGRADE, Action.DOWNLOAD, Action.BUILD, Action.UPDATE_INDEX})
_VIRTUAL = ("-t", "--virtual")
_NAME = re.compile(r"[A-Za-z0-9@._/+-]+")

#: Caches that are filled only by some actions; the others by whatever fetches something.
_FILLED_BY: Mapping[str, frozenset[Action]] = {
    "lists": frozenset({Action.UPDATE_INDEX}),
    "databases": frozenset({Action.UPDATE_INDEX}),
}

#: Kinds of caches that images of the distribution are set up not to keep.
_NOT_KEPT = {("apt-get", "archives"), ("aptitude", "archives"), ("apt-get", "index"), ("apk", "packages")}


def with_packages(call: Call, action: PackageAction) -> None:
    """Follow one action of a package manager."""
    kind = action.action
    install = _install(call, action) if kind in _FILLING else None
    if kind in _FILLING:
        _fill_caches(call, action, install)
    if kind is Action.CLEAN:
        _clean(call, action)
    elif kind is Action.REMOVE:
        _uninstall(call, action)
    elif kind is Action.INSTALL:
        _remember(call, action)
        _weigh(call, action, install)
    elif kind in (Action.UPGRADE, Action.BUILD, Action.DOWNLOAD):
        call.doubt(f"the files that {_label(action)} writes are not known")
    elif kind is Action.OTHER and not only_asks(action):
        call.runner.is_wild = True
        call.doubt(f"the files that {_label(action)} writes are not known")


def _weigh(call: Call, action: PackageAction, install: Install | None) -> None:
    """Note what an installation adds to the layer, as far as anybody tells."""
    unknown = f"the files that {_label(action)} installs are not known"
    estimator = _estimator(call, action)
    if estimator is None or install is None:
        call.doubt(unknown)
        return
    family = _family(action)
    requests = call.runner.machine.requests
    requests[family] = (*requests.get(family, ()), install.request)
    estimate = estimator.installed(install)
    if estimate.size.estimate is None:
        call.doubt(f"{unknown}: {estimate.note}")
    call.runner.notes.whiteouts.update(dict.fromkeys(estimate.whiteouts))
    if estimate.size.low or estimate.size.estimate is not None:
        note = Installed(estimate.size, estimate.note, call.command.span, estimate.packages, family, install)
        call.runner.notes.installs.append(note)


def _estimator(call: Call, action: PackageAction) -> Estimator | None:
    installer = call.runner.machine.installer
    return None if installer is None else installer.estimator(action.manager.key)


def _install(call: Call, action: PackageAction) -> Install | None:
    """What an estimator is asked; None where nobody is, or a word that names packages is not known."""
    if _estimator(call, action) is None:
        return None
    packages = _packages(call, action)
    lists = tuple(call.path(word) for word in action.requirement_files)
    if packages is None or action.doubtful:
        return None
    options = ((flag.name, "" if flag.value is None else call.runner.text(flag.value)) for flag in action.options.flags)
    request = Request(
        packages,
        recommends=not action.no_recommends,
        verb=action.verb_text,
        options=tuple((name, value or "") for name, value in options),
        lists=tuple(path for path in lists if path is not None),
        directory=call.directory,
        from_manifest=action.from_manifest,
        no_development=action.no_development,
        layer=call.runner.fs.layer,
    )
    if len(request.lists) < len(lists):
        return None
    return call.runner.install(action.manager.key, request, call.runner.machine.requests.get(_family(action), ()))


def _packages(call: Call, action: PackageAction) -> tuple[str, ...] | None:
    """The operands of a command; None where one is not known."""
    found: list[str] = []
    for word in action.packages:
        # A word that depends on a variable may be several, or none.
        text = call.runner.text(word) if word.text is None else word.text
        words = (text or "").split() if word.text is None else [word.text]
        if not words:
            return None
        found += words
    return tuple(found)


def _size_of_cache(call: Call, action: PackageAction, cache: Cache, install: Install | None) -> Size:
    estimator = _estimator(call, action)
    return UNKNOWN if estimator is None or install is None else estimator.cached(install, cache).size


def _family(action: PackageAction) -> str:
    return _FAMILIES.get(action.manager.key, action.manager.key)


def _label(action: PackageAction) -> str:
    return f"{action.tool} {action.verb_text}".rstrip()


def _fill_caches(call: Call, action: PackageAction, install: Install | None) -> None:
    if action.no_cache or _is_kept_empty(call, action):
        return
    key = action.manager.key
    for cache, path in _places(call, action):
        if (key, cache.kind) in _NOT_KEPT or action.action not in _FILLED_BY.get(cache.kind, _FILLING):
            continue
        if not call.runner.is_outside(path):
            span = call.command.span.cover(action.verb[0].span if action.verb else call.command.span)
            size = _size_of_cache(call, action, cache, install)
            if not _has_fill(call, path, size):
                call.runner.fs.add_fill(path, Fill(size, call.runner.fs.layer, span))


def _has_fill(call: Call, path: str, size: Size) -> bool:
    """Whether this layer has filled a cache with the same already: a second update finds nothing new."""
    folder = call.runner.fs.find(path) if size.estimate is not None else None
    fills = folder.fills if isinstance(folder, Folder) else ()
    return any(fill.layer == call.runner.fs.layer and fill.sure and fill.size == size for fill in fills)


def _is_kept_empty(call: Call, action: PackageAction) -> bool:
    environment = call.runner.step.before.environment
    for name, values in action.manager.no_cache_variables.items():
        value = environment.get(name)
        if isinstance(value, str) and value.lower() in values:
            return True
    return False


def _places(call: Call, action: PackageAction) -> Iterator[tuple[Cache, str]]:
    """The caches of a manager with their folders, as far as these are known: an option or a variable may move them."""
    manager = action.manager
    environment = call.runner.step.before.environment
    moved: dict[str, str] = {}
    option = next(action.options.values(*manager.cache_options), None)
    path = None if option is None else call.path(option)
    if path is not None and manager.caches:
        moved[manager.caches[0].kind] = path
    for cache in manager.caches:
        name, _, rest = cache.path.removeprefix("$").partition("/")
        value = environment.get(name) if cache.path.startswith("$") else None
        if isinstance(value, str) and value.startswith("/"):
            moved.setdefault(cache.kind, f"{value}/{rest}" if rest else value)
    yield from ((Cache(kind, path), path) for kind, path in moved.items())
    for cache in manager.caches:
        path = None if cache.kind in moved else _path(call, cache)
        if path is not None:
            yield cache, path


def _path(call: Call, cache: Cache) -> str | None:
    """The folder of a cache, None where a variable or a pattern is part of it."""
    path = cache.path
    if path.startswith(("~", "/root/")):
        home = call.runner.home()
        below = path[1:] if path.startswith("~") else path[len("/root") :]
        path = "" if home is None else home + below
    return path if path.startswith("/") and not any(char in path for char in "$*?[{") else None


def _clean(call: Call, action: PackageAction) -> None:
    """Empty caches; what lower layers have of them stays there."""
    runner = call.runner
    for cache, path in _places(call, action):
        node = runner.fs.find(path) if cache.kind in action.empties else None
        if not isinstance(node, Folder):
            continue
        runner.notes.hide(Cause.CLEANED, path, By(call.command.span, call.command), parts_of(node))
        runner.fs.take_fills(path, tuple(fill for fill in node.fills if fill.sure))


def _names(words: tuple[Word, ...]) -> Iterator[tuple[str, Word]]:
    """The names of packages without versions, releases and architectures."""
    for word in words:
        match = _NAME.match(word.text or "")
        if match is not None and not (word.text or "").startswith(("/", "./", "../")):
            name = match[0]
            yield name.partition("@")[0] or name, word


def _remember(call: Call, action: PackageAction) -> None:
    family = _family(action)
    layer = call.runner.fs.layer
    installed = [name for name, _ in _names(action.packages)]
    if action.manager.key == "apk":
        installed += [word.text for word in action.options.values(*_VIRTUAL) if word.text]
    for name in installed:
        call.runner.machine.packages.setdefault((family, name), (layer, call.command.span))


def _uninstall(call: Call, action: PackageAction) -> None:
    """Note the packages of lower layers that are removed: their files stay there."""
    family = _family(action)
    runner = call.runner
    estimator, install = _estimator(call, action), _install(call, action)
    estimate = estimator.removed(install) if isinstance(estimator, Remover) and install is not None else None
    runner.notes.installs = [each for each in runner.notes.installs if each.family != family]
    requests = runner.machine.requests
    if estimate is None or install is None or estimate.size.estimate is None:
        # What this layer has got of the packages is not known any more.
        call.doubt(f"{_label(action)} removes and rewrites files that are not known")
        removed = {name for name, _ in _names(action.packages)}
        requests[family] = tuple(each.without(removed) for each in requests.get(family, ()))
    else:
        note = Installed(estimate.size, estimate.note, call.command.span, estimate.packages, family)
        runner.notes.installs.append(note)
        runner.notes.whiteouts.update(dict.fromkeys(estimate.whiteouts))
        requests[family] = (*requests.get(family, ()), install.request)
    for name, word in _names(action.packages):
        layer, origin = runner.machine.packages.pop((family, name), (BASE, word.span))
        if BASE < layer < runner.fs.layer:
            runner.notes.hidden.append(Hidden(Cause.UNINSTALLED, name, word.span, call.command, layer, origin, UNKNOWN))
