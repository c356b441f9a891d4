"""Packed contents come out whole, however they are cut up, and stay within limits."""

from __future__ import annotations

import gzip
import lzma
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.context.fetch.limits import Budget, ContextError, Limits
from dockerlint.layers.sizes.unpacking import unpacked

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "a.gz": gzip.compress,
    "a.xz": lzma.compress,
    "a.zst": zstd.compress,
    "a": bytes,
}


def budget(most: int = 10_000_000) -> Budget:
    return Budget("a list", Limits(unpacked=most), lambda _what, _count: None)


@given(st.binary(max_size=2_000), st.integers(1, 600), st.sampled_from(sorted(PACKERS)), st.integers(1, 3))
def test_what_was_packed_comes_out_again(data: bytes, step: int, name: str, times: int) -> None:
    packed = b"".join(PACKERS[name](data) for _ in range(times))
    pieces = (packed[at : at + step] for at in range(0, len(packed), step))
    assert b"".join(unpacked(pieces, name, budget())) == data * times


@pytest.mark.parametrize("name", [name for name in PACKERS if name != "a"])
def test_a_large_content_comes_out_whole_and_a_larger_one_is_refused(name: str) -> None:
    packed = PACKERS[name](bytes(9_000_000))
    assert sum(map(len, unpacked(iter([packed]), name, budget()))) == 9_000_000
    with pytest.raises(ContextError, match="unpacked it is larger than 1,000,000 bytes"):
        sum(map(len, unpacked(iter([packed]), name, budget(1_000_000))))


@pytest.mark.parametrize("name", [name for name in PACKERS if name != "a"])
def test_what_is_damaged_is_refused(name: str) -> None:
    packed = PACKERS[name](b"content " * 100)
    for data in (packed[:-9], b"nothing packed", b"", packed + b"behind"):
        with pytest.raises(ContextError, match=r"^a list: it (is cut short|cannot be unpacked: )"):
            list(unpacked(iter([data]), name, budget()))
