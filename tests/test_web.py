"""How URLs are opened."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from dockerlint import web
from tests.servers import http_server


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


def test_a_host_that_is_not_known_is_an_error() -> None:
    with pytest.raises(OSError, match=r"\S"):
        web.opener().open(web.request("http://nowhere.invalid/"), timeout=5)
