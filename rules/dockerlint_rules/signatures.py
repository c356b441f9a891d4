"""Signatures, the keys they are made with, and checksums: how a build verifies what it fetches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.options import NO_VALUES, Syntax, names, read_options
from dockerlint.shell.script import Command, Word
from dockerlint.shell.verifications import SUM_TOOLS
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._busybox import Maker, maker_at
from dockerlint_rules._downloads import is_private, shown_url
from dockerlint_rules._edits import add_argument
from dockerlint_rules._runs import here
from dockerlint_rules._written import Line, as_written, said, written

_GPG = ("gpg", "gpg1", "gpg2")
_GPG_SYNTAX = Syntax(
    valued=names(
        "--homedir --keyring --keyserver --keyserver-options --options --output -o --passphrase --passphrase-fd"
        " --passphrase-file --pinentry-mode --primary-keyring --secret-keyring --status-fd --status-file"
        " --trust-model -u --local-user -r --recipient"
    )
)
_ASKING = names(
    "--delete-keys --delete-secret-keys --fetch-keys --full-generate-key --gen-key --generate-key --import"
    " --lsign-key --quick-gen-key --quick-generate-key --receive-keys --recv --recv-key --recv-keys --refresh-keys"
    " --sign-key --verify"
)
_QUIET = ("--batch", "--no-tty")
_RECEIVING = names("--recv --recv-key --recv-keys --receive-keys")
_SHORT_ID = re.compile(r"(?:0x)?[0-9A-Fa-f]{8}")
_SAYING = ("echo", "printf")
_ONE_BLANK = re.compile(r"(?P<sum>[0-9A-Fa-f]{32,128}|\$\{?\w+\}?) (?P<name>[^\s*].*)")


class _Sum(NamedTuple):
    """A line for a program that tests checksums, and the command that writes it."""

    line: Line
    writer: Command | None


@rule(
    "DL7045",
    "weak-key-import",
    on=Run,
    programs=(*_GPG, "apt-key", "pacman-key", "rpm", "rpmkeys"),
    severity=Severity.INFO,
    aliases=("parfum/gpgUseHaPools",),
    tags=("security", "packages"),
)
def weak_key_import(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A key for signatures comes in a way in which it can be exchanged, or is trusted too far.

    ## Why
    For a key number of eight digits anybody can make another key with the same number, and has done so for many keys:
    what is signed with it then passes as genuine. Over plain HTTP the key itself can be exchanged on the way. Only the
    whole fingerprint says which key is meant.

    A key that `apt-key` adds is trusted for all repositories, that of Debian included. It is gone in current releases
    of Debian and Ubuntu: a key belongs into `/etc/apt/keyrings`, and the line of its repository names it with
    `signed-by`.

    ## Bad
        FROM debian:12-slim
        RUN gpg --batch --keyserver keyserver.ubuntu.com --recv-keys 7F0CEB10

    ## Good
        FROM debian:12-slim
        RUN gpg --batch --keyserver keyserver.ubuntu.com --recv-keys 492EAFE8CD016A07919F1D2B9ECBEC467F0CEB10

    ## See
    - https://manpages.debian.org/bookworm/apt/apt-key.8.en.html
    - https://www.gnupg.org/documentation/manuals/gnupg/Specify-a-User-ID.html
    """
    for command in ctx.commands(node):
        if command.name in _GPG or command.name in ("apt-key", "pacman-key"):
            for word in _short_ids(command):
                message = (
                    f"{quoted(as_written(word))} may be the number of another key, too: give the whole fingerprint"
                )
                yield ctx.finding(word.span, message)
        for word in _keys_over_http(command):
            message = f"the key from {shown_url(as_written(word))} comes without encryption: use https"
            yield ctx.finding(word.span, message)
        verb = command.arguments[0].text if command.arguments else None
        if command.name == "apt-key" and verb in ("add", "adv") and command.program is not None:
            message = "apt-key trusts the key for all repositories, and is gone in new releases: use 'signed-by'"
            yield ctx.finding(command.program.span, message)


@rule(
    "DL8033",
    "interactive-gpg",
    on=Run,
    programs=_GPG,
    severity=Severity.INFO,
    aliases=("parfum/gpgUseBatchFlag",),
    tags=("shell",),
)
def interactive_gpg(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The command gpg works with keys without `--batch`, and may ask what nobody answers.

    ## Why
    Without `--batch`, gpg is made for people: it may ask, it opens `/dev/tty`, which a build does not have, and some of
    its errors do not fail the command. The manual says that scripts must use `--batch`.

    ## Bad
        FROM debian:12-slim
        RUN gpg --verify tool.tar.gz.asc tool.tar.gz

    ## Good
        FROM debian:12-slim
        RUN gpg --batch --verify tool.tar.gz.asc tool.tar.gz

    ## See
    https://www.gnupg.org/documentation/manuals/gnupg/Unattended-Usage-of-GPG.html
    """
    for command in ctx.commands(node):
        if command.name not in _GPG or command.program is None:
            continue
        options = read_options(command.arguments, _GPG_SYNTAX)
        asking = next((flag for flag in options.flags if flag.name in _ASKING), None)
        if asking is not None and not options.has(*_QUIET):
            edit = add_argument(ctx.source, node, command.program, "--batch")
            fix = None if edit is None else Fix("add --batch", Safety.SAFE, (edit,))
            message = f"'{command.name} {asking.name}' may ask, or look for a terminal: add '--batch'"
            yield ctx.finding(command.program.span, message, fix=fix)


@rule(
    "DL8034",
    "malformed-checksum-line",
    on=Run,
    programs=SUM_TOOLS,
    severity=Severity.WARNING,
    aliases=("parfum/sha256sumEchoOneSpaces",),
    tags=("shell",),
)
def malformed_checksum_line(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A line for sha256sum has one blank between the checksum and the name, where two belong.

    ## Why
    The format is the checksum, a blank, a second blank or `*`, and the name. The programs of BusyBox, which Alpine has,
    refuse a line with one blank, and the build fails. Those of GNU accept it: nothing is reported where they read the
    line, and it is an info where that is not known.

    ## Bad
        FROM alpine:3.20
        RUN echo "d2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26 tool" | sha256sum -c

    ## Good
        FROM alpine:3.20
        RUN echo "d2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26  tool" | sha256sum -c

    ## See
    https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html
    """
    commands = ctx.commands(node)
    for command in commands:
        if command.name not in SUM_TOOLS:
            continue
        options = read_options(command.arguments, NO_VALUES)
        if not options.has("-c", "--check") or ctx.stage is None:
            continue
        maker = maker_at(command, "coreutils", ctx.stage, ctx)
        if maker is Maker.GNU:
            continue
        for given in _sums(command, options.operands, commands, node, ctx):
            match = _ONE_BLANK.fullmatch(given.line.text)
            if match is not None:
                message = f"one blank stands between the checksum and {quoted(match['name'])}: {command.name} wants two"
                level = None if maker is Maker.BUSYBOX else Severity.INFO
                yield ctx.finding(given.line.span, message, lower_to=level, fix=_second_blank(given, ctx))


def _short_ids(command: Command) -> Iterator[Word]:
    """The key numbers of eight digits that a command is to fetch."""
    words = command.arguments
    start = next((at for at, word in enumerate(words) if word.text in _RECEIVING), None)
    if command.name == "pacman-key" and start is None:
        start = next((at for at, word in enumerate(words) if word.text == "-r"), None)
    for word in () if start is None else words[start + 1 :]:
        if word.text is not None and _SHORT_ID.fullmatch(word.text):
            yield word


def _keys_over_http(command: Command) -> Iterator[Word]:
    """The URLs without encryption from which a command imports keys."""
    importing = {"rpm": "--import", "rpmkeys": "--import"}.get(command.name or "", "--fetch-keys")
    if command.name not in (*_GPG, "apt-key", "rpm", "rpmkeys"):
        return
    if any(word.text == importing for word in command.arguments):
        for word in command.arguments:
            text = as_written(word)
            if text.startswith("http://") and not is_private(text):
                yield word


def _sums(
    command: Command, files: Sequence[Word], commands: Sequence[Command], node: Run, ctx: RuleContext
) -> Iterator[_Sum]:
    """The lines that a program tests checksums by, where the RUN writes them itself."""
    given = [word.text for word in files if word.text not in ("-", "/dev/stdin", None)]
    if given:
        for text in written(here(node, ctx), ctx):
            if text.path in given:
                yield from (_Sum(line, text.command) for line in text.lines)
        return
    for redirect in command.redirects:
        if redirect.operator == "<<<" and redirect.target is not None:
            yield _Sum(Line(as_written(redirect.target), redirect.target.span), None)
    for pipeline, stage in command.pipelines():
        for other in commands:
            if other.name in _SAYING and (pipeline, stage - 1) in other.pipelines():
                yield from (_Sum(line, other) for line in said(other, ctx.source))
        return


def _second_blank(given: _Sum, ctx: RuleContext) -> Fix | None:
    """A fix that writes a second blank, where the line is one quoted word with a single blank."""
    for word in () if given.writer is None else given.writer.arguments:
        shown = ctx.source.slice(word.span)
        is_line = word.span.holds(given.line.span) or given.line.span.holds(word.span)
        if is_line and shown == word.raw and shown[:1] in ("'", '"') and shown.count(" ") == 1:
            at = word.span.start + shown.index(" ")
            return Fix("write a second blank", Safety.SAFE, (Edit(Span(at, at), " "),))
    return None
