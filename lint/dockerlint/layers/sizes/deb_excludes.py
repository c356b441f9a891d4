"""What the slim variants of Debian's images tell dpkg not to unpack.

https://github.com/debuerreotype/debuerreotype (slimify): documentation besides licences, manuals, translations.
"""

from __future__ import annotations

_LEFT_OUT = tuple(f"/usr/share/{name}/" for name in ("doc", "info", "linda", "locale", "man"))
_OVERRIDES = "/usr/share/lintian/overrides/"


def is_left_out(path: str) -> bool:
    """Whether a file of a package, by its absolute path, is not unpacked."""
    if not path.startswith((*_LEFT_OUT, _OVERRIDES)):
        return False
    return not (path.startswith("/usr/share/doc/") and path.endswith("/copyright"))
