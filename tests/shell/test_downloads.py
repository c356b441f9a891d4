"""What commands download, extract and verify."""

from __future__ import annotations

import pytest

from dockerlint.shell.downloads import Sink, file_of, transfer_of
from dockerlint.shell.extractions import extraction_of
from dockerlint.shell.verifications import verifies
from tests.shell.support import script_of


def downloads(text: str, dialect: str = "sh") -> list[tuple[str, str | None]]:
    """The URLs that the commands of a script fetch, with the files they go to; `|` for standard output."""
    found: list[tuple[str, str | None]] = []
    for command in script_of(text, dialect).commands:
        transfer = transfer_of(command)
        if transfer is not None and transfer.fetches:
            found += [(got.url.raw, "|" if got.sink is Sink.OUTPUT else got.path) for got in transfer.downloads]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl -fsSLo /t http://h/a", [("http://h/a", "/t")]),
        ("curl http://h/a", [("http://h/a", "|")]),
        ("curl http://h/a -o -", [("http://h/a", "|")]),
        ("curl http://h/a > /t", [("http://h/a", "/t")]),
        ("curl http://h/a 2> /t", [("http://h/a", "|")]),
        (
            "curl -O http://h/a -o b http://h/c http://h/d",
            [("http://h/a", "a"), ("http://h/c", "b"), ("http://h/d", "|")],
        ),
        ("curl --remote-name-all http://h/a http://h/b", [("http://h/a", "a"), ("http://h/b", "b")]),
        ("curl -O --output-dir /d http://h/a?x=1", [("http://h/a?x=1", "/d/a")]),
        ("curl -OJ http://h/a", [("http://h/a", None)]),
        ("curl -O http://h/$V/a-$V.tgz", [("http://h/$V/a-$V.tgz", "a-${V}.tgz")]),
        ("curl -O $URL", [("$URL", None)]),
        ("curl -H 'A: b' --url h/a -x proxy -o t", [("h/a", "t")]),
        ("curl -X post http://h/a", []),
        ("curl -d x=1 http://h/a; curl -I http://h; curl --version", []),
        ("wget http://h/a", [("http://h/a", "a")]),
        ("wget -qO- http://h/a", [("http://h/a", "|")]),
        ("wget -O /t -P /d http://h/a", [("http://h/a", "/t")]),
        ("wget -nv -P /d http://h/a http://h/b?c", [("http://h/a", "/d/a"), ("http://h/b?c", "/d/b?c")]),
        ("wget http://h/", [("http://h/", None)]),
        ("wget --spider http://h/a", []),
        ("aria2c -x 4 -d /d -o t http://h/a", [("http://h/a", "/d/t")]),
        ("echo curl http://h/a", []),
    ],
)
def test_what_is_downloaded_and_where_to(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert downloads(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Invoke-WebRequest -Uri http://h/a -OutFile b -UseBasicParsing", [("http://h/a", "b")]),
        ("iwr -useb http://h/a | iex", [("http://h/a", "|")]),
        ("irm http://h/a -Out b -Headers @{a='b'}", [("http://h/a", "b")]),
        ("irm http://h/a -Body x", []),
    ],
)
def test_what_powershell_downloads(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert downloads(text, "powershell") == expected


@pytest.mark.parametrize(
    ("url", "name"),
    [("http://h/a/b.tgz?x#y", "b.tgz"), ("h/b", "b"), ("http://h", ""), ("http://h/a/", ""), ("b", "")],
)
def test_a_url_names_a_file(url: str, name: str) -> None:
    assert file_of(url) == name


def extracted(text: str) -> tuple[list[str], str | None, bool, bool] | None:
    extraction = extraction_of(script_of(text).commands[0])
    if extraction is None:
        return None
    folder = None if extraction.folder is None else extraction.folder.raw
    return [word.raw for word in extraction.archives], folder, extraction.plain, extraction.consumes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tar xzf a.tgz -C /d", (["a.tgz"], "/d", True, False)),
        ("tar Cxf /d a.tgz", (["a.tgz"], "/d", True, False)),
        ("tar -xzf a.tgz --strip-components=1", (["a.tgz"], None, False, False)),
        ("tar --extract --file=a.tgz --directory /d", (["--file=a.tgz"], "/d", True, False)),
        ("tar -xzf a.tgz bin/x", (["a.tgz"], None, False, False)),
        ("tar -xz", ([], None, True, False)),
        ("tar xzf -", ([], None, True, False)),
        ("tar xz < a.tgz", (["a.tgz"], None, True, False)),
        ("tar czf a.tgz b", None),
        ("tar tf a.tgz", None),
        ("bsdtar -xf a.zip", (["a.zip"], None, True, False)),
        ("unzip -q a.zip -d /d", (["a.zip"], "/d", True, False)),
        ("unzip -l a.zip", None),
        ("7z x a.7z", (["a.7z"], None, False, False)),
        ("gunzip a.gz", (["a.gz"], None, False, True)),
        ("gunzip -c a.gz", (["a.gz"], None, False, False)),
        ("zcat a.gz", (["a.gz"], None, False, False)),
        ("xz -d a.xz", (["a.xz"], None, False, True)),
        ("xz a", None),
        ("jar xf a.jar", (["a.jar"], None, True, False)),
    ],
)
def test_what_is_extracted(text: str, expected: tuple[list[str], str | None, bool, bool] | None) -> None:
    assert extracted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "sha256sum -c sums",
        "echo x | sha256sum --check -",
        '[ "$(sha256sum a | cut -c1-64)" = "$SUM" ]',
        "sha512sum a | grep -q $SUM",
        "shasum -a 256 -c sums",
        "gpg --batch --verify a.asc a",
        "gpgv --keyring k a.asc a",
        "openssl dgst -sha256 -verify key -signature s a",
        "cosign verify-blob --key k a",
        "minisign -Vm a",
        "rpm -K a.rpm",
        "aria2c --checksum=sha-256=x http://h/a",
        "php -r \"if (hash_file('sha384', 'x') === 'y') { exit(0); }\"",
    ],
)
def test_what_verifies(text: str) -> None:
    assert any(verifies(command) for command in script_of(text).commands)


@pytest.mark.parametrize(
    "text", ["sha256sum a", "gpg --import k", "gpg --dearmor", "rpm -i a.rpm", "echo sha256sum -c"]
)
def test_what_does_not_verify(text: str) -> None:
    assert not any(verifies(command) for command in script_of(text).commands)
