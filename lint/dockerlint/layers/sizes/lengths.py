"""Asks servers how long their files are; nothing of the files is fetched."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.size import UNKNOWN, Provenance, Size
from dockerlint.layers.sizes.fetched import Fetcher

#: Requests for one Dockerfile.
_MOST = 60
_LONGEST_URL = 2_000


class Lengths:
    """See `Downloads`. With `local` servers of this machine and its network are asked, too."""

    def __init__(self, fetcher: Fetcher, *, local: bool = False) -> None:
        self._fetcher = fetcher
        self._local = local
        self._known: dict[str, tuple[int, bool] | None] = {}

    def size(self, url: str, *, follow: bool) -> Size:
        """The bytes at a URL, as its server tells them today."""
        if url not in self._known:
            self._known[url] = self._asked(url) if len(self._known) < _MOST else None
        told = self._known[url]
        if told is None or (told[1] and not follow):
            return UNKNOWN
        return Size(told[0], told[0], told[0], Provenance.ESTIMATED)

    def _asked(self, url: str) -> tuple[int, bool] | None:
        if len(url) > _LONGEST_URL or not (self._local or _is_public(url)):
            return None
        try:
            return self._fetcher.length(url)
        except ContextError:
            return None


def _is_public(url: str) -> bool:
    """Whether a URL names a server out there: a Dockerfile shall not send requests into the user's own network."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        name, _, last = host.rpartition(".")
        return (
            bool(name) and last.isascii() and last.isalpha() and last not in ("local", "internal", "localhost", "lan")
        )
