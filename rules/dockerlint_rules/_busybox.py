"""Whether the usual programs of a system are those of GNU or those of BusyBox."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Stage
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command
from dockerlint_rules._build_tools import package_name
from dockerlint_rules._images import DISTRIBUTIONS
from dockerlint_rules._labels import image_steps
from dockerlint_rules._runs import PackageStep, Placed, package_steps

_BUSYBOX = frozenset({"alpine", "busybox"})
_GNU_FAMILIES = frozenset({"apt-get", "yum", "zypper", "pacman"})


class Maker(Enum):
    """Whose program it is."""

    GNU = "GNU"
    BUSYBOX = "BusyBox"
    UNKNOWN = "unknown"


class _Asked(NamedTuple):
    stage: Stage
    package: str


class _Places(NamedTuple):
    """Where in the file the image of a stage first shows that it is a GNU system or gets the package, or uses apk."""

    gnu: int | None
    apk: int | None


def maker_at(command: Command, package: str, stage: Stage, ctx: RuleContext) -> Maker:
    """Whose program a command of a stage starts, as the packages and the base image tell.

    `package` is what replaces the program of BusyBox by that of GNU.
    """
    places = ctx.once(_places, _Asked(stage, package))
    if places.gnu is not None and places.gnu <= command.span.start:
        return Maker.GNU
    if places.apk is not None and places.apk <= command.span.start:
        return Maker.BUSYBOX
    return _of_base(stage, ctx)


def _places(asked: _Asked, ctx: RuleContext) -> _Places:
    """What a stage is FROM stands above it, so places in the file tell what comes first."""
    apk = None
    for step in image_steps(ctx.model, asked.stage):
        for done in package_steps(Placed(step.node, step), ctx):
            if done.family in _GNU_FAMILIES or _brings(done, asked.package):
                return _Places(done.command.span.start, apk)
            if apk is None and done.family == "apk":
                apk = done.command.span.start
    return _Places(None, apk)


def _brings(step: PackageStep, package: str) -> bool:
    """Whether a step installs a package."""
    return step.action.action is Action.INSTALL and any(
        package_name(word.text or "") == package for word in step.action.packages
    )


def _of_base(stage: Stage, ctx: RuleContext) -> Maker:
    reference = ctx.model.chain(stage)[0].base.reference
    if reference is None:
        return Maker.UNKNOWN
    name = usual_name(reference)
    if name in _BUSYBOX or "alpine" in reference.tag:
        return Maker.BUSYBOX
    return Maker.GNU if name in DISTRIBUTIONS else Maker.UNKNOWN
