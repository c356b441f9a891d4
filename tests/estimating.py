"""What tests of estimators have in common: files of an image, and whoever fetches for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.remembered import Remembered


class Texts:
    """Files of an image by their paths."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def read(self, path: str) -> bytes | None:
        """The content of a file, None where there is none."""
        return self._texts[path].encode() if path in self._texts else None


def fetcher(folder: Path | None = None) -> Fetcher:
    """Whoever fetches without a word, and remembers in a folder, or not at all."""
    return Fetcher(Remembered(None if folder is None else str(folder)), lambda _what, _count: None)
