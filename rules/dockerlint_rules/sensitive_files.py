"""Files with secrets that are copied into the image."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from dockerlint.finding import Confidence, Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Onbuild, Transfer, Word
from dockerlint_rules._context import WHOLE, context_sources
from dockerlint_rules._sensitive import is_for_trust, sensitive_kind
from dockerlint_rules._sources import is_remote, written_sources
from dockerlint_rules._values import value_of

if TYPE_CHECKING:
    from dockerlint.context.ignore_lookup import FoundIgnoreFile

_MOST_ENTRIES = 10_000
_SHOWN = 3
_REMEDY = "mount it as a secret for the step that needs it, or when a container starts"


@rule(
    "DL7005",
    "sensitive-file-copied",
    on=Model,
    needs=(Transfer,),
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    aliases=("DS-0031", "CIS-DI-0010"),
    tags=("security", "secrets"),
)
def sensitive_file_copied(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A file that holds secrets by its name is copied into the image.

    ## Why
    A private key, a `.env` file or a file of logins in a layer belongs to everybody who can pull the image, also if a
    later step removes it. What a build step needs can be mounted for that step alone; what the running program needs is
    given to the container when it starts.

    Public keys, certificates, and files named as examples or templates are not reported. In a stage that does not
    become part of the image the finding is of level info. Where the build context is known, a copied folder is looked
    into as well (not into folders below it), and what the ignore file keeps out is not reported.

    ## Bad
        FROM node:22-slim
        COPY package.json .npmrc /app/
        RUN npm ci --prefix /app

    ## Good
        FROM node:22-slim
        COPY package.json /app/
        RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --prefix /app

    ## See
    - https://docs.docker.com/build/building/secrets/
    - https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    folders = _Folders(model.options.context, ctx.source.path)
    for stage in model.stages:
        lower_to = None if stage.index in model.shipped else Severity.INFO
        for step in stage.steps[1:]:
            node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
            if isinstance(node, Transfer) and not is_for_trust(value_of(step, node.destination) or ""):
                for word, what in _sensitive(node, step):
                    message = f"{what}, and becomes part of the image: {_REMEDY}"
                    yield ctx.finding(word.span, message, lower_to=lower_to)
                for source in context_sources(node, step):
                    names = folders.sensitive_in(source.path)
                    if names:
                        message = (
                            f"{quoted(source.word.text)} brings {names} into the image: list it in '.dockerignore'"
                        )
                        yield ctx.finding(source.word.span, message, lower_to=lower_to)


def _sensitive(node: Transfer, step: Step) -> Iterator[tuple[Word, str]]:
    """The sources that hold secrets by their names, each with what it is; else the destination, if it is a file's."""
    found = False
    for word in written_sources(node):
        value = value_of(step, word)
        kind = None if value is None or is_remote(value) or is_for_trust(value) else sensitive_kind(value)
        if kind is not None:
            found = True
            yield word, f"{quoted(word.text)} is {kind} by its name"
    destination = value_of(step, node.destination)
    if found or len(node.sources) > 1 or node.heredocs or destination is None or destination.endswith("/"):
        return
    kind = sensitive_kind(destination)
    if kind is not None:
        yield node.destination, f"{quoted(node.destination.text)} is {kind} by its name"


class _Folders:
    """Looks into folders of the build context, into each once."""

    def __init__(self, context: str | None, dockerfile: str) -> None:
        self._context = context
        self._dockerfile = dockerfile
        self._seen: dict[str, str] = {}

    @cached_property
    def _ignored(self) -> FoundIgnoreFile | None:
        from dockerlint.context.ignore_lookup import find_ignore_file  # noqa: PLC0415 - slow to import, seldom needed

        return find_ignore_file(self._context, self._dockerfile)

    def sensitive_in(self, path: str) -> str:
        """The first sensitive files of a folder that the ignore file lets through, for a message; blank without any."""
        if self._context is None:
            return ""
        if path not in self._seen:
            prefix = "" if path == WHOLE else f"{path}/"
            kept = [prefix + name for name in self._names(path) if sensitive_kind(name) is not None]
            if kept and self._ignored is not None:
                kept = [name for name in kept if not self._ignored.content.excludes(name)]
            self._seen[path] = ", ".join(map(quoted, kept[:_SHOWN])) + (" …" if len(kept) > _SHOWN else "")
        return self._seen[path]

    def _names(self, path: str) -> list[str]:
        try:
            with os.scandir(os.path.join(self._context or "", path)) as entries:
                return sorted(entry.name for entry in islice(entries, _MOST_ENTRIES))
        except (OSError, ValueError):
            return []
