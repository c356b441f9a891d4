"""The usual name of an image, whichever way it is reached."""

from __future__ import annotations

from dockerlint.syntax.image_references import ImageReference

#: Places that hold copies of the official images under the same names.
_MIRRORS = ("mirror.gcr.io/library/", "public.ecr.aws/docker/library/", "quay.io/official-images/")

#: Accounts of Docker Hub with the official images for one platform each:
#: https://github.com/docker-library/official-images#architectures-other-than-amd64
_ACCOUNTS = {
    "amd64/": "linux/amd64",
    "arm32v5/": "linux/arm/v5",
    "arm32v6/": "linux/arm/v6",
    "arm32v7/": "linux/arm/v7",
    "arm64v8/": "linux/arm64/v8",
    "i386/": "linux/386",
    "mips64le/": "linux/mips64le",
    "ppc64le/": "linux/ppc64le",
    "riscv64/": "linux/riscv64",
    "s390x/": "linux/s390x",
}


def usual_name(reference: ImageReference) -> str:
    """The name without tag, digest, architecture and well-known mirror: `debian` for `docker.io/arm64v8/debian:12`."""
    name = reference.familiar_name
    for prefix in (*_MIRRORS, *_ACCOUNTS):
        name = name.removeprefix(prefix)
    return name


def sole_platform(reference: ImageReference) -> str:
    """The one platform that the account of an image stands for, `os/arch[/variant]`; blank for any other account."""
    account, slash, _ = reference.familiar_name.partition("/")
    return _ACCOUNTS.get(account + slash, "")
