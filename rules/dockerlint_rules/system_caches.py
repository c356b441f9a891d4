"""Indexes and packages that package managers of operating systems keep, and that nobody needs in an image."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import SourceKind, Stage
from dockerlint.shell.interpreters import dialect_of
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Reach
from dockerlint.syntax.tree import Run
from dockerlint_rules._caches import LeftCache, caches_left
from dockerlint_rules._edits import add_argument, append_command, remove_command
from dockerlint_rules._prices import price_of_lists
from dockerlint_rules._runs import PackageStep, Placed, commands_of, here, is_shipped, package_steps, sequences
from dockerlint_rules._system_packages import DNF_TOOLS, added, verb_of

_LISTS = "/var/lib/apt/lists/*"
_APT_FAMILY = "apt-get"
_OFFLINE = ("--no-network", "--network")


@rule(
    "DL3009",
    "apt-lists-left-behind",
    on=Run,
    programs=("apt-get", "aptitude"),
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    aliases=(
        *("KICS-df746b39", "remove-package-lists", "remove-package-cache", "DKL-DI-0005"),
        "parfum/aptGetInstallThenRemoveAptLists",
    ),
    tags=("packages",),
)
def apt_lists_left_behind(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The package lists of apt stay in the layer.

    ## Why
    `apt-get update` downloads lists of all packages there are, 20 to 50 MB. They are of use to the installations behind
    it, and of none afterwards: the next build takes them from the cache, or downloads them again. What is in a layer
    stays there, so the removal has to be in the same RUN. `apt-get clean` removes packages, not lists.

    A cache mount over `/var/lib/apt` or `/var/lib/apt/lists` keeps the lists out of the layer as well. Stages that do
    not become part of the image are exempt.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*

    ## See
    https://docs.docker.com/build/building/best-practices/#apt-get
    """
    if not is_shipped(ctx):
        return
    left = [cache.step for cache in caches_left(here(node, ctx), ctx) if cache.kind == "lists"]
    for step in left:
        price = price_of_lists(node, _LISTS.removesuffix("/*"), ctx)
        message = f"'{step.label}' leaves package lists in the layer{price}: end this RUN with 'rm -rf {_LISTS}'"
        fix = None if _is_needed_later(node, ctx, step) else _cleaned(node, ctx, step, f"rm -rf {_LISTS}")
        yield ctx.finding(verb_of(step).span, message, fix=fix)
    if ctx.as_hadolint and not left:
        for step in _cleaned_by_newer_apt(node, ctx):
            message = f"'{step.label}' is not known to every version of apt: end this RUN with 'rm -rf {_LISTS}'"
            yield ctx.finding(verb_of(step).span, message)


def _cleaned_by_newer_apt(node: Run, ctx: RuleContext) -> Iterator[PackageStep]:
    """Where only `apt-get distclean` (apt 2.7.8) removes the lists. hadolint counts `rm -rf`, of whatever."""
    steps = [step for step in package_steps(here(node, ctx), ctx) if step.family == _APT_FAMILY]
    removes = any(word.text in ("-rf", "-fr") for command in ctx.script(node).named("rm") for word in command.arguments)
    if not removes and any(step.action.verb_text == "update" for step in steps):
        yield from (step for step in steps if "lists" in step.action.empties)


@rule(
    "DL3019",
    "apk-cache-left-behind",
    on=Run,
    programs=("apk",),
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    aliases=("DS-0025", "KICS-ae9c56a6", "missing-apk-no-cache", "DKL-DI-0004", "parfum/apkAddUseNoCache"),
    tags=("packages",),
)
def apk_cache_left_behind(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The index of apk stays in the layer.

    ## Why
    `apk` downloads the index of its repositories, about 2 MB, and keeps it for the next call. In an image there is no
    next call. `--no-cache` fetches a fresh index and does not keep it; `apk update` in front of it is then of no use,
    and keeps what the option was to save. Removing `/var/cache/apk/*` in the same RUN does as well.

    A cache mount over `/var/cache/apk` keeps the index out of the layer, too. Stages that do not become part of the
    image are exempt.

    ## Bad
        FROM alpine:3.20
        RUN apk update && apk add curl

    ## Good
        FROM alpine:3.20
        RUN apk add --no-cache curl

    ## See
    https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper
    """
    for step in _apk_steps(node, ctx):
        verb = verb_of(step)
        start = f"'{step.label}' leaves its index in the layer"
        if _updates(step):
            message = f"{start}: remove it, 'apk add --no-cache' needs none"
            yield ctx.finding(verb.span, message, fix=_without_update(node, ctx, step))
        else:
            needed = _is_needed_later(node, ctx, step)
            fix = None if needed else added(node, ctx, verb, "--no-cache", Safety.SAFE)
            yield ctx.finding(verb.span, f"{start}: add '--no-cache'", fix=fix)


def _apk_steps(node: Run, ctx: RuleContext) -> Iterator[PackageStep]:
    """The steps of apk that leave the index; hadolint also objects to those that have no network to fetch it."""
    for cache in _left(node, ctx):
        if cache.kind == "index" and cache.step.family == "apk":
            # `apk add -U` updates and installs, and is one command for people.
            yield from (step for step in cache.fillings if not (_updates(step) and step.action.verb_text != "update"))
    if ctx.as_hadolint:
        for step in package_steps(here(node, ctx), ctx):
            if step.family == "apk" and step.action.action is Action.INSTALL and step.action.options.has(*_OFFLINE):
                yield step


def _updates(step: PackageStep) -> bool:
    return step.action.action is Action.UPDATE_INDEX


def _without_update(node: Run, ctx: RuleContext, update: PackageStep) -> Fix | None:
    """A fix that removes `apk update`, and lets the steps behind it fetch the index for themselves.

    None where something else may need the index: a later RUN, or a script.
    """
    if not ctx.once(_updates_once, here(node, ctx)) or _is_needed_later(node, ctx, update):
        return None
    commands = commands_of(here(node, ctx), ctx)
    steps = [step for step in package_steps(here(node, ctx), ctx) if step.family == "apk"]
    start = update.command.span.end
    installs = [
        step
        for step in steps
        if step.command.span.start > start and step.action.action in (Action.INSTALL, Action.UPGRADE)
    ]
    if not installs or any(command.span.start > start and _may_run_anything(command) for command in commands):
        return None
    edits = [
        remove_command(ctx.source, commands, update.command),
        *(add_argument(ctx.source, node, verb_of(step), "--no-cache") for step in installs if not step.action.no_cache),
    ]
    exact = tuple(edit for edit in edits if edit is not None)
    return Fix("use '--no-cache' instead", Safety.SAFE, exact) if len(exact) == len(edits) else None


def _updates_once(placed: Placed, ctx: RuleContext) -> bool:
    """Whether there is no more than one `apk update` in a RUN."""
    steps = package_steps(placed, ctx)
    return sum(step.family == "apk" and step.action.verb_text == "update" for step in steps) <= 1


def _may_run_anything(command: Command) -> bool:
    """Whether a command starts a script, or a program whose name is not known."""
    name = command.name or ""
    if command.program is None:
        return False
    return not name or dialect_of(name) is not None or name.endswith(".sh") or command.program.prefix.startswith(".")


def _is_needed_later(node: Run, ctx: RuleContext, step: PackageStep) -> bool:
    """Whether a later RUN may use the index that a step leaves."""
    return ctx.stage is not None and (node, step.family) in ctx.once(_needed_later, ctx.stage)


def _needed_later(stage: Stage, ctx: RuleContext) -> frozenset[tuple[Run, str]]:
    """The RUNs of a stage, each with the family of managers whose index a later RUN may use without an update."""
    is_base = any(other.base.kind is SourceKind.STAGE and other.base.stage == stage.index for other in ctx.model.stages)
    found: set[tuple[Run, str]] = set()
    for sequence in sequences(stage, ctx):
        needed = {_APT_FAMILY, "apk"} if is_base else set[str]()
        for placed in reversed(sequence):
            if not isinstance(placed.node, Run):
                continue
            found.update((placed.node, family) for family in needed)
            steps = [step for step in package_steps(placed, ctx) if step.family in (_APT_FAMILY, "apk")]
            using = {step.family for step in steps if step.action.action is Action.INSTALL and not step.action.no_cache}
            updating = {step.family for step in steps if step.action.action is Action.UPDATE_INDEX}
            needed = (needed | using) - updating
    return frozenset(found)


@rule(
    "DL3032",
    "yum-cache-left-behind",
    on=Run,
    programs=("yum",),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("DS-0015", "KICS-00481784", "parfum/yumInstallRmVarCacheYum"),
    tags=("packages",),
)
def yum_cache_left_behind(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The cache of yum stays in the layer.

    ## Why
    `yum` keeps what it has downloaded: descriptions of all packages, easily 100 MB, and in old versions the packages as
    well. What is in a layer stays there, so `yum clean all` has to be in the same RUN, behind the last installation.
    Removing `/var/cache/yum`, or a cache mount over it, does as well. Stages that do not become part of the image are
    exempt.

    ## Bad
        FROM centos:7
        RUN yum install -y httpd

    ## Good
        FROM centos:7
        RUN yum install -y httpd && yum clean all

    ## See
    https://man7.org/linux/man-pages/man8/yum.8.html
    """
    for cache in _left(node, ctx):
        if cache.step.action.tool == "yum":
            yield _without_cleaning(node, ctx, cache.step, "yum clean all")


@rule(
    "DL3036",
    "zypper-cache-left-behind",
    on=Run,
    programs=("zypper",),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("DS-0020", "KICS-38300d1a", "missing-zypper-clean"),
    tags=("packages",),
)
def zypper_cache_left_behind(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The cache of zypper stays in the layer.

    ## Why
    `zypper` keeps descriptions of all packages of its repositories. What is in a layer stays there, so
    `zypper clean --all` has to be in the same RUN, behind the last installation; without `--all` it removes packages,
    not their descriptions. Removing `/var/cache/zypp`, or a cache mount over it, does as well. Stages that do not
    become part of the image are exempt.

    ## Bad
        FROM opensuse/leap:15.6
        RUN zypper --non-interactive install httpd

    ## Good
        FROM opensuse/leap:15.6
        RUN zypper --non-interactive install httpd && zypper clean --all

    ## See
    https://en.opensuse.org/SDB:Zypper_manual
    """
    for cache in _left(node, ctx):
        if cache.step.action.tool == "zypper" and not _is_cleaned(node, ctx, cache.step):
            yield _without_cleaning(node, ctx, cache.step, "zypper clean --all")


def _is_cleaned(node: Run, ctx: RuleContext, filling: PackageStep) -> bool:
    """Whether `zypper clean` follows in whatever form: who writes it without `--all` means well."""
    return any(
        step.action.action is Action.CLEAN
        and step.action.tool == "zypper"
        and step.command.reach is Reach.ALWAYS
        and step.command.span.start > filling.command.span.start
        for step in package_steps(here(node, ctx), ctx)
    )


@rule(
    "DL3040",
    "dnf-cache-left-behind",
    on=Run,
    programs=DNF_TOOLS,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("DS-0019", "DS-0027", "KICS-295acb63", "missing-dnf-clean-all"),
    tags=("packages",),
)
def dnf_cache_left_behind(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The cache of dnf stays in the layer.

    ## Why
    `dnf` keeps descriptions of all packages of its repositories, easily 100 MB. What is in a layer stays there, so
    `dnf clean all` has to be in the same RUN, behind the last installation. Removing `/var/cache/dnf` or
    `/var/cache/libdnf5`, or a cache mount over it, does as well. The same holds for `microdnf` and `tdnf`. Stages that
    do not become part of the image are exempt.

    ## Bad
        FROM fedora:41
        RUN dnf install -y httpd

    ## Good
        FROM fedora:41
        RUN dnf install -y httpd && dnf clean all

    ## See
    https://dnf.readthedocs.io/en/latest/command_ref.html#clean-command
    """
    for cache in _left(node, ctx):
        if cache.step.action.tool in DNF_TOOLS:
            yield _without_cleaning(node, ctx, cache.step, f"{cache.step.action.tool} clean all")


def _left(node: Run, ctx: RuleContext) -> tuple[LeftCache, ...]:
    """The caches that a RUN leaves, if its stage becomes part of the image; hadolint looks at all stages."""
    return caches_left(here(node, ctx), ctx) if ctx.as_hadolint or is_shipped(ctx) else ()


def _without_cleaning(node: Run, ctx: RuleContext, step: PackageStep, cleaning: str) -> Finding:
    message = f"'{step.label}' leaves its cache in the layer: end this RUN with '{cleaning}'"
    return ctx.finding(verb_of(step).span, message, fix=_cleaned(node, ctx, step, cleaning))


def _cleaned(node: Run, ctx: RuleContext, step: PackageStep, cleaning: str) -> Fix | None:
    """A fix that ends a RUN with a clean-up, with the rights that the step has."""
    text = f"sudo {cleaning}" if any(wrapper.name == "sudo" for wrapper in step.command.wrappers) else cleaning
    edit = append_command(ctx.source, node, commands_of(here(node, ctx), ctx), text)
    return None if edit is None else Fix(f"end with '{text}'", Safety.SAFE, (edit,))
