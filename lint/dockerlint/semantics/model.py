"""The meaning of a whole file: its stages, which of them a build reaches, and which end up in the image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.stages import SourceKind, Stage, Step
from dockerlint.semantics.state import State
from dockerlint.syntax.tree import Dockerfile, Problem


@dataclass(frozen=True, eq=False)
class Model:
    """The meaning of a file for one build; told apart by identity, so that what is worked out of it can be kept.

    `global_steps` are what stands before the first FROM; `globals` is the scope that FROM sees. Every
    instruction of the file is in exactly one step of `global_steps` or of a stage. `target` is the stage that
    would be built, None if there is none. `problems` are what BuildKit refuses once variables are expanded
    and stages are known.
    """

    dockerfile: Dockerfile
    options: BuildOptions
    global_steps: tuple[Step, ...]
    globals: State
    stages: tuple[Stage, ...]
    target: Stage | None
    problems: tuple[Problem, ...] = ()

    @cached_property
    def reachable(self) -> frozenset[int]:
        """The indexes of the stages that a build of the target runs."""
        seen: set[int] = set()
        todo = [] if self.target is None else [self.target.index]
        while todo:
            index = todo.pop()
            if index not in seen:
                seen.add(index)
                todo += [use.source.stage for use in self.stages[index].uses if use.source.stage is not None]
        return frozenset(seen)

    @cached_property
    def shipped(self) -> frozenset[int]:
        """The indexes of the stages whose file system is part of the target's image: the target and what it
        is FROM.
        """
        return frozenset() if self.target is None else frozenset(stage.index for stage in self.chain(self.target))

    def chain(self, stage: Stage) -> tuple[Stage, ...]:
        """The stage and the stages it is FROM, directly or not, the oldest first."""
        chain = [stage]
        while chain[-1].base.kind is SourceKind.STAGE and chain[-1].base.stage is not None:
            chain.append(self.stages[chain[-1].base.stage])
        return tuple(reversed(chain))

    def steps(self) -> Iterator[tuple[Stage | None, Step]]:
        """Every step of the file with its stage, in file order."""
        for step in self.global_steps:
            yield None, step
        for stage in self.stages:
            for step in stage.steps:
                yield stage, step
