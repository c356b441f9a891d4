"""Stages that need each other, directly or through others: no order of building them exists."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Use


def circular_uses(model: Model) -> Iterator[Use]:
    """The uses of later stages that lead back to their user, in file order. Takes time linear in the uses."""
    groups = _groups([[index for _, index in _needs(model, stage.index)] for stage in model.stages])
    for stage in model.stages:
        for use, needed in _needs(model, stage.index):
            if needed > stage.index and groups[needed] == groups[stage.index]:
                yield use


def circle_of(model: Model, use: Use) -> tuple[Use, ...]:
    """A shortest circle that begins with the use: each is made by the stage that the one before needs.

    Only the use itself if there is no circle.
    """
    if use.source.stage is None:
        return (use,)
    reached_by: dict[int, Use] = {use.source.stage: use}
    todo = deque([use.source.stage])
    while todo and use.user not in reached_by:
        for step, needed in _needs(model, todo.popleft()):
            if needed not in reached_by:
                reached_by[needed] = step
                todo.append(needed)
    circle = []
    last = reached_by.get(use.user, use)
    while last is not use:
        circle.append(last)
        last = reached_by[last.user]
    return (use, *reversed(circle))


def _needs(model: Model, index: int) -> Iterator[tuple[Use, int]]:
    for use in model.stages[index].uses:
        if use.source.stage is not None:
            yield use, use.source.stage


def _groups(needs: Sequence[Sequence[int]]) -> Mapping[int, int]:
    """For each stage the number of its group: stages that all reach each other (Kosaraju's two walks)."""
    users: list[list[int]] = [[] for _ in needs]
    for index, needed in enumerate(needs):
        for other in needed:
            users[other].append(index)
    finished: list[int] = []
    seen: set[int] = set()
    for start in range(len(needs)):
        finished += _walk(start, needs, seen)
    groups: dict[int, int] = {}
    seen.clear()
    for start in reversed(finished):
        for index in _walk(start, users, seen):
            groups[index] = start
    return groups


def _walk(start: int, neighbours: Sequence[Sequence[int]], seen: set[int]) -> Iterator[int]:
    """The stages that are reached from `start` for the first time, each after all that it leads to."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(neighbours[start]))]
    while path:
        index, rest = path[-1]
        following = next((other for other in rest if other not in seen), None)
        if following is None:
            path.pop()
            yield index
        else:
            seen.add(following)
            path.append((following, iter(neighbours[following])))
