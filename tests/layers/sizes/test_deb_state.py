"""What is installed after each command of apt, and what a removal marks as removed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

import pytest

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.image import Image
from dockerlint.layers.predict import predict
from dockerlint.layers.sizes.deb import DebEstimator
from dockerlint.layers.sizes.deb_archive import PackageList
from dockerlint.layers.sizes.deb_contents import Contents, Entry, Kind
from dockerlint.layers.sizes.deb_excludes import Excludes
from dockerlint.layers.sizes.deb_files import Target, left_by
from dockerlint.layers.sizes.deb_packages import Packages, Place
from dockerlint.layers.sizes.deb_removals import whiteouts
from dockerlint.layers.sizes.deb_sorted import sorted_list
from dockerlint.layers.sizes.deb_state import State, after
from dockerlint.layers.sizes.deb_suites import Source as Suite
from dockerlint.layers.sizes.install import Request
from dockerlint.layers.sizes.remembered import Remembered
from dockerlint.semantics.builder import build_model
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.layers.sizes.test_deb import Lists
from tests.layers.sizes.test_deb_index import index_of, listed

INDEX = index_of(
    listed(
        "base",
        "tool\nDepends: base, library\nRecommends: manual",
        "other\nDepends: library, service",
        "library\nDepends: base, data",
        "data",
        "manual",
        "server\nProvides: service",
        "development\nDepends: library\nSuggests: manual",
    )
)


def state(*commands: str) -> list[str]:
    """The names of what some commands leave, each a verb, options and packages."""
    requests = []
    for command in commands:
        verb, *words = command.split()
        options = tuple((word, "") for word in words if word.startswith("-"))
        packages = tuple(word for word in words if not word.startswith("-"))
        requests.append(
            Request(packages, recommends=("--no-install-recommends", "") not in options, verb=verb, options=options)
        )
    found = reduce(partial(after, INDEX), requests, State(frozenset({"base"})))
    return sorted(package.name for package in found.installed)


@pytest.mark.parametrize(
    ("commands", "names"),
    [
        (("install tool",), "data library manual tool"),
        (("install --no-install-recommends tool",), "data library tool"),
        (("install tool", "remove tool"), "data library manual"),
        (("install tool", "purge --auto-remove tool"), ""),
        (("install tool", "remove tool", "autoremove"), ""),
        (("install tool", "autoremove --purge"), "data library manual tool"),
        (("install tool other", "purge --autoremove tool"), "data library other server"),
        (("install other", "remove data"), "server"),
        (("install other", "remove server"), "data library"),
        (("install --no-install-recommends tool manual", "autopurge tool"), "manual"),
        (("install tool library", "purge --auto-remove tool"), "data library"),
        (
            ("install development", "install --no-install-recommends tool", "purge --auto-remove development"),
            "data library tool",
        ),
        (("install tool", "purge base"), "data library manual tool"),
        (("install tool development", "autopurge tool"), "data development library manual"),
        (("remove tool",), ""),
    ],
)
def test_what_is_left(commands: tuple[str, ...], names: str) -> None:
    assert state(*commands) == names.split()


def package(name: str, *paths: str, settings: tuple[str, ...] = ()) -> tuple[str, Contents]:
    entries = (Entry(Kind.FILE, 0o644, 1, path) for path in (*paths, *settings))
    return name, Contents(tuple(entries), (("postrm", 1), ("md5sums", 1)), 100, settings, is_shared=False)


GONE = package("gone", "/lib/gone/a", "/usr/share/doc/gone/copyright", "/usr/bin/gone", settings=("/etc/gone/conf",))
REST = package("rest", "/usr/bin/rest", "/usr/share/doc/rest/copyright", "/usr/lib/rest")


@pytest.mark.parametrize(
    ("is_purged", "paths"),
    [
        (True, ["/etc/gone", "/usr/bin/gone", "/usr/lib/gone", "/usr/share/doc/gone"]),
        (False, ["/usr/bin/gone", "/usr/lib/gone", "/usr/share/doc/gone"]),
    ],
)
def test_a_folder_that_goes_as_a_whole_is_marked_once(*, is_purged: bool, paths: list[str]) -> None:
    gone, rest = (left_by(name, contents, Target("amd64", Excludes.SLIM)) for name, contents in (GONE, REST))
    other = package("other", "/etc/other")
    there = (rest, left_by(*other, Target("amd64", Excludes.SLIM)))
    endings = ("list", "md5sums", "postrm") if is_purged else ("md5sums",)
    database = [f"/var/lib/dpkg/info/gone.{ending}" for ending in endings]
    assert list(whiteouts([(gone, is_purged)], there)) == sorted([*paths, *database])


def image_of(text: str) -> Image:
    return predict(build_model(parse(Source("Dockerfile", text))), estimators={"apt-get": DebEstimator(Lists())})


def test_what_is_installed_only_for_a_while_takes_no_bytes() -> None:
    """`small` needs `library`, which recommends `extra`."""
    text = "FROM debian:12\nRUN apt-get install -y {} && apt-get purge -y --auto-remove small"
    (layer,) = image_of(text.format("small")).layers
    assert [each.note.partition(" from ")[0] for each in layer.installs] == ["0 packages that stay"]
    assert layer.doubts == ()
    assert layer.size.estimate is not None
    (layer,) = image_of(text.format("small other")).layers
    assert sorted(each.name for each in layer.installs[0].packages) == ["extra", "library", "other"]


def test_a_removal_of_lower_packages_adds_no_package() -> None:
    image = image_of("FROM debian:12\nRUN apt-get install small\nRUN apt-get purge small\nRUN apt-get install other")
    assert [[each.note.partition(" from ")[0] for each in layer.installs] for layer in image.layers] == [
        ["3 packages"],
        ["0 packages that stay"],
        ["1 package"],
    ]


def test_what_takes_the_place_of_a_program_takes_links_away() -> None:
    slim, full = (
        image_of(f"FROM debian:{tag}\nRUN apt-get install less").layers[0].changes.whiteouts
        for tag in ("bookworm-slim", "bookworm")
    )
    assert slim == ("/etc/alternatives/pager.1.gz",)
    assert full == ()


class Held(Packages):
    """Packages that hold a file or two, and have been asked for."""

    def __init__(self) -> None:
        super().__init__(Remembered(None), lambda _what, _count: None)
        self.asked: list[str] = []

    def contents(self, places: Sequence[Place]) -> dict[Place, Contents]:
        names = {place: place.url.rpartition("/")[2] for place in places}
        self.asked += names.values()
        return {place: package(name, f"/usr/bin/{name}", f"/usr/lib/{name}/a")[1] for place, name in names.items()}


class OneList(Lists):
    """A list whose packages can be fetched, each of some bytes."""

    def __init__(self, packed: int) -> None:
        super().__init__()
        self._packed = packed

    def get(self, source: Suite, architecture: str) -> PackageList:
        if (source.suite, architecture) != ("bookworm", "amd64"):
            raise ContextError(f"{source.suite} cannot be fetched")
        names = ("base\nEssential: yes", "apt", "gone", "kept")
        fields = f"SHA256: {'0' * 64}\nSize: {self._packed}\nFilename:"
        listing = listed(*(f"{name}\n{fields} pool/{name.partition(chr(10))[0]}" for name in names))
        return PackageList(sorted_list(listing), "2026-07-11", 1_000_000)


REMOVING = "FROM debian:12-slim\nRUN apt-get install gone kept\nRUN apt-get purge gone\n"


@pytest.mark.parametrize("exact", [False, True])
def test_paths_that_a_removal_hides_are_looked_up_in_the_packages(*, exact: bool) -> None:
    held = Held()
    estimator = DebEstimator(OneList(1000), contents=held, exact=exact)
    model = build_model(parse(Source("Dockerfile", REMOVING)))
    first, second = predict(model, estimators={"apt-get": estimator}).layers
    database = [f"/var/lib/dpkg/info/gone.{ending}" for ending in ("list", "md5sums", "postrm")]
    assert second.changes.whiteouts == ("/usr/bin/gone", "/usr/lib/gone", *database)
    assert ("by their own files" in first.installs[0].note) == exact
    # Whoever may have files in the same folders is looked into, too.
    assert {"gone", "kept", "base", "apt"} == set(held.asked)


def test_large_packages_are_fetched_only_where_all_is_asked() -> None:
    model = build_model(parse(Source("Dockerfile", REMOVING)))
    small, large = (DebEstimator(OneList(packed), contents=Held()) for packed in (1000, 90_000_000))
    marked = [
        predict(model, estimators={"apt-get": estimator}).layers[1].changes.whiteouts for estimator in (small, large)
    ]
    assert [bool(paths) for paths in marked] == [True, False]


@pytest.mark.parametrize("exact", [False, True])
def test_nothing_is_fetched_for_an_installation_alone(*, exact: bool) -> None:
    held = Held()
    text = REMOVING.rpartition("RUN")[0]
    estimator = DebEstimator(OneList(1000), contents=held, exact=exact)
    predict(build_model(parse(Source("Dockerfile", text))), estimators={"apt-get": estimator})
    assert set(held.asked) == ({"gone", "kept"} if exact else set())
