"""What a copy of the whole build context brings along, although an ignore file is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Transfer, Word
from dockerlint_rules._context import context_sources
from dockerlint_rules._tables import names

if TYPE_CHECKING:
    from dockerlint.context.folder import FolderContext

#: Results of builds and dependencies of the host, by what must lie beside them, if their name alone tells too little.
_BUILT: dict[str, frozenset[str]] = {
    **dict.fromkeys(("node_modules", "venv", ".venv", ".gradle", ".tox", ".nox", "bower_components"), frozenset()),
    "target": names("Cargo.toml pom.xml build.sbt"),
    "obj": names("bin"),
    "dist": names("package.json pyproject.toml setup.py"),
    "_build": names("mix.exs"),
    "deps": names("mix.exs"),
    "vendor": names("composer.json"),
}
_HISTORY = names(".git .hg .svn")
_OTHERS = names(
    """
    .DS_Store .aws .cache .env .env.local .eslintcache .idea .mypy_cache .nyc_output .pytest_cache .ruff_cache
    .ssh .terraform .vscode Dockerfile __pycache__ coverage npm-debug.log
    """
)
#: How deep projects in projects are looked for, and how many folders in all.
_DEEPEST = 3
_MOST_FOLDERS = 2_000
_SHOWN = 4


class _Whole(NamedTuple):
    """A copy of the whole build context; `is_shipped` tells that the image gets it."""

    word: Word
    is_shipped: bool


@rule(
    "DL6007",
    "incomplete-ignore-file",
    on=Model,
    needs=(Transfer,),
    severity=Severity.INFO,
    aliases=("DKL-LI-0003",),
    tags=("copy",),
)
def incomplete_ignore_file(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""The whole build context is copied, and the ignore file lets through what no image needs.

    ## Why
    Settings of editors, caches of tools, local passwords in `.env` and the Dockerfile itself are sent to the builder
    and copied with everything else. Whoever edits them makes the builder repeat all later steps, and what is private
    gets into a layer. Only what lies in the context is named: it has to be known, by `--context` or the settings, or by
    an ignore file beside the Dockerfile.

    Dependencies and results of builds are told by `build-output-copied`, the history of a project by
    `vcs-directory-copied`, where the image gets them; the lack of any ignore file by `whole-context-copy`.

    ## Bad
    Files: {".dockerignore": "node_modules\n", "app.js": "", ".env": "PASSWORD=x", ".vscode/settings.json": "{}"}

        FROM node:22-slim
        WORKDIR /app
        COPY . .

    ## Good
    Files: {".dockerignore": "node_modules\n.env\n.vscode\n", "app.js": "", ".env": "", ".vscode/settings.json": "{}"}

        FROM node:22-slim
        WORKDIR /app
        COPY . .

    ## See
    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    for whole in _whole_copies(model, ctx):
        context = _context(model, ctx)
        if context is None or context.ignore is None:
            return
        wanted = _OTHERS if whole.is_shipped else _OTHERS | _HISTORY | _BUILT.keys()
        found = _found(context, wanted)
        if found:
            ignore = quoted(context.ignore.name)
            them = "it" if len(found) == 1 else "them"
            message = (
                f"{quoted(whole.word.text)} copies {_listed(found)}, which {ignore} lets through: list {them} there"
            )
            yield ctx.finding(whole.word.span, message)


@rule(
    "DL6025",
    "build-output-copied",
    on=Model,
    needs=(Transfer,),
    severity=Severity.WARNING,
    tags=("copy",),
)
def build_output_copied(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""A copy of the whole build context brings dependencies or build results of the host into the image.

    ## Why
    `node_modules`, a virtual environment or `target` of the machine that builds are large, made for another system,
    and lie over what the image installs itself: a program then runs with modules that nobody chose. List them in
    `.dockerignore`, and install or build in the image.

    Only what lies in the context is named: it has to be known, by `--context` or the settings, or by an ignore file
    beside the Dockerfile. Where there is no ignore file at all, `whole-context-copy` says so.

    ## Bad
    Files: {".dockerignore": ".git\n", "package.json": "{}", "node_modules/left-pad/index.js": ""}

        FROM node:22-slim
        WORKDIR /app
        COPY . .
        RUN npm ci

    ## Good
    Files: {".dockerignore": "**/node_modules\n", "package.json": "{}", "node_modules/left-pad/index.js": ""}

        FROM node:22-slim
        WORKDIR /app
        COPY . .
        RUN npm ci

    ## See
    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    for whole in _whole_copies(model, ctx):
        context = _context(model, ctx)
        if context is None or context.ignore is None:
            return
        found = _found(context, frozenset(_BUILT)) if whole.is_shipped else ()
        if found:
            them = "it" if len(found) == 1 else "them"
            message = (
                f"{quoted(whole.word.text)} brings {_listed(found)} of the host into the image:"
                f" list {them} in {quoted(context.ignore.name)}"
            )
            yield ctx.finding(whole.word.span, message)


def _whole_copies(model: Model, ctx: RuleContext) -> Iterator[_Whole]:
    for stage in model.stages:
        if stage.index not in model.reachable:
            continue
        for step in stage.steps[1:]:
            if not isinstance(step.node, Transfer) or step.node.flag("exclude") is not None:
                continue
            for source in context_sources(step.node, step):
                if source.is_whole:
                    yield _Whole(source.word, stage.index in model.shipped)


def _context(model: Model, ctx: RuleContext) -> FolderContext | None:
    return ctx.once(_known_context, model)


def _known_context(model: Model, ctx: RuleContext) -> FolderContext | None:
    """The build context: that of the settings, else the folder of the Dockerfile if an ignore file stands there."""
    from dockerlint.context.folder import FolderContext  # noqa: PLC0415 - only files that copy everything pay for it
    from dockerlint.context.ignore_lookup import find_ignore_file  # noqa: PLC0415

    folder = model.options.context
    path = ctx.source.path
    if folder is None and find_ignore_file(None, path) is not None:
        folder = os.path.dirname(path) or "."
    return None if folder is None or not os.path.isdir(folder) else FolderContext(folder, path)


def _found(context: FolderContext, wanted: frozenset[str] | set[str]) -> tuple[str, ...]:
    """The paths in the context that have one of the names and are sent, in the order of depth and name."""
    from dockerlint.context.folder import EntryKind  # noqa: PLC0415 - see above

    found: list[str] = []
    todo = ["."]
    for folder in todo:
        entries = context.listing(folder)
        prefix = "" if folder == "." else f"{folder}/"
        for name, entry in entries.items():
            beside = _BUILT.get(name, frozenset())
            if name in wanted and (not beside or not beside.isdisjoint(entries)):
                found.append(prefix + name)
            elif (
                entry.kind is EntryKind.FOLDER
                and name not in _BUILT
                and name not in _HISTORY
                and prefix.count("/") < _DEEPEST
                and len(todo) < _MOST_FOLDERS
            ):
                todo.append(prefix + name)
    return tuple(found)


def _listed(paths: tuple[str, ...]) -> str:
    """`'a', 'b' and 3 more`."""
    shown = [quoted(path) for path in paths[:_SHOWN]]
    if len(paths) > _SHOWN:
        return f"{', '.join(shown)} and {len(paths) - _SHOWN} more"
    *others, last = shown
    return f"{', '.join(others)} and {last}" if others else last
