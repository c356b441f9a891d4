"""What BuildKit refuses once variables are expanded and stages are known.

BuildKit stops at the first of these, and looks only at stages that the target needs; here all stages are judged, since
`docker build --check` does so too.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.semantics.fields import expanded_fields
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage, Step
from dockerlint.syntax.tree import Problem


def check_model(model: Model) -> Iterator[Problem]:
    """The problems of a model, in file order within each kind."""
    if not model.stages:
        return
    for stage, step in model.steps():
        yield from _check_expansion(step)


def _check_expansion(step: Step) -> Iterator[Problem]:
    for field in expanded_fields(step.node):
        error = step.expand(field.word).error
        if error is not None:
            yield Problem("DL1014", field.word.span_of(error.start, error.end), error.message)
