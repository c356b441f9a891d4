"""Fetches one URL over HTTP or HTTPS, within limits."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import IO

from dockerlint import __version__
from dockerlint.context.fetch.limits import Budget, ContextError

_CHUNK = 1 << 16
_MOST_REDIRECTS = 10


class Download:
    """The body of an answer, whose bytes are counted as they are read."""

    def __init__(self, answer: http.client.HTTPResponse, budget: Budget) -> None:
        self._answer = answer
        self._budget = budget

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; nothing at the end. Raises `ContextError` beyond the limits or if the server stops."""
        try:
            # What has come is taken at once, so that a slow server cannot keep the clock from being looked at.
            data = self._answer.read1(min(size, _CHUNK) if size >= 0 else _CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise ContextError(f"{self._budget.what}: the transfer broke off: {_reason(error)}") from error
        self._budget.receive(len(data))
        return data


@contextmanager
def downloaded(url: str, budget: Budget) -> Iterator[Download]:
    """The content of a URL with the scheme http or https.

    Proxies are taken from the environment. Raises `ContextError`: for what cannot be reached, an answer other than
    success, more than ten redirects, or one to another scheme.
    """
    request = urllib.request.Request(url, headers={"User-Agent": f"dlint/{__version__}", "Accept": "*/*"})  # noqa: S310 - the scheme is checked by the opener
    opener = urllib.request.OpenerDirector()
    context = ssl.create_default_context()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        _Redirects(budget),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    try:
        answer = opener.open(request, timeout=budget.limits.stall)
    except urllib.error.HTTPError as error:
        with error:
            raise ContextError(
                f"{budget.what}: the server answers {error.code} {error.reason or ''}".rstrip()
            ) from error
    except (urllib.error.URLError, OSError, http.client.HTTPException, ValueError) as error:
        raise ContextError(f"{budget.what}: it cannot be fetched: {_reason(error)}") from error
    with closing(answer):
        yield Download(answer, budget)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects over HTTP and HTTPS only, not too many, and not back to plain HTTP."""

    max_redirections = _MOST_REDIRECTS
    max_repeats = _MOST_REDIRECTS

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

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
        self._budget.check_time()
        scheme = urllib.parse.urlsplit(newurl).scheme.lower()
        if scheme not in ("http", "https") or (scheme == "http" and req.type == "https"):
            raise ContextError(
                f"{self._budget.what}: the server redirects to {scheme or 'an unknown scheme'}, which is not followed"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _reason(error: BaseException) -> str:
    """One line about what went wrong."""
    inner = getattr(error, "reason", None)
    text = " ".join(str(inner if inner is not None else error).split())
    return text or type(error).__name__
