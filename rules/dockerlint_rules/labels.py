"""Labels: their keys, and those that every image should have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Broken, From, Instruction, Label, Maintainer
from dockerlint_rules._labels import image_nodes, label_keys, labels_of

AUTHORS = "org.opencontainers.image.authors"

WANTED_LABELS: Option[tuple[str, ...]] = Option(
    "labels",
    tuple(
        f"org.opencontainers.image.{name}"
        for name in ("title", "description", "source", "licenses", "version", "revision")
    ),
    "The labels that the final image must have.",
)

_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")
#: Docker Desktop asks extensions for labels in Docker's own name space.
_EXTENSIONS = ("com.docker.desktop.extension.", "com.docker.extension.")
_ODD_CHARACTER = re.compile(r"[^a-z0-9._/-]")
_END = re.compile(r"[a-z0-9]")
_DOUBLED = re.compile(r"\.\.|--")


@rule(
    "DL3048",
    "invalid-label-key",
    on=Label,
    severity=Severity.STYLE,
    hadolint=Severity.STYLE,
    aliases=("tally/labels/valid-key", "dockerfilelint/label_invalid"),
    tags=("labels",),
)
def invalid_label_key(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label's key does not have the shape that Docker recommends for keys.

    ## Why
    Labels are read by filters, proxies and orchestrators whose own rules for keys are narrower than those of
    the builder, which takes anything. Keys of lower-case letters, digits, dots, dashes, underscores and slashes
    work everywhere; a key with blanks or capitals is lost or refused by some. The name spaces `com.docker`,
    `io.docker` and `org.dockerproject` are Docker's own.

    ## Bad
        FROM debian:12.7-slim
        LABEL "Build Number"=42

    ## Good
        FROM debian:12.7-slim
        LABEL com.example.build-number=42

    ## See
    - https://docs.docker.com/engine/manage-resources/labels/#label-keys-and-values
    """
    if ctx.step is None:
        return
    for label in labels_of(node, ctx.step):
        wrong = _wrong_key(label.key) if label.key else None
        if wrong is not None:
            yield ctx.finding(label.pair.key.span, f"label key {quoted(label.key or '')} {wrong}")


def _wrong_key(key: str) -> str | None:
    """What is wrong with a key that is not empty, and what to do."""
    if key.startswith(_RESERVED) and not key.startswith(_EXTENSIONS):
        return "is in a name space that Docker reserves for itself: use a domain of your own"
    odd = _ODD_CHARACTER.search(key)
    if odd is not None:
        return f"has {quoted(odd.group())} in it: use lower-case letters, digits and '._/-' only"
    if not _END.match(key) or not _END.match(key[-1]):
        return "must begin and end with a lower-case letter or a digit"
    doubled = _DOUBLED.search(key)
    return None if doubled is None else f"has {quoted(doubled.group())} in it: write one only"


@rule(
    "DL4000",
    "deprecated-maintainer",
    on=(Maintainer, Broken),
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6", "KICS-99614418", "maintainer-is-deprecated"),
    tags=("labels",),
    onbuild=False,
)
def deprecated_maintainer(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """MAINTAINER is deprecated in favour of a label.

    ## Why
    MAINTAINER fills a field of the image that `docker inspect` shows and little else reads; it takes one name
    and cannot be filtered for. It has been deprecated since Docker 1.13, and a label holds the same text, is
    inherited, and can be searched.

    ## Bad
        FROM debian:12.7-slim
        MAINTAINER Shop Team <shop@example.com>

    ## Good
        FROM debian:12.7-slim
        LABEL org.opencontainers.image.authors="Shop Team <shop@example.com>"

    ## See
    - https://docs.docker.com/reference/dockerfile/#maintainer-deprecated
    - https://docs.docker.com/reference/build-checks/maintainer-deprecated/
    """
    if node.name != "MAINTAINER":
        return
    fix = None
    if isinstance(node, Maintainer) and ctx.stage is not None and not _names_authors(ctx.stage):
        span = Span(node.keyword.span.start, node.maintainer.span.end)
        text = f"LABEL {AUTHORS}={_in_quotes(node.maintainer.text, ctx.dockerfile.escape)}"
        fix = Fix("use a label", Safety.SAFE, (Edit(span, text),))
    yield ctx.finding(node.keyword.span, f'MAINTAINER is deprecated: use LABEL {AUTHORS}="…"', fix=fix)


def _names_authors(stage: Stage) -> bool:
    """Whether a label of the stage may say who its authors are, so that another one would hide it or be hidden."""
    labels = (label for step in stage.steps if isinstance(step.node, Label) for label in labels_of(step.node, step))
    return any(label.key in (AUTHORS, None) for label in labels)


def _in_quotes(text: str, escape: str) -> str:
    """The text as a word of LABEL in double quotes; quotes around it are taken for such, as most people mean them."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    escaped = "".join(escape + char if char in ('"', "$", escape) else char for char in text)
    return f'"{escaped}"'


@rule(
    "DL8001",
    "missing-maintainer-label",
    on=Model,
    severity=Severity.INFO,
    tags=("labels",),
)
def missing_maintainer_label(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The final image does not say who maintains it.

    ## Why
    An image travels: it is mirrored, renamed, and found years later on some host. A label with the people to
    ask goes with it, while the name of the repository it came from does not.

    Either of `maintainer` and `org.opencontainers.image.authors` will do, in the final stage or one it is FROM.

    ## Bad
        FROM debian:12.7-slim
        COPY app /usr/local/bin/

    ## Good
        FROM debian:12.7-slim
        LABEL org.opencontainers.image.authors="Shop Team <shop@example.com>"
        COPY app /usr/local/bin/

    ## See
    - https://specs.opencontainers.org/image-spec/annotations/
    """
    stage = model.target
    if stage is None:
        return
    keys = label_keys(model, stage)
    if keys is None or "maintainer" in keys or AUTHORS in keys:
        return
    # MAINTAINER names somebody too; that it should be a label is another rule's business.
    if any(node.name == "MAINTAINER" for node in image_nodes(model, stage)):
        return
    yield ctx.finding(_base_span(stage), f'the image does not say who maintains it: add LABEL {AUTHORS}="…"')


@rule(
    "DL8002",
    "missing-oci-labels",
    on=Model,
    severity=Severity.INFO,
    off=True,
    tags=("labels",),
    options=(WANTED_LABELS,),
)
def missing_oci_labels(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""The final image lacks some of the labels that describe an image.

    ## Why
    Registries, update bots and scanners show where an image comes from, under which license, and what has
    changed since the last version, if the labels of the OCI specification tell them. Without these it takes
    somebody who remembers.

    Build tools can set such labels too (`docker build --label`, the metadata action of a CI system); leave the
    rule off where they do.

    ## Bad
    Options: labels = ["org.opencontainers.image.source", "org.opencontainers.image.title"]

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.title="shop"

    ## Good
    Options: labels = ["org.opencontainers.image.source", "org.opencontainers.image.title"]

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.title="shop" \
              org.opencontainers.image.source="https://git.example.com/shop"

    ## See
    - https://specs.opencontainers.org/image-spec/annotations/
    """
    stage = model.target
    if stage is None:
        return
    keys = label_keys(model, stage)
    if keys is None:
        return
    missing = [key for key in ctx.option(WANTED_LABELS) if key not in keys]
    if missing:
        names = ", ".join(quoted(key) for key in missing)
        yield ctx.finding(_base_span(stage), f"the image lacks labels that describe it: add LABEL for {names}")


def _base_span(stage: Stage) -> Span:
    """Where what is missing in an image is reported: at the base that it starts from."""
    return stage.node.image.span if isinstance(stage.node, From) else stage.node.keyword.span
