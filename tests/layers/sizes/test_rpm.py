"""Estimates of installations with dnf, from repositories that createrepo_c has made, on a server of the loopback."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from dockerlint.context.fetch.limits import Budget, ContextError, Limits
from dockerlint.layers.predict import predict
from dockerlint.layers.size import Provenance
from dockerlint.layers.sizes.indexes import Indexes
from dockerlint.layers.sizes.install import Install, Request
from dockerlint.layers.sizes.rpm import RpmEstimator
from dockerlint.layers.sizes.rpm_images import system_of
from dockerlint.layers.sizes.rpm_index import listed_in, reduced, units_of
from dockerlint.layers.sizes.rpm_versions import Version, parts_of
from dockerlint.layers.sizes.unpacking import unpacked
from dockerlint.semantics.builder import build_model
from dockerlint.shell.managers import Cache
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.servers import content, http_server

FOLDER = Path(__file__).parents[2] / "fixtures" / "repodata"
KINDS = ("gz", "zst")
ROCKY = "/dl.rockylinux.org/pub/rocky/9/"
EMPTY = b'<metadata xmlns="http://linux.duke.edu/metadata/common" packages="0"></metadata>'
NO_PACKAGES = b'<repomd><data type="primary"><location href="repodata/primary.xml"/></data></repomd>'


def quiet(_what: str, _count: int) -> None:
    pass


def budget() -> Budget:
    return Budget("packages", Limits(received=1_000_000, unpacked=1_000_000, seconds=20.0), quiet)


@pytest.fixture(name="mirror", scope="module", params=KINDS)
def _mirror(request: pytest.FixtureRequest) -> Iterator[str]:
    """A mirror whose BaseOS is made by createrepo_c, and whose AppStream has no packages."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        place = handler.path.removeprefix(ROCKY)
        if place.startswith("AppStream/"):
            content(NO_PACKAGES if place.endswith("repomd.xml") else EMPTY)(handler)
            return
        file = FOLDER / request.param / place.removeprefix("BaseOS/x86_64/os/")
        content(file.read_bytes() if file.is_file() else b"", 200 if file.is_file() else 404)(handler)

    with http_server(answer) as url:
        yield url


def estimator(mirror: str) -> RpmEstimator:
    return RpmEstimator(Indexes(None, quiet), mirror)


def install(*packages: str, image: str = "rockylinux:9", recommends: bool = False, **options: str) -> Install:
    given = tuple((f"--{name}", value) for name, value in options.items())
    return Install("dnf", image, "linux/amd64", Request(packages, recommends=recommends, options=given))


def names_of(mirror: str, *packages: str, recommends: bool = False) -> list[str]:
    estimate = estimator(mirror).installed(install(*packages, recommends=recommends))
    return [package.name for package in estimate.packages]


def test_libraries_programs_and_rich_dependencies_come_along_but_not_the_base(mirror: str) -> None:
    assert names_of(mirror, "app") == ["app", "one", "tool", "foo-libs"]
    assert names_of(mirror, "app", recommends=True) == ["app", "one", "tool", "foo-libs", "extra"]
    assert names_of(mirror, "bash") == []


def test_the_newest_version_for_the_platform_is_counted_by_the_bytes_of_its_files(mirror: str) -> None:
    estimate = estimator(mirror).installed(install("app"))
    sizes = {package.name: (package.version, package.size) for package in estimate.packages}
    assert sizes["app"] == ("1.10-1.el9", 222_222 + len("#!/bin/sh\n"))
    assert sizes["foo-libs"] == ("1:2.0-3.el9", 400_000 + len("#!/bin/sh\n"))
    assert estimate.note == "4 packages from the lists of rocky 9"
    assert estimate.size.estimate is not None
    assert estimate.size.high is not None
    assert estimate.size.low < 673_262 < estimate.size.estimate < estimate.size.high
    assert estimate.size.provenance is Provenance.ESTIMATED


@pytest.mark.parametrize("operand", ["tool", "tool-3.1", "tool-3.1-1.el9", "tool.noarch", "tool-3.1-1.el9.noarch"])
def test_a_package_may_be_named_with_version_and_architecture(mirror: str, operand: str) -> None:
    assert names_of(mirror, operand) == ["tool"]


def test_a_package_may_be_named_by_what_it_provides(mirror: str) -> None:
    assert names_of(mirror, "libfoo.so.1()(64bit)") == ["foo-libs"]


def test_a_second_request_adds_only_what_is_new(mirror: str) -> None:
    later = install("app")._replace(before=(Request(("tool", "one"), recommends=False),))
    assert [package.name for package in estimator(mirror).installed(later).packages] == ["app", "foo-libs"]


def test_what_is_removed_in_the_same_run_leaves_nothing_but_what_else_is_wished_for(mirror: str) -> None:
    def stays(*before: Request, gone: str) -> list[str] | None:
        request = Request((gone,), verb="remove", layer=1)
        estimate = estimator(mirror).removed(Install("dnf", "rockylinux:9", "linux/amd64", request, before))
        return None if estimate.size.estimate is None else [package.name for package in estimate.packages]

    app = Request(("app",), recommends=False, layer=1)
    tool = Request(("tool", "extra"), recommends=False, layer=1)
    assert stays(app, gone="app") == []
    assert stays(app, tool, gone="app") == ["tool", "extra"]
    assert stays(app, tool, gone="extra") == ["app", "one", "tool", "foo-libs"]
    assert stays(tool, gone="app") is None
    assert stays(app, tool, gone="tool") is None, "dnf removes what needs it, too"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (install("nowhere"), "0 packages from the lists of rocky 9, which have no 'nowhere'"),
        (install("streamed"), "0 packages from the lists of rocky 9, which have no 'streamed'"),
        (install("app", image="rockylinux:8"), "packages of rocky 8: the server answers 404 Not Found"),
        (install("app", image="debian:12"), "the packages in this base image are not known"),
        (install("@development"), "such an installation is not followed"),
        (install("https://example.com/a.rpm"), "such an installation is not followed"),
        (install("app", enablerepo="crb"), "such an installation is not followed"),
        (install("app", setopt="reposdir=/x"), "such an installation is not followed"),
    ],
)
def test_what_is_not_known_has_no_estimate_and_a_reason(mirror: str, asked: Install, reason: str) -> None:
    estimate = estimator(mirror).installed(asked)
    assert estimate.size.estimate is None
    assert estimate.size.high is None
    assert estimate.note == reason


def test_the_lists_that_stay_have_a_lower_bound_only(mirror: str) -> None:
    size = estimator(mirror).cached(install("app"), Cache("metadata", "/var/cache/dnf")).size
    assert 1_800 < size.low < 2_100
    assert (size.estimate, size.high) == (None, None)
    assert estimator(mirror).cached(install("app"), Cache("metadata", "/var/cache/yum")).size.high == 0


def test_a_prediction_has_an_estimate_where_the_cache_is_emptied(mirror: str) -> None:
    def size_of(command: str) -> int | None:
        model = build_model(parse(Source("Dockerfile", f"FROM rockylinux:9\nRUN {command}\n")))
        return predict(model, estimators={"dnf": estimator(mirror)}).layers[0].size.estimate

    assert size_of("dnf install -y app") is None
    clean = size_of("dnf install -y --setopt=install_weak_deps=0 app && dnf clean all")
    assert clean is not None
    assert clean > 673_262


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("rockylinux:9", "rocky 9"),
        ("rockylinux:9.3.20231119-minimal", "rocky 9"),
        ("almalinux:8.10-20240923", "alma 8"),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9.4-1194", "ubi 9"),
        ("registry.access.redhat.com/ubi8", "ubi 8"),
        ("redhat/ubi9-minimal@sha256:" + "0" * 64, "ubi 9"),
        ("oraclelinux:9-slim", "oracle 9"),
        ("fedora:41", "fedora 41"),
        ("fedora", None),
        ("centos:7", None),
        ("example.com/rockylinux:9", None),
    ],
)
def test_the_distribution_of_an_image(image: str, name: str | None) -> None:
    system = system_of(image, "linux/amd64")
    assert (system.name if system is not None else None) == name


@pytest.mark.parametrize("kind", KINDS)
def test_both_ways_of_packing_say_the_same(kind: str) -> None:
    folder = FOLDER / kind
    listed = listed_in(iter([(folder / "repodata/repomd.xml").read_bytes()]), budget())
    data = (folder / listed.path).read_bytes()
    text = reduced(unpacked(iter([data]), listed.path, budget()), budget(), {"x86_64", "noarch"})
    assert len(listed.sha256) == 64
    units = {unit.name: unit for unit in units_of(text)}
    assert set(units) == {"app", "bash", "coreutils-single", "extra", "foo-libs", "never", "one", "tool", "two"}
    assert units["app"].needs == ("one", "/bin/sh", "/usr/bin/tool", "libfoo.so.1()(64bit)")
    assert units["app"].wants == ("extra",)
    assert "/usr/bin/app" in units["app"].provides
    assert 1_000 < units["app"].entry < 3_000


ENTITIES = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><metadata>&c;</metadata>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it cannot be read: no element found"),
        (b"<metadata>", "it cannot be read: no element found"),
        (b"\x00\x01", "it cannot be read: not well-formed"),
        (ENTITIES, "it declares a document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><metadata/>', "it declares a document type"),
    ],
)
def test_what_is_no_list_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ContextError, match=reason):
        reduced(iter([data]), budget(), {"x86_64"})


def test_a_list_is_taken_from_below_the_repository_only() -> None:
    for path in ("", "../../x/primary.xml", "/etc/passwd", "https://example.com/primary.xml", "a/../../b", "a b"):
        text = f'<repomd><data type="primary"><location href="{path}"/></data></repomd>'
        with pytest.raises(ContextError, match="names no list"):
            listed_in(iter([text.encode()]), budget())


def test_a_list_with_another_sum_is_refused(mirror: str) -> None:
    indexes = Indexes(None, quiet)
    url = f"{mirror}{ROCKY}AppStream/repodata/primary.xml"
    with pytest.raises(ContextError, match="not the one that its archive announces"):
        indexes.get(url, "packages", lambda chunks, _budget: b"".join(chunks).decode(), "0" * 64)


def test_nesting_without_an_end_is_read_within_limits() -> None:
    data = itertools.repeat(b"<a>" * 10_000, 100)
    with pytest.raises(ContextError):
        reduced(unpacked(data, "primary.xml", budget()), budget(), {"x86_64"})


#: In their order; most are from the manual of rpm and from the tests of `rpmvercmp`.
VERSIONS = [
    "1.0~rc1",
    "1.0",
    "1.0^",
    "1.0^git1",
    "1.0.a",
    "1.0.1",
    "1.0.9",
    "1.0.010",
    "1.10",
    "1.10xyz",
    "2.0",
    "20101122",
]


def test_versions_have_the_order_of_rpm() -> None:
    assert sorted(VERSIONS, key=parts_of) == VERSIONS
    assert parts_of("1.0") == parts_of("1_0") == parts_of("01.00")
    assert Version("1", "1", "1").key() > Version("0", "9", "9").key() > Version("", "9", "8").key()
    assert str(Version("1", "2.0", "3.el9")) == "1:2.0-3.el9"


@pytest.mark.skipif(shutil.which("rpm") is None, reason="there is no rpm here")
def test_versions_have_the_order_that_the_program_rpm_gives_them() -> None:
    for first, second in itertools.product(VERSIONS, VERSIONS):
        script = f'%{{lua:print(rpm.vercmp("{first}", "{second}"))}}'
        done = subprocess.run(["rpm", "--eval", script], capture_output=True, text=True, check=True)
        ours = (parts_of(first) > parts_of(second)) - (parts_of(first) < parts_of(second))
        assert int(done.stdout) == ours, (first, second)
