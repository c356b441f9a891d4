"""Files with secrets that are copied into the image."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

from dockerlint.context.ignore_lookup import find_ignore_file
from dockerlint.finding import Confidence, Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Transfer
from dockerlint_rules._context import WHOLE, ContextSource, context_sources
from dockerlint_rules._sensitive import is_for_trust, sensitive_kind
from dockerlint_rules._sources import is_remote, written_sources
from dockerlint_rules._values import value_of

_MOST_ENTRIES = 10_000
_SHOWN = 3


@rule(
    "DL7005",
    "sensitive-file-copied",
    on=Transfer,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    aliases=("DS-0031", "CIS-DI-0010"),
    tags=("security", "secrets"),
)
def sensitive_file_copied(node: Transfer, ctx: RuleContext) -> Iterator[Finding]:
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
    step = ctx.step
    if step is None or ctx.stage is None:
        return
    lower_to = None if ctx.stage.index in ctx.model.shipped else Severity.INFO
    destination = value_of(step, node.destination) or ""
    if is_for_trust(destination):
        return
    remedy = "mount it as a secret for the step that needs it, or when a container starts"
    found = False
    for word in written_sources(node):
        value = value_of(step, word)
        kind = None if value is None or is_remote(value) or is_for_trust(value) else sensitive_kind(value)
        if kind is not None:
            found = True
            message = f"{quoted(word.text)} is {kind} by its name, and becomes part of the image: {remedy}"
            yield ctx.finding(word.span, message, lower_to=lower_to)
    kind = sensitive_kind(destination) if not found and len(node.sources) == 1 else None
    if kind is not None and not destination.endswith("/") and not node.heredocs:
        message = f"{quoted(node.destination.text)} is {kind} by its name, and becomes part of the image: {remedy}"
        yield ctx.finding(node.destination.span, message, lower_to=lower_to)
    for source in context_sources(node, step):
        names = _sensitive_entries(source, ctx)
        if names:
            message = f"{quoted(source.word.text)} brings {names} into the image: list it in '.dockerignore'"
            yield ctx.finding(source.word.span, message, lower_to=lower_to)


def _sensitive_entries(source: ContextSource, ctx: RuleContext) -> str:
    """The first sensitive files of a folder of the build context that the ignore file lets through, for a message."""
    context = ctx.model.options.context
    if context is None:
        return ""
    found = find_ignore_file(context, ctx.source.path)
    prefix = "" if source.path == WHOLE else f"{source.path}/"
    try:
        with os.scandir(os.path.join(context, source.path)) as entries:
            names = sorted(entry.name for entry in islice(entries, _MOST_ENTRIES))
    except (OSError, ValueError):
        return ""
    paths = (prefix + name for name in names if sensitive_kind(name) is not None)
    kept = [path for path in paths if found is None or not found.content.excludes(path)]
    return ", ".join(quoted(path) for path in kept[:_SHOWN]) + (" …" if len(kept) > _SHOWN else "")
