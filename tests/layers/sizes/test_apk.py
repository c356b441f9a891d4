"""Estimates of installations on Alpine, from a small index in the documented format on a server of the loopback."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from dockerlint.context.fetch.limits import Budget, ContextError, Limits
from dockerlint.layers.predict import predict
from dockerlint.layers.size import Provenance
from dockerlint.layers.sizes.apk import ApkEstimator
from dockerlint.layers.sizes.apk_images import system_of
from dockerlint.layers.sizes.apk_index import kept_text, units_of
from dockerlint.layers.sizes.indexes import Indexes
from dockerlint.layers.sizes.install import Install, Request
from dockerlint.semantics.builder import build_model
from dockerlint.shell.managers import Cache
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.servers import content, http_server

MAIN = """\
C:Q1aaaaaaaaaaaaaaaaaaaaaaaaaaa=
P:busybox
V:1.36.1-r29
A:x86_64
S:500000
I:900000
D:so:libc.musl-x86_64.so.1
p:/bin/sh cmd:busybox=1.36.1-r29 cmd:sh=1.36.1-r29

P:musl
V:1.2.5-r0
I:650000
p:so:libc.musl-x86_64.so.1=1

P:apk-tools
V:2.14.4-r0
I:300000
D:musl>=1.2.3_git20230424 so:libc.musl-x86_64.so.1

P:ssl_client
V:1.36.1-r29
I:30000
i:busybox=1.36.1-r29 musl

P:curl
V:8.9.0-r0
I:250000
D:so:libc.musl-x86_64.so.1 so:libcurl.so.4 !curl-tiny<2
p:cmd:curl=8.9.0-r0

P:libcurl
V:8.9.0-r0
I:500000
p:so:libcurl.so.4=4.8.0

"""
COMMUNITY = """\
P:curl-doc
V:8.9.0-r0
I:70000
i:docs curl=8.9.0-r0

P:docs
V:0.2-r6
I:2

P:postgresql16
V:16.3-r0
I:5000000
p:postgresql
k:16

P:postgresql15
V:15.7-r0
I:6000000
p:postgresql
k:15

"""
LIMITS = Limits(received=10_000, unpacked=100_000, seconds=20.0)
INDEX = Cache("index", "/var/cache/apk")


def quiet(_what: str, _count: int) -> None:
    pass


def tar_of(name: str, text: str) -> bytes:
    """One file in an archive that has no end, as apk makes it for each part of an index."""
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(data)
    return member.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)


def packed(text: str) -> bytes:
    """An index with a signature in front of it."""
    signature = gzip.compress(tar_of(".SIGN.RSA.alpine-devel.rsa.pub", "x" * 256))
    return signature + gzip.compress(tar_of("DESCRIPTION", "v3.20") + tar_of("APKINDEX", text) + bytes(1024))


@pytest.fixture(name="archive", scope="module")
def _archive() -> Iterator[str]:
    files = {
        "/v3.20/main/x86_64/APKINDEX.tar.gz": packed(MAIN),
        "/v3.20/community/x86_64/APKINDEX.tar.gz": packed(COMMUNITY),
    }

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = files.get(handler.path)
        content(body or b"", 200 if body else 404)(handler)

    with http_server(answer) as url:
        yield url


def estimator(archive: str) -> ApkEstimator:
    return ApkEstimator(Indexes(None, quiet), archive)


def install(*packages: str, image: str = "alpine:3.20.3", options: tuple[tuple[str, str], ...] = ()) -> Install:
    return Install("apk", image, "linux/amd64", Request(packages, verb="add", options=options))


def names_of(archive: str, *packages: str) -> list[str]:
    return [package.name for package in estimator(archive).installed(install(*packages)).packages]


def test_what_a_package_needs_is_counted_and_what_the_base_image_has_is_not(archive: str) -> None:
    estimate = estimator(archive).installed(install("curl"))
    assert [package.name for package in estimate.packages] == ["curl", "libcurl"]
    assert estimate.note == "2 packages from the index of alpine v3.20"
    assert estimate.size.estimate is not None
    assert estimate.size.high is not None
    assert estimate.size.low <= 750_000 <= estimate.size.estimate <= estimate.size.high
    assert estimate.size.provenance is Provenance.ESTIMATED


def test_versions_are_passed_over_and_a_package_may_be_named_by_what_it_provides(archive: str) -> None:
    assert names_of(archive, "curl=8.9.0-r0") == names_of(archive, "cmd:curl") == ["curl", "libcurl"]
    assert names_of(archive, "postgresql~16") == ["postgresql16"]


def test_documentation_joins_packages_that_are_there_already(archive: str) -> None:
    assert names_of(archive, "curl", "docs") == ["curl", "docs", "libcurl", "curl-doc"]
    assert names_of(archive, "curl", "docs", "!curl-doc") == ["curl", "docs", "libcurl"]


def test_a_second_request_adds_only_what_is_new(archive: str) -> None:
    later = install("docs", "libcurl")._replace(before=(Request(("curl",), verb="add"),))
    assert [package.name for package in estimator(archive).installed(later).packages] == ["docs", "curl-doc"]


def test_what_is_removed_in_the_same_run_leaves_nothing_but_what_else_is_wished_for(archive: str) -> None:
    def stays(*before: Request, gone: str) -> list[str] | None:
        asked = Install("apk", "alpine:3.20", "linux/amd64", Request((gone,), verb="del", layer=1), before)
        estimate = estimator(archive).removed(asked)
        return None if estimate.size.estimate is None else [package.name for package in estimate.packages]

    tools = Request(("curl", "postgresql"), verb="add", options=(("--virtual", ".tools"),), layer=1)
    library = Request(("libcurl",), verb="add", layer=1)
    assert stays(tools, gone=".tools") == []
    assert stays(tools, library, gone=".tools") == ["libcurl"]
    assert stays(library, tools, Request((".tools",), verb="del", layer=1), gone="libcurl") == []
    assert stays(library, gone=".tools") is None, "nobody knows what that is"
    assert stays(tools, gone="curl") is None, "the group has a name of its own"
    below = tools._replace(layer=0)
    assert stays(below, library, gone=".tools") == [], "the library was there before"


def test_a_prediction_counts_what_the_run_leaves(archive: str) -> None:
    text = "FROM alpine:3.20\nRUN apk add --no-cache -t .tools curl && true && apk del .tools\n"
    model = build_model(parse(Source("Dockerfile", text)))
    size = predict(model, estimators={"apk": estimator(archive)}).layers[0].size
    assert size.estimate is not None
    assert size.estimate < 100_000


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (install("curl", "nowhere"), "2 packages from the index of alpine v3.20, which has no 'nowhere'"),
        (install("curl", image="alpine:3.1"), "packages of alpine v3.1: the server answers 404 Not Found"),
        (install("curl", image="debian:12"), "the packages in this base image are not known"),
        (install("curl@edge"), "such an installation is not followed"),
        (install("./mine.apk"), "such an installation is not followed"),
        (install("curl", options=(("-X", "https://example.com/edge"),)), "such an installation is not followed"),
    ],
)
def test_what_is_not_known_has_no_estimate_and_a_reason(archive: str, asked: Install, reason: str) -> None:
    estimate = estimator(archive).installed(asked)
    assert estimate.size.estimate is None
    assert estimate.size.high is None
    assert estimate.note == reason


def test_the_indexes_stay_as_they_came(archive: str) -> None:
    size = estimator(archive).cached(install("curl"), INDEX).size
    assert size.estimate == len(packed(MAIN)) + len(packed(COMMUNITY))
    assert estimator(archive).cached(install("curl"), Cache("packages", "/etc/apk/cache")).size.estimate is None


def test_a_prediction_counts_the_packages_and_the_indexes_that_stay(archive: str) -> None:
    def size_of(command: str) -> int | None:
        model = build_model(parse(Source("Dockerfile", f"FROM alpine:3.20\nRUN {command}\n")))
        return predict(model, estimators={"apk": estimator(archive)}).layers[0].size.estimate

    kept, clean = size_of("apk add curl"), size_of("apk add --no-cache curl")
    assert kept is not None
    assert clean is not None
    assert kept - clean == len(packed(MAIN)) + len(packed(COMMUNITY))


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("alpine", "latest-stable"),
        ("alpine:3", "latest-stable"),
        ("docker.io/library/alpine:3.19.1@sha256:" + "0" * 64, "v3.19"),
        ("alpine:edge", "edge"),
        ("alpine:20240606", "edge"),
        ("python:3.12-alpine3.20", "v3.20"),
        ("node:22-alpine", "latest-stable"),
        ("nginx:alpine", None),
        ("example.com/alpine:3.20", None),
        ("alpine:mine", None),
    ],
)
def test_the_release_of_an_image(image: str, release: str | None) -> None:
    system = system_of(image)
    assert (system.release if system is not None else None) == release


def budget(limits: Limits = LIMITS) -> Budget:
    return Budget("packages", limits, quiet)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is cut short"),
        (b"no archive at all", "cannot be unpacked"),
        (packed(MAIN)[:300], "it is cut short"),
        (gzip.compress(tar_of("DESCRIPTION", "v3")), "there is no APKINDEX in it"),
        (gzip.compress(bytes(5_000_000)), "unpacked it is larger than"),
    ],
    ids=["empty", "no archive", "cut short", "no index", "too large"],
)
def test_what_is_no_index_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ContextError, match=reason):
        kept_text(iter([data]), budget())


def test_an_index_is_read_however_it_is_cut_up() -> None:
    data = packed(MAIN)
    whole = kept_text(iter([data]), budget())
    assert kept_text((data[at : at + 7] for at in range(0, len(data), 7)), budget()) == whole
    assert [each.name for each in units_of(whole)][:2] == ["busybox", "musl"]
    assert "S:" not in whole


def test_lines_that_are_no_fields_are_passed_over() -> None:
    text = "nonsense\n\n\x00\n:\nP:\n\nP:a\nV:1\nI:lots\n\nP:b\nV:1\nD:!a so:c=1 !\nk:x\n"
    assert [(each.name, each.needs, each.avoids, each.rank) for each in units_of(text)] == [("b", ("so:c",), ("a",), 0)]


def test_the_file_is_read_with_the_standard_librarys_reader_too() -> None:
    """What the tests serve is what tar and gzip make of it."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed(MAIN)))) as tar:
        assert tar.getnames() == [".SIGN.RSA.alpine-devel.rsa.pub", "DESCRIPTION", "APKINDEX"]
