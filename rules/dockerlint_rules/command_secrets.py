"""Secrets on command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Confidence, Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Step
from dockerlint.shell.options import Syntax, read_options
from dockerlint.shell.script import Command, Word
from dockerlint.source import Source, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._credentials import is_placeholder
from dockerlint_rules._tables import names

#: Long options that say what they take, whatever the program.
_OPTIONS = names(
    "--access-key --access-token --api-key --api-token --apikey --auth-token --client-secret --ftp-password"
    " --http-password --passphrase --passwd --password --proxy-password --secret-key --sentinel-password --storepass"
    " --token"
)
#: Letters that take a password or a login, and the sub-command that is needed for it, if any.
_LETTERS = {
    "az": ("-p", "login"),
    "buildah": ("-p", "login"),
    "cf": ("-p", "login"),
    "crane": ("-p", "login"),
    "docker": ("-p", "login"),
    "helm": ("-p", "login"),
    "mariadb": ("-p", ""),
    "mariadb-admin": ("-p", ""),
    "mariadb-dump": ("-p", ""),
    "mongo": ("-p", ""),
    "mongosh": ("-p", ""),
    "mysql": ("-p", ""),
    "mysqladmin": ("-p", ""),
    "mysqldump": ("-p", ""),
    "oras": ("-p", "login"),
    "podman": ("-p", "login"),
    "redis-cli": ("-a", ""),
    "skopeo": ("-p", "login"),
    "sshpass": ("-p", ""),
}
#: Programs whose -p takes a password only if it is glued to it: alone it means "ask".
_GLUED_ONLY = names("mariadb mariadb-admin mariadb-dump mysql mysqladmin mysqldump")
_LOGINS = {"curl": ("-u", "--user", "-U", "--proxy-user"), "skopeo": ("--creds", "--src-creds", "--dest-creds")}
_CURL_HEADERS = ("-H", "--header")
_VARIABLES = names("MYSQL_PWD PGPASSWORD REDISCLI_AUTH SSHPASS")
#: Their options for passwords belong to other rules, or take none.
_OTHERS = names("adduser chpasswd echo passwd printf useradd usermod")
#: Passwords that everybody knows, among them the one of the store of certificates that Java comes with.
_KNOWN = names("changeit changeme none null password true false")

#: Values that tell where the secret is, or what is to be put there.
_NO_SECRETS = ("/", "./", "-", "@", "<", "{", "env:", "file:")
_LAST_VARIABLE = re.compile(r"\$\{?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}?[\"']?$")


class _Secret(NamedTuple):
    """A secret that a command is given: its value without quotes, its place, and what says that it is one."""

    word: Word
    span: Span
    what: str


@rule(
    "DL7006",
    "secret-in-command-line",
    on=Run,
    severity=Severity.WARNING,
    tags=("security", "secrets"),
)
def secret_in_command_line(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A command is given a password or token that is in the file, or comes from a build argument.

    ## Why
    The line of a RUN is in the history of the image, with the values of all build arguments: whoever pulls the image
    reads the secret there. While the command runs, other processes of the machine can read it, and logs of builds keep
    it.

    A secret mount hands a secret to one RUN. Most programs read one from a file or from standard input
    (`docker login --password-stdin`), and variables of the shell that a secret mount sets are not reported. Messages
    never show the value.

    ## Bad
        FROM debian:12-slim
        RUN mysql -uroot -pk3Wq9vTz -e 'CREATE DATABASE app'

    ## Good
        FROM debian:12-slim
        RUN --mount=type=secret,id=my_cnf mysql --defaults-extra-file=/run/secrets/my_cnf -e 'CREATE DATABASE app'

    ## See
    - https://docs.docker.com/build/building/secrets/
    - https://docs.docker.com/reference/cli/docker/login/
    """
    assert ctx.step is not None, "a RUN stands in a stage or in a trigger of one"
    for command in ctx.commands(node):
        for secret in _secrets(command, ctx.source):
            name = _argument(secret.word, ctx.step)
            if name is not None:
                message = (
                    f"{quoted(secret.what)} is given ARG {quoted(name)}, which the history shows: use a secret mount"
                )
                yield ctx.finding(secret.span, message)
            elif _is_literal(secret.word):
                message = f"{quoted(secret.what)} is given a secret that is in the file (not shown): use a secret mount"
                yield ctx.finding(secret.span, message, confidence=Confidence.MEDIUM, conceals=True)


def _secrets(command: Command, source: Source) -> Iterator[_Secret]:
    for assignment in command.assignments if command.program is not None else ():
        if assignment.name in _VARIABLES and assignment.value is not None:
            yield _Secret(assignment.value, assignment.value.span, assignment.name)
    name = command.name
    if name is None or name in _OTHERS:
        return
    letter, verb = _LETTERS.get(name, ("", ""))
    if verb and not any(word.text == verb for word in command.arguments):
        letter = ""
    logins = _LOGINS.get(name, ())
    if not letter and not logins and not _has_option(command):
        return
    headers = _CURL_HEADERS if name == "curl" else ()
    options = read_options(command.arguments, Syntax(valued=_OPTIONS | {letter, *logins, *headers} - {""}))
    for flag in options.flags:
        if flag.value is None:
            continue
        glued = flag.value.span == flag.word.span
        if flag.name in _OPTIONS or (flag.name == letter and (glued or name not in _GLUED_ONLY)):
            yield _Secret(flag.value, _place(flag.value, source), f"{name} {flag.name}")
        elif flag.name in logins and ":" in flag.value.prefix:
            value = flag.value.after(flag.value.prefix.index(":") + 1)
            yield _Secret(value, _place(value, source), f"{name} {flag.name}")
        elif flag.name in headers and flag.value.prefix.lower().startswith("authorization:"):
            start = len(flag.value.prefix) - len(flag.value.prefix[len("authorization:") :].lstrip())
            value = flag.value.after(start)
            scheme, blank, _ = value.prefix.partition(" ")
            value = value.after(len(scheme) + 1) if blank else value
            yield _Secret(value, _place(value, source), f"{name} {flag.name} Authorization")


def _has_option(command: Command) -> bool:
    for word in command.arguments:
        text = word.text or word.prefix
        if text[:2] == "--" and text.partition("=")[0] in _OPTIONS:
            return True
    return False


def _place(value: Word, source: Source) -> Span:
    """Where the value stands in the word that holds it, or the whole word where it is not found there as it is."""
    shown = source.slice(value.span)
    text = "".join(part if isinstance(part, str) else part.raw for part in value.parts)
    at = shown.rfind(text) if text else -1
    return value.span if at < 0 else Span(value.span.start + at, value.span.start + at + len(text))


def _argument(word: Word, step: Step) -> str | None:
    """The build argument that a value comes from, also where its default was put in."""
    for name in word.variables:
        if name in step.before.args:
            return name
    match = _LAST_VARIABLE.search(word.raw) if word.text is not None else None
    return match["name"] if match is not None and match["name"] in step.before.args else None


def _is_literal(word: Word) -> bool:
    text = word.text
    if not text or "$" in word.raw or "`" in word.raw:
        return False
    return text not in _KNOWN and not text.startswith(_NO_SECRETS) and not is_placeholder(text)
