"""Which distribution with RPM packages a base image is made of, where its packages are, and what is installed in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid

_MAJOR = re.compile(r"(8|9|10)(?:\.[0-9]+)?(?:\.[0-9]{8})?(?:[.-][0-9.]+)?")
_FEDORA = re.compile(r"[34][0-9]")

_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64", "ppc64le": "ppc64le", "s390x": "s390x"}

#: What the images are made from, besides what follows from it. There is no one list of it: these are the programs that
#: all of them have. https://github.com/rocky-linux/rocky-images and https://github.com/AlmaLinux/container-images
_SEEDS = (
    *("bash", "coreutils-single", "coreutils", "filesystem", "glibc-minimal-langpack", "rpm", "crypto-policies"),
    *("libcurl-minimal", "curl-minimal", "ca-certificates", "tzdata", "rootfiles", "sed", "grep", "gawk"),
)
_FULL = ("dnf", "yum", "tar", "findutils", "vim-minimal", "less", "hostname", "gnupg2", "util-linux", "systemd")
_MINIMAL = ("microdnf", "gnupg2", "findutils")


class System(NamedTuple):
    """A distribution: its name and release, the URLs of its repositories, and from what its image was made."""

    name: str
    architecture: str
    repositories: tuple[str, ...]
    seeds: tuple[str, ...]


def _ubi(major: str, machine: str) -> tuple[str, ...]:
    place = f"https://cdn-ubi.redhat.com/content/public/ubi/dist/ubi{major}/{major}/{machine}"
    return f"{place}/baseos/os", f"{place}/appstream/os"


def _rocky(major: str, machine: str) -> tuple[str, ...]:
    place = f"https://dl.rockylinux.org/pub/rocky/{major}"
    return f"{place}/BaseOS/{machine}/os", f"{place}/AppStream/{machine}/os"


def _alma(major: str, machine: str) -> tuple[str, ...]:
    place = f"https://repo.almalinux.org/almalinux/{major}"
    return f"{place}/BaseOS/{machine}/os", f"{place}/AppStream/{machine}/os"


def _oracle(major: str, machine: str) -> tuple[str, ...]:
    place = f"https://yum.oracle.com/repo/OracleLinux/OL{major}"
    return f"{place}/baseos/latest/{machine}", f"{place}/appstream/{machine}"


def _fedora(release: str, machine: str) -> tuple[str, ...]:
    place = "https://dl.fedoraproject.org/pub/fedora/linux"
    return f"{place}/updates/{release}/Everything/{machine}", f"{place}/releases/{release}/Everything/{machine}/os"


class _Family(NamedTuple):
    label: str
    repositories: Callable[[str, str], tuple[str, ...]]
    releases: re.Pattern[str] = _MAJOR


#: Families by the names of their images; `{}` is a release that is part of the name.
_FAMILIES: Mapping[str, _Family] = {
    "rockylinux": _Family("rocky", _rocky),
    "rockylinux/rockylinux": _Family("rocky", _rocky),
    "almalinux": _Family("alma", _alma),
    "oraclelinux": _Family("oracle", _oracle),
    "fedora": _Family("fedora", _fedora, _FEDORA),
    "registry.fedoraproject.org/fedora": _Family("fedora", _fedora, _FEDORA),
    "quay.io/fedora/fedora": _Family("fedora", _fedora, _FEDORA),
}
_UBI = re.compile(r"(?:registry\.access\.redhat\.com/|registry\.redhat\.io/|redhat/)ubi(8|9|10)(?:/ubi)?(-minimal)?")
_SMALL = re.compile(r"-(?:minimal|slim)\b")


def system_of(image: str, platform: str) -> System | None:
    """The distribution of an image, None where it is another one or not known."""
    reference = parse_image_reference(image)
    machine = _ARCHITECTURES.get(platform.partition("/")[2])
    if isinstance(reference, Invalid) or machine is None:
        return None
    name, tag = reference.familiar_name, reference.tag or reference.resolved().tag
    match = _UBI.fullmatch(name)
    if match is not None:
        seeds = (*_SEEDS, *(_MINIMAL if match[2] else _FULL))
        return System(f"ubi {match[1]}", machine, _ubi(match[1], machine), seeds)
    plain = _SMALL.sub("", tag)
    family = _FAMILIES.get(name.removesuffix("-minimal"))
    release = None if family is None else family.releases.fullmatch(plain)
    if family is None or release is None:
        return None
    number = release[1] if release.re.groups else release[0]
    seeds = (*_SEEDS, *(_MINIMAL if plain != tag or name.endswith("-minimal") else _FULL))
    return System(f"{family.label} {number}", machine, family.repositories(number, machine), seeds)
