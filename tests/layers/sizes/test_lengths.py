"""Sizes of downloads: what a server tells, and what becomes of it in a layer."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from dockerlint.layers.predict import predict
from dockerlint.layers.size import UNKNOWN, Size
from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.lengths import Lengths
from dockerlint.layers.sizes.remembered import Remembered
from dockerlint.semantics.builder import build_model
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.servers import http_server


def answer(handler: BaseHTTPRequestHandler) -> None:
    """`/moved` leads to `/file`, which has 1,000 bytes; `/silent` tells no length, all else is missing."""
    moved = handler.path == "/moved"
    handler.send_response(302 if moved else 200 if handler.path in ("/file", "/silent") else 404)
    if moved:
        handler.send_header("Location", "/file")
    if handler.path == "/file":
        handler.send_header("Content-Length", "1000")
    handler.end_headers()


@pytest.fixture
def server() -> Iterator[str]:
    with http_server(answer) as url:
        yield url


def lengths(*, local: bool = True) -> Lengths:
    return Lengths(Fetcher(Remembered(None), lambda _what, _count: None), local=local)


@pytest.mark.parametrize(
    ("path", "follow", "expected"),
    [
        ("/file", False, 1_000),
        ("/moved", True, 1_000),
        ("/moved", False, None),
        ("/silent", True, None),
        ("/missing", True, None),
    ],
)
def test_a_server_tells_the_length(server: str, path: str, follow: bool, expected: int | None) -> None:
    assert lengths().size(server + path, follow=follow).estimate == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://[::1]/x",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/x",
        "http://localhost/x",
        "http://intranet/x",
        "http://printer.local/x",
        "https://user:password@example.com/x",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "http://[/x",
        "",
    ],
)
def test_servers_of_the_own_network_are_not_asked(url: str) -> None:
    class Refusing(Fetcher):
        def length(self, url: str) -> tuple[int, bool] | None:
            raise AssertionError(url)

    asking = Lengths(Refusing(Remembered(None), lambda _what, _count: None))
    assert asking.size(url, follow=True) == UNKNOWN


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ADD {}/file /x", (1_000, 1_000, 1_000)),
        ("RUN curl -o /x {}/file", (1_000, 1_000, 1_000)),
        ("RUN curl -fsSL {}/moved > /x", (1_000, 1_000, 1_000)),
        ("RUN curl -O {}/moved", (0, None, None)),
        ("ENV AT={}\nRUN wget -qO /x $AT/moved", (1_000, 1_000, 1_000)),
        ("RUN curl -H 'A: b' -o /x {}/file", (0, None, None)),
        ("RUN curl -o /x {}/file && rm /x", (0, 0, 0)),
        ("RUN curl -sL {}/file | tar xz -C /opt", (500, 3_500, 40_000)),
        ("RUN wget -O /x.tgz {}/file && tar xf /x.tgz && rm /x.tgz", (500, 3_500, 40_000)),
        ("RUN curl -sL {}/file | tar xz -C /opt one/file", (0, 3_500, 40_000)),
    ],
)
def test_a_download_has_its_size_in_the_layer(server: str, line: str, expected: tuple[int, int, int]) -> None:
    text = f"FROM debian\nWORKDIR /w\n{line.format(server)}\n"
    size: Size = predict(build_model(parse(Source("Dockerfile", text))), downloads=lengths()).layers[-1].size
    assert size[:3] == expected
