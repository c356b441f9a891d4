"""Secrets in build arguments and environment variables."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Confidence, Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage, Step
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Env, Instruction, Onbuild, Word
from dockerlint.unknown import Unknown
from dockerlint_rules._built import built_steps
from dockerlint_rules._secret_names import names_attribute, names_secret, names_secret_for_hadolint

_BOOLEANS = frozenset({"true", "false", "yes", "no", "on", "off", "0", "1"})


@rule(
    "DL3064",
    "secret-in-arg-or-env",
    on=Stage,
    needs=(Arg, Env),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=(
        "SecretsUsedInArgOrEnv",
        "DS-0031",
        "KICS-c3e1b6ae",
        "secret-in-build-arg",
        "CIS-DI-0010",
        "tally/ruby/secrets-in-arg-or-env",
    ),
    tags=("security", "secrets"),
)
def secret_in_arg_or_env(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """The name of an ARG or ENV says that it holds a secret, which everyone with the image can read.

    ## Why
    The value of an ENV is part of the image's configuration, and `docker image history` shows the build arguments of
    each RUN, even if the file gives no default. Whoever pulls the image gets the secret; unsetting it later does not
    help. A secret mount gives it to one RUN and leaves nothing behind; what the running program needs belongs to the
    start of the container.

    Names with `file`, `public` or `version` in them are not reported. Level info is for names that rather tell of a
    place or a public key (`SSH_KEY_PATH`, `GPG_KEY`), and for values that cannot be secrets: paths, switches,
    nothing.

    ## Bad
        FROM node:22.11-slim
        ARG NPM_TOKEN
        RUN npm ci

    ## Good
        FROM node:22.11-slim
        RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci

    ## See
    - https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
    - https://docs.docker.com/build/building/secrets/
    """
    if ctx.as_hadolint:
        yield from _as_hadolint(stage, ctx)
    for built in built_steps(stage, ctx):
        step = built.step
        for name, word, value in _variables(step.node, step):
            if not names_secret(name) or (ctx.as_hadolint and names_secret_for_hadolint(name)):
                continue
            harmless = names_attribute(name) or (value is not None and _cannot_be_secret(value, step))
            if harmless and ctx.as_hadolint:
                continue
            yield ctx.finding(
                built.place(word.span),
                _message(name, step.node, harmless=harmless),
                lower_to=Severity.INFO if harmless else None,
                confidence=Confidence.LOW if harmless else Confidence.MEDIUM,
                related=built.related(word.span),
            )


def _as_hadolint(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """What hadolint reports: names with certain words in them, also above the first FROM and behind ONBUILD."""
    above = ctx.model.global_steps if stage.index == 0 else ()
    for step in (*above, *stage.steps):
        node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
        for name, word, _ in _variables(node, step):
            if names_secret_for_hadolint(name):
                harmless = not names_secret(name) or names_attribute(name)
                yield ctx.finding(word.span, _message(name, node, harmless=harmless), confidence=Confidence.LOW)


def _message(name: str, node: Instruction, *, harmless: bool) -> str:
    if harmless:
        return f"{node.name} {quoted(name)} has the name of a secret: make sure that it holds none"
    if isinstance(node, Arg):
        return f"ARG {quoted(name)} would leave a secret in the history: use RUN --mount=type=secret"
    return f"ENV {quoted(name)} would keep a secret in the image: hand it over when a container starts"


def _variables(node: Instruction, step: Step) -> Iterator[tuple[str, Word, Word | None]]:
    """The variables that an instruction sets: their names, where these stand, and their values."""
    if isinstance(node, Env):
        for pair in node.pairs:
            name = step.expand(pair.key).value
            if isinstance(name, str):
                yield name, pair.key, pair.value
    elif isinstance(node, Arg):
        for declaration in node.declarations:
            yield declaration.name.text, declaration.name, declaration.default


def _cannot_be_secret(value: Word, step: Step) -> bool:
    """Whether a value is a path or a switch, or that of an ENV is left blank."""
    expansion = step.expand(value)
    if isinstance(expansion.value, Unknown):
        return False
    if expansion.value == "":
        # A variable without a value here may get one for a build; so may an ARG that is blank by default.
        return isinstance(step.node, Env) and not expansion.uses
    return expansion.value.lower() in _BOOLEANS or expansion.value.startswith(("/", "./", "~/"))
