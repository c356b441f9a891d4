"""The steps of a stage in the order in which they run, and what their RUNs do with packages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Stage, Step
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Command, Reach
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.mounts import Mount, parse_mount
from dockerlint.syntax.tree import Instruction, Onbuild, Run

#: Managers that share one index and one set of installed packages.
_FAMILIES = {
    "aptitude": "apt-get",
    "dpkg": "apt-get",
    "dnf": "yum",
    "microdnf": "yum",
    "micromamba": "conda",
    "rpm": "yum",
    "tdnf": "yum",
}


class Placed(NamedTuple):
    """An instruction with its step, which is that of the ONBUILD for a trigger."""

    node: Instruction
    step: Step


class PackageStep(NamedTuple):
    """Something that a command does with packages."""

    command: Command
    action: PackageAction

    @property
    def family(self) -> str:
        """What the manager shares with others: `apt-get` for aptitude and dpkg as well, `yum` for dnf."""
        key = self.action.manager.key
        return _FAMILIES.get(key, key)

    @property
    def label(self) -> str:
        """The tool and its sub-command or first task: `apt-get install`, `mvn dependency:resolve`."""
        verb = self.action.verb_text
        if not verb and self.action.manager.repeatable:
            verb = next((word.text for word in self.action.options.operands if word.text), "")
        return f"{self.action.tool} {verb}".rstrip()


def is_shipped(ctx: RuleContext) -> bool:
    """Whether the file system of the stage that the rule looks at becomes part of the image."""
    return ctx.stage is not None and ctx.stage.index in ctx.model.shipped


def here(node: Instruction, ctx: RuleContext) -> Placed:
    """The instruction that a rule for one instruction looks at, with its step."""
    assert ctx.step is not None, "only instructions in a stage have a place in it"
    return Placed(node, ctx.step)


def sequences(stage: Stage, ctx: RuleContext) -> tuple[tuple[Placed, ...], ...]:
    """What runs one after the other: the stage's own instructions, and its triggers, which run in a child of it."""
    return ctx.once(_sequences, stage)


def _sequences(stage: Stage, _: RuleContext) -> tuple[tuple[Placed, ...], ...]:
    own = tuple(Placed(step.node, step) for step in stage.steps[1:] if not isinstance(step.node, Onbuild))
    triggers = tuple(Placed(step.node.trigger, step) for step in stage.steps[1:] if isinstance(step.node, Onbuild))
    return (own, triggers) if triggers else (own,)


def commands_of(placed: Placed, ctx: RuleContext) -> tuple[Command, ...]:
    """The commands of a RUN that run, or may run, if nothing fails; values of variables are put in where known."""
    return ctx.once(_commands_of, placed) if isinstance(placed.node, Run) else ()


def _commands_of(placed: Placed, ctx: RuleContext) -> tuple[Command, ...]:
    commands = ctx.commands(placed.node, placed.step)
    return tuple(command for command in commands if command.reach is not Reach.ON_FAILURE)


def actions_of(command: Command, ctx: RuleContext) -> tuple[PackageAction, ...]:
    """What a command does with packages (`package_actions`), found out once for all rules."""
    return ctx.scripts.actions(command)


def package_steps(placed: Placed, ctx: RuleContext) -> tuple[PackageStep, ...]:
    """What the commands of a RUN do with packages, in order."""
    return ctx.once(_package_steps, placed) if isinstance(placed.node, Run) else ()


def _package_steps(placed: Placed, ctx: RuleContext) -> tuple[PackageStep, ...]:
    return tuple(
        PackageStep(command, action)
        for command in commands_of(placed, ctx)
        for action in actions_of(command, ctx)
        if action.action is not Action.OTHER
    )


def mounts_of(placed: Placed) -> Iterator[Mount]:
    """The mounts of a RUN, as far as they can be read."""
    for flag in placed.node.flags:
        if flag.name == "mount" and flag.value is not None:
            mount = parse_mount(flag.value.text)
            if not isinstance(mount, Invalid):
                yield mount
