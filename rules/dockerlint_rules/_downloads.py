"""What the RUNs of a file download, for the rules about downloads."""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from dockerlint.finding import Edit
from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Stage
from dockerlint.shell.directories import HOME, absolute
from dockerlint.shell.downloads import Transfer, transfer_of
from dockerlint.shell.options import Flag, Syntax, names, read_options
from dockerlint.shell.script import Command, Expansion, Word
from dockerlint.shell.verifications import verifies
from dockerlint.source import Source, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Healthcheck, Run, StartCommand
from dockerlint.syntax.tree import Transfer as Copying
from dockerlint_rules._labels import image_steps
from dockerlint_rules._runs import Placed
from dockerlint_rules._values import value_of
from dockerlint_rules._written import Written, written

#: What the names of keys, certificates and signatures end with: downloads that serve to verify others.
KEY_FILES = (".asc", ".cer", ".crt", ".gpg", ".key", ".minisig", ".pem", ".pub", ".sig", ".sigstore")

#: Stands for a directory that is not known.
_SOMEWHERE = "/?"
_LOOPBACK = re.compile(
    r"(?:[a-z]+://)?(?:[^/@]*@)?(?:localhost|127(?:\.[0-9]{1,3}){3}|0\.0\.0\.0|\[::1?\]|::1)(?:[:/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
#: The options before the sub-command of git.
GIT_SYNTAX = Syntax(valued=names("-c -C --git-dir --work-tree --namespace --config-env --exec-path"))
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@\s]*@)?(?P<host>\[[^\]]*\]|[^/:?#@\s]+)")
_LOGIN = re.compile(r"//[^/@\s]*@")
_PRIVATE_NAMES = (".corp", ".home", ".internal", ".intranet", ".invalid", ".lan", ".local", ".localdomain", ".test")
_PRIVATE_ADDRESS = re.compile(r"(?:10|192\.168|172\.(?:1[6-9]|2[0-9]|3[01])|169\.254|127)(?:\.[0-9]{1,3}){1,3}")


def transfers(placed: Placed, ctx: RuleContext) -> tuple[Transfer, ...]:
    """The commands of a RUN, HEALTHCHECK, CMD or ENTRYPOINT that are called to download, in order.

    Those that only the failure of another one brings about are among them: `curl URL || wget URL`.
    """
    return ctx.once(_transfers, placed)


def _transfers(placed: Placed, ctx: RuleContext) -> tuple[Transfer, ...]:
    if not isinstance(placed.node, (Run, Healthcheck, StartCommand)):
        return ()
    found = (transfer_of(command) for command in ctx.commands(placed.node, placed.step))
    return tuple(transfer for transfer in found if transfer is not None)


def is_verified(placed: Placed, ctx: RuleContext) -> bool:
    """Whether a RUN verifies a checksum or a signature of something."""
    return ctx.once(_is_verified, placed)


def _is_verified(placed: Placed, ctx: RuleContext) -> bool:
    return any(verifies(command) for command in ctx.commands(placed.node, placed.step))


def host_of(url: Word) -> str | None:
    """The host of a URL that may be followed by parts that are not static; None if the host itself is not known."""
    text = url.text if url.text is not None else url.prefix
    match = _HOST.match(text)
    if match is None or (url.text is None and match.end() == len(text)):
        return None
    return match["host"].lower()


def path_of(url: Word) -> str:
    """The path of a URL as far as it is static, with its first slash; variables in it as `${NAME}`."""
    return "/" + (url.template or url.prefix).rpartition("://")[2].partition("/")[2]


def shown_url(text: str) -> str:
    """A URL in quotes for a message, without quotes of its own and without a login, which may be a secret."""
    return quoted(_LOGIN.sub("//…@", text.strip("\"'")))


def git_call(command: Command) -> tuple[str | None, tuple[Word, ...]]:
    """The sub-command of git that a command calls, None if there is none, and the words behind it."""
    words = read_options(command.arguments, GIT_SYNTAX, until_operand=True).operands
    return (words[0].text, words[1:]) if words else (None, ())


def is_loopback(url: str) -> bool:
    """Whether a URL, with or without its scheme, is one of the machine itself."""
    return _LOOPBACK.fullmatch(url) is not None


def located(path: str | None, directory: str | None) -> str | None:
    """The place of a path that may hold variables (`Word.template`), seen from a directory, to be compared with others.

    What an unknown directory holds has a place of its own kind, which is the same for all such directories.
    """
    if path is None:
        return None
    # A variable at the start stands for a folder of whatever place.
    return absolute(f"/{path}" if path.startswith("${") else path, directory or _SOMEWHERE)


def is_somewhere(place: str) -> bool:
    """Whether a place depends on a directory that is not known."""
    return place.startswith((_SOMEWHERE, "/${", HOME))


class Settings(NamedTuple):
    """Where a program has its settings: the names of its files, the variable that leads to another one, and the lines
    that count.
    """

    files: frozenset[str]
    variable: str
    lines: re.Pattern[str]


def is_configured(command: Command, settings: Settings, ctx: RuleContext) -> bool:
    """Whether a program may have been given such settings before a command of the instruction at hand."""
    if ctx.stage is None or ctx.step is None:
        return False
    if settings.variable in ctx.step.before.environment:
        return True
    place = ctx.once(_configured_at, _Configured(ctx.stage, settings))
    return place is not None and place < command.span.start


class _Configured(NamedTuple):
    stage: Stage
    settings: Settings


def _configured_at(asked: _Configured, ctx: RuleContext) -> int | None:
    """The place in the file from which on the image of a stage has the settings; None if it never gets them."""
    for step in image_steps(ctx.model, asked.stage):
        node = step.node
        if isinstance(node, Copying):
            values = (value_of(step, word) or "" for word in (*node.sources, node.destination))
            if any(posixpath.basename(value) in asked.settings.files for value in values):
                return node.span.start
        for text in written(Placed(node, step), ctx):
            if posixpath.basename(text.path) in asked.settings.files and _has_line(text, asked.settings):
                return node.span.start if text.command is None else text.command.span.start
    return None


def _has_line(text: Written, settings: Settings) -> bool:
    return any(settings.lines.fullmatch(line.text) is not None for line in text.lines)


def is_private(url: str) -> bool:
    """Whether a URL is one of the machine itself or of a network that is not public, or its host is not known."""
    match = _HOST.match(url)
    host = "" if match is None else match["host"].lower()
    if "." not in host or "$" in host or is_loopback(url):
        return True
    return host.endswith(_PRIVATE_NAMES) or _PRIVATE_ADDRESS.fullmatch(host) is not None


def may_have_more_options(transfer: Transfer) -> bool:
    """Whether a variable may hold options: one that stands alone beside other operands, without quotes."""
    operands = transfer.options.operands
    return len(operands) > 1 and any(
        len(word.parts) == 1 and isinstance(word.parts[0], Expansion) and not word.parts[0].quoted for word in operands
    )


def without_flag(flag: Flag, source: Source) -> Edit | None:
    """An edit that takes an option without a value out of a command; None where that is not what is written there."""
    word = flag.word
    if source.slice(word.span) != word.text:
        return None
    if word.text != flag.name and not word.text.startswith("--"):
        at = word.span.start + word.text.index(flag.name[1:], 1)
        return Edit(Span(at, at + len(flag.name) - 1), "")
    start = word.span.start
    while start > 0 and source.text[start - 1] in " \t":
        start -= 1
    return Edit(Span(start, word.span.end), "")
