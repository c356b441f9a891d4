"""Secrets written into the file."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from dockerlint.finding import Confidence, Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Instruction, Onbuild
from dockerlint_rules._assigned import assigned
from dockerlint_rules._credentials import Credential, credentials, looks_random
from dockerlint_rules._places import is_in_comment
from dockerlint_rules._secret_names import SECRET_PARTS, names_attribute, names_secret

_REMEDY = "revoke it, and hand a new one over as a build secret or when a container starts"

#: Parts of names whose values look random, but are known to everybody.
_SUMS = frozenset(("checksum", "digest", "fingerprint", "hash", "md5", "sha1", "sha256", "sha512", "sum"))
#: Numbers of OpenPGP keys, which variables named after a key mostly hold.
_FINGERPRINT = re.compile(r"(?:0x)?(?:[0-9A-F]{8,40}|[0-9a-f]{40})")


@rule(
    "DL7002",
    "hard-coded-secret",
    on=Instruction,
    severity=Severity.ERROR,
    aliases=("DS-0031", "KICS-c3e1b6ae", "CIS-DI-0010", "tally/secrets-in-code"),
    tags=("security", "secrets"),
    onbuild=False,
)
def hard_coded_secret(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A token, key or password is written into the file.

    ## Why
    Everybody who can read the file or pull the image has the secret: ENV and LABEL are in the image's
    configuration, ARG and RUN in its history, and a file that a later step removes is still in the layer below.
    Removing the line does not help either, because the repository and the registry keep what was there. Revoke
    the secret, and hand the new one over when it is needed.

    Found are the forms of tokens and keys that well-known services give out, private keys, and random values of
    variables whose names speak of secrets. Messages never show the value. Placeholders, variables, UUIDs and
    digests are not reported.

    ## Bad
        FROM node:22-slim
        ENV API_TOKEN=9f2c41d8a07b4e6f9d1c3a58
        RUN npm ci

    ## Good
        FROM node:22-slim
        RUN --mount=type=secret,id=api_token,env=API_TOKEN npm ci

    ## See
    - https://docs.docker.com/build/building/secrets/
    - https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
    """
    seen: list[int] = []
    for credential in ctx.once(_credentials_of_file, ctx.model):
        span = Span(credential.start, credential.end)
        if not node.span.holds(span) or is_in_comment(span, ctx.dockerfile):
            continue
        seen.append(span.start)
        shown = quoted(credential.shown + "…")
        message = f"{node.name} holds {credential.what} ({shown}, the rest is not shown): {_REMEDY}"
        yield ctx.finding(span, message, conceals=True)
    inner = node.trigger if isinstance(node, Onbuild) else node
    for variable in assigned(inner, ctx):
        # What an ARG takes over from outside is reported where it stands.
        taken_over = isinstance(inner, Arg) and variable.value_span.start == variable.span.start
        if taken_over or variable.value is None or not _is_secret(variable.name, variable.value):
            continue
        following = bisect_left(seen, variable.value_span.start)
        if following == len(seen) or seen[following] >= variable.value_span.end:
            message = f"{inner.name} gives {quoted(variable.name)} what looks like a secret (not shown): {_REMEDY}"
            yield ctx.finding(variable.value_span, message, confidence=Confidence.MEDIUM, conceals=True)


def _credentials_of_file(model: Model, ctx: RuleContext) -> tuple[Credential, ...]:
    return tuple(sorted(credentials(ctx.source.text), key=lambda found: found.start))


def _is_secret(name: str, value: str) -> bool:
    """Whether a variable of that name holds a random value, other than the number of a public key or a checksum."""
    if not names_secret(name) or names_attribute(name) or not looks_random(value):
        return False
    parts = set(name.lower().split("_"))
    if parts & SECRET_PARTS == {"key"} and _FINGERPRINT.fullmatch(value):
        return False
    return not parts & _SUMS
