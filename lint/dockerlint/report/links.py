"""Addresses that reports link to."""

from __future__ import annotations

import re

#: Where the project lives. The rules' pages are part of its repository.
PROJECT = "https://github.com/dockerlint/dockerlint"

_RULE_PAGES = f"{PROJECT}/blob/main/docs/rules/"
_OURS = re.compile(r"DL\d{4}")
_SHELLCHECK = re.compile(r"SC\d{4,5}")


def rule_url(code: str) -> str | None:
    """The page about a rule; None for a rule whose pack has no pages known here."""
    if _OURS.fullmatch(code):
        return f"{_RULE_PAGES}{code}.md"
    if _SHELLCHECK.fullmatch(code):
        return f"https://www.shellcheck.net/wiki/{code}"
    return None
