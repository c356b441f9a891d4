"""Lock files: whether an installation keeps to them, and whether they are there at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.shell.known_managers import managers
from dockerlint.shell.managers import Action, Manager
from dockerlint.syntax.mounts import MountType
from dockerlint.syntax.tree import Run, Transfer, Word
from dockerlint_rules._actions import add_option, words_of
from dockerlint_rules._context import ContextSource, context_sources
from dockerlint_rules._earlier import ancestors, order_of, placed_in, so_far
from dockerlint_rules._environment import variable_at
from dockerlint_rules._runs import PackageStep, Placed, commands_of, here, mounts_of, package_steps
from dockerlint_rules._tables import names
from dockerlint_rules._yarn import is_later_yarn


class _Way(NamedTuple):
    """How a manager is told to keep to its lock file.

    `verbs` may change it or pass it over; `option` behind them, or another verb `instead`, keeps to it, and so does one
    of the `variables` with a value that is true. `updates` take newer versions than the lock file has, and `settled` is
    what to run instead of them.
    """

    verbs: frozenset[str]
    option: str = ""
    instead: str = ""
    variables: frozenset[str] = frozenset()
    updates: frozenset[str] = frozenset()
    settled: str = ""


_NPM = names("install i in ins inst insta instal isnt isnta isntal isntall add")
_UPDATES = names("update upgrade up")
_WAYS: Mapping[str, _Way] = MappingProxyType(
    {
        "bun": _Way(names("install i"), "--frozen-lockfile", updates=_UPDATES, settled="bun install --frozen-lockfile"),
        "bundle": _Way(
            frozenset({"", "install"}),
            variables=names("BUNDLE_FROZEN BUNDLE_DEPLOYMENT"),
            updates=_UPDATES,
            settled="bundle install",
        ),
        "cargo": _Way(
            names("build b install") | {"chef cook"}, "--locked", updates=_UPDATES, settled="cargo fetch --locked"
        ),
        "composer": _Way(frozenset(), updates=names("update u upgrade"), settled="composer install"),
        "dotnet": _Way(names("restore"), "--locked-mode"),
        "npm": _Way(_NPM, instead="ci", updates=_UPDATES, settled="npm ci"),
        "pdm": _Way(frozenset(), updates=_UPDATES, settled="pdm sync"),
        "pipenv": _Way(names("install"), "--deploy", updates=_UPDATES, settled="pipenv sync"),
        "pnpm": _Way(
            names("install i"),
            "--frozen-lockfile",
            variables=names("CI"),
            updates=_UPDATES,
            settled="pnpm install --frozen-lockfile",
        ),
        "poetry": _Way(frozenset(), updates=_UPDATES, settled="poetry install"),
        "uv": _Way(names("sync"), "--locked", variables=names("UV_LOCKED UV_FROZEN")),
        "yarn": _Way(
            frozenset({"", "install"}),
            "--frozen-lockfile",
            variables=names("YARN_ENABLE_IMMUTABLE_INSTALLS"),
            updates=_UPDATES,
            settled="yarn install --frozen-lockfile",
        ),
    }
)

# These say what happens to the lock file in another way, or install something else than the project.
_DELIBERATE = names(
    "--no-package-lock --package-lock --package-lock-only --no-lockfile --pure-lockfile --lockfile-only --global -g"
    " --frozen --locked --offline --path --git --ignore-pipfile --skip-lock --check-cache --no-frozen-lockfile"
)
# Most of their projects have no lock file.
_OPTIONAL = names("dotnet")
_ON = names("1 true yes on")
_SPECIAL = "*?["


class _Lock(Enum):
    """What is known of the lock file where an installation runs."""

    THERE = "it is copied"
    MISSING = "the manifest is copied without it"
    POSSIBLE = "it may be in a folder that is copied"
    UNKNOWN = "nothing is known"


class _Found(NamedTuple):
    """The state of a lock file, and where the manifest or the folder is copied that it was told from."""

    lock: _Lock
    word: Word | None = None


@rule(
    "DL6014",
    "lockfile-not-used",
    on=Run,
    programs=_WAYS,
    severity=Severity.WARNING,
    tags=("packages",),
)
def lockfile_not_used(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """Dependencies are installed without the lock file, or in a way that may change it.

    ## Why
    A lock file names the exact version of everything that a project needs. `npm install`, `yarn`, `uv sync` and their
    like bring it up to date if it does not fit the manifest: the image then has versions that nobody has tested, and
    nobody sees it. `npm ci`, and options such as `--frozen-lockfile` and `--locked`, stop the build instead. If the
    lock file is not copied at all, each build takes the newest versions.

    It is an info where only a whole folder is copied that may or may not have a lock file. Nothing is said about
    projects that come from elsewhere, packages that are named in the command (see DL3016, DL8028), and global
    installations.

    ## Bad
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm install

    Without the lock file:

        FROM node:22-slim
        WORKDIR /app
        COPY package.json ./
        RUN npm install

    ## Good
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci

    ## See
    - https://docs.npmjs.com/cli/v11/commands/npm-ci
    - https://classic.yarnpkg.com/en/docs/cli/install#toc-yarn-install-frozen-lockfile
    - https://docs.astral.sh/uv/concepts/projects/sync/
    - https://doc.rust-lang.org/cargo/commands/cargo-build.html#manifest-options
    """
    placed = here(node, ctx)
    seen: set[str] = set()
    for step in package_steps(placed, ctx):
        manager = step.action.manager
        way = _WAYS.get(manager.key)
        if way is None or not _is_of_project(step):
            continue
        found = _lock_of(manager, placed, ctx)
        verb = step.action.verb_text
        if found.lock is _Lock.UNKNOWN or (manager.key in _OPTIONAL and found.lock is not _Lock.THERE):
            continue
        if verb in way.updates:
            message = f"'{step.label}' takes newer versions than the lock file has: run '{way.settled}'"
            yield ctx.finding(words_of(step), message, lower_to=_level(found))
        elif found.lock is _Lock.MISSING and found.word is not None:
            if manager.key not in seen:
                yield _missing(found.word, step, ctx)
            seen.add(manager.key)
        elif verb in way.verbs and not step.action.frozen and not _is_frozen(way, step, placed, ctx):
            yield _loose(found, way, step, placed, ctx)


def _is_of_project(step: PackageStep) -> bool:
    """Whether the dependencies are those of a project, and nothing else is said about its lock file."""
    action = step.action
    if action.packages or action.doubtful or action.options.has(*_DELIBERATE):
        return False
    return action.from_manifest and action.action in (Action.INSTALL, Action.UPGRADE, Action.BUILD)


def _level(found: _Found) -> Severity | None:
    return None if found.lock is _Lock.THERE else Severity.INFO


def _missing(manifest: Word, step: PackageStep, ctx: RuleContext) -> Finding:
    """The finding of a manifest that is copied without the lock file."""
    manager = step.action.manager
    fails = manager.key == "npm" and step.action.verb_text not in _NPM
    effect = "fails" if fails else "takes whatever versions are newest"
    message = (
        f"'{manifest.text}' is copied without '{manager.locks[0]}', so '{step.label}' {effect}: copy the lock file, too"
    )
    return ctx.finding(manifest.span, message, related=(Related(words_of(step), "installs here"),))


def _loose(found: _Found, way: _Way, step: PackageStep, placed: Placed, ctx: RuleContext) -> Finding:
    """The finding of an installation that may change the lock file, or does not look at it."""
    option = "--immutable" if step.action.manager.key == "yarn" and is_later_yarn(placed, ctx) else way.option
    start = f"'{step.label}' may change the lock file"
    if way.instead:
        advice = f"run '{step.action.tool} {way.instead}'"
    elif option:
        advice = f"add '{option}'"
    else:
        advice = "set BUNDLE_FROZEN=1"
    fix = _fix(way.instead, option, step, ctx) if found.lock is _Lock.THERE else None
    return ctx.finding(
        words_of(step), f"{start}: {advice}, which stops the build instead", lower_to=_level(found), fix=fix
    )


def _fix(instead: str, option: str, step: PackageStep, ctx: RuleContext) -> Fix | None:
    if not instead:
        return add_option(step, option, ctx.source, Safety.SAFE) if option else None
    verb = step.action.verb[-1]
    is_written = ctx.source.slice(verb.span) == verb.text
    return Fix(f"run {step.action.tool} {instead}", Safety.SAFE, (Edit(verb.span, instead),)) if is_written else None


def _is_frozen(way: _Way, step: PackageStep, placed: Placed, ctx: RuleContext) -> bool:
    """Whether a setting keeps to the lock file: a variable, or `bundle config set frozen true`."""
    for name in way.variables:
        if (variable_at(name, step.command, placed, ctx) or "").lower() in _ON:
            return True
    return step.action.manager.key == "bundle" and so_far(_configures_frozen, placed, ctx)


def _configures_frozen(placed: Placed, ctx: RuleContext) -> bool:
    return any(
        command.name in ("bundle", "bundler")
        and any(word.text in ("frozen", "deployment") for word in command.arguments)
        for command in commands_of(placed, ctx)
    )


def _lock_of(manager: Manager, placed: Placed, ctx: RuleContext) -> _Found:
    """What is known of the lock file of a manager where a RUN runs."""
    if ctx.stage is None:
        return _Found(_Lock.UNKNOWN)
    order = order_of(placed.step, ctx.stage, ctx)
    copies = list(_mounted(manager, placed))
    copies += ctx.once(_firsts_above, (manager.key, ctx.stage))
    copies += (copy for copy in ctx.once(_firsts, (manager.key, ctx.stage)) if copy.order < order)
    kinds = {copy.lock: copy.word for copy in reversed(copies)}
    for lock in (_Lock.THERE, _Lock.POSSIBLE, _Lock.UNKNOWN, _Lock.MISSING):
        if lock in kinds:
            return _Found(lock, kinds[lock])
    return _Found(_Lock.UNKNOWN)


class _Copy(NamedTuple):
    """What an instruction brings: the lock file, the manifest alone, a folder, or something that is not known."""

    order: int
    lock: _Lock
    word: Word | None = None


def _mounted(manager: Manager, placed: Placed) -> Iterator[_Copy]:
    for mount in mounts_of(placed):
        if mount.type is MountType.BIND:
            name = (mount.source or "").rpartition("/")[2]
            if name in manager.locks:
                yield _Copy(-1, _Lock.THERE)
            elif name not in manager.manifests:
                yield _Copy(-1, _Lock.POSSIBLE)


def _firsts_above(key: tuple[str, Stage], ctx: RuleContext) -> tuple[_Copy, ...]:
    """What the stages that a stage is FROM bring, the first of each kind."""
    manager, stage = key
    above = [copy for each in reversed(ancestors(stage, ctx)) for copy in ctx.once(_firsts, (manager, each))]
    return tuple({copy.lock: copy for copy in reversed(above)}.values())


def _firsts(key: tuple[str, Stage], ctx: RuleContext) -> tuple[_Copy, ...]:
    """The first instruction of a stage that brings something of each kind."""
    manager = managers()[key[0]]
    found: dict[_Lock, _Copy] = {}
    for order, placed in placed_in(key[1]):
        for copy in _brought(manager, order, placed, ctx):
            found.setdefault(copy.lock, copy)
    return tuple(found.values())


def _brought(manager: Manager, order: int, placed: Placed, ctx: RuleContext) -> Iterator[_Copy]:
    if isinstance(placed.node, Run):
        if any(command.name in ("git", "tar", "unzip") for command in commands_of(placed, ctx)):
            yield _Copy(order, _Lock.UNKNOWN)
    elif isinstance(placed.node, Transfer):
        sources = tuple(context_sources(placed.node, placed.step))
        if len(sources) != len(placed.node.sources):
            yield _Copy(order, _Lock.UNKNOWN)
        for source in sources:
            lock = _kind(source, manager)
            if lock is not None:
                yield _Copy(order, lock, source.word)


def _kind(source: ContextSource, manager: Manager) -> _Lock | None:
    """What a source of COPY is to a manager: its lock file, its manifest alone, a folder; None for anything else."""
    name = source.path.rpartition("/")[2]
    if any(_fits(name, lock) for lock in manager.locks):
        return _Lock.THERE if source.path != "." and name != "*" else _Lock.POSSIBLE
    if name in manager.manifests[:1]:
        return _Lock.MISSING
    is_folder = source.is_whole or source.folder or "." not in name or any(sign in source.path for sign in _SPECIAL)
    return _Lock.POSSIBLE if is_folder else None


def _fits(pattern: str, name: str) -> bool:
    """Whether a pattern of COPY may stand for a file; a pattern for everything is none for it."""
    at = min((pattern.index(sign) for sign in _SPECIAL if sign in pattern), default=-1)
    if at < 0:
        return pattern == name
    after = pattern[at + 1 :]
    is_simple = pattern[at] == "*" and not any(sign in after for sign in _SPECIAL)
    return at > 0 and name.startswith(pattern[:at]) and (not is_simple or name.endswith(after))
