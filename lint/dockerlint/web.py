"""Opens URLs over HTTP and HTTPS: the one way in which anything is asked of other machines.

Proxies are taken from the environment (`https_proxy` and its like), certificates from the system.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

from dockerlint import __version__

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 65_536


class RefusedRedirectError(OSError):
    """A server leads to where nobody follows: another scheme, or from HTTPS back to HTTP."""


def request(url: str, headers: Mapping[str, str] = MappingProxyType({}), method: str = "GET") -> urllib.request.Request:
    """A request that says who asks. The headers go to the first server only, never to where a redirect leads."""
    made = urllib.request.Request(url, headers={"User-Agent": f"dlint/{__version__}"}, method=method)  # noqa: S310 - the opener knows no other schemes
    for name, value in headers.items():
        made.add_unredirected_header(name, value)
    return made


def opener(watch: Callable[[], None] = lambda: None) -> urllib.request.OpenerDirector:
    """What opens requests for http and https, and raises `URLError` for all else.

    It follows up to ten redirects, over these schemes and never from HTTPS back to HTTP; others raise
    `RefusedRedirectError`. `watch` is called before each of them, and may raise. Each host is looked up once.
    """
    made = urllib.request.OpenerDirector()
    addresses = _Addresses()
    for handler in (
        urllib.request.ProxyHandler(),
        _Http(addresses),
        _Https(addresses),
        _Redirects(watch),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
    ):
        made.add_handler(handler)
    return made


def body(answer: http.client.HTTPResponse, most: int, seconds: float) -> bytes:
    """What a server sends, at most `most` bytes of it; raises `TimeoutError` where that takes longer than `seconds`.

    The time-out of a connection is for each piece of data, and a server may send as many as it likes.
    """
    end = time.monotonic() + seconds
    read = bytearray()
    while len(read) < most and (data := answer.read1(min(most - len(read), _CHUNK))):
        read += data
        if time.monotonic() > end:
            raise TimeoutError("timed out")
    return bytes(read)


def reason(error: BaseException) -> str:
    """One line about what went wrong."""
    inner = getattr(error, "reason", None)
    text = " ".join(str(inner if inner is not None else error).split())
    return text or type(error).__name__


class _Addresses:
    """The addresses of hosts, each looked up once.

    Dozens of connections at a time would ask the resolver as often, which drops what it cannot answer: the question is
    put again five seconds later.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, int], tuple[str, ...]] = {}

    def connect(
        self, address: tuple[str, int], timeout: float | None = None, source_address: tuple[str, int] | None = None
    ) -> socket.socket:
        """A connection, as `socket.create_connection` makes it; raises `OSError`."""
        failure = OSError("the host has no address")
        for place in self._addresses(address):
            try:
                return socket.create_connection((place, address[1]), timeout, source_address)
            except OSError as error:
                failure = error
        raise failure

    def _addresses(self, address: tuple[str, int]) -> tuple[str, ...]:
        with self._lock:
            found = self._found.get(address)
            if found is None:
                known = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
                found = self._found[address] = tuple(dict.fromkeys(str(each[4][0]) for each in known))
        return found


class _Http(urllib.request.HTTPHandler):
    """Opens HTTP over connections to known addresses."""

    def __init__(self, addresses: _Addresses) -> None:
        super().__init__()
        self._addresses = addresses

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """The answer to a request."""
        return self.do_open(self._connection, req)

    def _connection(self, host: str, /, **options: Any) -> http.client.HTTPConnection:
        made = http.client.HTTPConnection(host, **options)
        _connect_with(made, self._addresses)
        return made


class _Https(urllib.request.HTTPSHandler):
    """The same for HTTPS, with the certificates of the system."""

    def __init__(self, addresses: _Addresses) -> None:
        super().__init__()
        self._addresses = addresses
        self._certificates = ssl.create_default_context()

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """The answer to a request."""
        return self.do_open(self._connection, req)

    def _connection(self, host: str, /, **options: Any) -> http.client.HTTPConnection:
        made = http.client.HTTPSConnection(host, context=self._certificates, **options)
        _connect_with(made, self._addresses)
        return made


def _connect_with(connection: http.client.HTTPConnection, addresses: _Addresses) -> None:
    """Have a connection made to known addresses, and headers taken in no longer than its time-out.

    http.client has these places for it, the first one without a public name.
    """
    connection._create_connection = addresses.connect  # type: ignore[attr-defined]
    connection.response_class = _Response


class _Response(http.client.HTTPResponse):
    """An answer whose headers must be there within the time-out of the connection.

    That is for each piece of data, and a server may send as many as it likes: see `body` for what follows.
    """

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        self._pieces = _Pieces(sock)
        super().__init__(self._pieces, *arguments, **options)  # type: ignore[arg-type]  # all that is asked of it is `makefile`

    def begin(self) -> None:
        """Read the headers."""
        super().begin()
        self._pieces.end = None


class _Pieces(io.RawIOBase):
    """What comes over a socket; after `end`, a moment of the monotonic clock, nothing is waited for."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._seconds = sock.gettimeout()
        self._inner = sock.makefile("rb", buffering=0)
        self.end = None if self._seconds is None else time.monotonic() + self._seconds

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `socket.makefile` gives."""
        assert mode == "rb", "answers are only read"
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """See `io.RawIOBase`; raises `TimeoutError`."""
        if self.end is None:
            return self._inner.readinto(buffer)
        rest = self.end - time.monotonic()
        if rest <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(rest)
        try:
            return self._inner.readinto(buffer)
        finally:
            self._socket.settimeout(self._seconds)

    def close(self) -> None:
        """See `io.RawIOBase`."""
        self._inner.close()
        super().close()


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects over HTTP and HTTPS only, not too many, and not back to plain HTTP."""

    max_redirections = 10
    max_repeats = 10

    def __init__(self, watch: Callable[[], None]) -> None:
        self._watch = watch

    def redirect_request(  # noqa: PLR0917 - the library calls it like this
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request for where a redirect leads."""
        self._watch()
        scheme = urllib.parse.urlsplit(newurl).scheme.lower()
        if scheme not in ("http", "https") or (scheme == "http" and req.type == "https"):
            raise RefusedRedirectError(
                f"the server redirects to {scheme or 'an unknown scheme'}, which is not followed"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)
