"""Settings of package managers that an image has from files: those of apt, dnf, yum and zypper.

A file whose text is not known, since it is copied or downloaded, may hold any setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Stage
from dockerlint.shell.script import Command
from dockerlint.syntax.tree import Run, Transfer
from dockerlint_rules._runs import Placed, commands_of, sequences
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of
from dockerlint_rules._written import as_written, written


class Setting(Enum):
    """What a settings file may say."""

    APT_ASSUME_YES = auto()
    APT_NO_RECOMMENDS = auto()
    APT_SNAPSHOT = auto()
    """The sources are those of one day, so that versions do not change."""
    RPM_ASSUME_YES = auto()
    RPM_NO_WEAK_DEPENDENCIES = auto()
    ZYPPER_NO_RECOMMENDS = auto()


class _Place(NamedTuple):
    """A setting and the offset in the file from which on it holds."""

    setting: Setting
    offset: int


_TRUE = "(?:1|true|yes|on|with|enable)"
_FALSE = "(?:0|false|no|off|without|disable)"

#: Settings by the files that hold them (the start of their path) and the text that sets them.
_TEXTS: tuple[tuple[str, Setting, re.Pattern[str]], ...] = tuple(
    (path, setting, re.compile(pattern, re.IGNORECASE | re.MULTILINE))
    for path, setting, pattern in (
        ("/etc/apt/apt.conf", Setting.APT_ASSUME_YES, rf'assume-yes\s*"?{_TRUE}\b'),
        ("/etc/apt/apt.conf", Setting.APT_NO_RECOMMENDS, rf'install-recommends\s*"?{_FALSE}\b'),
        ("/etc/apt/apt.conf", Setting.APT_SNAPSHOT, r"apt::snapshot\b"),
        (
            "/etc/apt/sources.list",
            Setting.APT_SNAPSHOT,
            r"\bsnapshot(?:-cloudflare)?\.(?:debian|ubuntu)\.(?:org|com)\b",
        ),
        ("/etc/yum.conf", Setting.RPM_ASSUME_YES, rf"^\s*assumeyes\s*=\s*{_TRUE}\b"),
        ("/etc/yum.conf", Setting.RPM_NO_WEAK_DEPENDENCIES, rf"^\s*install_weak_deps\s*=\s*{_FALSE}\b"),
        ("/etc/zypp/zypp.conf", Setting.ZYPPER_NO_RECOMMENDS, rf"^\s*solver\.onlyrequires\s*=\s*{_TRUE}\b"),
    )
)

#: Other places of the settings of dnf and yum.
_LIKE_YUM = ("/etc/yum/", "/etc/dnf/", "/etc/tdnf/", "/usr/share/dnf5/")

# Sources of packages are seldom those of one day.
_IN_ANY_FILE = frozenset(Setting) - {Setting.APT_SNAPSHOT}

_COPYING = names("cp curl install ln mv wget")
_CONFIGURING = names("config-manager yum-config-manager")


def settings_before(command: Command, ctx: RuleContext) -> frozenset[Setting]:
    """The settings that hold, or may hold, when a command of the stage that is looked at runs."""
    stage = ctx.stage
    if stage is None:
        return frozenset()
    inherited = _inherited(stage, ctx.once(_at_ends, ctx.model))
    own = ctx.once(_made, stage)
    if not own:
        return inherited
    return inherited.union(place.setting for place in own if place.offset < command.span.start)


def _at_ends(model: Model, ctx: RuleContext) -> Mapping[int, frozenset[Setting]]:
    """What holds at the end of each stage, by its index; a stage comes below the one that it is FROM."""
    ends: dict[int, frozenset[Setting]] = {}
    for stage in model.stages:
        ends[stage.index] = _inherited(stage, ends).union(place.setting for place in ctx.once(_made, stage))
    return ends


def _inherited(stage: Stage, ends: Mapping[int, frozenset[Setting]]) -> frozenset[Setting]:
    """What a stage takes over from the one that it is FROM."""
    if stage.base.kind is not SourceKind.STAGE or stage.base.stage is None:
        return frozenset()
    return ends.get(stage.base.stage, frozenset())


def _made(stage: Stage, ctx: RuleContext) -> tuple[_Place, ...]:
    """What the instructions of a stage set, or may set."""
    return tuple(
        _Place(setting, offset)
        for sequence in sequences(stage, ctx)
        for placed in sequence
        for setting, offset in _settings(placed, ctx)
    )


def _settings(placed: Placed, ctx: RuleContext) -> Iterator[tuple[Setting, int]]:
    node = placed.node
    if isinstance(node, Transfer):
        destination = value_of(placed.step, node.destination)
        if destination is not None and not node.heredocs:
            yield from ((setting, node.span.start) for setting in _of_file(destination))
    if isinstance(node, (Run, Transfer)):
        for text in written(placed, ctx):
            content = "\n".join(line.text for line in text.lines)
            offset = node.span.start if text.command is None else text.command.span.start
            yield from ((setting, offset) for setting in _of_file(text.path, content))
    for command in commands_of(placed, ctx):
        yield from ((setting, command.span.start) for setting in _of_command(command))


def _of_command(command: Command) -> Iterator[Setting]:
    """What a command may set by writing a file of its own, or by the tool for settings."""
    if command.name in _COPYING:
        for word in command.arguments:
            yield from _of_file(as_written(word))
    elif command.name in _CONFIGURING or (
        command.arguments and command.name in ("dnf", "yum") and command.arguments[0].text in _CONFIGURING
    ):
        for word in command.arguments:
            yield from _of_file("/etc/yum.conf", as_written(word).removeprefix("--setopt="))


def _of_file(path: str, content: str | None = None) -> Iterator[Setting]:
    """The settings in a file, or those that it may hold if its content is not known."""
    if path.startswith(_LIKE_YUM):
        path = "/etc/yum.conf"
    for start, setting, pattern in _TEXTS:
        if path.startswith(start) and (setting in _IN_ANY_FILE if content is None else pattern.search(content)):
            yield setting
