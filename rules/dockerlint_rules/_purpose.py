"""What an image is for, by the names that its author gave."""

from __future__ import annotations

import re

from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Stage
from dockerlint_rules._tables import names

#: Words for what is not meant to be shipped.
DEVELOPMENT = names("ci debug dev devcontainer devel development e2e lint local test tester testing tests")

_SIGNS = re.compile(r"[^a-z0-9]+")


def names_development(text: str) -> bool:
    """Whether a name, in lower case, has a word for development or tests in it."""
    return not DEVELOPMENT.isdisjoint(_SIGNS.split(text))


def is_for_development(stage: Stage, ctx: RuleContext) -> bool:
    """Whether a stage, the file or its folder is meant for development or tests by its name."""
    path = ctx.source.path.replace("\\", "/").lower().split("/")
    return any(names_development(text) for text in (stage.name or "", *path[-2:]))
