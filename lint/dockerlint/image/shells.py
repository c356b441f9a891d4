"""Which shell is called `sh` in the images that many files build on."""

from __future__ import annotations

from dockerlint.image.names import usual_name
from dockerlint.syntax.image_references import ImageReference

#: By the name of the image.
_OF_SYSTEMS = {
    **dict.fromkeys(("alpine", "busybox", "cgr.dev/chainguard/wolfi-base"), "ash"),
    **dict.fromkeys(("buildpack-deps", "debian", "ubuntu"), "dash"),
    **dict.fromkeys(("almalinux", "alt", "amazonlinux", "archlinux", "centos", "clearlinux", "fedora"), "bash"),
    **dict.fromkeys(("mageia", "oraclelinux", "photon", "rockylinux", "sl"), "bash"),
}

#: By what the name begins with: all images of a place.
_OF_PLACES = {
    **dict.fromkeys(("almalinux/", "opensuse/", "redhat/", "rockylinux/"), "bash"),
    **dict.fromkeys(("registry.access.redhat.com/", "registry.redhat.io/", "registry.fedoraproject.org/"), "bash"),
    **dict.fromkeys(("mcr.microsoft.com/azurelinux/base/core", "mcr.microsoft.com/cbl-mariner/base/core"), "bash"),
    **dict.fromkeys(("public.ecr.aws/amazonlinux/", "quay.io/centos/"), "bash"),
}

#: Parts of tags that name a release of Debian or Ubuntu, or are used for images made of them.
_DASH_TAGS = frozenset({"bookworm", "bullseye", "buster", "focal", "jammy", "noble", "slim", "trixie"})

#: Official images of languages say by their tag that they are made of Alpine or Windows; most others are Debian.
_DASH_LANGUAGES = frozenset(
    {
        "clojure",
        "dart",
        "elixir",
        "erlang",
        "gcc",
        "golang",
        "haskell",
        "julia",
        "node",
        "perl",
        "php",
        "pypy",
        "python",
        "r-base",
        "ruby",
        "rust",
    }
)


def sh_of_image(reference: ImageReference) -> str | None:
    """What `sh` is in an image: `ash` (busybox), `dash` or `bash`; None where its name and tag do not tell."""
    name = usual_name(reference)
    if name in _OF_SYSTEMS:
        return _OF_SYSTEMS[name]
    if "alpine" in reference.familiar:
        return "ash"
    for place, shell in _OF_PLACES.items():
        if name.startswith(place):
            return shell
    if name in _DASH_LANGUAGES or not _DASH_TAGS.isdisjoint(reference.tag.split("-")):
        return "dash"
    return None
