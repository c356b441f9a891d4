"""Downloads from servers on the loopback, among them hostile ones: a clear error, and no end without a limit."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler

import pytest

from dockerlint.context.fetch.downloads import downloaded
from dockerlint.context.fetch.limits import Budget, ContextError, Limits
from tests.servers import Answer, content, dripping, dripping_headers, http_server

LIMITS = Limits(received=100_000, seconds=5, stall=0.5)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def fetch(answer: Answer, limits: Limits = LIMITS, path: str = "/x") -> bytes:
    with http_server(answer) as url, downloaded(url + path, Budget("'x'", limits, lambda *_: None)) as body:
        parts = []
        while data := body.read():
            parts.append(data)
        return b"".join(parts)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(10_000))


def stalling(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "10")
    handler.end_headers()
    handler.wfile.write(b"12345")
    handler.wfile.flush()
    time.sleep(2)


def redirecting(target: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.end_headers()

    return answer


def test_the_body_comes_as_it_is() -> None:
    assert fetch(content(b"abc" * 10_000)) == b"abc" * 10_000


def test_a_redirect_is_followed() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        (content(b"there") if handler.path == "/y" else redirecting("/y"))(handler)

    assert fetch(answer) == b"there"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (content(b"no", 404), "the server answers 404"),
        (content(b"no", 503), "the server answers 503"),
        (redirecting("/x"), "answers 302.*redirect"),
        (redirecting("file:///etc/passwd"), "answers 302"),
        (redirecting("ftp://127.0.0.1/x"), "redirects to ftp"),
        (content(bytes(100_001)), "larger than 100,000 bytes"),
        (endless, "larger than 100,000 bytes"),
        (stalling, "the transfer broke off: timed out"),
        (lambda handler: handler.wfile.write(b"\0\xff nonsense\r\n"), "cannot be fetched"),
        (lambda _: None, "cannot be fetched"),
    ],
)
def test_what_goes_wrong_is_said(answer: Answer, reason: str) -> None:
    with pytest.raises(ContextError, match=f"'x': .*{reason}"):
        fetch(answer)


def test_a_slow_server_has_a_limited_time() -> None:
    start = time.monotonic()
    with pytest.raises(ContextError, match="longer than 1 seconds"):
        fetch(dripping, LIMITS._replace(seconds=1))
    assert time.monotonic() - start < 3


def test_headers_have_the_time_of_one_stall() -> None:
    start = time.monotonic()
    with pytest.raises(ContextError, match="cannot be fetched: timed out"):
        fetch(dripping_headers)
    assert time.monotonic() - start < 3


def test_a_server_that_is_not_there() -> None:
    with http_server(content(b"")) as url:
        pass
    with (
        pytest.raises(ContextError, match="cannot be fetched"),
        downloaded(url, Budget("'x'", LIMITS, lambda *_: None)),
    ):
        pass
