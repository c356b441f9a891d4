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
from dockerlint.layers.size import UNKNOWN, Size
from dockerlint.layers.sizes.install import Request
from dockerlint.shell.managers import Action, Cache
from dockerlint.shell.options import names
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Word

#: Managers that share one set of installed packages.
_FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(("apt-get", "aptitude", "dpkg"), "apt-get"),
    **dict.fromkeys(("yum", "dnf", "microdnf", "tdnf", "rpm"), "yum"),
}
#: Managers whose packages have sizes that can be asked for.
_WEIGHED = frozenset({"apt-get"})
#: Options with which other versions are installed, or nothing.
_NOT_USUAL = names("-t --target-release --default-release --reinstall -d --download-only -s --simulate --dry-run")
_FILLING = frozenset({Action.INSTALL, Action.UPGRADE, Action.DOWNLOAD, Action.BUILD, Action.UPDATE_INDEX})
_VIRTUAL = ("-t", "--virtual")
_NAME = re.compile(r"[A-Za-z0-9@._/+-]+")

#: Caches that are filled only by some actions; the others by whatever fetches something.
_FILLED_BY: Mapping[str, frozenset[Action]] = {
    "lists": frozenset({Action.UPDATE_INDEX}),
    "databases": frozenset({Action.UPDATE_INDEX}),
}

#: Kinds of caches that images of the distribution are set up not to keep.
_NOT_KEPT = {("apt-get", "archives"), ("aptitude", "archives"), ("apt-get", "index")}


def with_packages(call: Call, action: PackageAction) -> None:
    """Follow one action of a package manager."""
    kind = action.action
    if kind in _FILLING:
        _fill_caches(call, action)
    if kind is Action.CLEAN:
        _clean(call, action)
    elif kind is Action.REMOVE:
        _uninstall(call, action)
        call.doubt(f"{_label(action)} removes and rewrites files that are not known")
    elif kind is Action.INSTALL:
        _remember(call, action)
        _weigh(call, action)
    elif kind in (Action.UPGRADE, Action.BUILD, Action.DOWNLOAD):
        call.doubt(f"the files that {_label(action)} writes are not known")
    elif kind is Action.OTHER:
        call.runner.is_wild = True
        call.doubt(f"the files that {_label(action)} writes are not known")


def _weigh(call: Call, action: PackageAction) -> None:
    """Note what an installation adds to the layer, as far as anybody tells."""
    unknown = f"the files that {_label(action)} installs are not known"
    machine = call.runner.machine
    packages = _requested(call, action)
    if machine.installer is None or packages is None:
        call.doubt(unknown)
        return
    request = Request(packages, not action.no_recommends)
    install = machine.installer.install(action.manager.key, request, machine.requests)
    machine.requests = (*machine.requests, request)
    estimate = machine.installer.estimator.installed(install)
    if estimate.size.estimate is None:
        call.doubt(f"{unknown}: {estimate.note}")
    if estimate.size.low or estimate.size.estimate is not None:
        call.runner.notes.installs.append(Installed(estimate.size, estimate.note, call.command.span, estimate.packages))


def _requested(call: Call, action: PackageAction) -> tuple[str, ...] | None:
    """The packages that an installation names, None where they, or their versions, are not those of the usual lists."""
    if action.manager.key not in _WEIGHED or action.verb_text != "install" or action.doubtful:
        return None
    if action.options.has(*_NOT_USUAL):
        return None
    found: list[str] = []
    for word in action.packages:
        # A word that depends on a variable may be several, or none.
        text = call.runner.text(word) if word.text is None else word.text
        words = (text or "").split() if word.text is None else [word.text]
        if not words or any(_is_file(each) for each in words):
            return None
        found += words
    return tuple(found)


def _is_file(text: str) -> bool:
    """Whether an operand names a file, or packages by a pattern."""
    return text.startswith(("/", "./", "../")) or (any(char in text for char in "*?[^") and "=" not in text)


def _size_of_cache(call: Call, action: PackageAction, cache: Cache) -> Size:
    installer = call.runner.machine.installer
    if installer is None or action.manager.key not in _WEIGHED or cache.kind != "lists":
        return UNKNOWN
    install = installer.install(action.manager.key, Request((), recommends=False), call.runner.machine.requests)
    return installer.estimator.lists(install).size


def _label(action: PackageAction) -> str:
    return f"{action.tool} {action.verb_text}".rstrip()


def _fill_caches(call: Call, action: PackageAction) -> None:
    if action.no_cache or _is_kept_empty(call, action):
        return
    key = action.manager.key
    for cache in action.manager.caches:
        if (key, cache.kind) in _NOT_KEPT or action.action not in _FILLED_BY.get(cache.kind, _FILLING):
            continue
        path = _path(call, cache)
        if path is not None and not call.runner.is_outside(path):
            span = call.command.span.cover(action.verb[0].span if action.verb else call.command.span)
            size = _size_of_cache(call, action, cache)
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
    for cache in action.manager.caches:
        path = _path(call, cache) if cache.kind in action.empties else None
        node = None if path is None else runner.fs.find(path)
        if path is None or not isinstance(node, Folder):
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
    family = _FAMILIES.get(action.manager.key, action.manager.key)
    layer = call.runner.fs.layer
    installed = [name for name, _ in _names(action.packages)]
    if action.manager.key == "apk":
        installed += [word.text for word in action.options.values(*_VIRTUAL) if word.text]
    for name in installed:
        call.runner.machine.packages.setdefault((family, name), (layer, call.command.span))


def _uninstall(call: Call, action: PackageAction) -> None:
    """Note the packages of lower layers that are removed: their files stay there."""
    family = _FAMILIES.get(action.manager.key, action.manager.key)
    runner = call.runner
    if action.manager.key in _WEIGHED:
        # What this layer has got of the packages is not known any more; the doubt about it is noted already.
        runner.notes.installs.clear()
        removed = {name for name, _ in _names(action.packages)}
        runner.machine.requests = tuple(each.without(removed) for each in runner.machine.requests)
    for name, word in _names(action.packages):
        layer, origin = runner.machine.packages.pop((family, name), (BASE, word.span))
        if BASE < layer < runner.fs.layer:
            runner.notes.hidden.append(Hidden(Cause.UNINSTALLED, name, word.span, call.command, layer, origin, UNKNOWN))
