"""Logins that stand in URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Confidence, Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Instruction
from dockerlint_rules._credentials import is_placeholder
from dockerlint_rules._places import is_in_comment
from dockerlint_rules._tables import names

_LOGIN = re.compile(r"://(?P<user>[^\s/:@'\"`<>]*):(?P<password>[^\s/@'\"`<>]+)@(?=[\w.$\[{-])")
_VARIABLE = re.compile(r"\$(?:(?P<bare>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)\})")
#: What stands in the place of a password in examples and on machines of developers.
_TRIVIAL = names("admin changeit pass password passwd postgres pw root secret test user xxx")
_REMEDY = "hand it over as a build secret or when a container starts"


@rule(
    "DL7003",
    "credentials-in-url",
    on=Instruction,
    severity=Severity.ERROR,
    tags=("security", "secrets"),
    onbuild=False,
)
def credentials_in_url(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A URL holds a user and a password.

    ## Why
    Everybody who can read the file or pull the image has the password, in the history or in the configuration. URLs
    are also written down where nobody thinks of secrets: in the log of the build, in `.git/config`, by proxies. A
    password that comes from a build argument or an ENV is in the image just as well.

    Passwords that nobody would keep secret (`postgres`, or the name of the user) are an info. Variables that the
    builder does not set, as those of a secret mount, are not reported. Messages never show the password.

    ## Bad
        FROM node:22-slim
        RUN npm install --registry https://deploy:k3Wq9vTz@npm.example.com/ app@1.0.0

    ## Good
        FROM node:22-slim
        RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm install app@1.0.0

    ## See
    - https://docs.docker.com/build/building/secrets/
    - https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
    """
    text = ctx.source.slice(node.span)
    # Few instructions have a login, and the pattern takes its time with the others.
    for match in _LOGIN.finditer(text) if "@" in text and "://" in text else ():
        user, password = match["user"], match["password"]
        span = Span(node.span.start + match.start("password"), node.span.start + match.end("password"))
        if is_in_comment(span, ctx.dockerfile):
            continue
        variable = _VARIABLE.fullmatch(password)
        if variable is not None:
            origin = _origin(variable["bare"] or variable["braced"], ctx)
            if origin is not None:
                message = f"the URL has the password of {origin}, which is in the image: {_REMEDY}"
                yield ctx.finding(span, message, confidence=Confidence.MEDIUM)
        elif "$" not in password and "{" not in password and not password.isdigit():
            trivial = password.lower() in _TRIVIAL or password == user or is_placeholder(password)
            shown = f"the password of {quoted(user)}" if user and "$" not in user else "a password"
            message = f"the URL holds {shown}: {_REMEDY}"
            yield ctx.finding(span, message, lower_to=Severity.INFO if trivial else None, conceals=not trivial)


def _origin(name: str, ctx: RuleContext) -> str | None:
    """The ARG or ENV that a variable is; None for a variable that the builder does not set."""
    if ctx.step is None:
        return None
    if name in ctx.step.before.args:
        return f"ARG {quoted(name)}"
    return f"ENV {quoted(name)}" if name in ctx.step.before.env else None
