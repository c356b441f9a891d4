"""Official images on top of Debian or Ubuntu, with the packages that they add to it: facts as of 2026.

https://github.com/docker-library has their Dockerfiles. Names that a suite does not have are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_CURL = ("ca-certificates", "curl", "gnupg", "netbase", "sq", "tzdata", "wget")
_SCM = (*_CURL, "git", "mercurial", "openssh-client", "procps", "subversion")
_BUILD = (
    *_SCM,
    *("autoconf", "automake", "bzip2", "default-libmysqlclient-dev", "dpkg-dev", "file", "g++", "gcc", "imagemagick"),
    *("libbz2-dev", "libc6-dev", "libcurl4-openssl-dev", "libdb-dev", "libevent-dev", "libffi-dev", "libgdbm-dev"),
    *("libglib2.0-dev", "libgmp-dev", "libjpeg-dev", "libkrb5-dev", "liblzma-dev", "libmagickcore-dev"),
    *("libmagickwand-dev", "libmaxminddb-dev", "libncurses5-dev", "libncursesw5-dev", "libpng-dev", "libpq-dev"),
    *("libreadline-dev", "libsqlite3-dev", "libssl-dev", "libtool", "libwebp-dev", "libxml2-dev", "libxslt-dev"),
    *("libyaml-dev", "make", "patch", "unzip", "xz-utils", "zlib1g-dev"),
)
_PHP = (
    *("autoconf", "dpkg-dev", "file", "g++", "gcc", "libc-dev", "make", "pkg-config", "re2c", "ca-certificates"),
    *("curl", "xz-utils", "libargon2-1", "libcurl4", "libonig5", "libreadline8", "libsodium23", "libsqlite3-0"),
    *("libxml2", "libssl3"),
)


class Image(NamedTuple):
    """What an image adds to the slim variant of its suite, and what its full variant adds to the whole one.

    None: there is no such variant, or what it adds is not known.
    """

    slim: tuple[str, ...] | None
    full: tuple[str, ...] | None = None


IMAGES: Mapping[str, Image] = {
    "buildpack-deps": Image(None, _BUILD),
    "golang": Image(None, (*_SCM, "g++", "gcc", "libc6-dev", "make", "pkg-config")),
    "node": Image((), _BUILD),
    "python": Image(
        ("ca-certificates", "netbase", "tzdata", "openssl", "libsqlite3-0", "libreadline8", "libncursesw6"),
        (*_BUILD, "libbluetooth-dev", "tk-dev", "uuid-dev"),
    ),
    "ruby": Image(
        ("bzip2", "ca-certificates", "libffi-dev", "libgmp-dev", "libssl-dev", "libyaml-dev", "procps", "zlib1g-dev"),
        _BUILD,
    ),
    "rust": Image(("ca-certificates", "gcc", "libc6-dev"), _BUILD),
}


class Variant(NamedTuple):
    """One variant of an image: whether it stands on the slim variant of its suite, and what it adds to that."""

    is_slim: bool
    added: tuple[str, ...]


def variant_of(name: str, words: tuple[str, ...]) -> Variant | None:
    """The variant that the words of a tag name; None where that is not known."""
    if name == "php":
        return None if "alpine" in words else Variant(True, (*_PHP, *(("apache2",) if "apache" in words else ())))
    if name == "buildpack-deps" and words[-1] in ("curl", "scm"):
        return Variant(False, _CURL if words[-1] == "curl" else _SCM)
    image = IMAGES.get(name)
    is_slim = "slim" in words
    added = None if image is None else image.slim if is_slim else image.full
    return None if added is None else Variant(is_slim, added)
