"""Upgrades of all packages that a base image has."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.managers import Action
from dockerlint.syntax.tree import Run
from dockerlint_rules._edits import remove_command
from dockerlint_rules._runs import PackageStep, commands_of, here, is_shipped
from dockerlint_rules._system_packages import steps_of, verb_of

_ZYPPER = frozenset({"zypper"})
_UPGRADING = frozenset({Action.UPGRADE})
_DISTRIBUTION = frozenset({"dist-upgrade", "dup"})
_TOOLS = frozenset(
    {"apk", "apt", "apt-get", "aptitude", "dnf", "dnf4", "dnf-3", "dnf5", "microdnf", "pacman", "tdnf", "yum", "zypper"}
)

# Upgrades in the tables that are none of the whole system, or have a rule of their own.
_OTHERS = frozenset({"apk fix", "dnf module update", "yum module update", "zypper dist-upgrade", "zypper dup"})

#: Distributions without releases: there `zypper dup` is the way to upgrade.
_ROLLING = ("tumbleweed", "slowroll", "microos")


@rule(
    "DL3035",
    "zypper-dist-upgrade",
    on=Run,
    programs=_ZYPPER,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-d4895357", "avoid-zypper-update"),
    tags=("packages",),
)
def zypper_dist_upgrade(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """`zypper dist-upgrade` turns the base image into another release.

    ## Why
    A distribution upgrade may replace, downgrade and remove any package, whatever the base image was chosen for. The
    result depends on the day of the build, and all replaced files are stored a second time. A newer base image gives
    the same in a way that everybody sees.

    On a distribution without releases, such as Tumbleweed, it is the usual upgrade: there the level is info.

    ## Bad
        FROM opensuse/leap:15.5
        RUN zypper --non-interactive dup

    ## Good
        FROM opensuse/leap:15.6
        RUN zypper --non-interactive install httpd && zypper clean --all

    ## See
    https://en.opensuse.org/SDB:System_upgrade
    """
    for step in steps_of(node, ctx, _ZYPPER, _UPGRADING):
        if step.action.verb_text in _DISTRIBUTION:
            message = (
                f"'{step.label}' replaces the packages of the base image by those of the day: use a newer base image"
            )
            yield ctx.finding(verb_of(step).span, message, lower_to=Severity.INFO if _is_rolling(ctx) else None)


def _is_rolling(ctx: RuleContext) -> bool:
    if ctx.stage is None:
        return False
    base = ctx.model.chain(ctx.stage)[0].base.text
    return isinstance(base, str) and any(name in base for name in _ROLLING)


@rule(
    "DL6020",
    "system-upgrade",
    on=Run,
    programs=_TOOLS,
    severity=Severity.WARNING,
    aliases=(
        *("DL3005", "DL3017", "DL3031", "DL3039", "DS-0024", "DKL-DI-0003", "KICS-682fe378", "KICS-989ab888"),
        *("KICS-8f6456be", "KICS-09fda05e", "KICS-d4895357", "avoid-apt-get-upgrade", "avoid-apk-upgrade"),
        *("avoid-yum-update", "avoid-dnf-update", "avoid-zypper-update"),
    ),
    tags=("packages",),
)
def system_upgrade(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """All packages of the base image are upgraded.

    ## Why
    Every file that an upgrade replaces is in the image twice, in the base image and in the layer above it. What is
    upgraded depends on the day of the build: the same Dockerfile gives another image tomorrow, and an old one for as
    long as the step comes from the cache. Base images are rebuilt for holes in their packages: pull a newer one
    (`docker build --pull`), or upgrade the package that has the hole by its name.

    In a stage that does not become part of the image, and for `pacman`, whose distributions know no other way, the
    finding is of level info.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update && apt-get upgrade -y && apt-get install -y --no-install-recommends curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    ## See
    https://docs.docker.com/build/building/best-practices/#rebuild-your-images-often
    """
    for step in steps_of(node, ctx, _TOOLS, _UPGRADING):
        action = step.action
        named = action.options.operands if action.manager.flag_verbs else action.packages
        if named or action.doubtful or step.label in _OTHERS:
            continue
        message = (
            f"'{step.label}' stores packages of the base image a second time, in the versions of the day:"
            " use a newer base image"
        )
        minor = not is_shipped(ctx) or action.manager.key == "pacman"
        yield ctx.finding(
            verb_of(step).span, message, lower_to=Severity.INFO if minor else None, fix=_without(node, ctx, step)
        )


def _without(node: Run, ctx: RuleContext, step: PackageStep) -> Fix | None:
    edit = remove_command(ctx.source, commands_of(here(node, ctx), ctx), step.command)
    return None if edit is None else Fix(f"remove '{step.label}'", Safety.UNSAFE, (edit,))
