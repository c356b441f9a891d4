"""Servers on the loopback that answer as a test tells them, also maliciously."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def http_server(answer: Answer) -> Iterator[str]:
    """The URL of a server that answers each GET by calling `answer`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self)
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                self.close_connection = True

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def content(body: bytes, status: int = 200) -> Answer:
    """An answer with a body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """An answer without an end that comes byte by byte, each soon enough for a time-out of half a second."""
    handler.send_response(200)
    handler.end_headers()
    _drip(handler, b"x")


def dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    """An answer that never gets to the end of its headers."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    _drip(handler, b"x")


def _drip(handler: BaseHTTPRequestHandler, piece: bytes) -> None:
    for _ in range(100):
        handler.wfile.write(piece)
        handler.wfile.flush()
        time.sleep(0.1)
