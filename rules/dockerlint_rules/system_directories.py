"""Directories that belong to the system: nothing of the application should live there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import SourceKind, Stage
from dockerlint.semantics.state import join_path
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Onbuild, Transfer, Volume, Workdir
from dockerlint_rules._context import ContextSource, context_sources
from dockerlint_rules._runs import Placed, sequences
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

#: What the kernel and the container engine fill, and the place of kernels.
_KERNEL = ("/boot", "/dev", "/proc", "/sys")

#: Directories of the system that are full of its own files.
_SYSTEM = names("/bin /etc /lib /lib64 /run /sbin /usr /usr/bin /usr/lib /usr/sbin /var")


@rule(
    "DL7032",
    "system-directory-workdir",
    on=Stage,
    needs=(Workdir,),
    severity=Severity.WARNING,
    aliases=("DS-0030",),
    tags=("security", "copy"),
)
def system_directory_workdir(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """The working directory is one of the system's own.

    ## Why
    Relative paths of COPY, RUN and of the program itself go on from the working directory. In `/etc` or `/usr/bin` a
    file of the application replaces one of the system that has the same name, and a program that writes there needs
    rights it should not have. What lies below `/proc`, `/sys` and `/dev` is replaced when the container starts.

    `/` is reported where the whole build context is copied into it. In an image from `scratch` there is no system: only
    the directories that the kernel fills are reported.

    ## Bad
        FROM debian:12.7-slim
        WORKDIR /etc
        COPY app.conf .

    ## Good
        FROM debian:12.7-slim
        WORKDIR /srv/app
        COPY app.conf /etc/app.conf

    ## See
    - https://docs.docker.com/reference/dockerfile/#workdir
    """
    if stage.windows:
        return
    scratch = ctx.model.chain(stage)[0].base.kind is SourceKind.SCRATCH
    for sequence in sequences(stage, ctx):
        for at, placed in enumerate(sequence):
            path = _workdir(placed, stage)
            if path is None or not isinstance(placed.node, Workdir):
                continue
            word = placed.node.path
            if _is_below(path, _KERNEL):
                message = f"what is written to {quoted(path)} is gone in a container: choose a directory of its own"
                yield ctx.finding(word.span, message)
            elif path in _SYSTEM and not scratch:
                message = f"{quoted(path)} belongs to the system: give the application a directory of its own"
                yield ctx.finding(word.span, message)
            elif path == "/" and not scratch:
                copy = _copied_here(sequence[at + 1 :])
                if copy is not None:
                    message = f"{quoted(copy.word.text)} is copied over the system: choose a directory of its own"
                    yield ctx.finding(word.span, message, related=(Related(copy.word.span, "copied here"),))


@rule(
    "DL7033",
    "system-directory-volume",
    on=Volume,
    severity=Severity.ERROR,
    aliases=("DKL-DI-0002",),
    tags=("security", "copy"),
)
def system_directory_volume(node: Volume, ctx: RuleContext) -> Iterator[Finding]:
    """A directory of the system is made a volume.

    ## Why
    A volume outlives the container. Over `/etc` it keeps the accounts and settings of the first version of the image,
    so that later ones have no effect; over `/proc`, `/sys` or `/dev` it hides what the kernel provides, and engines
    refuse it. Such a volume also invites to mount the directory of the host, which gives the container power over it.

    A directory below `/etc` is not reported: a volume may be meant for the settings of one program.

    ## Bad
        FROM debian:12.7-slim
        VOLUME /etc

    ## Good
        FROM debian:12.7-slim
        VOLUME /srv/app/data

    ## See
    - https://docs.docker.com/reference/dockerfile/#notes-about-specifying-volumes
    """
    if ctx.step is None or ctx.stage is None or ctx.stage.windows:
        return
    for word in node.paths:
        value = value_of(ctx.step, word)
        path = clean_path(value) if value is not None and value.startswith("/") else None
        if path is None:
            continue
        if path in ("/", "/etc") or _is_below(path, _KERNEL):
            message = (
                f"a volume on {quoted(path)} hides what the system has there: make a directory of its own a volume"
            )
            yield ctx.finding(word.span, message)


def _workdir(placed: Placed, stage: Stage) -> str | None:
    """The absolute path that a WORKDIR chooses; None for another instruction, or where it is not known."""
    if not isinstance(placed.node, Workdir):
        return None
    value = value_of(placed.step, placed.node.path)
    if not value:
        return None
    # A trigger runs in a child build, which starts from the end of this stage.
    before = stage.end if isinstance(placed.step.node, Onbuild) else placed.step.before
    path = join_path(before.workdir, value, windows=False)
    return clean_path(path) if isinstance(path, str) else None


def _is_below(path: str, directories: Sequence[str]) -> bool:
    """Whether a path is one of the directories or lies in one."""
    return any(path == directory or path.startswith(f"{directory}/") for directory in directories)


def _copied_here(following: Sequence[Placed]) -> ContextSource | None:
    """The whole context, where it is copied into the working directory before that changes."""
    for placed in following:
        if isinstance(placed.node, Workdir):
            return None
        if isinstance(placed.node, Transfer) and value_of(placed.step, placed.node.destination) in (".", "./"):
            whole = (source for source in context_sources(placed.node, placed.step) if source.is_whole)
            found = next(whole, None)
            if found is not None:
                return found
    return None
