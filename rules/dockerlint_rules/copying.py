"""COPY and ADD: which of the two, and how their destination is read."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import SourceKind, Stage, Step
from dockerlint.semantics.state import join_path
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Add, Transfer
from dockerlint_rules._sources import is_archive, is_remote, written_sources
from dockerlint_rules._values import value_of

#: What ADD has and COPY has not.
_ONLY_ADD = ("checksum", "keep-git-dir", "unpack")

#: Directories that every image with a system in it has.
_SYSTEM_DIRECTORIES = frozenset(
    (
        *("/", "/bin", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/root", "/run", "/sbin", "/srv"),
        *("/tmp", "/var/tmp"),  # noqa: S108  # names of directories; nothing is opened
        *("/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin"),
        *("/usr/sbin", "/usr/share", "/var", "/var/cache", "/var/lib", "/var/log"),
    )
)


@rule(
    "DL3020",
    "add-instead-of-copy",
    on=Add,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=(
        "DS-0005",
        "CKV_DOCKER_4",
        "KICS-9513a694",
        "prefer-copy-over-add",
        "CIS-DI-0009",
        "dockerfilelint/add_src_invalid",
    ),
    tags=("copy",),
)
def add_instead_of_copy(node: Add, ctx: RuleContext) -> Iterator[Finding]:
    """ADD is used for plain local files, which COPY is for.

    ## Why
    ADD does more than copy: it downloads URLs, clones repositories and unpacks archives that it recognises by
    their content. With a plain file none of that is wanted, and the day a file of that name happens to be an
    archive its content appears in the image instead of the file. COPY does one thing, and says so.

    An archive of a kind that ADD unpacks is not reported, nor is a URL or a repository. ADD does not unpack
    `.zip` files.

    ## Bad
        FROM python:3.13-slim
        ADD requirements.txt /app/

    ## Good
        FROM python:3.13-slim
        COPY requirements.txt /app/
        ADD rootfs.tar.xz /
        ADD https://example.com/model.bin /app/

    ## See
    - https://docs.docker.com/reference/dockerfile/#add
    - https://docs.docker.com/build/building/best-practices/#add-or-copy
    """
    if ctx.step is None or any(node.flag(name) is not None for name in _ONLY_ADD):
        return
    pattern = unknown = False
    for source in written_sources(node):
        value = value_of(ctx.step, source)
        if value is None and ctx.as_hadolint:
            # It takes a variable for the name of a local file.
            value, unknown = source.text, True
        if value is None or is_remote(value) or is_archive(value):
            return
        pattern |= any(char in value for char in "*?[")
    keyword = node.keyword
    fix = Fix(
        "use COPY",
        Safety.UNSAFE if pattern or unknown else Safety.SAFE,
        (Edit(keyword.span, "copy" if keyword.text.islower() else "COPY"),),
    )
    if unknown:
        message = f"{keyword.text} may copy local files only: use COPY, unless a variable names a URL or an archive"
        yield ctx.finding(keyword.span, message, fix=fix)
        return
    yield ctx.finding(
        keyword.span, f"{keyword.text} copies local files only: use COPY, which does nothing else", fix=fix
    )


@rule(
    "DL3021",
    "copy-destination-not-directory",
    on=Transfer,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("DS-0011", "KICS-6db6e0c2"),
    tags=("copy",),
)
def copy_destination_not_directory(node: Transfer, ctx: RuleContext) -> Iterator[Finding]:
    """Several sources are copied to a path that does not end in a slash.

    ## Why
    The slash says that the destination is a directory. Without it, and without such a directory in the image,
    BuildKit takes the path for a file name: it writes each source over the one before it, and only the last is
    left, without any error. The classic builder refuses the instruction.

    ## Bad
        FROM node:22-slim
        COPY package.json package-lock.json /app

    ## Good
        FROM node:22-slim
        COPY package.json package-lock.json /app/

    ## See
    - https://docs.docker.com/reference/dockerfile/#destination
    """
    if ctx.step is None or ctx.stage is None or len(node.sources) < 2 or node.flag_is_on("parents"):
        return
    destination = node.destination
    value = value_of(ctx.step, destination)
    if not value or _is_directory(value, ctx.step, ctx.stage):
        return
    fix = None
    if value == destination.text and destination.joined is not None:
        end = destination.span_of(0, len(value)).end
        fix = Fix("add a slash", Safety.SAFE, (Edit(Span(end, end), "/"),))
    message = (
        f"{node.name} has {len(node.sources)} sources, but {quoted(destination.text)} does not end in '/': "
        "without such a directory they overwrite one another"
    )
    yield ctx.finding(destination.span, message, fix=fix)


def _is_directory(path: str, step: Step, stage: Stage) -> bool:
    """Whether a destination is read as a directory, or surely is one."""
    if path.endswith(("/", "\\") if step.windows else "/") or path.rpartition("/")[2] in (".", ".."):
        return True
    full = join_path(step.before.workdir, path, windows=step.windows)
    if not isinstance(full, str):
        return False
    return full == step.before.workdir or (full in _SYSTEM_DIRECTORIES and stage.base.kind is not SourceKind.SCRATCH)
