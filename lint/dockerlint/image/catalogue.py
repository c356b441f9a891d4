"""What is known of base images without asking a registry: a catalogue in the package.

It is made by `tools/make_catalogue.py` from the public records of Docker's official images, and names the record of
each image. A tag may have moved to a newer build since; what is kept (variables, user, working directory, commands)
rarely changes within a tag, but a version number in a value may.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from dockerlint.image.names import sole_platform, usual_name
from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.syntax.image_references import DEFAULT_TAG, parse_image_reference
from dockerlint.syntax.invalid import Invalid

#: Parts of tags for Windows.
_WINDOWS = ("nanoserver", "windowsservercore")


def lookup(reference: str) -> BaseFacts | None:
    """What the catalogue knows of an image, by its reference as FROM resolves it; None for a text that is none.

    The tag decides, a digest beside it is taken to be that of the tag. Of an image by digest alone, and of a tag that
    is not recorded, only what the tags of the name have in common is known; a variable of some of them counts as one
    whose value is not known. Nothing is known of tags for Windows. The platforms are known where an account has
    images for one only; that a record is of linux/amd64 does not deny others.
    """
    parsed = parse_image_reference(reference)
    if isinstance(parsed, Invalid):
        return None
    name = usual_name(parsed)
    tag = parsed.tag or ("" if parsed.digest else DEFAULT_TAG)
    catalogue = _catalogue()
    entry = catalogue["images"].get(f"{name}:{tag}")
    if entry is None and not any(word in tag for word in _WINDOWS):
        entry = catalogue["families"].get(name)
    if entry is None:
        return None
    facts = _facts(entry)
    platform = sole_platform(parsed)
    return facts._replace(platforms=(platform,)) if platform else facts


@cache
def _catalogue() -> dict[str, dict[str, dict[str, Any]]]:
    """The catalogue, read on the first question."""
    path = os.path.join(os.path.dirname(__file__), "catalogue.json")
    with open(path, encoding="utf-8") as file:
        content: dict[str, dict[str, dict[str, Any]]] = json.load(file)
    return content


def _facts(entry: dict[str, Any]) -> BaseFacts:
    return BaseFacts(
        environment=entry.get("env", {}),
        complete_environment=not entry.get("env_partial", False),
        workdir=entry.get("workdir", "/"),
        user=entry.get("user", ""),
        shell=_words(entry, "shell"),
        command=_words(entry, "cmd"),
        entrypoint=_words(entry, "entrypoint"),
        exposed=tuple(entry.get("exposed", ())),
        volumes=tuple(entry.get("volumes", ())),
    )


def _words(entry: dict[str, Any], name: str) -> tuple[str, ...] | None:
    return tuple(entry[name]) if name in entry else None
