"""The Python that a base image has: its version, and the platform that decides which wheels fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from packaging.tags import Tag, compatible_tags, cpython_tags

from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid

_VERSION = re.compile(r"(?:python)?(3\.[0-9]{1,2})(?:\.[0-9]{1,3})?(?:rc[0-9])?")

#: What `python:3` and `python:latest` are, as of November 2026.
_LATEST = "3.14"

#: The Python of Debian's releases, with their numbers, and that of Ubuntu's.
_OF_SYSTEMS: Mapping[str, str] = {
    **dict.fromkeys(("bullseye", "11"), "3.9"),
    **dict.fromkeys(("bookworm", "12"), "3.11"),
    **dict.fromkeys(("trixie", "13", "stable"), "3.13"),
    **dict.fromkeys(("focal", "20.04"), "3.8"),
    **dict.fromkeys(("jammy", "22.04"), "3.10"),
    **dict.fromkeys(("noble", "24.04"), "3.12"),
}
#: The C library of releases, as the second number of its version.
_GLIBC: Mapping[str, int] = {
    **dict.fromkeys(("buster", "10"), 28),
    **dict.fromkeys(("bullseye", "11", "focal", "20.04"), 31),
    **dict.fromkeys(("jammy", "22.04"), 35),
    **dict.fromkeys(("bookworm", "12"), 36),
    **dict.fromkeys(("noble", "24.04"), 39),
    **dict.fromkeys(("trixie", "13"), 41),
}
_NEWEST_GLIBC = 41
_MUSL = 2
_MACHINES: Mapping[str, str] = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "386": "i686",
    "arm": "armv7l",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
    "riscv64": "riscv64",
}
#: Names of wheels from before their tags told the version of the C library.
_OLD_NAMES = ((17, "manylinux2014"), (12, "manylinux2010"), (5, "manylinux1"))
_OLD_MACHINES = ("x86_64", "i686")


class Target(NamedTuple):
    """An interpreter: `python` is `3.12`, `machine` as `uname -m` tells it, `glibc` 36 for 2.36 and None for musl.

    With `is_official` it is that of an image of the name `python`, in which pip is there to begin with.
    """

    python: str
    machine: str
    glibc: int | None
    is_official: bool

    @property
    def minor(self) -> int:
        """12 of `3.12`."""
        return int(self.python.partition(".")[2])

    def environment(self) -> dict[str, str]:
        """The values of environment markers. https://packaging.python.org/specifications/dependency-specifiers/"""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }


def target_of(image: str, platform: str, environment: Mapping[str, str]) -> Target | None:
    """The interpreter of an image; None where it is not known. `PYTHON_VERSION` in the environment is believed."""
    reference = parse_image_reference(image)
    machine = _MACHINES.get(platform.partition("/")[2].partition("/")[0])
    if isinstance(reference, Invalid) or machine is None:
        return None
    tag = reference.tag or reference.resolved().tag
    name = reference.familiar_name.rpartition("/")[2]
    words = tag.split("-")
    is_musl = any(word.startswith("alpine") for word in (name, *words))
    glibc = None if is_musl else next((_GLIBC[word] for word in words if word in _GLIBC), _NEWEST_GLIBC)
    is_official = reference.is_official and name == "python"
    python = _python(environment.get("PYTHON_VERSION", ""), name, words, is_official=is_official)
    return None if python is None else Target(python, machine, glibc, is_official)


def _python(told: str, name: str, words: list[str], *, is_official: bool) -> str | None:
    match = _VERSION.fullmatch(told)
    if match is not None:
        return match[1]
    if is_official:
        match = _VERSION.match(words[0])
        if match is None and words[0][:1].isdigit() and words[0] != "3":
            # Python 2.
            return None
        return match[1] if match is not None else _LATEST
    # `ghcr.io/astral-sh/uv:python3.12-bookworm-slim`, `tiangolo/uvicorn-gunicorn-fastapi:python3.11`
    for word in words:
        match = _VERSION.fullmatch(word) if word.startswith("python") else None
        if match is not None:
            return match[1]
    if name in ("debian", "ubuntu", "node", "buildpack-deps"):
        return next((_OF_SYSTEMS[word] for word in words if word in _OF_SYSTEMS), None)
    return None


@cache
def tags_of(target: Target) -> Mapping[Tag, int]:
    """The tags of wheels that fit, each with its rank: 0 is the best."""
    version = (3, target.minor)
    platforms = list(_platforms(target))
    tags = (*cpython_tags(version, platforms=platforms), *compatible_tags(version, f"cp3{target.minor}", platforms))
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


def _platforms(target: Target) -> list[str]:
    """The platforms of wheels, the best first. https://peps.python.org/pep-0600/ https://peps.python.org/pep-0656/"""
    machine = target.machine
    if target.glibc is None:
        return [*(f"musllinux_1_{minor}_{machine}" for minor in range(_MUSL, -1, -1)), f"linux_{machine}"]
    old = dict(_OLD_NAMES) if machine in _OLD_MACHINES else dict(_OLD_NAMES[:1])
    found = []
    for minor in range(target.glibc, 4, -1):
        found.append(f"manylinux_2_{minor}_{machine}")
        if minor in old:
            found.append(f"{old[minor]}_{machine}")
    return [*found, f"linux_{machine}"]
