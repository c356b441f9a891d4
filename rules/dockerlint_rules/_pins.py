"""How firmly a command chooses the packages that it names: by a version, by a range, or not at all.

The forms are those of the tools' own documentation: https://packaging.python.org/en/latest/specifications/dependency-specifiers/,
https://docs.npmjs.com/cli/v11/using-npm/package-spec, https://go.dev/ref/mod#version-queries,
https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from dockerlint_rules._tables import names


class Pin(Enum):
    """What a package specification says about the version."""

    FIXED = "a version, a range that has an end, a file, or a commit"
    OPEN = "a range without an end"
    TAG = "a name that moves from version to version"
    BRANCH = "a repository without a tag or commit"
    MISSING = "nothing"


class Spec(NamedTuple):
    """A package specification: what it says about the version, and the package without that."""

    pin: Pin
    name: str


_PYTHON = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*([^;]*)")
_PYTHON_FILES = (".whl", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip", ".egg", ".tar")
_VCS = ("git+", "hg+", "svn+", "bzr+")
_BOUNDS = ("==", "~=", "<")
_OPEN = (">", "!=")
_LOCAL = (".", "/", "~", "file:")

_NPM_FILES = (".tgz", ".tar.gz", ".tar")
_NPM_HOSTS = ("github:", "gitlab:", "bitbucket:", "gist:", "git+", "git:", "git@", "ssh:")
_NPM_TAG = re.compile(r"[A-Za-z][A-Za-z-]*")
_NPM_WILDCARDS = names("* x X")

_RPM_VERSION = re.compile(r"[-=] *[0-9*]")

_GO_MOVING = names("HEAD latest main master none patch tip upgrade")


def python_spec(text: str) -> Spec:
    """What pip, uv and their like make of an operand."""
    if text.startswith(_VCS):
        path = text.partition("#")[0].partition("://")[2].partition("/")[2]
        return Spec(Pin.FIXED if "@" in path else Pin.BRANCH, text)
    if text.startswith(_LOCAL) or "://" in text.partition("@")[0] or text.lower().endswith(_PYTHON_FILES):
        return Spec(Pin.FIXED, text)
    match = _PYTHON.match(text)
    if match is None:
        return Spec(Pin.FIXED, text)
    name, version = match[1] + (match[2] or ""), match[3]
    if version.startswith("@"):
        url = version[1:].strip()
        if url == "latest":
            return Spec(Pin.TAG, name)
        return Spec(python_spec(url).pin if url.startswith(_VCS) else Pin.FIXED, text)
    if version.startswith(("/", "\\")):
        return Spec(Pin.FIXED, text)
    if any(sign in version for sign in _BOUNDS):
        return Spec(Pin.FIXED, name)
    return Spec(Pin.OPEN if any(sign in version for sign in _OPEN) else Pin.MISSING, name)


def npm_spec(text: str) -> Spec:
    """What npm and its like make of an operand: a package of the registry, a repository, an archive or a folder."""
    if text.startswith(_LOCAL) or text.endswith(_NPM_FILES):
        return Spec(Pin.FIXED, text)
    is_repository = text.startswith(_NPM_HOSTS) or text.partition("#")[0].endswith(".git")
    if is_repository or ("://" not in text and "/" in text and text[0] != "@" and "@" not in text):
        return Spec(Pin.FIXED if "#" in text else Pin.BRANCH, text)
    if text.startswith(("http://", "https://")):
        return Spec(Pin.FIXED, text)
    at = text.find("@", 1)
    if at < 0:
        return Spec(Pin.MISSING, text)
    name, version = text[:at], text[at + 1 :].strip()
    if version.startswith("npm:"):
        alias = npm_spec(version[4:]) if version[4:] else Spec(Pin.MISSING, "")
        return Spec(alias.pin, f"{name}@npm:{alias.name}")
    if not version or version in _NPM_WILDCARDS:
        return Spec(Pin.MISSING, name)
    return Spec(Pin.TAG if _NPM_TAG.fullmatch(version) else Pin.FIXED, name)


def go_spec(text: str) -> Spec:
    """What the go command makes of an argument: a package from elsewhere, or one of the project or of Go itself."""
    path, at, version = text.partition("@")
    if path.startswith((".", "/")) or "." not in path.partition("/")[0] or path.endswith(".go"):
        return Spec(Pin.FIXED, path)
    if not at:
        return Spec(Pin.MISSING, path)
    return Spec(Pin.TAG if version in _GO_MOVING else Pin.FIXED, path)


def conda_spec(text: str) -> Spec:
    """What conda makes of an operand: `channel::name=version=build`, `name>=1`, `name[version=…]`, an archive."""
    if "/" in text.partition("::")[0] or text.endswith((".conda", ".tar.bz2")) or "[" in text:
        return Spec(Pin.FIXED, text)
    name = re.split(r"[=<>!~ ]", text, maxsplit=1)[0]
    return Spec(Pin.MISSING if name == text else Pin.FIXED, name)


def cargo_spec(text: str) -> Spec:
    """What cargo makes of an operand of `install`: `name@version`."""
    name, at, _ = text.partition("@")
    return Spec(Pin.FIXED if at else Pin.MISSING, name)


def composer_spec(text: str) -> Spec:
    """What composer makes of an operand of `require`: `vendor/name:version`; `php` and `ext-x` are no packages."""
    name = re.split(r"[:= ]", text, maxsplit=1)[0]
    return Spec(Pin.MISSING if name == text and "/" in text else Pin.FIXED, name)


def perl_spec(text: str) -> Spec:
    """What cpanm makes of an operand: `Module@version`, `Module~range`, an archive, a folder, a repository."""
    is_module = all(part.isidentifier() for part in text.split("::"))
    return Spec(Pin.MISSING if is_module else Pin.FIXED, text)


def rpm_spec(text: str) -> Spec:
    """What tdnf makes of an operand: `name-version`, a file."""
    return Spec(Pin.FIXED if _RPM_VERSION.search(text) or text.endswith(".rpm") else Pin.MISSING, text)
