"""What installations of system packages leave in an image besides what was asked for, and how often they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dockerlint.finding import Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.semantics.stages import Stage
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run, User
from dockerlint_rules._edits import append_command
from dockerlint_rules._package_settings import Setting, settings_before
from dockerlint_rules._runs import PackageStep, Placed, commands_of, here, is_shipped, package_steps, sequences
from dockerlint_rules._system_packages import DNF_TOOLS, added, hints_at_options, steps_of, verb_of
from dockerlint_rules._tables import names

_INSTALL = frozenset({Action.INSTALL})
_APK = names("apk")
_BY_NAME = names("install in")
_WEAK_SWITCH = "--setopt=install_weak_deps=False"
# yum 3 and tdnf know no weak dependencies.
_WITH_WEAK = (DNF_TOOLS - {"tdnf"}) | {"zypper"}

_OFFLINE = ("--no-network", "--network")

# Parts of names that say that virtual packages are meant to stay.
_STAYING = ("run", "persist", "keep")

# Commands that a RUN may have besides those of the package manager, without a need for what earlier RUNs installed.
_PLAIN = names(": cd echo export ln mkdir printf rm set test true")


@rule(
    "DL6027",
    "repeated-package-installs",
    on=Stage,
    programs=(PACKAGE_MANAGER,),
    severity=Severity.INFO,
    aliases=("parfum/moreThanOneInstall",),
    tags=("layers",),
)
def repeated_package_installs(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """System packages are installed in a RUN of their own although an earlier RUN installs some already.

    ## Why
    Each installation downloads the index again, and stores the data base of installed packages, 1 to 5 MB, in another
    layer. One RUN with one sorted list does it once, and shows everybody what the image consists of.

    Only RUNs are reported that do nothing but install, in stages that become part of the image, and only where nothing
    speaks against joining: a repository that is set up between them, another user, a local package file.

    ## Bad
        FROM alpine:3.20
        RUN apk add --no-cache curl
        RUN apk add --no-cache git

    ## Good
        FROM alpine:3.20
        RUN apk add --no-cache curl git

    ## See
    https://docs.docker.com/build/building/best-practices/#minimize-the-number-of-layers
    """
    if stage.index not in ctx.model.shipped:
        return
    for sequence in sequences(stage, ctx):
        first: dict[str, PackageStep] = {}
        for placed in sequence:
            if isinstance(placed.node, User):
                first = {}
            if not isinstance(placed.node, Run):
                continue
            plain = _plain_install(placed, ctx)
            if plain is not None and plain.family in first:
                yield ctx.finding(
                    verb_of(plain).span,
                    f"'{plain.label}' runs again after an earlier RUN has installed packages: install all in one RUN",
                    related=(Related(verb_of(first[plain.family]).span, "installs packages, too"),),
                )
            elif plain is not None:
                first[plain.family] = plain
            elif any(command.name not in _PLAIN for command in commands_of(placed, ctx)):
                # What runs in between may set up a repository, or need what has been installed.
                first = {}


def _plain_install(placed: Placed, ctx: RuleContext) -> PackageStep | None:
    """The first installation of a RUN that does nothing but install packages by name and clean up."""
    steps = [step for step in package_steps(placed, ctx) if step.action.manager.ecosystem == "os"]
    managing = {id(step.command) for step in steps}
    wrapping = {id(wrapper) for step in steps for wrapper in step.command.wrappers}
    for command in commands_of(placed, ctx):
        if command.program is not None and id(command) not in managing | wrapping and command.name not in _PLAIN:
            return None
    if any(_is_special(step) for step in steps) or placed.node.flag("mount") is not None:
        return None
    return next((step for step in steps if step.action.action is Action.INSTALL), None)


def _is_special(step: PackageStep) -> bool:
    """Whether a step brings a repository, a file or packages that are not known."""
    if step.action.action is Action.UPGRADE:
        return True
    texts = [word.text or "/" for word in step.action.packages]
    return any("/" in text or "release" in text or text.endswith((".deb", ".rpm", ".apk")) for text in texts)


@rule(
    "DL6028",
    "weak-dependencies-installed",
    on=Run,
    programs=_WITH_WEAK,
    severity=Severity.INFO,
    tags=("packages",),
)
def weak_dependencies_installed(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The package manager also installs what the packages recommend.

    ## Why
    `dnf`, `microdnf` and `zypper` install recommended packages beside those that were named, which easily doubles the
    size of an image, and each of them is one more package with holes to close. What the program really needs is better
    named in the Dockerfile. `--nodocs`, or a settings file that is written in a step before, counts as a decision.

    Base images for `microdnf` (`ubi9-minimal`) come with settings that leave them out, and are exempt, as are stages
    that do not become part of the image.

    ## Bad
        FROM fedora:41
        RUN dnf install -y httpd && dnf clean all

    ## Good
        FROM fedora:41
        RUN dnf install -y --setopt=install_weak_deps=False httpd && dnf clean all

    ## See
    - https://dnf.readthedocs.io/en/latest/conf_ref.html
    - https://en.opensuse.org/SDB:Zypper_manual
    """
    if not is_shipped(ctx) or _is_minimal(ctx):
        return
    for step in steps_of(node, ctx, _WITH_WEAK, _INSTALL):
        action = step.action
        is_zypper = action.tool == "zypper"
        if action.verb_text not in _BY_NAME or not action.packages or _decides(step) or hints_at_options(action):
            continue
        setting = Setting.ZYPPER_NO_RECOMMENDS if is_zypper else Setting.RPM_NO_WEAK_DEPENDENCIES
        if setting not in settings_before(step.command, ctx):
            option = "--no-recommends" if is_zypper else _WEAK_SWITCH
            verb = verb_of(step)
            message = f"'{step.label}' also installs what the packages recommend: add '{option}'"
            yield ctx.finding(verb.span, message, fix=added(node, ctx, verb, option, Safety.UNSAFE))


def _is_minimal(ctx: RuleContext) -> bool:
    """Whether the base is one of those made for `microdnf`, whose settings leave weak dependencies out."""
    base = None if ctx.stage is None else ctx.model.chain(ctx.stage)[0].base.text
    return isinstance(base, str) and "minimal" in base


def _decides(step: PackageStep) -> bool:
    """Whether an option says what is to be left out, or that nothing is."""
    options = step.action.options
    if step.action.no_recommends or options.has("--nodocs", "--no-docs", "--recommends"):
        return True
    values = (word.text or "" for word in options.values("--setopt"))
    return any(value.startswith(("install_weak_deps=", "tsflags=")) for value in values)


@rule(
    "DL6029",
    "virtual-packages-kept",
    on=Run,
    programs=("apk",),
    severity=Severity.WARNING,
    tags=("packages",),
)
def virtual_packages_kept(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """Packages that are bundled under a virtual name for a build stay in the layer.

    ## Why
    `apk add --virtual .build-deps …` gives a bundle of packages one name, so that `apk del .build-deps` can take all of
    them out again. What is in a layer stays there: the removal has to be in the same RUN, behind the last step that
    needs them. Bundles whose names say that they are there to stay (`.run-deps`) are exempt, and so are stages that do
    not become part of the image.

    ## Bad
        FROM alpine:3.20
        COPY . /src
        RUN apk add --no-cache --virtual .build-deps gcc make musl-dev && make -C /src install

    ## Good
        FROM alpine:3.20
        COPY . /src
        RUN apk add --no-cache --virtual .build-deps gcc make musl-dev && make -C /src install && apk del .build-deps

    ## See
    https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper
    """
    if not is_shipped(ctx):
        return
    steps = [step for step in package_steps(here(node, ctx), ctx) if step.family == "apk"]
    removed = _removed_at(steps)
    for step in steps:
        for word in step.action.options.values("-t", "--virtual"):
            name = word.text
            if not name or any(part in name for part in _STAYING) or not _brings_packages(step):
                continue
            # A word that is not known may be its name.
            if max(removed.get(name, 0), removed.get(None, 0)) < step.command.span.start:
                message = f"the packages of {quoted(name)} stay in the layer: end this RUN with 'apk del {name}'"
                yield ctx.finding(word.span, message, fix=_deleted(node, ctx, name))


def _brings_packages(step: PackageStep) -> bool:
    """Whether a step installs anything new; without network it only gives a name to what is there."""
    return (
        step.action.action is Action.INSTALL and bool(step.action.packages) and not step.action.options.has(*_OFFLINE)
    )


def _removed_at(steps: Sequence[PackageStep]) -> Mapping[str | None, int]:
    """The last place at which each package is removed, by its name; None for words that are not known."""
    return {
        word.text: step.command.span.start
        for step in steps
        if step.action.action is Action.REMOVE
        for word in step.action.packages
    }


def _deleted(node: Run, ctx: RuleContext, name: str) -> Fix | None:
    commands: tuple[Command, ...] = commands_of(here(node, ctx), ctx)
    edit = append_command(ctx.source, node, commands, f"apk del {name}")
    return None if edit is None else Fix(f"end with 'apk del {name}'", Safety.UNSAFE, (edit,))
