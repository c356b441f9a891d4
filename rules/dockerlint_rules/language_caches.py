"""Caches of package managers that stay in a layer of the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.shell.managers import Action
from dockerlint.source import Source, Span
from dockerlint.syntax.tree import Run, Transfer
from dockerlint_rules._actions import words_of
from dockerlint_rules._caches import LeftCache, caches_left
from dockerlint_rules._context import context_sources
from dockerlint_rules._earlier import so_far
from dockerlint_rules._edits import follow_command
from dockerlint_rules._runs import PackageStep, Placed, actions_of, commands_of, here, is_shipped, package_steps
from dockerlint_rules._tables import names
from dockerlint_rules._written import written
from dockerlint_rules._yarn import is_later_yarn

# Kinds of caches that are worth a word; the others are small.
_LARGE = names("all build downloads modules packages store")

# What empties a cache, or keeps it empty.
_SWITCHES: Mapping[str, str] = MappingProxyType(
    {"composer": "--no-cache", "pip": "--no-cache-dir", "poetry": "--no-cache", "uv": "--no-cache", "uvx": "--no-cache"}
)
_CLEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "aptitude": "aptitude clean",
        "conda": "conda clean --all --yes",
        "dotnet": "dotnet nuget locals all --clear",
        "go": "go clean -cache -modcache",
        "micromamba": "micromamba clean --all --yes",
        "npm": "npm cache clean --force",
        "pdm": "pdm cache clear",
        "pipenv": "pipenv --clear",
    }
)
_FOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "bundle": "$GEM_HOME/cache",
        "cargo": "$CARGO_HOME/registry",
        "cpanm": "~/.cpanm",
        "gem": "$GEM_HOME/cache",
        "gradle": "~/.gradle/caches",
        "luarocks": "~/.cache/luarocks",
        "maven": "~/.m2/repository",
        "nuget": "~/.nuget/packages",
        "pacman": "/var/cache/pacman/pkg",
        "pipx": "~/.cache/pip",
    }
)

_PIP_SETTINGS = names("pip.conf pip.ini")


@rule(
    "DL3042",
    "pip-cache-left-behind",
    on=Run,
    programs=("pip", "uv"),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-f2f903fb", "missing-pip-no-cache-dir", "parfum/pipUseNoCacheDir"),
    tags=("size",),
)
def pip_cache_left_behind(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""Pip keeps what it downloads in a cache, which becomes part of the image.

    ## Why
    pip stores each download, and each wheel that it has built, for the next installation. In an image there is no next
    one: the cache only adds to the size of the layer, often as much as the packages themselves. `--no-cache-dir` turns
    it off (`--no-cache` for `uv pip`); a cache mount keeps the downloads for the next build, outside the image.

    Nothing is said about stages whose files do not get into the image, where `PIP_NO_CACHE_DIR` is set (any value turns
    the cache off, even `0`), or pip.conf says so, and where the same RUN empties the cache afterwards.

    ## Bad
        FROM python:3.13-slim
        RUN pip install flask==3.1.0

    ## Good
        FROM python:3.13-slim
        RUN pip install --no-cache-dir flask==3.1.0

    With a cache mount:

        FROM python:3.13-slim
        RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0

    ## See
    - https://pip.pypa.io/en/stable/topics/caching/
    - https://docs.docker.com/build/cache/optimize/#use-cache-mounts
    """
    if not is_shipped(ctx) and not ctx.as_hadolint:
        return
    placed = here(node, ctx)
    for cache in caches_left(placed, ctx):
        fillings = tuple(step for step in cache.fillings if _is_pip(step) and (_downloads(step) or ctx.as_hadolint))
        if fillings and not _is_off_by_settings(placed, ctx):
            switch = _SWITCHES[fillings[0].action.manager.key]
            message = (
                f"'{fillings[0].label}' leaves its cache in the layer: add '{switch}', or mount a cache over"
                f" '{cache.paths[0].replace('~', '/root', 1)}'"
            )
            yield _finding(fillings, message, ctx, fix=_switch_off(fillings, ctx.source))


def _is_pip(step: PackageStep) -> bool:
    key = step.action.manager.key
    return key == "pip" or (key == "uv" and step.action.verb_text.startswith("pip "))


def _downloads(step: PackageStep) -> bool:
    """Whether anything comes from an index: not with `--no-index`, nor for files that come without dependencies."""
    action = step.action
    if action.options.has("--no-index"):
        return False
    paths = (*action.packages, *action.options.values("-e", "--editable"))
    is_local = paths and all((word.text or "").startswith((".", "/")) for word in paths)
    return not (is_local and not action.requirement_files and action.options.has("--no-deps", "--no-dependencies"))


def _is_off_by_settings(placed: Placed, ctx: RuleContext) -> bool:
    """Whether pip's settings turn the cache off, or may do so."""
    return so_far(_turns_off, placed, ctx)


def _turns_off(placed: Placed, ctx: RuleContext) -> bool:
    if isinstance(placed.node, Transfer):
        copied = (source.path.rpartition("/")[2] for source in context_sources(placed.node, placed.step))
        if any(name in _PIP_SETTINGS for name in copied):
            return True
    for text in written(placed, ctx):
        if text.path.rpartition("/")[2] in _PIP_SETTINGS:
            return any(line.text.strip().replace("_", "-").startswith("no-cache-dir") for line in text.lines)
    return any(_configures(placed, ctx))


def _configures(placed: Placed, ctx: RuleContext) -> Iterator[bool]:
    """Whether commands are `pip config set global.no-cache-dir true`."""
    for command in commands_of(placed, ctx):
        for action in actions_of(command, ctx):
            operands = [word.text or "" for word in action.options.operands]
            if action.manager.key == "pip" and operands[:2] == ["config", "set"]:
                yield any(operand.endswith(".no-cache-dir") for operand in operands[2:3])


def _switch_off(fillings: tuple[PackageStep, ...], source: Source) -> Fix | None:
    """A fix that adds the option behind the verb of each command; None where a verb is not written as it is."""
    edits = []
    for step in fillings:
        if not step.action.verb or source.slice(step.action.verb[-1].span) != step.action.verb[-1].text:
            return None
        end = step.action.verb[-1].span.end
        edits.append(Edit(Span(end, end), f" {_SWITCHES[step.action.manager.key]}"))
    return Fix("keep the cache empty", Safety.SAFE, tuple(edits))


def _finding(fillings: tuple[PackageStep, ...], message: str, ctx: RuleContext, *, fix: Fix | None = None) -> Finding:
    first, *others = fillings
    related = tuple(Related(words_of(step), "and so does this") for step in others)
    return ctx.finding(words_of(first), message, related=related, fix=fix)


@rule(
    "DL3060",
    "yarn-cache-left-behind",
    on=Run,
    programs=("yarn",),
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    aliases=("parfum/yarnCacheCleanAfterInstall",),
    tags=("size",),
)
def yarn_cache_left_behind(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""Yarn keeps what it downloads in a cache, which becomes part of the image.

    ## Why
    Yarn 1 stores every package that it downloads twice: in its cache, and in `node_modules`. In an image nobody
    installs again: the cache only adds to the size of the layer. `yarn cache clean` in the same RUN empties it; a cache
    mount keeps the downloads for the next build, outside the image.

    Nothing is said about stages whose files do not get into the image, and about later versions of yarn, which may need
    their cache when the program runs.

    ## Bad
        FROM node:22-slim
        WORKDIR /app
        COPY package.json yarn.lock ./
        RUN yarn install --frozen-lockfile

    ## Good
        FROM node:22-slim
        WORKDIR /app
        COPY package.json yarn.lock ./
        RUN yarn install --frozen-lockfile \
         && yarn cache clean

    ## See
    https://classic.yarnpkg.com/en/docs/cli/cache
    """
    if not is_shipped(ctx):
        return
    placed = here(node, ctx)
    for cache in caches_left(placed, ctx):
        if cache.step.action.manager.key == "yarn" and (ctx.as_hadolint or not is_later_yarn(placed, ctx)):
            message = (
                f"'{cache.step.label}' leaves its cache in the layer: end the RUN with 'yarn cache clean', or mount a"
                " cache over '/usr/local/share/.cache/yarn'"
            )
            yield _finding((cache.step,), message, ctx, fix=_cleaned(cache, "yarn cache clean", ctx.source))


def _cleaned(cache: LeftCache, cleaning: str, source: Source) -> Fix | None:
    """A fix that cleans up behind a command."""
    edit = follow_command(source, cache.step.command, cleaning)
    return None if edit is None else Fix("clean up", Safety.SAFE, (edit,))


@rule(
    "DL6008",
    "package-cache-left-behind",
    on=Run,
    programs=(PACKAGE_MANAGER,),
    severity=Severity.INFO,
    aliases=(
        "parfum/npmCacheCleanAfterInstall",
        "parfum/npmCacheCleanUseForce",
        "parfum/gemUpdateSystemRmRootGem",
        "tally/ruby/leftover-bundler-cache",
    ),
    tags=("size",),
)
def package_cache_left_behind(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A package manager keeps what it downloads in a cache, which becomes part of the image.

    ## Why
    Package managers store their downloads for the next installation. In an image there is no next one: the cache only
    adds to the size of the layer, often as much as the packages themselves. Removing it in a later RUN does not help,
    since the layer stays as it is: switch the cache off, empty it in the same RUN, or put it on a cache mount, which
    keeps the downloads for the next build outside the image.

    Nothing is said about stages whose files do not get into the image, and about pnpm and bun, whose packages are hard
    links to what is in the cache. There are rules of their own for apt (DL3009), apk (DL3019), dnf (DL3040), yum
    (DL3032), zypper (DL3036), pip (DL3042) and yarn (DL3060).

    ## Bad
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci --omit=dev

    ## Good
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci --omit=dev \
         && npm cache clean --force

    With a cache mount:

        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

    ## See
    - https://docs.docker.com/build/cache/optimize/#use-cache-mounts
    - https://docs.npmjs.com/cli/v11/commands/npm-cache
    """
    if not is_shipped(ctx):
        return
    placed = here(node, ctx)
    seen: set[str] = set()
    for cache in caches_left(placed, ctx):
        key = cache.step.action.manager.key
        if key in seen or cache.kind not in _LARGE or not _is_looked_after(cache, key):
            continue
        seen.add(key)
        yield _of_manager(cache, key, placed, ctx)


def _is_looked_after(cache: LeftCache, key: str) -> bool:
    if key not in _SWITCHES and key not in _CLEANINGS and key not in _FOLDERS:
        return False
    if key == "cargo" and cache.kind == "build":
        # What it has built is no cache of packages.
        return False
    return not any(_is_pip(step) for step in cache.fillings)


def _of_manager(cache: LeftCache, key: str, placed: Placed, ctx: RuleContext) -> Finding:
    mount = "or keep it on a cache mount"
    if key in _SWITCHES:
        start = f"'{cache.fillings[0].label}' leaves its cache in the layer"
        fix = _switch_off(cache.fillings, ctx.source)
        return _finding(cache.fillings, f"{start}: add '{_SWITCHES[key]}', {mount}", ctx, fix=fix)
    start = f"'{cache.step.label}' leaves its cache in the layer"
    if key not in _CLEANINGS:
        return _finding((cache.step,), f"{start}: remove '{_FOLDERS[key]}' in the same RUN, {mount}", ctx)
    cleaning = _CLEANINGS[key]
    for step in package_steps(placed, ctx):
        if step.action.manager.key == key and step.action.action is Action.CLEAN and not step.action.empties:
            message = f"'{step.label}' does not empty the cache that '{cache.step.label}' leaves: write '{cleaning}'"
            return ctx.finding(words_of(step), message, related=(Related(words_of(cache.step), "fills the cache"),))
    fix = _cleaned(cache, cleaning, ctx.source) if key != "go" else None
    return _finding((cache.step,), f"{start}: end the RUN with '{cleaning}', {mount}", ctx, fix=fix)
