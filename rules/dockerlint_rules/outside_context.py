"""Sources of COPY and ADD that point out of the build context."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Add, Transfer
from dockerlint_rules._sources import is_remote, written_sources
from dockerlint_rules._values import value_of


@rule(
    "DL5027",
    "copy-outside-context",
    on=Transfer,
    severity=Severity.WARNING,
    supersedes=("DL6005",),
    tags=("copy",),
)
def copy_outside_context(node: Transfer, ctx: RuleContext) -> Iterator[Finding]:
    """A source of COPY or ADD leads out of the build context by `..`.

    ## Why
    The builder only has the files of the context. BuildKit drops every `..` above its top and looks for what is left
    inside: `COPY ../lib /lib` copies the `lib` of the context, if there is one, and fails otherwise; other builders
    refuse the file. Build from the folder above (`docker build -f app/Dockerfile .`), or give the other folder a name
    with `--build-context`.

    ## Bad
        FROM debian:12.7-slim
        COPY ../lib /srv/lib

    ## Good
        FROM debian:12.7-slim
        COPY lib /srv/lib

    ## See
    - https://docs.docker.com/build/concepts/context/
    - https://docs.docker.com/reference/dockerfile/#copy
    """
    if ctx.step is None or node.flag("from") is not None:
        return
    for word in written_sources(node):
        value = value_of(ctx.step, word)
        if value is None or (isinstance(node, Add) and is_remote(value)) or not _leaves(value, ctx.step.windows):
            continue
        slashed = value.replace("\\", "/") if ctx.step.windows else value
        inside = posixpath.normpath(f"/{slashed}").lstrip("/") or "."
        message = f"{quoted(word.text)} leads out of the context, and BuildKit takes {quoted(inside)} inside it"
        fix = None
        if value == word.text == ctx.source.slice(word.span):
            kept = f"{inside}/" if value.endswith("/") and inside != "." else inside
            fix = Fix(f"write {inside}", Safety.UNSAFE, (Edit(word.span, kept),))
        yield ctx.finding(word.span, f"{message}: build from the folder above, or use --build-context", fix=fix)


def _leaves(path: str, windows: bool) -> bool:
    """Whether a path goes above the folder that it starts from, at any point."""
    depth = 0
    for part in (path.replace("\\", "/") if windows else path).split("/"):
        if part == "..":
            depth -= 1
        elif part not in ("", "."):
            depth += 1
        if depth < 0:
            return True
    return False
