"""Passwords of accounts that a build sets or takes away."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Step
from dockerlint.shell.options import NO_VALUES, Syntax, names, read_options
from dockerlint.shell.script import Command, ScopeKind, Word
from dockerlint.source import JoinedText, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Instruction, Run, Transfer
from dockerlint_rules._runs import here
from dockerlint_rules._written import WRITERS, Line, as_written, said, written

_USER_TOOLS = ("useradd", "usermod", "adduser")
_SETTING = frozenset({"chpasswd", "passwd", "net", *_USER_TOOLS})
_USER = Syntax(
    valued=names(
        "-b --base-dir -c --comment -d --home --home-dir -e --expiredate -f --inactive -g --gid --ingroup -G --groups"
        " -k --skel -K --key -l --login -p --password -R --root -s --shell -u --uid --gecos -Z --selinux-user -P"
        " --prefix"
    )
)
_HASHING = ("openssl", "mkpasswd")
_HASH_SYNTAX = Syntax(valued=names("-salt -in -m --method -S --salt -R --rounds"), single_dash=True)
_SAYING = ("cat", "echo", "printf")
_VARIABLE = re.compile(r"\$\{?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\}|\b)")
_IN_FILE = "everybody with the file or the image knows"
_FROM_ARGUMENT = "the history of the image shows, as it does all build arguments"
#: What stands in the place of a password where nobody can log in with one.
_LOCKED = re.compile(r"[*!x]+.{0,4}")
_ACCOUNT_FILES = ("passwd", "shadow")
_OPEN_ACCOUNT = re.compile(r"\^?(?P<user>[a-z_][a-z0-9_-]*)::.*")


class _Password(NamedTuple):
    """A password that a command sets: its text as written, where it stands, and the user, blank if not known."""

    text: str
    span: Span
    user: str
    command: Command


@rule(
    "DL7028",
    "password-set-in-build",
    on=Run,
    programs=_SETTING,
    severity=Severity.ERROR,
    aliases=("CKV2_DOCKER_17",),
    tags=("security", "users"),
)
def password_set_in_build(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A build gives an account a password that is written in the file or comes as a build argument.

    ## Why
    Everybody who can read the file, or the history of the image, knows the password, and all containers have the same
    one: it opens each that lets people log in. As a hash it can be guessed at leisure. Nobody needs a password to
    enter a container (`docker exec`, `USER`), and none to become another user as root.

    Leave accounts without a password that works, as useradd makes them, and let people log in by key. What needs a
    password gets it when a container starts, from a secret. A password from a secret mount is not reported, nor one
    that locks the account (`!`, `*`).

    ## Bad
        FROM debian:12-slim
        RUN echo 'root:toor' | chpasswd

    ## Good
        FROM debian:12-slim
        RUN useradd --create-home --uid 10001 app
        USER 10001

    ## See
    - https://docs.docker.com/build/building/secrets/
    - https://man7.org/linux/man-pages/man8/chpasswd.8.html
    """
    assert ctx.step is not None, "a RUN stands in a stage or in a trigger of one"
    for password in _passwords(node, ctx):
        kind = _kind(password.text, ctx.step)
        if kind is not None:
            account = f"account {quoted(password.user)}" if password.user else "account"
            message = f"{password.command.name} gives the {account} a password that {kind}: lock the account instead"
            yield ctx.finding(password.span, message, conceals=kind is _IN_FILE)


@rule(
    "DL7029",
    "empty-password",
    on=(Run, Transfer),
    programs=(*_SETTING, *WRITERS),
    severity=Severity.ERROR,
    aliases=("DKL-LI-0001",),
    tags=("security", "users"),
)
def empty_password(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """An account has an empty password, so that anybody can log in.

    ## Why
    `passwd -d` does not lock an account: it opens it. Every program of the container becomes that user, mostly root,
    with `su` and no password, and so does everybody who reaches a login of the container. `passwd -l` and
    `usermod -L` lock the account.

    ## Bad
        FROM debian:12-slim
        RUN passwd -d root

    ## Good
        FROM debian:12-slim
        RUN passwd -l root

    ## See
    - https://man7.org/linux/man-pages/man1/passwd.1.html
    - https://man7.org/linux/man-pages/man5/shadow.5.html
    """
    if ctx.step is None:
        return
    remedy = "lock the account with 'passwd -l'"
    if isinstance(node, Run):
        for command in ctx.commands(node):
            if command.name == "passwd":
                flags = read_options(command.arguments, NO_VALUES).flags
                words = (flag.word for flag in flags if flag.name in ("-d", "--delete"))
                yield from (
                    ctx.finding(word.span, f"{quoted(word.raw)} lets anybody log in without a password: {remedy}")
                    for word in words
                )
        for password in _passwords(node, ctx):
            if not password.text:
                message = f"{password.command.name} sets an empty password, with which anybody can log in: {remedy}"
                yield ctx.finding(password.span, message)
    for text in written(here(node, ctx), ctx):
        if posixpath.basename(text.path) in _ACCOUNT_FILES and text.path.startswith("/etc/"):
            for line in text.lines:
                match = _OPEN_ACCOUNT.fullmatch(line.text.strip())
                if match is not None:
                    message = (
                        f"the account {quoted(match['user'])} gets an empty password in {quoted(text.path)}: {remedy}"
                    )
                    yield ctx.finding(line.place(line.text.strip()), message)


def _kind(text: str, step: Step) -> str | None:
    """How a password gets known; None for one that locks the account, is empty, or is not known here."""
    if not text or _LOCKED.fullmatch(text):
        return None
    variables = [match["name"] for match in _VARIABLE.finditer(text)]
    if any(name in step.before.args for name in variables):
        return _FROM_ARGUMENT
    # The dollars of a hash (`$6$salt$…`) are none of variables.
    is_hash = text.startswith(("$1$", "$2", "$5$", "$6$", "$y$"))
    return _IN_FILE if is_hash or not ("$" in text or "`" in text) else None


def _passwords(node: Run, ctx: RuleContext) -> tuple[_Password, ...]:
    """The passwords that the commands of a RUN set, empty ones among them."""
    commands = ctx.commands(node)
    if not any(command.name in _SETTING for command in commands):
        return ()
    return tuple(password for command in commands for password in _set_by(command, commands, ctx))


def _set_by(command: Command, commands: Sequence[Command], ctx: RuleContext) -> Iterator[_Password]:
    if command.name == "chpasswd":
        for line in _input(command, commands, ctx):
            user, colon, password = line.text.strip().partition(":")
            if colon:
                yield _Password(password, line.place(password) if password else line.span, user, command)
    elif command.name == "passwd":
        users = read_options(command.arguments, NO_VALUES).operands
        lines = _input(command, commands, ctx)
        if lines:
            password = lines[0].text.strip()
            user = users[0].text or "" if users else ""
            yield _Password(password, lines[0].place(password), user, command)
    elif command.name in _USER_TOOLS:
        options = read_options(command.arguments, _USER)
        user = options.operands[0].text or "" if options.operands else ""
        for value in options.values("-p", "--password"):
            yield from _hashed(value, user, command, commands)
    elif command.name == "net":
        words = command.arguments
        if len(words) > 2 and (words[0].text or "").lower() == "user" and not words[2].prefix.startswith(("/", "*")):
            yield _Password(as_written(words[2]), words[2].span, words[1].text or "", command)


def _hashed(value: Word, user: str, command: Command, commands: Sequence[Command]) -> Iterator[_Password]:
    """The password in an option's value; where a command makes its hash on the spot, the one that this is given."""
    yield _Password(as_written(value), value.span, user, command)
    for other in commands:
        inside = value.span.holds(other.span) and other.scope.kind is ScopeKind.SUBSTITUTION
        if inside and other.name in _HASHING:
            words = other.arguments[1:] if other.name == "openssl" else other.arguments
            for word in read_options(words, _HASH_SYNTAX).operands[:1]:
                yield _Password(as_written(word), word.span, user, command)


def _input(command: Command, commands: Sequence[Command], ctx: RuleContext) -> tuple[Line, ...]:
    """The lines that a command is given as its standard input, as far as they stand in the file."""
    for redirect in reversed(command.redirects):
        if redirect.operator == "<<<" and redirect.target is not None:
            return (Line(as_written(redirect.target), redirect.target.span),)
        if redirect.body is not None:
            return tuple(_lines(redirect.body))
    for pipeline, stage in command.pipelines():
        for other in commands:
            if other.name in _SAYING and (pipeline, stage - 1) in other.pipelines():
                return said(other, ctx.source)
        return ()
    return ()


def _lines(body: JoinedText) -> Iterator[Line]:
    start = 0
    for text in body.text.split("\n"):
        if text.strip():
            yield Line(text, body.span_of(start, start + len(text)))
        start += len(text) + 1
