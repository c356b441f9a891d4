"""What the RUNs of a file download, for the rules about downloads."""

from __future__ import annotations

import re
from enum import Enum

from dockerlint.finding import Edit
from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Stage
from dockerlint.shell.directories import HOME, absolute
from dockerlint.shell.downloads import Transfer, transfer_of
from dockerlint.shell.managers import Action
from dockerlint.shell.options import Flag
from dockerlint.shell.script import Command, Word
from dockerlint.source import Source, Span
from dockerlint.syntax.tree import Healthcheck, Run, StartCommand
from dockerlint_rules._build_tools import package_name
from dockerlint_rules._images import DISTRIBUTIONS
from dockerlint_rules._labels import image_steps
from dockerlint_rules._runs import Placed, package_steps

#: Stands for a directory that is not known.
_SOMEWHERE = "/?"
_LOOPBACK = re.compile(
    r"(?:[a-z]+://)?(?:[^/@]*@)?(?:localhost|127(?:\.[0-9]{1,3}){3}|0\.0\.0\.0|\[::1?\]|::1)(?:[:/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@\s]*@)?(?P<host>\[[^\]]*\]|[^/:?#@\s]+)")
_BUSYBOX = frozenset({"alpine", "busybox"})
_GNU_FAMILIES = frozenset({"apt-get", "yum", "zypper", "pacman"})


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


def host_of(url: Word) -> str | None:
    """The host of a URL that may be followed by parts that are not static; None if the host itself is not known."""
    text = url.text if url.text is not None else url.prefix
    match = _HOST.match(text)
    if match is None or (url.text is None and match.end() == len(text)):
        return None
    return match["host"].lower()


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


class Wget(Enum):
    """Which program `wget` is."""

    GNU = "GNU"
    BUSYBOX = "BusyBox"
    UNKNOWN = "unknown"


def wget_at(command: Command, placed: Placed, stage: Stage, ctx: RuleContext) -> Wget:
    """Which wget a command of an instruction starts, as the packages and the base image tell."""
    uses_apk = False
    for step in image_steps(ctx.model, stage):
        is_here = step is placed.step
        for done in package_steps(placed if is_here else Placed(step.node, step), ctx):
            if is_here and done.command.span.start > command.span.start:
                break
            packages = {package_name(word.text or "") for word in done.action.packages}
            if done.family in _GNU_FAMILIES or (done.action.action is Action.INSTALL and "wget" in packages):
                return Wget.GNU
            uses_apk = uses_apk or done.family == "apk"
        if is_here:
            break
    return Wget.BUSYBOX if uses_apk else _wget_of_base(stage, ctx)


def _wget_of_base(stage: Stage, ctx: RuleContext) -> Wget:
    reference = ctx.model.chain(stage)[0].base.reference
    if reference is None:
        return Wget.UNKNOWN
    name = usual_name(reference)
    if name in _BUSYBOX or "alpine" in reference.tag:
        return Wget.BUSYBOX
    return Wget.GNU if name in DISTRIBUTIONS else Wget.UNKNOWN


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
