"""Write `lint/dockerlint/layers/sizes/deb_lists/SUITE.xz`: the packages of a suite that Dockerfiles install most.

    python -m tools.make_deb_lists --suite bookworm FOLDER_OF_DOCKERFILES
    python -m tools.make_deb_lists --suite jammy FOLDER_OF_DOCKERFILES

Each file is a list as `deb_sorted` keeps them, compressed, after a line of JSON about it: without a network, sizes are
estimated from it. It holds the packages that the Dockerfiles of a folder install, and those of `deb_names.txt`, with
all that these depend on or recommend, and what a minimal system has. Of each only the fields that count are kept, and
`Measured`, since the size that a package tells misleads: it rounds each file up, counts documentation that slim images
leave out, and knows nothing of the package's own entries in the system's database. These are bytes that were counted in
the package itself: files that stay in any image, files that small images leave out, Python sources, entries in the
database, and questions of debconf.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dockerlint.context.fetch.user_cache import user_cache
from dockerlint.layers.sizes.deb_archive import Archive, PackageList
from dockerlint.layers.sizes.deb_contents import Contents, Kind
from dockerlint.layers.sizes.deb_control import Package, Relation
from dockerlint.layers.sizes.deb_excludes import Excludes, is_left_out
from dockerlint.layers.sizes.deb_files import Target, is_module, left_by
from dockerlint.layers.sizes.deb_index import Index, closure
from dockerlint.layers.sizes.deb_packages import LIMITS, Packages, Place
from dockerlint.layers.sizes.deb_sorted import sorted_list
from dockerlint.layers.sizes.deb_suites import system_of_suite
from dockerlint.layers.sizes.remembered import Remembered
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.scripts import Scripts
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import package_actions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Run

_NAMES = Path(__file__).with_name("deb_names.txt")
_FOLDER = Path(__file__).resolve().parents[1] / "lint/dockerlint/layers/sizes/deb_lists"
#: Larger packages are not fetched: nearly all of their bytes stay.
_LARGEST = 30_000_000
_TOGETHER = 100


def main() -> int:
    """Fetch, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", required=True)
    parser.add_argument("--most", type=int, default=400, help="the number of names whose packages are measured")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    system = system_of_suite(options.suite)
    folder = user_cache(os.environ, "packages-2")
    archive = Archive(folder, _quiet)
    lists = [archive.get(source, "amd64") for source in system.sources]
    index = Index(each.packages for each in lists)
    count = len({name for each in lists for name in each.packages.names()})
    chosen, needed = _chosen(index, options.folder, options.most)
    packages = Packages(Remembered(folder), _quiet, limits=LIMITS._replace(seconds=3600.0))
    measured = _measured(needed, lists, packages, system.excludes)
    head = {"date": max(each.date for each in lists), "stored": sum(each.stored for each in lists), "count": count}
    names = {package.name for package in chosen} | {each.name for package in chosen for each in package.provides}
    paragraphs = ("\n".join(_fields(package, names, measured)) for package in chosen)
    content = b"\n".join((json.dumps(head).encode(), sorted_list("\n\n".join(paragraphs)).data))
    _FOLDER.mkdir(exist_ok=True)
    path = _FOLDER / f"{options.suite}.xz"
    path.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
    sys.stderr.write(f"{path}: {len(chosen)} packages, {len(measured)} measured, {path.stat().st_size} bytes\n")
    return 0


def _quiet(_what: str, _count: int) -> None:
    """Nobody waits at a terminal."""


def _chosen(index: Index, folder: Path, most: int) -> tuple[tuple[Package, ...], tuple[Package, ...]]:
    """A minimal system, and the packages that are installed most with whatever comes with them; those to be measured.

    Measured are those that come with the names that are installed most, as far as they are not just recommended.
    """
    base = closure(index, index.base(), recommends=False, present=frozenset())
    present = frozenset(package.name for package in base.packages)
    chosen = {package.name: package for package in base.packages}
    needed = set(chosen)
    counted = [name for name, _ in _counted(folder).most_common() if index.get(name) is not None]
    for name in dict.fromkeys((*counted, *_listed())):
        for recommends in (False, True):
            wanted = closure(index, [name], recommends=recommends, present=present)
            chosen.update({package.name: package for package in wanted.packages})
            if not recommends and name in counted[:most]:
                needed.update(package.name for package in wanted.packages)
    return tuple(chosen.values()), tuple(package for package in chosen.values() if package.name in needed)


def _listed() -> Iterator[str]:
    """The names of `deb_names.txt`."""
    for line in _NAMES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.split()


def _counted(folder: Path) -> Counter[str]:
    """How many Dockerfiles install each package with apt."""
    found: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            if "apt" in text:
                found.update(set(_packages(Source(str(path), text))))
    return found


def _packages(source: Source) -> Iterator[str]:
    model = build_model(parse(source))
    scripts = Scripts(model.dockerfile)
    for stage in model.stages:
        for step in stage.steps:
            if not isinstance(step.node, Run):
                continue
            for command in scripts.of(step.node, step).commands:
                for action in package_actions(command):
                    if action.manager.key == "apt-get" and action.action is Action.INSTALL:
                        yield from (word.text.partition("=")[0] for word in action.packages if word.text)


def _measured(
    wanted: tuple[Package, ...], lists: list[PackageList], packages: Packages, excludes: Excludes
) -> dict[str, tuple[int, ...]]:
    """The bytes of each package, by its name; see above for their meaning."""
    found: dict[str, tuple[int, ...]] = {}
    small = [package for package in wanted if package.file and package.packed <= _LARGEST]
    for start in range(0, len(small), _TOGETHER):
        part = {
            Place(f"{lists[package.origin].url}/{package.file}", package.sum, package.packed): package
            for package in small[start : start + _TOGETHER]
        }
        for place, contents in packages.contents(tuple(part)).items():
            found[part[place].name] = _row(part[place].name, contents, excludes)
        sys.stderr.write(f"{len(found)} of {len(small)} packages measured\n")
    return found


def _row(name: str, contents: Contents, excludes: Excludes) -> tuple[int, ...]:
    files = [entry for entry in contents.entries if entry.kind is Kind.FILE]
    whole = sum(entry.size for entry in files)
    left_out = sum(entry.size for entry in files if is_left_out(entry.path, excludes))
    python = sum(entry.size for entry in files if is_module(entry))
    left = left_by(name, contents, Target("amd64", Excludes.NOTHING))
    entries = left.size - whole + 2 * left.described
    return whole - left_out, left_out, python, entries, left.asks


def _fields(package: Package, names: set[str], measured: dict[str, tuple[int, ...]]) -> Iterator[str]:
    yield f"Package: {package.name}"
    yield f"Version: {package.version}"
    size = package.size or sum(measured.get(package.name, (0, 0))[:2])
    yield f"Installed-Size: {size // 1024}"
    if package.priority == "required":
        yield "Priority: required"
    if not size:
        yield f"Size: {package.packed}"
    if package.section in ("python", "doc"):
        yield f"Section: {package.section}"
    if package.is_essential:
        yield "Essential: yes"
    for field, groups in (
        ("Depends", package.depends),
        ("Recommends", package.recommends),
        ("Suggests", package.suggests),
    ):
        text = ", ".join(filter(None, (_alternatives(group, names) for group in groups)))
        if text:
            yield f"{field}: {text}"
    if package.provides:
        yield "Provides: " + ", ".join(dict.fromkeys(each.name for each in package.provides))
    if package.name in measured:
        yield "Measured: " + " ".join(map(str, measured[package.name]))


def _alternatives(group: tuple[Relation, ...], names: set[str]) -> str:
    """The alternatives that the list has, without versions: in one suite, all that are there fit."""
    return " | ".join(dict.fromkeys(each.name for each in group if each.name in names))


if __name__ == "__main__":
    sys.exit(main())
