"""Sources of COPY and ADD that the ignore file keeps from the builder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Instruction, Transfer, Word
from dockerlint_rules._built import built_steps
from dockerlint_rules._sources import written_sources

if TYPE_CHECKING:
    from dockerlint.context.ignorefile import IgnoreFile, Pattern

_ROOTS = frozenset({".", "/"})

#: Patterns that leave nothing of the context.
_WHOLE_CONTEXT = frozenset({"*", "**", "**/*"})


@rule(
    "DL5009",
    "ignored-copy-source",
    on=Model,
    needs=(Transfer,),
    severity=Severity.WARNING,
    aliases=("CopyIgnoredFile",),
    tags=("copy",),
    supersedes=("DL5028",),
)
def ignored_copy_source(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""A file that COPY or ADD names is left out of the build context by the ignore file.

    ## Why
    What `.dockerignore` excludes is never sent to the builder. To copy it fails as if the file did not exist, or,
    where the source is a pattern, copies nothing without a word. `Dockerfile.dockerignore` beside a `Dockerfile`
    counts instead of `.dockerignore`.

    The build context is that of the settings, or the folder of the Dockerfile if an ignore file stands there. Like
    BuildKit the rule says nothing where the ignore file takes files back by patterns with `!`, since a folder may then
    be left out and yet be sent in part.

    ## Bad
    Files: {".dockerignore": "dist\nnode_modules\n"}

        FROM nginx:1.27-alpine
        COPY dist /usr/share/nginx/html

    ## Good
    Files: {".dockerignore": "node_modules\n"}

        FROM nginx:1.27-alpine
        COPY dist /usr/share/nginx/html

    ## See
    - https://docs.docker.com/reference/build-checks/copy-ignored-file/
    - https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    steps = (built for stage in model.stages for built in built_steps(stage, ctx))
    sources = [(word, built) for built in steps for word in _local_sources(built.step.node)]
    if not sources:
        return
    from dockerlint.context.ignore_lookup import find_ignore_file  # noqa: PLC0415 - slow to import, seldom needed

    found = find_ignore_file(model.options.context, ctx.source.path)
    if found is None or any(pattern.negated for pattern in found.content.patterns):
        return
    for word, built in sources:
        path = _path(word, built.step)
        pattern = None if path is None else _excluding(found.content, path)
        if pattern is not None:
            where = f"{quoted(pattern.text)} in {found.name}, line {pattern.line}"
            message = f"{quoted(word.text)} is excluded by {where}: change the pattern, or do not copy it"
            yield ctx.finding(built.place(word.span), message, related=built.related(word.span))


def _local_sources(node: Instruction) -> tuple[Word, ...]:
    """The sources of a COPY or ADD that may stand in the context; heredocs and other stages do not."""
    return written_sources(node) if isinstance(node, Transfer) and node.flag("from") is None else ()


def _path(word: Word, step: Step) -> str | None:
    """The cleaned path of a source; None for a URL, a repository, and what is not known."""
    value = step.expand(word).value
    if not isinstance(value, str) or value.startswith(("http://", "https://")):
        return None
    from dockerlint.context.git_reference import GitReference, parse_git_reference  # noqa: PLC0415 - seldom needed

    reference = parse_git_reference(value)
    if isinstance(reference, GitReference) and not reference.looks_local:
        return None
    return clean_path(value)


def _excluding(ignored: IgnoreFile, path: str) -> Pattern | None:
    if path in _ROOTS:
        return next((pattern for pattern in ignored.patterns if pattern.text in _WHOLE_CONTEXT), None)
    return ignored.excluded_by(path)
