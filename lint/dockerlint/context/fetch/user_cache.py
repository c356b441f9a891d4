"""Where a user's programs may keep what they can make again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def user_cache(environment: Mapping[str, str], name: str) -> str | None:
    """The folder for one kind of content, which need not exist; None if there is no place for one."""
    if os.name == "nt":
        base = environment.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(environment.get("HOME", ""), "Library", "Caches")
    else:
        base = environment.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):
            base = os.path.join(environment.get("HOME", ""), ".cache")
    return os.path.join(base, "dockerlint", name) if os.path.isabs(base) else None
