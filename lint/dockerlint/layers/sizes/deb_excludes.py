"""What the images of Debian and Ubuntu tell dpkg not to unpack."""

from __future__ import annotations

import re
from enum import Enum


class Excludes(Enum):
    """The kinds of images, by what they leave out."""

    NOTHING = "nothing"
    SLIM = "slim"
    """The slim variants of Debian: documentation besides licences, manuals, translations.
    https://github.com/debuerreotype/debuerreotype (slimify)"""
    UBUNTU = "ubuntu"
    """All images of Ubuntu: the same, but the changes of packages stay, and of translations only messages are left out.
    `/etc/dpkg/dpkg.cfg.d/excludes` there."""


_SLIM = (
    *(f"/usr/share/{name}/" for name in ("doc", "info", "linda", "locale", "man")),
    "/usr/share/lintian/overrides/",
)
_UBUNTU = ("/usr/share/doc/", "/usr/share/man/")
_MESSAGES = re.compile(r"/usr/share/locale/.+/LC_MESSAGES/.+\.mo")
_CHANGES = re.compile(r"/usr/share/doc/.+/changelog\.Debian\..*")


def is_left_out(path: str, excludes: Excludes) -> bool:
    """Whether a file of a package, by its absolute path, is not unpacked."""
    if excludes is Excludes.NOTHING:
        return False
    if path.startswith("/usr/share/doc/") and path.endswith("/copyright"):
        return False
    if excludes is Excludes.SLIM:
        return path.startswith(_SLIM)
    return (path.startswith(_UBUNTU) and not _CHANGES.fullmatch(path)) or _MESSAGES.fullmatch(path) is not None
