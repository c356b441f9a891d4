"""What findings about packages cost in bytes: texts for messages, "" where nobody knows, or nobody has asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.layers.layer import Installed, Layer
from dockerlint.layers.size import in_words, total
from dockerlint.layers.sizes.install import Estimate
from dockerlint.rule import RuleContext
from dockerlint.shell.script import Command
from dockerlint.syntax.tree import Run


def price_of_recommended(node: Run, command: Command, ctx: RuleContext) -> str:
    """What recommended packages add to an installation: `, about 118 MB in 62 packages`."""
    found = next((each for layer in _layers(node, ctx) for each in layer.installs if each.span == command.span), None)
    lean = None if found is None else _without_recommended(found, ctx)
    if found is None or lean is None or found.size.estimate is None or lean.size.estimate is None:
        return ""
    count = len(found.packages) - len(lean.packages)
    size = found.size.estimate - lean.size.estimate
    if count <= 0 or size <= 0:
        return ""
    return f", about {in_words(size)} in {count} package{'' if count == 1 else 's'}"


def price_of_lists(node: Run, folder: str, ctx: RuleContext) -> str:
    """What stays in a folder below which a RUN leaves lists of packages: `, about 20 MB`."""
    fills = [fill for layer in _layers(node, ctx) for path, fill in layer.changes.fills if path == folder]
    estimate = total(fill.size for fill in fills).estimate
    return f", about {in_words(estimate)}" if estimate else ""


def _layers(node: Run, ctx: RuleContext) -> Iterator[Layer]:
    """The layer of a RUN, if it is one of the target's, and somebody tells sizes."""
    if ctx.estimators:
        yield from (layer for layer in ctx.prediction.layers if layer.step.node is node)


def _without_recommended(found: Installed, ctx: RuleContext) -> Estimate | None:
    """The same installation without recommended packages."""
    asked = found.asked
    estimator = None if asked is None or ctx.estimators is None else ctx.estimators.get(asked.manager)
    if asked is None or estimator is None:
        return None
    return estimator.installed(asked._replace(request=asked.request._replace(recommends=False)))
