"""The scripts of one file on their way through ShellCheck."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from dockerlint.finding import Finding
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import Scripts, ShellText
from dockerlint.semantics.stages import Stage, Step
from dockerlint.shellcheck.checker import Checker, Trouble
from dockerlint.shellcheck.dialects import dialect_of
from dockerlint.shellcheck.findings import findings_of
from dockerlint.shellcheck.handover import LONGEST, Handover, hand_over
from dockerlint.syntax.tree import Onbuild, Run


class Inspection:
    """Hands the scripts of a file over when it is made, and has the findings when these are asked for.

    `as_hadolint` takes `/bin/sh` for any POSIX shell, whatever the base image is, as hadolint does.
    """

    def __init__(self, model: Model, scripts: Scripts, checker: Checker, *, as_hadolint: bool) -> None:
        self._model = model
        self._checker = checker
        self._as_hadolint = as_hadolint
        self._root = cache(lambda index: model.chain(model.stages[index])[0])
        self._handovers: list[Handover] = []
        self._too_long = 0
        for stage, step, script in _texts(model, scripts):
            self._hand_over(stage, step, script)
        checker.want(handover.text for handover in self._handovers)

    @property
    def ready(self) -> bool:
        """Whether the findings are there, so that one need not wait for them."""
        return self._checker.has(handover.text for handover in self._handovers)

    def findings(self) -> list[Finding]:
        """The findings, in no order. Waits for them."""
        found: list[Finding] = []
        for handover in self._handovers:
            answer = self._checker.answer(handover.text)
            if not isinstance(answer, Trouble):
                found.extend(findings_of(handover, answer))
        return found

    def trouble(self) -> str | None:
        """Why scripts have not been checked, as a clause; None if all have been. Waits as `findings` does."""
        reasons = []
        if self._too_long:
            reasons.append(f"is given no script of more than {LONGEST:,} characters")
        answers = (self._checker.answer(handover.text) for handover in self._handovers)
        reasons += dict.fromkeys(answer.reason for answer in answers if isinstance(answer, Trouble))
        return f"ShellCheck {', and '.join(reasons)}" if reasons else None

    def _hand_over(self, stage: Stage | None, step: Step, script: ShellText) -> None:
        root = None if stage is None or self._as_hadolint else self._root(stage.index)
        # Whether there is such a dialect costs a question to the program: it is asked only where that matters.
        dialect = dialect_of(script.dialect, root)
        if dialect == "busybox" and (self._as_hadolint or not self._checker.knows_busybox):
            dialect = "dash"
        if dialect is None or not script.joined.text.strip():
            return
        if len(script.joined.text) > LONGEST:
            self._too_long += 1
            return
        self._handovers.append(hand_over(script, step, dialect, lenient=not self._as_hadolint))


def _texts(model: Model, scripts: Scripts) -> Iterator[tuple[Stage | None, Step, ShellText]]:
    """The shell texts of RUN instructions, also of those inside ONBUILD, with stage and step."""
    for stage, step in model.steps():
        node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
        if isinstance(node, Run):
            text = scripts.text(node, step)
            if text is not None:
                yield stage, step, text
