"""How URLs are opened."""

from __future__ import annotations

import socket
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from dockerlint import web
from tests.servers import dripping_headers, http_server


def _answer(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"ok")


def test_a_host_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    look_up = socket.getaddrinfo

    def counted(host: str, *rest: Any, **more: Any) -> Any:
        if not host[:1].isdecimal():
            asked.append(host)
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    with http_server(_answer) as url:
        opener = web.opener()
        place = url.replace("127.0.0.1", "localhost")
        for _ in range(3):
            with opener.open(web.request(place), timeout=5) as answer:
                assert answer.read() == b"ok"
    assert asked == ["localhost"]


def _late(handler: BaseHTTPRequestHandler) -> None:
    """Headers in time, and a body that takes longer than they may."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(8):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def test_only_headers_must_be_there_within_the_time_out() -> None:
    with http_server(_late) as url, web.opener().open(web.request(url), timeout=0.5) as answer:
        assert answer.read() == b"x" * 8
    with http_server(dripping_headers) as url, pytest.raises(TimeoutError, match="timed out"):
        web.opener().open(web.request(url), timeout=0.5)


def test_a_host_that_is_not_known_is_an_error() -> None:
    with pytest.raises(OSError, match=r"\S"):
        web.opener().open(web.request("http://nowhere.invalid/"), timeout=5)
