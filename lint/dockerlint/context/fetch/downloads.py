"""Fetches one URL over HTTP or HTTPS, within limits."""

from __future__ import annotations

import http.client
import urllib.error
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from types import MappingProxyType
from urllib.request import OpenerDirector

from dockerlint import web
from dockerlint.context.fetch.limits import Budget, ContextError

_CHUNK = 1 << 16
_ANYTHING: Mapping[str, str] = MappingProxyType({"Accept": "*/*"})


class Download:
    """The body of an answer, whose bytes are counted as they are read."""

    def __init__(self, answer: http.client.HTTPResponse, budget: Budget) -> None:
        self._answer = answer
        self._budget = budget

    @property
    def status(self) -> int:
        """The status of the answer, one of success: 200, or 206 for a part."""
        return self._answer.status

    @property
    def url(self) -> str:
        """Where it comes from, after redirects."""
        return self._answer.url or ""

    def header(self, name: str) -> str | None:
        """The value of a header of the answer, None where it has none."""
        return self._answer.headers.get(name)

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; nothing at the end. Raises `ContextError` beyond the limits or if the server stops."""
        try:
            # What has come is taken at once, so that a slow server cannot keep the clock from being looked at.
            data = self._answer.read1(min(size, _CHUNK) if size >= 0 else _CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise ContextError(f"{self._budget.what}: the transfer broke off: {web.reason(error)}") from error
        self._budget.receive(len(data))
        return data

    def whole(self) -> bytes:
        """All that is left. Raises `ContextError` as `read` does."""
        return b"".join(iter(lambda: self.read(_CHUNK), b""))


class MissingError(ContextError):
    """The server says that there is nothing at a URL."""


@contextmanager
def downloaded(
    url: str,
    budget: Budget,
    *,
    headers: Mapping[str, str] = _ANYTHING,
    method: str = "GET",
    opener: OpenerDirector | None = None,
) -> Iterator[Download]:
    """The content of a URL with the scheme http or https.

    Proxies are taken from the environment. Whoever asks for many URLs hands in one `web.opener`. Raises
    `ContextError`: for what cannot be reached, an answer other than success (`MissingError` for "not
    found"), more than ten redirects, or one to another scheme.
    """
    opener = opener or web.opener(budget.check_time)
    try:
        answer = opener.open(web.request(url, headers, method), timeout=budget.limits.stall)
    except urllib.error.HTTPError as error:
        with error:
            kind = MissingError if error.code in (http.client.NOT_FOUND, http.client.GONE) else ContextError
            raise kind(f"{budget.what}: the server answers {error.code} {error.reason or ''}".rstrip()) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ContextError(f"{budget.what}: it cannot be fetched: {web.reason(error)}") from error
    with closing(answer):
        yield Download(answer, budget)
