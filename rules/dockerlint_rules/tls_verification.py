"""Settings that turn off the verification of TLS certificates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import ASSIGNMENT, PACKAGE_MANAGER
from dockerlint.shell.script import Command, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Env, Instruction, KeyValues, Run
from dockerlint_rules._assigned import Assigned, assigned
from dockerlint_rules._edits import delete_instruction
from dockerlint_rules._runs import actions_of

_OFF = frozenset(("0", "false"))
_STRICT_SSL_LINE = re.compile(r"\s*strict-ssl\s*=\s*false\s*", re.IGNORECASE)


@rule(
    "DL7017",
    "pip-trusted-host",
    on=(Arg, Env, Run),
    programs=(ASSIGNMENT, PACKAGE_MANAGER),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_4", "CKV2_DOCKER_16"),
    tags=("security", "packages"),
)
def pip_trusted_host(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """Pip is told to trust a host without a valid certificate.

    ## Why
    With a trusted host, pip takes packages over plain HTTP or from whoever answers in its place: anybody on the
    way can put code into the image, and `setup.py` runs while it is built. An index with a certificate of one's
    own authority needs that authority in the image, and `PIP_CERT` or `--cert` to name it.

    The same holds for `--allow-insecure-host` of uv.

    ## Bad
        FROM python:3.13-slim
        RUN pip install --trusted-host pypi.example.com --index-url https://pypi.example.com/simple app==1.0

    ## Good
        FROM python:3.13-slim
        COPY ca.crt /etc/ssl/company.crt
        RUN pip install --cert /etc/ssl/company.crt --index-url https://pypi.example.com/simple app==1.0

    ## See
    - https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host
    - https://docs.astral.sh/uv/reference/cli/
    """
    for variable in assigned(node, ctx):
        if variable.name in ("PIP_TRUSTED_HOST", "UV_INSECURE_HOST") and variable.value:
            yield _of_variable(variable, node, ctx, "packages are taken from hosts without a valid certificate")
    for command in _commands(node, ctx):
        for word in _trusting_words(command, ctx):
            message = (
                f"{quoted(word.raw)} lets packages come from a host without a valid certificate: install its authority"
            )
            yield ctx.finding(word.span, message)


@rule(
    "DL7018",
    "python-https-verification-off",
    on=(Arg, Env, Run),
    programs=(ASSIGNMENT,),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_5",),
    tags=("security", "variables"),
)
def python_https_verification_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """PYTHONHTTPSVERIFY=0 turns off the verification of certificates in Python.

    ## Why
    With it, every HTTPS connection that the standard library of such a Python makes accepts any certificate:
    whoever sits on the way reads and changes what is sent. As an ENV it holds for everything that the image
    ever runs. (Python 2.7.12 and distributions that carry the patch heed it; others ignore it, which makes it
    useless as well.)

    ## Bad
        FROM example.com/python:2.7
        ENV PYTHONHTTPSVERIFY=0

    ## Good
        FROM example.com/python:2.7
        COPY ca.crt /etc/ssl/company.crt
        ENV SSL_CERT_FILE=/etc/ssl/company.crt

    ## See
    - https://peps.python.org/pep-0493/
    """
    for variable in assigned(node, ctx):
        if variable.name == "PYTHONHTTPSVERIFY" and variable.value == "0":
            yield _of_variable(variable, node, ctx, "Python accepts any certificate")


@rule(
    "DL7019",
    "node-tls-verification-off",
    on=(Arg, Env, Run),
    programs=(ASSIGNMENT,),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_6",),
    tags=("security", "variables"),
)
def node_tls_verification_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the verification of certificates in Node.js.

    ## Why
    With it, every TLS connection of every Node.js process accepts any certificate: whoever sits on the way
    reads and changes what is sent, packages and passwords included. As an ENV it holds for everything that the
    image ever runs. `NODE_EXTRA_CA_CERTS` adds an authority of one's own instead.

    ## Bad
        FROM node:22-slim
        ENV NODE_TLS_REJECT_UNAUTHORIZED=0

    ## Good
        FROM node:22-slim
        COPY ca.crt /etc/ssl/company.crt
        ENV NODE_EXTRA_CA_CERTS=/etc/ssl/company.crt

    ## See
    - https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue
    - https://nodejs.org/api/cli.html#node_extra_ca_certsfile
    """
    for variable in assigned(node, ctx):
        if variable.name == "NODE_TLS_REJECT_UNAUTHORIZED" and variable.value == "0":
            yield _of_variable(variable, node, ctx, "Node.js accepts any certificate")


@rule(
    "DL7024",
    "npm-tls-verification-off",
    on=(Arg, Env, Run),
    programs=(ASSIGNMENT, "echo", "npm", "npx", "pnpm", "printf", "yarn"),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_12", "CKV2_DOCKER_13"),
    tags=("security", "packages"),
)
def npm_tls_verification_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """npm, yarn or pnpm is told not to verify certificates.

    ## Why
    Without verification, packages come from whoever answers in place of the registry, and their install scripts
    run while the image is built. The settings `cafile` and `NODE_EXTRA_CA_CERTS` add an authority of one's own
    instead.

    ## Bad
        FROM node:22-slim
        RUN npm config set strict-ssl false

    ## Good
        FROM node:22-slim
        COPY ca.crt /etc/ssl/company.crt
        RUN npm config set cafile /etc/ssl/company.crt

    ## See
    - https://docs.npmjs.com/cli/v10/using-npm/config#strict-ssl
    - https://yarnpkg.com/configuration/yarnrc#enableStrictSsl
    """
    for variable in assigned(node, ctx):
        # npm reads its variables in any case.
        names = (variable.name.lower(), variable.name)
        known = names[0] == "npm_config_strict_ssl" or names[1] == "YARN_ENABLE_STRICT_SSL"
        if known and (variable.value or "").lower() in _OFF:
            yield _of_variable(variable, node, ctx, "packages are taken from any server")
    for command in _commands(node, ctx):
        span = _strict_ssl_off(command)
        if span is not None:
            message = f"{quoted(ctx.source.slice(span))} takes packages from any server: set 'cafile' instead"
            yield ctx.finding(span, message)


def _commands(node: Instruction, ctx: RuleContext) -> tuple[Command, ...]:
    return ctx.script(node).commands if isinstance(node, Run) else ()


def _of_variable(variable: Assigned, node: Instruction, ctx: RuleContext, effect: str) -> Finding:
    """The finding of a variable; the only one of an ENV can be removed with it."""
    fix = None
    if isinstance(node, KeyValues) and len(node.pairs) == 1:
        fix = Fix(f"remove {variable.name}", Safety.UNSAFE, (delete_instruction(ctx.source, node),))
    setting = f"{variable.name}={variable.value}"
    return ctx.finding(variable.span, f"with {quoted(setting)} {effect}: remove it, and install the authority", fix=fix)


def _trusting_words(command: Command, ctx: RuleContext) -> Iterator[Word]:
    """The words of a pip or uv command that name a host to be trusted."""
    for action in actions_of(command, ctx):
        for flag in action.options.flags:
            wanted = {"pip": "--trusted-host", "uv": "--allow-insecure-host"}.get(action.manager.key)
            if flag.name == wanted or (action.manager.key == "uv" and flag.name == "--trusted-host"):
                yield flag.word
        if action.manager.key == "pip" and _sets(command, "config", "set"):
            yield from (word for word in command.arguments if (word.text or "").endswith(".trusted-host"))


def _strict_ssl_off(command: Command) -> Span | None:
    """Where a command turns the verification of npm, yarn or pnpm off; None if it does not."""
    words = command.arguments
    texts = [word.text or "" for word in words]
    if command.name in ("echo", "printf"):
        return next(
            (word.span for word, text in zip(words, texts, strict=True) if _STRICT_SSL_LINE.fullmatch(text)), None
        )
    if command.name not in ("npm", "npx", "yarn", "pnpm"):
        return None
    for at, text in enumerate(texts):
        name, _, value = text.partition("=")
        if text == "--no-strict-ssl":
            return words[at].span
        if name.removeprefix("--") in ("strict-ssl", "enableStrictSsl"):
            if value.lower() in _OFF:
                return words[at].span
            if not value and at + 1 < len(words) and texts[at + 1].lower() in _OFF:
                return words[at].span.cover(words[at + 1].span)
    return None


def _sets(command: Command, *wanted: str) -> bool:
    """Whether the words stand side by side among the arguments."""
    texts = [word.text for word in command.arguments]
    return any(tuple(texts[at : at + len(wanted)]) == wanted for at in range(len(texts)))
