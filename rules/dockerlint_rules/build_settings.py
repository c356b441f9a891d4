"""Settings that are meant for the build, but stay in the image."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Env, Pair
from dockerlint_rules._labels import image_steps
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

_NONINTERACTIVE = "noninteractive"

#: Variables that keep a tool from asking, by name; the value does not matter.
_NO_QUESTIONS = names("DEBCONF_NONINTERACTIVE_SEEN NEEDRESTART_MODE PIP_NO_INPUT")


@rule(
    "DL8023",
    "persistent-frontend-setting",
    on=Model,
    needs=(Env,),
    severity=Severity.WARNING,
    tags=("variables",),
)
def persistent_frontend_setting(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A setting that keeps the package manager from asking stays in the image.

    ## Why
    `ENV DEBIAN_FRONTEND=noninteractive` also holds in every container and in every image that is built on this one:
    whoever runs `apt-get` or `dpkg-reconfigure` there by hand is never asked anything, and does not know why. An ARG
    has the same effect on all RUNs below it and ends with the build.

    It is not reported in stages that do not become part of the image, and where a later ENV sets another value.

    ## Bad
        FROM debian:12.7-slim
        ENV DEBIAN_FRONTEND=noninteractive
        RUN apt-get update && apt-get install -y tzdata

    ## Good
        FROM debian:12.7-slim
        ARG DEBIAN_FRONTEND=noninteractive
        RUN apt-get update && apt-get install -y tzdata

    ## See
    - https://docs.docker.com/reference/dockerfile/#env
    - https://manpages.debian.org/bookworm/debconf-doc/debconf.7.en.html
    """
    if model.target is None:
        return
    last: dict[str, tuple[Env, Pair, str | None]] = {}
    for step in image_steps(model, model.target):
        if isinstance(step.node, Env):
            for pair in step.node.pairs:
                last[pair.key.text] = (step.node, pair, value_of(step, pair.value))
    for name, (node, pair, value) in last.items():
        silent = name == "DEBIAN_FRONTEND" and (value or "").lower() == _NONINTERACTIVE
        if silent or (value and name in _NO_QUESTIONS):
            message = f"{quoted(name)} also holds in every container of the image: set it by ARG, for the build alone"
            yield ctx.finding(pair.span, message, fix=_as_argument(node, pair))


def _as_argument(node: Env, pair: Pair) -> Fix | None:
    """A fix that makes an ARG of an ENV with one variable."""
    if len(node.pairs) != 1:
        return None
    edits = [Edit(node.keyword.span, "arg" if node.keyword.text.islower() else "ARG")]
    if pair.legacy:
        if any(char in pair.value.text for char in " \t'\"\\"):
            return None
        edits.append(Edit(pair.span, f"{pair.key.text}={pair.value.text}"))
    return Fix("set it by ARG", Safety.UNSAFE, tuple(edits))
