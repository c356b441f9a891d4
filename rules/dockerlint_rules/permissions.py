"""File modes that give away too much."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.modes import SET_GROUP, SET_USER, STICKY, OctalMode
from dockerlint.syntax.tree import Instruction, Run, Transfer
from dockerlint_rules._modes import MODE_SETTERS, ModeSetting, mode_settings

_OTHERS_WRITE = 0o002

#: Where everybody may write anyway.
_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  # names of directories; nothing is opened
_BELOW_TEMPORARY = tuple(f"{folder}/" for folder in _TEMPORARY)


@rule(
    "DL7007",
    "world-writable-permission",
    on=(Run, Transfer),
    programs=MODE_SETTERS,
    severity=Severity.WARNING,
    aliases=("tally/world-writable-state-path-workaround",),
    tags=("security", "users"),
)
def world_writable_permission(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A file mode lets every user write.

    ## Why
    Whoever takes over any process of the container, however unprivileged, can replace a program or a setting
    that every user may write, and waits for root to run it. Mode 777 mostly hides that the owner is wrong:
    `--chown`, or a group of its own, gives the one user that needs it the right to write.

    Modes with the sticky bit (1777) and temporary directories are not reported. In a stage that does not become
    part of the image the finding is of level info.

    ## Bad
        FROM debian:12.7-slim
        RUN mkdir /data && chmod 777 /data

    ## Good
        FROM debian:12.7-slim
        RUN mkdir /data && chown 1000:1000 /data
        USER 1000

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---chown---chmod
    - https://man7.org/linux/man-pages/man1/chmod.1.html
    """
    for setting in mode_settings(node, ctx):
        bits = setting.bits()
        if not bits & _OTHERS_WRITE or bits & STICKY or _is_temporary(setting.paths):
            continue
        message = f"mode {quoted(setting.text)} lets every user write: give the right to one user or group"
        yield ctx.finding(setting.span, message, lower_to=_level(ctx), fix=_without_writing(setting, ctx))


@rule(
    "DL7008",
    "setuid-bit-added",
    on=(Run, Transfer),
    programs=MODE_SETTERS,
    severity=Severity.WARNING,
    aliases=("CIS-DI-0008",),
    tags=("security", "users"),
)
def setuid_bit_added(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A file gets a set-user-id or set-group-id bit.

    ## Why
    A program with such a bit runs as its owner or group, mostly root, whoever starts it: one flaw in it makes
    an unprivileged process root. Containers seldom need any; an engine that starts them with
    `no-new-privileges` ignores the bits, so that what relies on them breaks there.

    A set-group-id bit on a directory only says which group new files belong to. It is not reported where the
    command makes a directory (`mkdir -m`, `install -d`), and is of level info elsewhere outside directories of
    programs, since the file may be a directory.

    ## Bad
        FROM debian:12.7-slim
        COPY --chmod=4755 backup /usr/local/bin/

    ## Good
        FROM debian:12.7-slim
        COPY --chmod=755 backup /usr/local/bin/
        USER 1000

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---chown---chmod
    - https://man7.org/linux/man-pages/man2/execve.2.html
    """
    for setting in mode_settings(node, ctx):
        bits = setting.bits()
        if bits & SET_USER and not setting.makes_folder:
            message = f"mode {quoted(setting.text)} lets the program run as its owner, whoever starts it: drop the bit"
            yield ctx.finding(setting.span, message, lower_to=_level(ctx))
        elif bits & SET_GROUP and not setting.makes_folder and any("bin" in path.split("/") for path in setting.paths):
            message = f"mode {quoted(setting.text)} lets the program run with the group of its file: drop the bit"
            yield ctx.finding(setting.span, message, lower_to=_level(ctx))
        elif bits & SET_GROUP and not setting.makes_folder:
            shown = f"mode {quoted(setting.text)}"
            message = f"{shown} lets a program run with the group of its file: drop the bit, unless this is a directory"
            yield ctx.finding(setting.span, message, lower_to=Severity.INFO)


def _level(ctx: RuleContext) -> Severity | None:
    """What is not in the image harms nobody who runs it."""
    return None if ctx.stage is not None and ctx.stage.index in ctx.model.shipped else Severity.INFO


def _is_temporary(paths: tuple[str, ...]) -> bool:
    """Whether there are paths, and all of them lie in directories for temporary files."""
    cleaned = [posixpath.normpath(path) for path in paths]
    return bool(cleaned) and all(path in _TEMPORARY or path.startswith(_BELOW_TEMPORARY) for path in cleaned)


def _without_writing(setting: ModeSetting, ctx: RuleContext) -> Fix | None:
    """A fix that takes the right to write from others, where the mode is a number that stands there as it is."""
    if not isinstance(setting.mode, OctalMode) or ctx.source.slice(setting.span) != setting.text:
        return None
    digit = int(setting.text[-1], 8) & ~_OTHERS_WRITE
    last = Span(setting.span.end - 1, setting.span.end)
    return Fix("take the right to write from others", Safety.UNSAFE, (Edit(last, str(digit)),))
