"""What the program says instead of a guess."""

from __future__ import annotations

from typing import NamedTuple


class Unknown(NamedTuple):
    """A value that cannot be known without building. `reason` says why, to follow "unknown:" in a message."""

    reason: str
