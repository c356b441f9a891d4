"""How users are made in an image."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.options import Syntax, read_options
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._runs import commands_of, here
from dockerlint_rules._tables import names

_USERADD = Syntax(
    valued=names(
        "-b --base-dir -c --comment -d --home-dir --home -e --expiredate -f --inactive -g --gid -G --groups -k --skel"
        " -K --key -p --password -R --root -P --prefix -s --shell -u --uid -Z --selinux-user -F"
    )
)
_MOST_DIGITS = 5

# `struct lastlog` of glibc, in bytes.
_LASTLOG_ENTRY = 292

# A user's number has 32 bits.
_LARGEST = 2**32 - 1


@rule(
    "DL3046",
    "large-uid-without-no-log-init",
    on=Run,
    programs=("useradd",),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    tags=("size",),
)
def large_uid_without_no_log_init(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A user with a large number is made with useradd, which makes huge log files.

    ## Why
    `useradd` enters the new user in `/var/log/lastlog` and `/var/log/faillog`, which have a place for each number
    up to that of the user. The files have holes on disk, but Docker writes them out: with a number of ten digits
    the layer has hundreds of gigabytes, and the build runs until the disk is full. `--no-log-init` leaves the files
    alone.

    `adduser` of Alpine has no such files.

    ## Bad
        FROM debian:12.7-slim
        RUN useradd --uid 1234567890 app

    ## Good
        FROM debian:12.7-slim
        RUN useradd --no-log-init --uid 1234567890 app

    ## See
    - https://docs.docker.com/build/building/best-practices/#user
    - https://github.com/golang/go/issues/13548
    """
    for command in commands_of(here(node, ctx), ctx):
        if command.name != "useradd" or command.program is None:
            continue
        options = read_options(command.arguments, _USERADD)
        if options.has("-l", "--no-log-init"):
            continue
        for flag in options.flags:
            uid = None if flag.value is None else flag.value.text
            if flag.name not in {"-u", "--uid"} or flag.value is None or uid is None:
                continue
            if _is_large(uid):
                place = Span(command.program.span.end, command.program.span.end)
                fixable = ctx.source.slice(command.program.span) == command.program.raw
                edit = Edit(place, " --no-log-init")
                yield ctx.finding(
                    flag.value.span,
                    f"with the number {quoted(uid)} useradd writes a log of {_size(uid)}: add '--no-log-init'",
                    fix=Fix("Add --no-log-init", Safety.SAFE, (edit,)) if fixable else None,
                )


def _is_large(uid: str) -> bool:
    return uid.isascii() and uid.isdigit() and len(uid.lstrip("0")) > _MOST_DIGITS


def _size(uid: str) -> str:
    """The length of `/var/log/lastlog` with a place for the user."""
    number = int(uid) if len(uid) <= len(str(_LARGEST)) else _LARGEST
    size = (min(number, _LARGEST) + 1) * _LASTLOG_ENTRY
    unit, name = (10**9, "GB") if size >= 10**9 else (10**6, "MB")
    return f"{size // unit} {name}"
