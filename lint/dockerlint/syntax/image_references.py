"""Image references: the grammar of the distribution project, and the short names that Docker adds to it.

    reference = name [":" tag] ["@" digest]
    name      = [domain "/"] path

Everything here is linear in the length of the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dockerlint.syntax.invalid import Invalid, quoted

DEFAULT_DOMAIN = "docker.io"
DEFAULT_TAG = "latest"
LONGEST_PATH = 255

_LEGACY_DOMAIN = "index.docker.io"
_OFFICIAL = "library/"
_DOMAIN_LABEL = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?")
_ADDRESS = re.compile(r"\[[a-fA-F0-9:]+\]")
_PORT = re.compile(r"[0-9]+")
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_CHECKSUM = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
_LOWER_HEX = re.compile(r"[0-9a-f]*")
_IDENTIFIER = re.compile(r"[0-9a-f]{64}")
_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}


class ReferenceParts(NamedTuple):
    """Where the parts of a reference stand in its text, by offsets of what follows `:` and `@`; not checked.

    The name is `text[:name_end]`, the tag `text[tag_start:tag_end]` and the digest `text[digest_start:]`; the starts
    are None where the part is missing.
    """

    name_end: int
    tag_start: int | None
    tag_end: int
    digest_start: int | None


class ImageReference(NamedTuple):
    """An image by name, with a tag or a digest or both; what is missing is blank."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Domain and path without tag and digest, such as `docker.io/library/debian`."""
        return f"{self.domain}/{self.path}" if self.domain else self.path

    @property
    def is_official(self) -> bool:
        """Whether it is one of the official images, `docker.io/library/…`."""
        return self.domain == DEFAULT_DOMAIN and self.path.startswith(_OFFICIAL) and self.path.count("/") == 1

    @property
    def familiar_name(self) -> str:
        """The name as people write it: without `docker.io`, and without `library/` for an official image."""
        if self.domain != DEFAULT_DOMAIN:
            return self.name
        return self.path.removeprefix(_OFFICIAL) if self.is_official else self.path

    @property
    def familiar(self) -> str:
        """The whole reference with its familiar name."""
        return self.familiar_name + self._suffix

    def resolved(self) -> ImageReference:
        """What the builder asks a registry for: a digest wins over a tag, and without both the tag is `latest`."""
        if self.digest:
            return self._replace(tag="")
        return self if self.tag else self._replace(tag=DEFAULT_TAG)

    def __str__(self) -> str:
        return self.name + self._suffix

    @property
    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse_image_reference(text: str) -> ImageReference | Invalid:
    """The image that FROM, `COPY --from` and mounts mean by a text, after expansion.

    The first part of the name is a registry if it holds `.` or `:`, is `localhost`, or is not in lower case; else the
    image is one of `docker.io`, with `library/` before a name of one part. `scratch`, which means no image for FROM,
    is not special here. Kinds of problems: those of `parse_reference`, and `identifier` (64 hexadecimal digits
    alone).
    """
    if _IDENTIFIER.fullmatch(text):
        return Invalid(f"{quoted(text)} looks like an image ID, which cannot be a name", 0, len(text), "identifier")
    domain, remainder = _split_domain(text)
    added = len(domain) + 1 + len(remainder) - len(text)
    start = len(text) - len(remainder if text.endswith(remainder) else remainder.removeprefix(_OFFICIAL))
    name, _, algorithm = text[start:].partition(":")[0].partition("@")
    if name.lower() != name:
        return _not_lower(name, start, start + len(name))
    if algorithm.lower() != algorithm:
        at = start + len(name) + 1
        reason = f"the digest algorithm {quoted(algorithm)} must be in lower case"
        return Invalid(reason, at, at + len(algorithm), "digest-format")
    reference = parse_reference(f"{domain}/{remainder}")
    if isinstance(reference, Invalid):
        first = max(reference.start - added, 0)
        return reference._replace(start=first, end=max(reference.end - added, first))
    return reference


def parse_reference(text: str) -> ImageReference | Invalid:
    """A reference by the grammar alone: nothing is added, so `debian` has no domain.

    A first part of a name that could be a domain is one. Kinds of problems: `empty`, `upper-case` (only the case of
    the name is wrong), `too-long` (more than 255 characters after the domain), `tag`, `format`, and those of
    `parse_digest`.
    """
    if not text:
        return Invalid("the name of the image is blank", 0, 0, "empty")
    parts = reference_parts(text)
    bad = _first_bad_part(text, parts)
    if bad is not None:
        return _explained(text, bad)
    name = text[: parts.name_end]
    first, slash, rest = name.partition("/")
    domain, path = (first, rest) if slash and _is_domain(first) else ("", name)
    if len(path) > LONGEST_PATH:
        reason = f"the name {quoted(path)} is longer than {LONGEST_PATH} characters"
        return Invalid(reason, len(name) - len(path), len(name), "too-long")
    digest = ""
    if parts.digest_start is not None:
        checked = parse_digest(text[parts.digest_start :])
        if isinstance(checked, Invalid):
            return checked.shifted(parts.digest_start)
        digest = checked
    tag = text[parts.tag_start : parts.tag_end] if parts.tag_start is not None else ""
    return ImageReference(domain, path, tag, digest)


def reference_parts(text: str) -> ReferenceParts:
    """Where name, tag and digest stand, whether or not they are valid; the colon of a tag follows the last slash."""
    at = text.find("@")
    end = at if at >= 0 else len(text)
    colon = text.find(":", text.rfind("/", 0, end) + 1, end)
    digest_start = at + 1 if at >= 0 else None
    if colon < 0:
        return ReferenceParts(end, None, end, digest_start)
    return ReferenceParts(colon, colon + 1, end, digest_start)


def parse_digest(text: str) -> str | Invalid:
    """A digest `ALGORITHM:HEX`, as after `@` and in `ADD --checksum`; the text itself if it is one.

    Known algorithms are sha256, sha384 and sha512; digits are in lower case. Kinds of problems: `digest-format`,
    `digest-algorithm` and `digest-length`.
    """
    algorithm, _, digits = text.partition(":")
    if not _CHECKSUM.fullmatch(text):
        return Invalid(f"{quoted(text)} is not a digest such as 'sha256:…'", 0, len(text), "digest-format")
    length = _HEX_DIGITS.get(algorithm)
    if length is None:
        reason = f"the digest algorithm {quoted(algorithm)} is unknown: use sha256, sha384 or sha512"
        return Invalid(reason, 0, len(algorithm), "digest-algorithm")
    if len(digits) != length:
        reason = f"the {algorithm} digest has {len(digits)} digits instead of {length}"
        return Invalid(reason, len(algorithm) + 1, len(text), "digest-length")
    if not _LOWER_HEX.fullmatch(digits):
        reason = f"the {algorithm} digest holds more than the digits 0-9 and a-f"
        return Invalid(reason, len(algorithm) + 1, len(text), "digest-format")
    return text


def _split_domain(text: str) -> tuple[str, str]:
    first, slash, rest = text.partition("/")
    if not slash:
        return DEFAULT_DOMAIN, _OFFICIAL + text
    if first in (DEFAULT_DOMAIN, _LEGACY_DOMAIN):
        return DEFAULT_DOMAIN, rest if "/" in rest else _OFFICIAL + rest
    if first == "localhost" or "." in first or ":" in first or first.lower() != first:
        return first, rest
    return DEFAULT_DOMAIN, text


def _is_domain(text: str) -> bool:
    """Whether the text is a host name, or an IPv6 address in brackets, with an optional port."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, colon, port = text, "", ""
    if colon and not _PORT.fullmatch(port):
        return False
    if host.startswith("["):
        return _ADDRESS.fullmatch(host) is not None
    return all(_DOMAIN_LABEL.fullmatch(label) for label in host.split("."))


class _BadPart(NamedTuple):
    what: str
    start: int
    end: int


def _first_bad_part(text: str, parts: ReferenceParts) -> _BadPart | None:
    """The first part that does not follow the grammar: a component of the `name`, the `tag` or the `digest`."""
    start = 0
    for component in text[: parts.name_end].split("/"):
        end = start + len(component)
        is_domain = start == 0 and end < parts.name_end and _is_domain(component)
        if not is_domain and not _COMPONENT.fullmatch(component):
            return _BadPart("name", start, end)
        start = end + 1
    if parts.tag_start is not None and not _TAG.fullmatch(text, parts.tag_start, parts.tag_end):
        return _BadPart("tag", parts.tag_start, parts.tag_end)
    if parts.digest_start is not None and not _DIGEST.fullmatch(text, parts.digest_start):
        return _BadPart("digest", parts.digest_start, len(text))
    return None


def _explained(text: str, bad: _BadPart) -> Invalid:
    what, start, end = bad
    part = text[start:end]
    if what == "tag":
        rule = "up to 128 letters, digits, '_', '.' and '-', of which the last two do not come first"
        return Invalid(f"the tag {quoted(part)} is not {rule}" if part else "the tag is blank", start, end, "tag")
    if what == "digest":
        return Invalid(f"{quoted(part)} is not a digest such as 'sha256:…'", start, end, "format")
    lower = text.lower()
    if lower != text and _first_bad_part(lower, reference_parts(lower)) is None:
        return _not_lower(part, start, end)
    if not part:
        return Invalid("a part of the image name is blank", start, min(start + 1, len(text)), "format")
    if ":" in part and text[end : end + 1] == "/":
        return Invalid(f"{quoted(part)} is not the host of a registry with an optional port", start, end, "format")
    reason = f"{quoted(part)} cannot be part of an image name: use a-z and 0-9, parted by '.', '_', '__' or '-'"
    return Invalid(reason, start, end, "format")


def _not_lower(name: str, start: int, end: int) -> Invalid:
    return Invalid(f"the image name {quoted(name)} must be in lower case", start, end, "upper-case")
