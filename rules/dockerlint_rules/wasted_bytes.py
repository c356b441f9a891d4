"""How much of an image is stored for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Related, Severity
from dockerlint.layers.layer import Layer
from dockerlint.layers.size import in_words, total
from dockerlint.layers.waste import dive_figures
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint_rules._hidden import has_sizes

MAX_BYTES = Option("max-wasted-bytes", 20_000_000, "How many bytes of an image may be hidden by later layers.", least=0)
MAX_SHARE = Option(
    "max-wasted-share", 0.1, "The share of an image's own bytes that may be hidden by later layers.", least=0, most=1
)

#: A share of less than this is nothing to speak of.
_FLOOR = 1_000_000


@rule(
    "DL6035",
    "wasted-bytes-over-limit",
    on=Model,
    severity=Severity.WARNING,
    tags=("layers",),
    options=(MAX_BYTES, MAX_SHARE),
)
def wasted_bytes_over_limit(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""Later layers hide more bytes of the image than they should: they are pulled, and nobody sees them.

    ## Why
    What a later layer removes, overwrites or stores again stays in the layer below. Its bytes are pushed, pulled and
    kept on every host. This rule adds up what the other rules of this kind report one by one (`deleted-in-later-layer`,
    `duplicating-metadata-change`), and speaks when it is more than a limit, either in bytes or as a share of all that
    the file adds to its base; shares count from one megabyte on.

    Only bytes that are surely wasted count, so the build context has to be known (`--context`, or `context` in the
    settings). The figure in brackets is counted as dive does it: all copies of a file that is stored more than
    once, with the one that is needed.

    ## Bad
        FROM debian:12.7-slim
        RUN head -c 50000000 /dev/urandom > /data.bin
        RUN chmod 600 /data.bin

    ## Good
        FROM debian:12.7-slim
        RUN head -c 50000000 /dev/urandom > /data.bin && chmod 600 /data.bin

    ## See
    - https://docs.docker.com/engine/storage/drivers/
    - https://github.com/wagoodman/dive
    """
    if model.target is None or not has_sizes(ctx):
        return
    layers = ctx.prediction.layers
    wasted, size = total(layer.wasted for layer in layers), total(layer.size for layer in layers)
    limit = ctx.option(MAX_BYTES)
    share = wasted.low / size.high if size.high else 0.0
    too_much = share > ctx.option(MAX_SHARE) and wasted.low >= _FLOOR
    if wasted.low <= limit and not too_much:
        return
    of_all = f" of {in_words(size.high)}" if size.high is not None else ""
    at_least = "" if wasted.is_exact else "at least "
    allowed = f"the limit is {in_words(limit)}" if wasted.low > limit else f"the limit is {ctx.option(MAX_SHARE):.0%}"
    message = (
        f"{at_least}{in_words(wasted.low)}{of_all} that the layers hold are hidden by later ones: {allowed}"
        f" (as dive counts, {in_words(dive_figures(layers).wasted)})"
    )
    yield ctx.finding(model.target.node.keyword.span, message, related=tuple(_worst(layers)))


def _worst(layers: tuple[Layer, ...]) -> Iterator[Related]:
    """The layers that hold the most of it."""
    for layer in sorted(layers, key=lambda each: -each.wasted.low)[:5]:
        if layer.wasted.low:
            message = f"{in_words(layer.wasted.low)} of this layer are hidden later"
            yield Related(layer.step.node.keyword.span, message)
