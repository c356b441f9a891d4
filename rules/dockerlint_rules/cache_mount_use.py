"""Whether package managers make use of cache mounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.shell.directories import absolute, directories
from dockerlint.shell.known_managers import managers
from dockerlint.shell.managers import Action
from dockerlint.shell.options import Flag
from dockerlint.shell.removals import removals
from dockerlint.source import Source, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.mounts import Mount, MountType, parse_mount
from dockerlint.syntax.tree import Run
from dockerlint_rules._actions import words_of
from dockerlint_rules._caches import cache_paths, in_home
from dockerlint_rules._dependencies import plain_install
from dockerlint_rules._earlier import base_of, so_far
from dockerlint_rules._environment import variable_at
from dockerlint_rules._runs import PackageStep, Placed, commands_of, here, package_steps
from dockerlint_rules._tables import names
from dockerlint_rules._written import written

#: Nobody writes so many; it keeps hostile files cheap.
_MOST_MOUNTS = 20

_FILLING = frozenset({Action.INSTALL, Action.UPGRADE, Action.DOWNLOAD, Action.BUILD})
_ROOT = names("root 0")
_APT_ARCHIVES = "/var/cache/apt/archives"
_APT_HOOK = "docker-clean"
_APT_KEEPS = ("keep-downloaded-packages", "keep-cache")

_SHARED = names(
    "/ /go /home /opt /root /usr /usr/local /usr/local/share /usr/local/share/.cache /var ~ ~/.cache ~/.local"
)

# They have a hook that deletes what apt has downloaded, or are built on an image that has it.
_WITH_HOOK = names(
    "buildpack-deps debian gcc golang node perl php pypy python ruby rust tomcat ubuntu maven gradle eclipse-temurin"
)


#: Where a cache mount belongs for root with its usual home.
_TARGETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "bun": ("/root/.bun/install/cache",),
        "bundle": ("/usr/local/bundle/cache",),
        "cargo": ("/usr/local/cargo/registry",),
        "dotnet": ("/root/.nuget/packages",),
        "go": ("/go/pkg/mod", "/root/.cache/go-build"),
        "gradle": ("/root/.gradle",),
        "maven": ("/root/.m2",),
        "npm": ("/root/.npm",),
        "pip": ("/root/.cache/pip",),
        "pnpm": ("/root/.local/share/pnpm/store",),
        "poetry": ("/root/.cache/pypoetry/cache",),
        "uv": ("/root/.cache/uv",),
        "yarn": ("/usr/local/share/.cache/yarn",),
    }
)


class _CacheMount(NamedTuple):
    """A cache mount: its target as written, the same as a clean path with `~` for a home directory, and its place."""

    target: str
    path: str
    span: Span

    def covers(self, path: str) -> bool:
        """Whether a path lies on the mount."""
        return path == self.path or path.startswith(self.path.rstrip("/") + "/")


@rule(
    "DL6032",
    "ineffective-cache-mount",
    on=Run,
    severity=Severity.WARNING,
    tags=("cache",),
)
def ineffective_cache_mount(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A cache is mounted, but the package manager does not use it, or it is emptied at once.

    ## Why
    A cache mount keeps downloads from one build to the next. It does nothing if it is mounted elsewhere than where the
    manager of that user looks, if an option such as `--no-cache-dir` turns the cache off, or if the same RUN empties
    it. Images of Debian and Ubuntu have a hook in `/etc/apt/apt.conf.d/docker-clean` that deletes what apt has
    downloaded, also from a cache mount.

    ## Bad
        FROM python:3.13-slim
        RUN --mount=type=cache,target=/root/.cache/pip \
            pip install --no-cache-dir flask==3.1.0

    ## Good
        FROM python:3.13-slim
        RUN --mount=type=cache,target=/root/.cache/pip \
            pip install flask==3.1.0

    For apt:

        FROM debian:12-slim
        RUN rm -f /etc/apt/apt.conf.d/docker-clean
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
            --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
            apt-get update && apt-get install -y --no-install-recommends curl

    ## See
    - https://docs.docker.com/reference/dockerfile/#run---mounttypecache
    - https://docs.docker.com/build/cache/optimize/#use-cache-mounts
    """
    placed = here(node, ctx)
    mounts = tuple(islice(_cache_mounts(node, placed), _MOST_MOUNTS))
    if not mounts:
        return
    steps = tuple(step for step in package_steps(placed, ctx) if step.action.action in _FILLING)
    for mount in mounts:
        if mount.target.startswith("~"):
            message = f"the builder does not expand the tilde in {quoted(mount.target)}: write the whole path"
            yield ctx.finding(mount.span, message)
            continue
        users = tuple(step for step in steps if any(mount.covers(path) for path in _caches_of(step, placed)))
        yield from _switched_off(mount, users, placed, ctx)
        yield from _emptied(mount, placed, ctx)
        found = _elsewhere(mount, mounts, users, placed, ctx) or _hook(mount, users, placed, ctx)
        if found is not None:
            yield found


def _cache_mounts(node: Run, placed: Placed) -> Iterator[_CacheMount]:
    workdir = placed.step.before.workdir
    for flag in node.flags:
        mount = parse_mount(flag.value.text) if flag.name == "mount" and flag.value is not None else None
        if not isinstance(mount, Mount) or flag.value is None or mount.unknown or mount.type is not MountType.CACHE:
            continue
        target = mount.field("target")
        path = absolute(in_home(mount.target), workdir if isinstance(workdir, str) else None)
        if target is not None and path is not None:
            yield _CacheMount(mount.target, path, flag.value.span_of(target.value_start, target.value_end))


def _caches_of(step: PackageStep, placed: Placed) -> Iterator[str]:
    """The folders of all caches of a manager."""
    for kind in dict.fromkeys(cache.kind for cache in step.action.manager.caches):
        yield from cache_paths(step.action.manager, kind, placed.step)


def _switched_off(
    mount: _CacheMount, users: tuple[PackageStep, ...], placed: Placed, ctx: RuleContext
) -> Iterator[Finding]:
    """The options that keep all users of a cache from using it, or the mount if a variable does so."""
    if users and all(step.action.no_cache for step in users):
        for step in users:
            for flag in step.action.options.flags:
                if flag.name in step.action.manager.no_cache:
                    message = f"{quoted(flag.word.raw)} leaves the cache mount {quoted(mount.target)} unused: drop it"
                    yield ctx.finding(flag.word.span, message, fix=_without(flag, ctx.source))
    for step in users[:1]:
        for name, values in step.action.manager.no_cache_variables.items():
            value = variable_at(name, step.command, placed, ctx)
            if value is not None and value.lower() in values:
                message = f"'{step.label}' does not use {quoted(mount.target)} while {name} is set: unset it here"
                yield ctx.finding(mount.span, message, related=(Related(words_of(step), "does without its cache"),))


def _without(flag: Flag, source: Source) -> Fix | None:
    """A fix that takes an option out, with the blanks before it."""
    start = flag.word.span.start
    while start > 0 and source.text[start - 1] in " \t":
        start -= 1
    if source.slice(flag.word.span) != flag.word.raw or source.text[start - 1] == "\n":
        return None
    return Fix(f"drop {flag.word.raw}", Safety.UNSAFE, (Edit(Span(start, flag.word.span.end), ""),))


def _emptied(mount: _CacheMount, placed: Placed, ctx: RuleContext) -> Iterator[Finding]:
    """The commands that empty a cache mount."""
    advice = f"empties the cache mount {quoted(mount.target)}: leave it out"
    for step in package_steps(placed, ctx):
        paths = (path for kind in step.action.empties for path in cache_paths(step.action.manager, kind, placed.step))
        if step.action.action is Action.CLEAN and any(mount.covers(path) for path in paths):
            yield ctx.finding(words_of(step), f"'{step.label}' {advice}")
    commands = commands_of(placed, ctx)
    if any(command.name in ("rm", "find") for command in commands):
        workdir = placed.step.before.workdir
        places = directories(commands, workdir if isinstance(workdir, str) else None)
        for command, directory in zip(commands, places, strict=True):
            for removal in removals(command, directory):
                if removal._replace(path=in_home(removal.path)).covers(mount.path):
                    yield ctx.finding(removal.word.span, f"removing {quoted(removal.word.raw)} {advice}")


def _elsewhere(
    mount: _CacheMount,
    mounts: tuple[_CacheMount, ...],
    users: tuple[PackageStep, ...],
    placed: Placed,
    ctx: RuleContext,
) -> Finding | None:
    """The finding of a mount that is not where the managers of the RUN have their caches."""
    if users:
        home = _other_home(mount, users[0], placed)
        if home is not None:
            message = (
                f"{quoted(mount.target)} is not in the home of user {quoted(home)}, where '{users[0].label}' looks"
            )
            return ctx.finding(mount.span, f"{message}: mount the cache there")
        return None
    install = plain_install(placed, ctx, "language")
    owner = _owner(mount)
    if install is None or owner is None or not install.action.manager.caches:
        return None
    paths = tuple(_caches_of(install, placed))
    if any(each.covers(path) for each in mounts for path in paths):
        return None
    if any(step.action.manager.key == owner for step in package_steps(placed, ctx)):
        return None
    shown = quoted(paths[0].replace("~", "/root", 1)) if paths else "another folder"
    message = f"{quoted(mount.target)} is the cache of {owner}, but '{install.label}' has its own in {shown}"
    return ctx.finding(mount.span, f"{message}: mount that")


def _other_home(mount: _CacheMount, step: PackageStep, placed: Placed) -> str | None:
    """The user that runs a command, if the mount is in the home directory of another one; None if not, or unknown."""
    user, home = placed.step.before.user, placed.step.before.environment.get("HOME")
    if not isinstance(user, str) or not mount.path.startswith("~") or isinstance(home, str) or step.command.wrapped_by:
        return None
    name = user.partition(":")[0]
    is_roots = mount.target.startswith("/root")
    if name in _ROOT:
        return None if is_roots else name
    return name if is_roots and name else None


def _owner(mount: _CacheMount) -> str | None:
    """The manager whose cache a mount is meant for; None for a folder that several programs share."""
    if mount.path in _SHARED:
        return None
    for manager in managers().values():
        paths = (in_home(cache.path) for cache in manager.caches)
        if manager.ecosystem == "language" and any(path[0] in "/~" and mount.covers(path) for path in paths):
            return manager.key
    return None


def _hook(mount: _CacheMount, users: tuple[PackageStep, ...], placed: Placed, ctx: RuleContext) -> Finding | None:
    """The finding of apt's archives on a mount where the hook of the base image deletes them."""
    apt = next((step for step in users if step.family == "apt-get" and step.action.action is Action.INSTALL), None)
    if apt is None or not mount.covers(_APT_ARCHIVES) or ctx.stage is None:
        return None
    reference = base_of(ctx.stage, ctx).reference
    if reference is None or usual_name(reference) not in _WITH_HOOK:
        return None
    if so_far(_keeps_archives, placed, ctx):
        return None
    message = (
        f"the base image deletes what apt puts into {quoted(mount.target)}: remove /etc/apt/apt.conf.d/docker-clean"
    )
    return ctx.finding(mount.span, f"{message} before")


def _keeps_archives(placed: Placed, ctx: RuleContext) -> bool:
    """Whether the hook is removed, or apt is told to keep its archives."""
    for command in commands_of(placed, ctx):
        for word in command.arguments:
            text = (word.text or word.raw).lower()
            if (command.name in ("rm", "mv") and (_APT_HOOK in text or "apt.conf.d/*" in text)) or (
                any(setting in text for setting in _APT_KEEPS)
            ):
                return True
    texts = (line.text.lower() for text in written(placed, ctx) for line in text.lines)
    return any(setting in text for text in texts for setting in _APT_KEEPS)


@rule(
    "DL6031",
    "missing-cache-mount",
    on=Run,
    programs=(PACKAGE_MANAGER,),
    severity=Severity.INFO,
    off=True,
    aliases=(
        "tally/prefer-package-cache-mounts",
        "tally/js/node-gyp-cache-mounts",
        "tally/ruby/prefer-bundler-cache-mount",
    ),
    tags=("cache",),
)
def missing_cache_mount(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A build stage downloads packages, or compiles, without a cache mount.

    ## Why
    Each change of a manifest makes the builder run the installation again, and without a cache it downloads everything
    anew and compiles from the start. A cache mount keeps the downloads and the results of compilers from one build to
    the next, and never becomes part of the image. It needs a builder that lives on: one that starts from nothing, as in
    many pipelines, gains nothing by it.

    Only stages are looked at whose files do not get into the image, and only managers for languages.

    ## Bad
        FROM golang:1.23 AS build
        WORKDIR /src
        COPY . .
        RUN go build -o /app ./cmd/app

        FROM scratch
        COPY --from=build /app /app
        ENTRYPOINT ["/app"]

    ## Good
        FROM golang:1.23 AS build
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod \
            --mount=type=cache,target=/root/.cache/go-build \
            go build -o /app ./cmd/app

        FROM scratch
        COPY --from=build /app /app
        ENTRYPOINT ["/app"]

    ## See
    https://docs.docker.com/build/cache/optimize/#use-cache-mounts
    """
    placed = here(node, ctx)
    if ctx.stage is None or ctx.stage.index in ctx.model.shipped or ctx.stage.index not in ctx.model.reachable:
        return
    mounts = tuple(islice(_cache_mounts(node, placed), _MOST_MOUNTS))
    seen: set[str] = set()
    for step in package_steps(placed, ctx):
        key = step.action.manager.key
        if step.action.action not in _FILLING or key not in _TARGETS or key in seen:
            continue
        seen.add(key)
        if any(mount.covers(path) for mount in mounts for path in _caches_of(step, placed)):
            continue
        options = " ".join(f"--mount=type=cache,target={target}" for target in _TARGETS[key])
        end = node.keyword.span.end
        fix = Fix("mount a cache", Safety.UNSAFE, (Edit(Span(end, end), f" {options}"),))
        is_root = placed.step.before.user in ("", *_ROOT) and not step.action.no_cache
        message = f"'{step.label}' downloads everything anew whenever it runs: add '{options}'"
        yield ctx.finding(words_of(step), message, fix=fix if is_root else None)
