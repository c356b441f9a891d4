"""Lists of packages in which one is found by halving."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dockerlint.layers.sizes.deb_control import fields_of
from dockerlint.layers.sizes.deb_sorted import SortedList, sorted_list

TEXT = """\
Package: curl
Version: 8
Provides: http-client, transfer (= 8)

Version: 2
Package: base-files
Essential: yes


Package: wget
Priority: required
Provides: http-client
Version: 1

Package: curl-doc
Description: nothing

Package: wget
Version: 2
Provides: http-client

no package
"""


def test_a_package_is_found_whatever_stands_before_and_behind_it() -> None:
    found = sorted_list(TEXT)
    assert found.package("curl") == "Package: curl\nVersion: 8\nProvides: http-client, transfer (= 8)"
    assert found.package("curl-doc") == "Package: curl-doc\nDescription: nothing"
    assert fields_of(found.package("base-files") or "")["Version"] == "2"
    assert set(found.names()) == {"base-files", "curl", "curl-doc", "wget"}
    for name in ("", "c", "cur", "curl\nVersion: 8", "zzz", "http-client", "\ud800"):
        assert found.package(name) is None


def test_the_last_of_two_paragraphs_counts_for_all_questions() -> None:
    found = sorted_list(TEXT)
    assert found.package("wget") == "Package: wget\nVersion: 2\nProvides: http-client"
    assert found.needed() == ("base-files",)


def test_who_provides_something() -> None:
    found = sorted_list(TEXT)
    assert found.providers("http-client") == ("curl", "wget")
    assert found.providers("transfer") == ("curl",)
    assert found.providers("curl") == ()


@given(st.dictionaries(st.text("abz.+-", min_size=1, max_size=4), st.text("a: \n", max_size=30), max_size=40))
def test_what_is_found_is_what_a_plain_reader_finds(packages: dict[str, str]) -> None:
    bodies = {name: re.sub(r"\n+", "\n", body).strip("\n") for name, body in packages.items()}
    found = sorted_list("\n\n".join(f"Package: {name}\n{body}" for name, body in bodies.items()))
    for name, body in bodies.items():
        assert found.package(name) == f"Package: {name}\n{body}".rstrip("\n")
    assert found.package("c") is None


@given(st.binary(max_size=300), st.text(max_size=10))
def test_any_bytes_can_be_searched(data: bytes, name: str) -> None:
    found = SortedList(data)
    assert found.package(name) is None or data
    assert len(found.providers(name)) <= len(data)
    assert len(found.needed()) <= len(data)
