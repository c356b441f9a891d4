"""The usual name of an image, whichever way it is reached."""

from __future__ import annotations

from dockerlint.syntax.image_references import ImageReference

#: Places that hold copies of the official images under the same names.
_MIRRORS = ("mirror.gcr.io/library/", "public.ecr.aws/docker/library/", "quay.io/official-images/")

#: Accounts of Docker Hub with the official images for one architecture each.
_ARCHITECTURES = (
    "amd64/",
    "arm32v5/",
    "arm32v6/",
    "arm32v7/",
    "arm64v8/",
    "i386/",
    "mips64le/",
    "ppc64le/",
    "riscv64/",
    "s390x/",
)


def usual_name(reference: ImageReference) -> str:
    """The name without tag, digest, architecture and well-known mirror: `debian` for `docker.io/arm64v8/debian:12`."""
    name = reference.familiar_name
    for prefix in (*_MIRRORS, *_ARCHITECTURES):
        name = name.removeprefix(prefix)
    return name
