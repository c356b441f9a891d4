"""Circles of stages, held against a search that tries everything."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dockerlint.semantics.builder import build_model
from dockerlint.semantics.circles import circle_of, circular_uses
from dockerlint.semantics.model import Model
from dockerlint.source import Source
from dockerlint.syntax.parser import parse

NEEDS = st.lists(st.lists(st.integers(0, 5), max_size=3), min_size=1, max_size=6)


def model_of(needs: list[list[int]]) -> Model:
    """Stages that copy from the stages with these numbers."""
    lines = []
    for number, others in enumerate(needs):
        lines.append(f"FROM x AS s{number}")
        lines += [f"COPY --from=s{other} a b" for other in others if other < len(needs)]
    return build_model(parse(Source("Dockerfile", "\n".join(lines))))


def reaches(model: Model, start: int, goal: int) -> bool:
    reached = {start}
    for _ in model.stages:
        reached |= {
            use.source.stage for index in reached for use in model.stages[index].uses if use.source.stage is not None
        }
    return goal in reached


@given(NEEDS)
def test_a_circular_use_leads_back_to_its_user(needs: list[list[int]]) -> None:
    model = model_of(needs)
    expected = [
        use
        for stage in model.stages
        for use in stage.uses
        if use.source.stage is not None and use.source.stage > use.user and reaches(model, use.source.stage, use.user)
    ]
    assert list(circular_uses(model)) == expected


@given(NEEDS)
def test_a_circle_closes(needs: list[list[int]]) -> None:
    model = model_of(needs)
    for use in circular_uses(model):
        circle = circle_of(model, use)
        assert circle[0] is use
        assert circle[-1].source.stage == use.user
        assert all(left.source.stage == right.user for left, right in pairwise(circle))
        assert len({step.user for step in circle}) == len(circle)


def test_what_is_no_circle_is_only_the_use() -> None:
    model = model_of([[], [0]])
    (_, use) = model.stages[1].uses
    assert circle_of(model, use) == (use,)
