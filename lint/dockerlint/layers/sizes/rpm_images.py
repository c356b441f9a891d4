"""Which distribution with RPM packages a base image is made of, where its packages are, and what is installed in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid

_MAJOR = re.compile(r"(8|9|10)(?:\.[0-9]+)?(?:\.[0-9]{8})?(?:[.-][0-9.]+)?")

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


class _Family(NamedTuple):
    """Distributions that differ in their releases: `repositories` are URLs with the `release` and the `machine`."""

    label: str
    repositories: tuple[str, ...]
    releases: re.Pattern[str] = _MAJOR

    def system(self, release: str, machine: str, seeds: tuple[str, ...]) -> System:
        """The distribution of one release, for a machine as `uname -m` tells it."""
        urls = tuple(url.format(release=release, machine=machine) for url in self.repositories)
        return System(f"{self.label} {release}", machine, urls, seeds)


_UBI_PLACE = "https://cdn-ubi.redhat.com/content/public/ubi/dist/ubi{release}/{release}/{machine}"
_ROCKY_PLACE = "https://dl.rockylinux.org/pub/rocky/{release}"
_ALMA_PLACE = "https://repo.almalinux.org/almalinux/{release}"
_ORACLE_PLACE = "https://yum.oracle.com/repo/OracleLinux/OL{release}"
_FEDORA_PLACE = "https://dl.fedoraproject.org/pub/fedora/linux"

_RED_HAT = _Family("ubi", (f"{_UBI_PLACE}/baseos/os", f"{_UBI_PLACE}/appstream/os"))
_ROCKY = _Family("rocky", (f"{_ROCKY_PLACE}/BaseOS/{{machine}}/os", f"{_ROCKY_PLACE}/AppStream/{{machine}}/os"))
_ALMA = _Family("alma", (f"{_ALMA_PLACE}/BaseOS/{{machine}}/os", f"{_ALMA_PLACE}/AppStream/{{machine}}/os"))
_ORACLE = _Family("oracle", (f"{_ORACLE_PLACE}/baseos/latest/{{machine}}", f"{_ORACLE_PLACE}/appstream/{{machine}}"))
_FEDORA = _Family(
    "fedora",
    (
        f"{_FEDORA_PLACE}/updates/{{release}}/Everything/{{machine}}",
        f"{_FEDORA_PLACE}/releases/{{release}}/Everything/{{machine}}/os",
    ),
    re.compile(r"[34][0-9]"),
)

#: Families by the names of their images, besides those of Red Hat, whose names have the release in them.
_FAMILIES: Mapping[str, _Family] = {
    "rockylinux": _ROCKY,
    "rockylinux/rockylinux": _ROCKY,
    "almalinux": _ALMA,
    "oraclelinux": _ORACLE,
    "fedora": _FEDORA,
    "registry.fedoraproject.org/fedora": _FEDORA,
    "quay.io/fedora/fedora": _FEDORA,
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
        return _RED_HAT.system(match[1], machine, seeds)
    plain = _SMALL.sub("", tag)
    family = _FAMILIES.get(name.removesuffix("-minimal"))
    release = None if family is None else family.releases.fullmatch(plain)
    if family is None or release is None:
        return None
    number = release[1] if release.re.groups else release[0]
    seeds = (*_SEEDS, *(_MINIMAL if plain != tag or name.endswith("-minimal") else _FULL))
    return family.system(number, machine, seeds)
