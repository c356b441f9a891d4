"""The order of steps: what makes the builder run costly steps again, or not at all where it should."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.semantics.stages import Stage
from dockerlint.semantics.state import join_path
from dockerlint.shell.managers import Action
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.mounts import MountType
from dockerlint.syntax.tree import Transfer
from dockerlint_rules._context import ContextSource, context_sources, is_own_code
from dockerlint_rules._dependencies import dependency_installs, manifests, plain_install
from dockerlint_rules._runs import PackageStep, Placed, mounts_of, package_steps, sequences
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

# Files that are laid over these may be settings of package managers.
_SYSTEM_FOLDERS = names("/etc /etc/apt /etc/apk /etc/yum.repos.d /usr /usr/local /usr/share") | {""}

# Managers that install the project besides its dependencies, and the option that leaves it out.
_WITHOUT_PROJECT = {"pdm": "--no-self", "poetry": "--no-root", "uv": "--no-install-project"}


@rule(
    "DL6002",
    "cache-busting-copy",
    on=Stage,
    programs=(PACKAGE_MANAGER,),
    needs=(Transfer,),
    severity=Severity.WARNING,
    tags=("cache",),
)
def cache_busting_copy(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""All source files are copied before the dependencies are installed, so every edit installs them anew.

    ## Why
    The builder runs a step again once the files of a COPY above it have changed. An installation of dependencies needs
    the few files that list them; below `COPY . .` it is repeated after each edit of any file, which takes minutes
    instead of nothing. Copy the manifest and the lock file first, install, and copy the rest below.

    Exempt are installations of the copied project itself (`pip install .`), of members of workspaces, RUNs that bind
    the manifests by `--mount=type=bind`, and the second installation of a stage whose first one comes before the copy.
    It is an info if a cache mount keeps the downloads.

    ## Bad
        FROM node:22-slim
        WORKDIR /app
        COPY . .
        RUN npm ci
        CMD ["node", "server.js"]

    ## Good
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci
        COPY . .
        CMD ["node", "server.js"]

    ## See
    https://docs.docker.com/build/cache/optimize/#order-your-layers
    """
    for sequence in sequences(stage, ctx):
        copies = ((at, source) for at, placed in enumerate(sequence) if (source := _copy_of_code(placed)) is not None)
        at, copy = next(copies, (0, None))
        if copy is None:
            continue
        settled = {step.action.manager.key for placed in sequence[:at] for step in dependency_installs(placed, ctx)}
        for placed in sequence[at + 1 :]:
            late = [step for step in dependency_installs(placed, ctx) if step.action.manager.key not in settled]
            # One that reads manifests tells more than `gem install bundler` before it.
            install = next((step for step in late if manifests(step)), late[0] if late else None)
            mounts = {mount.type for mount in mounts_of(placed)}
            if install is None or MountType.BIND in mounts:
                continue
            yield ctx.finding(
                copy.word.span,
                _late_install_message(copy, install),
                lower_to=Severity.INFO if MountType.CACHE in mounts else None,
                related=(Related(install.command.span, "runs again after each edit"),),
            )
            break


def _copy_of_code(placed: Placed, *, beside_system: bool = False) -> ContextSource | None:
    """The first source of a COPY that is the code that people work on.

    With `beside_system` not if the files are laid over the system, where package managers may read them.
    """
    node = placed.node
    if not isinstance(node, Transfer) or node.flag("exclude") is not None:
        return None
    destination = value_of(placed.step, node.destination) or "/"
    folder = join_path(placed.step.before.workdir, destination, windows=placed.step.windows)
    if beside_system and isinstance(folder, str) and folder.rstrip("/") in _SYSTEM_FOLDERS:
        return None
    return next(filter(is_own_code, context_sources(node, placed.step)), None)


def _late_install_message(copy: ContextSource, install: PackageStep) -> str:
    start = f"{quoted(copy.word.text)} is copied before '{install.label}', so each edit repeats the installation"
    needed = " and ".join(quoted(name) for name in manifests(install))
    if not needed:
        return f"{start}: move it above the copy, it needs none of the files"
    option = _WITHOUT_PROJECT.get(install.action.manager.key)
    how = f" with '{option}'" if option is not None and not install.action.options.has(option) else ""
    return f"{start}: copy {needed} first, install{how}, then copy the rest"


@rule(
    "DL6006",
    "late-system-install",
    on=Stage,
    programs=(PACKAGE_MANAGER,),
    needs=(Transfer,),
    severity=Severity.WARNING,
    tags=("cache",),
)
def late_system_install(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""System packages are installed below the copy of the source, so every edit installs them anew.

    ## Why
    The builder runs a step again once the files of a COPY above it have changed. System packages do not depend on the
    source of a project, but below `COPY . .` each edit downloads and installs them again, and stores another layer of
    them. Steps that change rarely belong to the top, the source to the bottom.

    Only RUNs are reported that do nothing but install system packages and set the system up. A RUN that also builds,
    or runs a script, may need the copied files.

    ## Bad
        FROM python:3.13-slim
        WORKDIR /app
        COPY . .
        RUN apt-get update \
         && apt-get install -y --no-install-recommends ffmpeg \
         && rm -rf /var/lib/apt/lists/*

    ## Good
        FROM python:3.13-slim
        RUN apt-get update \
         && apt-get install -y --no-install-recommends ffmpeg \
         && rm -rf /var/lib/apt/lists/*
        WORKDIR /app
        COPY . .

    ## See
    https://docs.docker.com/build/cache/optimize/#order-your-layers
    """
    for sequence in sequences(stage, ctx):
        copy: ContextSource | None = None
        for placed in sequence:
            if copy is None:
                copy = _copy_of_code(placed, beside_system=True)
            install = None if copy is None else plain_install(placed, ctx, "os")
            if copy is not None and install is not None:
                yield ctx.finding(
                    install.command.span,
                    f"'{install.label}' needs nothing of {quoted(copy.word.text)}, but runs again after each edit:"
                    " move it above the copy",
                    related=(Related(copy.word.span, "copied before"),),
                )


@rule(
    "DL6011",
    "stale-package-index",
    on=Stage,
    programs=(PACKAGE_MANAGER,),
    severity=Severity.WARNING,
    aliases=("DS-0017", "CKV_DOCKER_5", "KICS-9bae49be", "CIS-DI-0007", "parfum/aptGetUpdatePrecedesInstall"),
    tags=("cache",),
)
def stale_package_index(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""The package index is updated in a layer of its own, and a later RUN installs from it.

    ## Why
    The builder takes `RUN apt-get update` from its cache as long as nothing above it changes, for months if need be.
    Once the list of packages in the next RUN changes, the installation runs with the old index: it fails with "404
    Not Found" for versions that the mirrors no longer have, or installs versions with known holes. In one RUN both
    happen together, and the index can be removed again before it becomes part of a layer.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update
        RUN apt-get install -y --no-install-recommends curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update \
         && apt-get install -y --no-install-recommends curl \
         && rm -rf /var/lib/apt/lists/*

    ## See
    https://docs.docker.com/build/building/best-practices/#apt-get
    """
    for sequence in sequences(stage, ctx):
        installs: dict[str, PackageStep] = {}
        for placed in reversed(sequence):
            steps = tuple(package_steps(placed, ctx))
            updates = {step.family: step for step in steps if step.action.action is Action.UPDATE_INDEX}
            own = {step.family: step for step in reversed(steps) if _uses_index(step)}
            for family, update in updates.items():
                install = installs.pop(family, None)
                if install is not None and family not in own:
                    yield ctx.finding(
                        update.command.span,
                        f"'{update.label}' in a RUN of its own leaves an old index in the cache for '{install.label}':"
                        " run both in one RUN",
                        related=(Related(install.command.span, "installs with the index as it was then"),),
                    )
            # Below a RUN that updates and installs the index is as old as that installation.
            installs.update((family, step) for family, step in own.items() if family not in updates)


def _uses_index(step: PackageStep) -> bool:
    return step.action.action is Action.INSTALL and not step.action.no_cache
