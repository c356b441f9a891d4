"""The kinds of values that a label schema asks for.

Each check takes a value that is not empty and gives None if it is of the kind, else a clause that says what is wrong.
"""

from __future__ import annotations

import re

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_URL_TEXT = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-]([0-9]{2}):([0-9]{2}))"
)
_HASH = re.compile(r"(?:[0-9a-fA-F]{7,40}|[0-9a-fA-F]{64})")
_NUMBER = r"(?:0|[1-9][0-9]*)"
_VERSION = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(
    rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\\r\n]|\\[ -~])*")'
    r"@(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f.:]+\])"
)
_OTHER_DOCUMENT = re.compile(r"\bDocumentRef-[A-Za-z0-9.-]+:(?=LicenseRef-)")
_LONGEST_EXPRESSION = 1000
_LONGEST_EMAIL = 254


def check_url(value: str) -> str | None:
    """An absolute URL: a scheme, `://` and a host (none is needed for `file`), in characters that URLs may have.

    https://www.rfc-editor.org/rfc/rfc3986
    """
    match = _URL.fullmatch(value)
    if match is None:
        return "has no scheme such as 'https://'"
    if not match["authority"] and match["scheme"].lower() != "file":
        return "has no host"
    return None if _URL_TEXT.fullmatch(value) else "has a character that must be percent-encoded"


def check_time(value: str) -> str | None:
    """A date and time with its zone, such as `2025-03-01T12:00:00Z`: https://www.rfc-editor.org/rfc/rfc3339"""
    match = _TIME.fullmatch(value)
    if match is None:
        return "does not have the form '2025-03-01T12:00:00Z'"
    year, month, day, hour, minute, second, *zone = (int(group or 0) for group in match.groups())
    if not _is_date(year, month, day) or hour > 23 or minute > 59 or second > 60 or zone[0] > 23 or zone[1] > 59:
        return "is no day or time of the calendar"
    return None


def check_license(value: str) -> str | None:
    """An SPDX license identifier or expression: https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/"""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression  # noqa: PLC0415

    if len(value) > _LONGEST_EXPRESSION:
        return "is too long for an SPDX expression"
    try:
        canonicalize_license_expression(_OTHER_DOCUMENT.sub("", value))
    except InvalidLicenseExpression:
        return "is no SPDX expression such as 'Apache-2.0' or 'MIT OR GPL-2.0-only'"
    return None


def check_hash(value: str) -> str | None:
    """A commit of git, whole or shortened: 7 to 40 hexadecimal digits, or the 64 of SHA-256."""
    return None if _HASH.fullmatch(value) else "is not 7 to 40, or 64, hexadecimal digits"


def check_version(value: str) -> str | None:
    """A semantic version, such as `1.4.0-rc.1`: https://semver.org/spec/v2.0.0.html"""
    if _VERSION.fullmatch(value):
        return None
    if value[0] in "vV" and _VERSION.fullmatch(value, 1):
        return f"starts with '{value[0]}', which a semantic version does not have"
    return "is no semantic version such as '1.4.0' or '1.4.0-rc.1'"


def check_email(value: str) -> str | None:
    """An address alone, without a name beside it: https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1"""
    if len(value) <= _LONGEST_EMAIL and _EMAIL.fullmatch(value):
        return None
    return "is no address such as 'team@example.com'"


def _is_date(year: int, month: int, day: int) -> bool:
    if not 1 <= month <= 12:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= day <= days[month - 1]
