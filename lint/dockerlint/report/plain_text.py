"""Text for machine formats."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def sound(text: str) -> str:
    """The text with U+FFFD for bytes that could not be decoded: JSON has no form for them, and strict readers stop."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
