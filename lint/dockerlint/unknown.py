"""What the program says instead of a guess."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known without building. `reason` says why, to follow "unknown:" in a message."""

    reason: str
