"""Packages that are fetched from a server, and what they leave in an image."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from dockerlint.context.fetch.limits import Limits
from dockerlint.layers.sizes.deb_contents import Contents, Entry, Kind
from dockerlint.layers.sizes.deb_excludes import Excludes
from dockerlint.layers.sizes.deb_files import Target, left_by
from dockerlint.layers.sizes.deb_packages import Packages, Place
from dockerlint.layers.sizes.remembered import Remembered
from tests.layers.sizes.test_deb_contents import HEAD, file, member, tar
from tests.servers import content, http_server

LIMITS = Limits(received=1_000_000, unpacked=3_000_000, entries=100, seconds=20.0, stall=5.0)
GOOD = HEAD + member("data.tar", tar(file("./a", b"12")))
OTHER = HEAD + member("data.tar", tar(file("./b", b"123")))


class Served:
    """The files of an archive, and which were asked for."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.requests: list[str] = []

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.rpartition("/")[2]
        self.requests.append(name)
        content(self.files.get(name, b""), 200 if name in self.files else 404)(handler)

    def place(self, url: str, name: str) -> Place:
        data = self.files.get(name, b"")
        return Place(f"{url}/{name}", hashlib.sha256(data).hexdigest(), len(data))


def test_each_package_is_fetched_once(tmp_path: Path) -> None:
    served = Served(good=GOOD, other=OTHER)
    told: list[tuple[str, int]] = []
    with http_server(served.answer) as url:
        places = [served.place(url, name) for name in ("good", "other", "missing")]
        for _ in range(2):
            packages = Packages(
                Remembered(str(tmp_path)), lambda what, count: told.append((what, count)), limits=LIMITS
            )
            found = packages.contents(places)
            assert [[entry.path for entry in found[place].entries] for place in places[:2]] == [["/a"], ["/b"]]
            assert places[2] not in found
    assert sorted(served.requests) == ["good", "missing", "missing", "other"]
    assert ("the files of 3 packages", len(GOOD) + len(OTHER)) in told


@pytest.mark.parametrize(
    "limits", [LIMITS._replace(received=500), LIMITS._replace(unpacked=500), LIMITS._replace(seconds=0.0)]
)
def test_what_costs_too_much_is_left_out(limits: Limits) -> None:
    served = Served(good=GOOD)
    with http_server(served.answer) as url:
        packages = Packages(Remembered(None), lambda _what, _count: None, limits=limits)
        assert packages.contents([served.place(url, "good")]) == {}


def test_what_the_list_does_not_announce_is_left_out() -> None:
    served = Served(good=GOOD)
    with http_server(served.answer) as url:
        place = served.place(url, "good")
        served.files["good"] = OTHER
        packages = Packages(Remembered(None), lambda _what, _count: None, limits=LIMITS)
        assert packages.contents([place]) == {}


def test_what_a_package_leaves() -> None:
    contents = Contents(
        (
            Entry(Kind.FOLDER, 0o755, 0, "/"),
            Entry(Kind.FILE, 0o644, 1_000, "/usr/lib/python3/dist-packages/m.py"),
            Entry(Kind.FILE, 0o644, 500, "/usr/share/doc/m/README"),
            Entry(Kind.FILE, 0o644, 30, "/usr/share/doc/m/copyright"),
        ),
        (("postinst", 70), ("templates", 9)),
        200,
        ("/etc/m.conf",),
        is_shared=True,
    )
    full = left_by("m", contents, Target("amd64", Excludes.NOTHING))
    slim = left_by("m", contents, Target("amd64", Excludes.SLIM, "3.11"))
    paths = {entry.path: entry.size for entry in slim.entries}
    names = sum(len(entry.path) + 1 for entry in contents.entries) + 1
    assert paths == {
        "/usr/lib/python3/dist-packages/m.py": 1_000,
        "/usr/share/doc/m/copyright": 30,
        "/usr/lib/python3/dist-packages/__pycache__/m.cpython-311.pyc": 1_280,
        "/var/lib/dpkg/info/m:amd64.list": names,
        "/var/lib/dpkg/info/m:amd64.postinst": 70,
        "/var/lib/dpkg/info/m:amd64.templates": 9,
    }
    assert (slim.compiled, slim.asks, slim.size) == (1_280, 9, sum(paths.values()))
    assert full.size == slim.size + 500 - 1_280
