"""What BuildKit checks of an instruction alone, before any variable is expanded: flags, names, forbidden
combinations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dockerlint.finding import Severity
from dockerlint.syntax.booleans import parse_flag_bool
from dockerlint.syntax.durations import parse_interval
from dockerlint.syntax.flag_values import parse_device, parse_network, parse_retries, parse_security
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.keywords import FLAGS, IGNORES_FLAGS, REPEATABLE, FlagKind
from dockerlint.syntax.mounts import parse_mount
from dockerlint.syntax.nearest import nearest
from dockerlint.syntax.tree import (
    Arg,
    Flag,
    Form,
    From,
    Healthcheck,
    Instruction,
    KeyValues,
    Onbuild,
    Problem,
    Run,
    StartCommand,
    Transfer,
    Volume,
)

#: Instructions that may not be the trigger of an ONBUILD.
NEVER_A_TRIGGER = frozenset({"ONBUILD", "FROM", "MAINTAINER"})

_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*")


def check_instruction(node: Instruction) -> list[Problem]:
    """The problems of a well-formed instruction, in the order in which they stand."""
    return [*_check_flags(node), *_check_node(node)]


def _check_node(node: Instruction) -> Iterator[Problem]:
    for kind, check in _CHECKS:
        if isinstance(node, kind):
            yield from check(node)


def _check_from(node: From) -> Iterator[Problem]:
    name = node.stage_name
    if name is not None and not _STAGE_NAME.fullmatch(name.text.lower()):
        message = (
            f"stage name {quoted(name.text)} is not valid: it must begin with a letter, "
            "and go on with letters, digits, '-', '_' and '.' only"
        )
        yield Problem("DL1015", name.span, message)


def _check_arg(node: Arg) -> Iterator[Problem]:
    for declaration in node.declarations:
        if not declaration.name.text:
            yield Problem("DL1021", declaration.span, "ARG has a default without a name: write NAME=default")


def _check_key_values(node: KeyValues) -> Iterator[Problem]:
    for pair in node.pairs:
        if not pair.key.text:
            yield Problem("DL1021", pair.span, f"{node.name} has a value without a name: write NAME=value")


def _check_volume(node: Volume) -> Iterator[Problem]:
    for path in node.paths:
        if not path.text.strip():
            yield Problem("DL1005", path.span, "VOLUME has an empty path: name a directory, or drop it")


def _check_transfer(node: Transfer) -> Iterator[Problem]:
    marker = node.destination.span
    if any(heredoc.marker.holds(marker) for heredoc in node.heredocs):
        yield Problem("DL1022", marker, f"{node.name} has a heredoc as its destination: add the path to write to")


def _check_onbuild(node: Onbuild) -> Iterator[Problem]:
    name = node.trigger.name
    if name in NEVER_A_TRIGGER:
        yield Problem("DL3043", node.trigger.keyword.span, f"ONBUILD cannot trigger {name}: remove it")


def _check_command(node: Run | StartCommand) -> Iterator[Problem]:
    if any(flag.name not in FLAGS.get(node.name, {}) for flag in node.flags):
        # A flag that is not known was meant as the command, or as a part of it.
        return
    if node.command.form is Form.NONE and not node.heredocs:
        what = "runs a shell with nothing to do" if isinstance(node, Run) else "stores a shell with nothing to do"
        message = f"{node.name} without a command {what}: add one, or remove the line"
        yield Problem("DL1005", node.keyword.span, message, fatal=False, severity=Severity.WARNING)


def _check_healthcheck(node: Healthcheck) -> Iterator[Problem]:
    if node.command is not None and node.command.form is Form.EXEC and not node.command.words:
        yield Problem("DL1018", node.kind.span, "HEALTHCHECK CMD has no command: add one")


_CHECKS: tuple[tuple[type[Instruction] | tuple[type[Instruction], ...], Callable[..., Iterator[Problem]]], ...] = (
    (From, _check_from),
    (Arg, _check_arg),
    (KeyValues, _check_key_values),
    (Volume, _check_volume),
    (Transfer, _check_transfer),
    (Onbuild, _check_onbuild),
    ((Run, StartCommand), _check_command),
    (Healthcheck, _check_healthcheck),
)


def _check_flags(node: Instruction) -> Iterator[Problem]:
    if not node.flags or (isinstance(node, Healthcheck) and node.command is None):
        return
    if node.name in IGNORES_FLAGS:
        for flag in node.flags:
            message = f"{node.name} has no flags: the builder drops {quoted(flag.text)} without a word"
            yield Problem("DL1003", flag.span, message, fatal=False, severity=Severity.WARNING)
        return
    known = FLAGS.get(node.name, {})
    seen: set[str] = set()
    for flag in node.flags:
        kind = known.get(flag.name)
        if kind is None:
            yield _unknown_flag(node, flag, known)
            continue
        if flag.name in seen and kind not in REPEATABLE:
            message = f"flag {_shown(flag)} is given twice: {node.name} takes it once"
            yield Problem("DL1004", flag.span, message)
        seen.add(flag.name)
        yield from _check_value(flag, kind)


def _unknown_flag(node: Instruction, flag: Flag, known: dict[str, FlagKind]) -> Problem:
    near = nearest(flag.name, known)
    others = [name for name, flags in FLAGS.items() if flag.name in flags]
    if near:
        hint = f"did you mean --{near}?"
    elif others:
        hint = f"only {' and '.join(others)} {'has' if len(others) == 1 else 'have'} it"
    elif known:
        hint = "it has " + ", ".join(f"--{name}" for name in sorted(known))
    elif isinstance(node, StartCommand):
        hint = "write a JSON array to hand it to the program"
    else:
        return Problem("DL1003", flag.span, f"{node.name} takes no flags: remove {quoted(flag.text)}")
    return Problem("DL1003", flag.span, f"{node.name} has no flag {_shown(flag)}: {hint}")


def _shown(flag: Flag) -> str:
    return quoted(f"--{flag.name}")


def _check_value(flag: Flag, kind: FlagKind) -> Iterator[Problem]:
    read = _READERS.get(kind)
    if flag.value is None:
        if kind is not FlagKind.BOOLEAN:
            message = f"flag {_shown(flag)} has no value: write --{flag.name}=VALUE"
            yield Problem("DL1004", flag.span, message)
        return
    value = read(flag.value.text) if read is not None else None
    if isinstance(value, Invalid):
        yield Problem(
            _value_code(kind, value),
            flag.value.span_of(value.start, value.end),
            f"flag '--{flag.name}': {value.reason}",
        )


def _value_code(kind: FlagKind, value: Invalid) -> str:
    if kind is FlagKind.MOUNTS:
        return "DL1017"
    return "DL1018" if kind is FlagKind.DURATION and value.kind == "range" else "DL1004"


_READERS: dict[FlagKind, Callable[[str], object]] = {
    FlagKind.BOOLEAN: parse_flag_bool,
    FlagKind.COUNT: parse_retries,
    FlagKind.DEVICES: parse_device,
    FlagKind.DURATION: parse_interval,
    FlagKind.MOUNTS: parse_mount,
    FlagKind.NETWORK: parse_network,
    FlagKind.SECURITY: parse_security,
}
