"""Where an instruction sets file modes: `--chmod`, and chmod, install and mkdir in a RUN."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Step
from dockerlint.shell.options import Syntax, read_options
from dockerlint.shell.script import Command, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.modes import ModeAction, OctalMode, SymbolicMode, parse_mode
from dockerlint.syntax.tree import Instruction, Run, Transfer
from dockerlint_rules._values import value_of

_CHMOD_OPTION = re.compile(r"-[Rvcf]+|--[a-z-]+(?:=.*)?", re.DOTALL)
_MODE_OPTIONS = ("-m", "--mode")
_INSTALL = Syntax(valued=frozenset((*_MODE_OPTIONS, "-g", "--group", "-o", "--owner", "-S", "--suffix", "-t")))
_MKDIR = Syntax(valued=frozenset(_MODE_OPTIONS))


class ModeSetting(NamedTuple):
    """A mode that is given to files.

    `text` is the mode as written, at `span`; `paths` are those it is set on, as far as they are known.
    `makes_folder` says that they are folders. In symbolic modes, letters without `ugoa` before them are those of the
    user, where a file creation mask keeps them from others.
    """

    mode: OctalMode | SymbolicMode
    text: str
    span: Span
    paths: tuple[str, ...]
    makes_folder: bool = False

    def bits(self) -> int:
        """The permission bits of a usual program (0755) once the mode is set."""
        return self.mode.apply(0o755, self.makes_folder)


#: The programs whose modes are found here.
MODE_SETTERS = frozenset({"chmod", "install", "mkdir"})


def mode_settings(node: Instruction, ctx: RuleContext) -> Iterator[ModeSetting]:
    """The modes that an instruction sets, as far as they are known."""
    if ctx.step is None:
        return
    if isinstance(node, Transfer):
        yield from _of_flag(node, ctx.step)
    elif isinstance(node, Run):
        masked = True
        for command in ctx.script(node).commands:
            if command.name == "umask" and command.arguments:
                masked = bool((command.arguments[-1].text or "022").strip("0"))
            yield from _of_command(command, masked=masked)


def _of_flag(node: Transfer, step: Step) -> Iterator[ModeSetting]:
    flag = node.flag("chmod")
    if flag is None or flag.value is None:
        return
    text = value_of(step, flag.value)
    mode = None if text is None else parse_mode(text)
    if text is None or mode is None or isinstance(mode, Invalid):
        return
    destination = value_of(step, node.destination)
    # BuildKit applies the mode without a file creation mask.
    yield ModeSetting(mode, text, flag.value.span, () if destination is None else (destination,))


def _of_command(command: Command, *, masked: bool) -> Iterator[ModeSetting]:
    if command.name == "chmod":
        words = [word for word in command.arguments if not _CHMOD_OPTION.fullmatch(word.text or "")]
        given, paths = words[:1], tuple(words[1:])
    elif command.name in ("install", "mkdir"):
        options = read_options(command.arguments, _INSTALL if command.name == "install" else _MKDIR)
        given, paths = list(options.values(*_MODE_OPTIONS))[-1:], options.operands
    else:
        return
    for word in given:
        setting = _setting(word, paths, masked=masked)
        if setting is not None:
            folders = command.name == "mkdir" or any(word.text in ("-d", "--directory") for word in command.arguments)
            yield setting._replace(makes_folder=folders and command.name != "chmod")


def _setting(word: Word, paths: tuple[Word, ...], *, masked: bool) -> ModeSetting | None:
    mode = None if word.text is None else parse_mode(word.text)
    if mode is None or isinstance(mode, Invalid) or word.text is None:
        return None
    if isinstance(mode, SymbolicMode):
        mode = SymbolicMode(tuple(part for action in mode.actions for part in _as_chmod_does(action, masked=masked)))
    return ModeSetting(mode, word.text, word.span, tuple(path.text for path in paths if path.text is not None))


def _as_chmod_does(action: ModeAction, *, masked: bool) -> Iterator[ModeAction]:
    """An action in the words of BuildKit's reader.

    Without `ugoa`, chmod(1) leaves to others what the file creation mask keeps from them; and its `o+t` sets the
    sticky bit, which belongs to nobody in BuildKit's reader.
    """
    yield action._replace(who="u") if masked and not action.who and "w" in action.permissions else action
    if "t" in action.permissions and action.operator != "-":
        yield ModeAction("a", "+", "t")
