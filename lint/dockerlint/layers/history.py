"""The history text of each instruction, and whether it makes a layer, as BuildKit writes them.

RUN, COPY and ADD always make a layer, WORKDIR unless the directory in force becomes exactly `/`; everything
else only changes the configuration. ONBUILD leaves no entry. The texts are those of the frontend that is
built into engine 28.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dockerlint.layers.go_text import quote_list, quote_rune
from dockerlint.semantics.stages import Step
from dockerlint.syntax.durations import format_duration, parse_interval
from dockerlint.syntax.flag_values import parse_retries
from dockerlint.syntax.heredocs import Marker, read_marker
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.ports import PortSpec, parse_port
from dockerlint.syntax.tree import (
    Arg,
    CommandLine,
    Copy,
    Expose,
    Form,
    Healthcheck,
    Heredoc,
    Instruction,
    KeyValues,
    Maintainer,
    Run,
    Shell,
    StartCommand,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Word,
    Workdir,
)
from dockerlint.syntax.words import expand_words
from dockerlint.unknown import Unknown

_MARK = " # buildkit"
_MOST_PORTS = 131_072


class _Text:
    """Collects the words of one entry; `exact` turns False when a value is not known and stands as written."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.exact = True

    def value(self, word: Word) -> str:
        value = self.step.expand(word).value
        if isinstance(value, Unknown):
            self.exact = False
            return word.text
        return value

    def values(self, words: Iterable[Word]) -> list[str]:
        return [self.value(word) for word in words]


def history_text(step: Step) -> tuple[str, bool] | None:
    """The `created_by` of a step and whether it is exact, or None where the step leaves no entry."""
    text = _Text(step)
    for kind, write in _WRITERS:
        if isinstance(step.node, kind):
            created_by = write(text, step.node)
            return (created_by, text.exact)
    return None


def makes_layer(step: Step) -> bool:
    """Whether the step adds a layer to the image."""
    if isinstance(step.node, (Run, Transfer)):
        return True
    return isinstance(step.node, Workdir) and step.after.workdir != "/"


def start_words(command: CommandLine, step: Step) -> tuple[str, ...]:
    """The words that CMD and ENTRYPOINT store: the array, or the shell in force with the text as its last
    word.
    """
    if command.form is Form.EXEC:
        return tuple(word.text for word in command.words)
    return (*step.before.shell, "" if command.script is None else command.script.text)


def healthcheck_words(node: Healthcheck) -> tuple[str, ...]:
    """The test that HEALTHCHECK stores; its first word says how the rest is run."""
    if node.command is None:
        return ("NONE",)
    if node.command.form is Form.EXEC:
        return ("CMD", *(word.text for word in node.command.words))
    return ("CMD-SHELL", "" if node.command.script is None else node.command.script.text)


def healthcheck_times(node: Healthcheck) -> dict[str, int]:
    """Interval, timeout, start period and start interval in nanoseconds, 0 where not given."""
    times = {}
    for name in ("interval", "timeout", "start-period", "start-interval"):
        flag = node.flag(name) if node.command is not None else None
        value = parse_interval(flag.value.text) if flag is not None and flag.value is not None else 0
        times[name] = 0 if isinstance(value, Invalid) else value
    return times


def healthcheck_retries(node: Healthcheck) -> int:
    """The number of retries, 0 where not given."""
    flag = node.flag("retries") if node.command is not None else None
    value = parse_retries(flag.value.text) if flag is not None and flag.value is not None else 0
    return 0 if isinstance(value, Invalid) else value


def exposed_ports(step: Step, node: Expose) -> list[str]:
    """The ports as `NUMBER/PROTOCOL`: arguments in the order of their text, ranges written out, repetitions kept.

    No more than `_MOST_PORTS` are written out: a short line can name any number of them.
    """
    ports: list[str] = []
    for word in sorted(node.ports, key=lambda port: port.text):
        expansion = expand_words(word.text, step.before.environment, escape=step.escape, windows=step.windows)
        for part in expansion.words:
            port = part.value if isinstance(part.value, Unknown) else parse_port(part.value)
            if isinstance(port, PortSpec) and len(ports) + port.last - port.first < _MOST_PORTS:
                ports += port.expanded()
    return ports


def _run(text: _Text, node: Run) -> str:
    args = [f"{name}={_known(text, text.step.before.environment.get(name, ''))}" for name in text.step.before.args]
    words = [f"|{len(args)}", *args] if args else []
    if node.command.form is Form.EXEC:
        words += [word.text for word in node.command.words]
    else:
        words += [*text.step.before.shell, script_text(node, windows=text.step.windows)]
    return "RUN " + " ".join(words) + _MARK


def _known(text: _Text, value: str | Unknown) -> str:
    if isinstance(value, Unknown):
        text.exact = False
        return ""
    return value


def script_text(node: Run, *, windows: bool) -> str:
    """The script that a shell-form RUN hands to its shell, heredocs put back where the shell reads them
    itself.

    A sole heredoc is the script; one that begins with `#!` is stored as a file and run.
    """
    line = "" if node.command.script is None else node.command.script.text
    if not node.heredocs:
        return line
    if isinstance(read_marker(line), Marker):
        heredoc = node.heredocs[0]
        if heredoc.content.startswith("#!") and not windows:
            return f"/dev/pipes/{heredoc.name}"
        return _without_tabs(heredoc)
    return line + "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in node.heredocs)


def _without_tabs(heredoc: Heredoc) -> str:
    if not heredoc.strip_tabs:
        return heredoc.content
    return "".join(line.lstrip("\t") for line in heredoc.content.splitlines(keepends=True))


def _transfer(text: _Text, node: Transfer) -> str:
    words = ["COPY" if isinstance(node, Copy) else "ADD"]
    if node.flag_is_on("parents"):
        words.append("--parents")
    for name in ("chown", "chmod"):
        flag = node.flag(name)
        if flag is not None and flag.value is not None and (value := text.value(flag.value)):
            words.append(f"--{name}={value}")
    markers = {heredoc.marker: heredoc for heredoc in node.heredocs}
    words += text.values(source for source in node.sources if source.span not in markers)
    words += [f"<<{heredoc.name}" for heredoc in node.heredocs]
    words.append(text.value(node.destination))
    return " ".join(words) + _MARK


def _pairs(text: _Text, node: KeyValues) -> str:
    return " ".join([node.name, *(f"{text.value(pair.key)}={text.value(pair.value)}" for pair in node.pairs)])


def _arg(text: _Text, node: Arg) -> str:
    words = ["ARG"]
    for declaration in node.declarations:
        name = declaration.name.text
        value = text.step.after.args.get(name)
        words.append(name if value is None else f"{name}={_known(text, value)}")
    return " ".join(words)


def _workdir(text: _Text, node: Workdir) -> str:
    directory = text.step.after.workdir
    if isinstance(directory, Unknown):
        text.exact = False
        return f"WORKDIR {text.value(node.path)}"
    return f"WORKDIR {directory}"


def _healthcheck(_: _Text, node: Healthcheck) -> str:
    times = " ".join(f'"{format_duration(time)}"' for time in healthcheck_times(node).values())
    return f"HEALTHCHECK &{{{quote_list(healthcheck_words(node))} {times} {quote_rune(healthcheck_retries(node))}}}"


def _start(text: _Text, node: StartCommand) -> str:
    return f"{node.name} {quote_list(start_words(node.command, text.step))}"


#: How each kind of instruction is written; what is not here leaves no entry of its own.
_WRITERS: tuple[tuple[type[Instruction], Callable[[_Text, Any], str]], ...] = (
    (Run, _run),
    (Transfer, _transfer),
    (KeyValues, _pairs),
    (Arg, _arg),
    (Workdir, _workdir),
    (StartCommand, _start),
    (Healthcheck, _healthcheck),
    (User, lambda text, node: f"USER {text.value(node.user)}"),
    (Volume, lambda text, node: f"VOLUME [{' '.join(text.values(node.paths))}]"),
    (Expose, lambda text, node: f"EXPOSE [{' '.join(exposed_ports(text.step, node))}]"),
    (Stopsignal, lambda text, node: f"STOPSIGNAL {text.value(node.signal)}"),
    (Shell, lambda _, node: f"SHELL [{' '.join(word.text for word in node.words)}]"),
    (Maintainer, lambda _, node: f"MAINTAINER {node.maintainer.text}"),
)
