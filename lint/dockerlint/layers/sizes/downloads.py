"""How many bytes a download has: the interface, and what an archive unpacks to."""

from __future__ import annotations

from typing import Protocol

from dockerlint.layers.size import UNKNOWN, Provenance, Size

#: What an archive unpacks to for each of its bytes: usually, and at most for what people pack.
_USUAL = 3.5
_MOST = 40


class Downloads(Protocol):
    """Knows how long files on servers are. It never raises."""

    def size(self, url: str, *, follow: bool) -> Size:
        """The bytes at a URL, as its server tells them; redirects count only with `follow`."""


class NoDownloads:
    """Nothing is known of any server."""

    def size(self, url: str, *, follow: bool) -> Size:
        """See `Downloads`."""
        del url, follow
        return UNKNOWN


NO_DOWNLOADS = NoDownloads()


def unpacked(archive: Size, *, whole: bool) -> Size:
    """What an archive of this size probably unpacks to; without `whole` some of its files may be left out."""
    if archive.estimate is None:
        return UNKNOWN
    high = None if archive.high is None else archive.high * _MOST
    # Short files of packed archives have no long ones in them, but their frames take more than they.
    return Size(archive.low // 2 if whole else 0, round(archive.estimate * _USUAL), high, Provenance.ESTIMATED)
