"""The scripts of one file on their way through ShellCheck."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from dockerlint.finding import Finding
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import Scripts
from dockerlint.semantics.stages import Stage, Step
from dockerlint.shellcheck.checker import Checker, Trouble
from dockerlint.shellcheck.dialects import dialect_for_hadolint, dialect_of
from dockerlint.shellcheck.exemptions import Sorted, sort_out
from dockerlint.shellcheck.findings import findings_of
from dockerlint.shellcheck.handover import LONGEST, Handover, hand_over
from dockerlint.syntax.tree import Onbuild, Run


class Inspection:
    """Hands the scripts of a file over when it is made, and has the findings when these are asked for.

    `as_hadolint` takes `/bin/sh` for any POSIX shell, whatever the base image is, and exempts no finding, as hadolint
    does; and it takes shells of Windows for `sh` where hadolint does.
    """

    def __init__(self, model: Model, scripts: Scripts, checker: Checker, *, as_hadolint: bool) -> None:
        self._model = model
        self._scripts = scripts
        self._checker = checker
        self._as_hadolint = as_hadolint
        self._root = cache(lambda index: model.chain(model.stages[index])[0])
        self._given: list[_Given] = []
        self._too_long = 0
        for stage, step, node in _runs(model):
            self._hand_over(stage, step, node)
        checker.want(given.handover.text for given in self._given)

    @property
    def ready(self) -> bool:
        """Whether the findings are there, so that one need not wait for them."""
        return self._checker.has(given.handover.text for given in self._given)

    def findings(self) -> Sorted:
        """The findings, in no order. Waits for them."""
        found = Sorted([], [])
        for given in self._given:
            answer = self._checker.answer(given.handover.text)
            if answer and not isinstance(answer, Trouble):
                kept, exempt = self._sorted(given, findings_of(given.handover, answer))
                found.kept.extend(kept)
                found.exempt.extend(exempt)
        return found

    def trouble(self) -> str | None:
        """Why scripts have not been checked, as a clause; None if all have been. Waits as `findings` does."""
        reasons = []
        if self._too_long:
            reasons.append(f"is given no script of more than {LONGEST:,} characters")
        answers = (self._checker.answer(given.handover.text) for given in self._given)
        reasons += dict.fromkeys(answer.reason for answer in answers if isinstance(answer, Trouble))
        return f"ShellCheck {', and '.join(reasons)}" if reasons else None

    def _sorted(self, given: _Given, findings: Iterator[Finding]) -> Sorted:
        if self._as_hadolint:
            return Sorted(list(findings), [])
        source = self._model.dockerfile.source
        return sort_out(findings, given.handover.joined, source.text, lambda: self._scripts.of(given.node, given.step))

    def _hand_over(self, stage: Stage | None, step: Step, node: Run) -> None:
        script = self._scripts.text(node, step)
        if script is None or not script.joined.text.strip():
            return
        root = None if stage is None or self._as_hadolint else self._root(stage.index)
        dialect = dialect_of(script.dialect, root)
        # Whether there is such a dialect costs a question to the program: it is asked only where that matters.
        if dialect == "busybox" and (self._as_hadolint or not self._checker.knows_busybox):
            dialect = "dash"
        if dialect is None and self._as_hadolint and self._scripts.named_dialect(node) is None:
            dialect = dialect_for_hadolint(stage, step)
        if dialect is None:
            return
        if len(script.joined.text) > LONGEST:
            self._too_long += 1
            return
        handover = hand_over(script, step, dialect, lenient=not self._as_hadolint)
        self._given.append(_Given(node, step, handover))


class _Given(NamedTuple):
    """A script that has been handed over, and the instruction that it is of; `step` may be that of an ONBUILD."""

    node: Run
    step: Step
    handover: Handover


def _runs(model: Model) -> Iterator[tuple[Stage | None, Step, Run]]:
    """The RUN instructions with stage and step, also those inside ONBUILD."""
    for stage, step in model.steps():
        node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
        if isinstance(node, Run):
            yield stage, step, node
