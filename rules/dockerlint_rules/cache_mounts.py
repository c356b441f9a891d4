"""Cache mounts of RUN: whether they fit what the package manager does with them."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.mounts import Mount, MountType, Sharing, parse_mount
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Flag, Run

#: Folders that a package manager locks while it works, and the manager.
_LOCKED = {
    "/var/cache/apt": "apt",
    "/var/lib/apt": "apt",
    "/var/lib/dpkg": "dpkg",
    "/var/cache/yum": "yum",
    "/var/cache/dnf": "dnf",
    "/var/cache/libdnf5": "dnf",
    "/var/lib/rpm": "rpm",
}


@rule(
    "DL6033",
    "unlocked-cache-mount",
    on=Run,
    severity=Severity.INFO,
    tags=("cache",),
)
def unlocked_cache_mount(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A cache of apt, yum or dnf is mounted so that two builds may use it at once.

    ## Why
    These managers lock their folders and give up if another process has the lock. A cache mount is shared unless it
    says something else, so that two builds on one machine, or two platforms of one build, get into each other's way:
    "Could not get lock /var/lib/apt/lists/lock". With `sharing=locked` the second one waits.

    ## Bad
        FROM debian:12.7-slim
        RUN --mount=type=cache,target=/var/cache/apt \
            apt-get update && apt-get install -y curl

    ## Good
        FROM debian:12.7-slim
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
            apt-get update && apt-get install -y curl

    ## See
    - https://docs.docker.com/reference/dockerfile/#run---mounttypecache
    """
    for flag in node.flags:
        mount = parse_mount(flag.value.text) if flag.name == "mount" and flag.value is not None else None
        if mount is None or isinstance(mount, Invalid) or mount.type is not MountType.CACHE:
            continue
        sharing = mount.field("sharing")
        manager = _manager(mount)
        target = mount.field("target")
        if manager is None or target is None or flag.value is None or mount.unknown:
            continue
        if sharing is None or mount.sharing is Sharing.SHARED:
            span = flag.value.span_of(target.value_start, target.value_end)
            message = f"{manager} fails if two builds use {quoted(mount.target)} at once: add 'sharing=locked'"
            yield ctx.finding(span, message, fix=_locked(flag, mount, ctx))


def _manager(mount: Mount) -> str | None:
    """The manager that locks the folder of a mount, or a folder below it."""
    path = clean_path(mount.target)
    return next((manager for folder, manager in _LOCKED.items() if f"{path}/".startswith(f"{folder}/")), None)


def _locked(flag: Flag, mount: Mount, ctx: RuleContext) -> Fix | None:
    """A fix that adds or corrects the option; None where the mount is not written as it is read."""
    value = flag.value
    if value is None or value.joined is None or '"' in value.text:
        return None
    sharing = mount.field("sharing")
    if sharing is not None:
        edit = Edit(value.span_of(sharing.value_start, sharing.value_end), Sharing.LOCKED.value)
    elif ctx.source.slice(value.span) == value.text:
        edit = Edit(Span(value.span.end, value.span.end), ",sharing=locked")
    else:
        return None
    return Fix("add sharing=locked", Safety.SAFE, (edit,))
