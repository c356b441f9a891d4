"""Runs rules over a file: parse, understand, dispatch, set levels, hide, put in order.

One walk over the instructions serves all rules. A rule that raises is a bug of that rule: it costs its own findings in
that file and makes the result incomplete (`FileResult.error`), but nothing of the other rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.image.catalogue import lookup
from dockerlint.registry import Registry, load
from dockerlint.results import FileResult, Part
from dockerlint.rule import Rule, RuleContext
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import Scripts
from dockerlint.semantics.stages import Stage, Step
from dockerlint.settings import ActiveRule, Settings, ShellcheckUse
from dockerlint.shellcheck.checker import Checker
from dockerlint.shellcheck.codes import can_be_found, covers
from dockerlint.shellcheck.inspection import Inspection
from dockerlint.source import Source, Span
from dockerlint.superseding import without_superseded
from dockerlint.suppress.apply import Suppressions
from dockerlint.suppress.values import Suppression, UnusedSuppression
from dockerlint.suppress.words import Dictionary
from dockerlint.syntax.directives import read_check_options
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.parser import parse
from dockerlint.syntax.pragmas import Tool
from dockerlint.syntax.tree import Instruction, Onbuild, Problem, Run

if TYPE_CHECKING:
    from dockerlint.layers.sizes.install import Estimators


class Engine:
    """Lints files with the same settings.

    `registry` knows the rules that suppressions may name, also those that do not run; by default the installed ones.
    `checker` is asked about shell scripts where the settings want that. `estimators` tell the sizes of packages where
    the settings want prices; by default those that need no network.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry | None = None,
        checker: Checker | None = None,
        estimators: Estimators | None = None,
    ) -> None:
        self._settings = settings
        self._checker = None if settings.shellcheck is ShellcheckUse.OFF else checker
        self._dictionary = Dictionary(load() if registry is None else registry)
        self._rules = tuple(active for active in settings.rules if active.severity is not Severity.OFF)
        self._of_nodes = tuple(active for active in self._rules if issubclass(active.rule.on[0], Instruction))
        self._by_kind: dict[type[Any], tuple[ActiveRule, ...]] = {}
        self._by_class: dict[tuple[type[Instruction], bool], tuple[ActiveRule, ...]] = {}
        self._of_problems = {active.rule.code: active for active in self._rules if Problem in active.rule.on}
        self._fixed = {active.rule.code: active.severity for active in self._rules if active.fixed}
        self._stand_ins = frozenset(active.rule.code for active in self._rules if active.rule.stands_in)
        self._supersedes = {active.rule.code: active.rule.supersedes for active in self._rules}
        self.estimators = (estimators or _estimators()) if settings.prices else None
        self._ignores = tuple((_path_matcher(glob), codes) for glob, codes in settings.per_file_ignores)

    @property
    def as_hadolint(self) -> bool:
        """Whether rules report what only hadolint objects to, too."""
        return self._settings.as_hadolint

    def lint(self, source: Source) -> FileResult:
        """Lint one file. Never raises; `FileResult.error` says what could not be done."""
        return self.begin(source).result()

    def begin(self, source: Source) -> Pending:
        """Begin to lint a file: do all but wait for what goes on in other processes. Never raises."""
        try:
            model = build_model(parse(source), self._settings.build, lookup)
        except Exception as error:  # noqa: BLE001 - a bug of ours must not cost the results of the other files
            result = FileResult(source, error=f"internal error while reading: {_described(error)}")
            return Pending.done(result)
        run = _Run(model, self)
        inspection = None
        if self._checker is not None:
            inspection = Inspection(model, run.scripts, self._checker, as_hadolint=self._settings.as_hadolint)
        found = run.findings()
        return Pending(lambda: inspection is None or inspection.ready, lambda: self._result(run, found, inspection))

    def on(self, kind: type[Any]) -> tuple[ActiveRule, ...]:
        """The rules that look at things of this kind."""
        rules = self._by_kind.get(kind)
        if rules is None:
            rules = self._by_kind[kind] = tuple(active for active in self._rules if kind in active.rule.on)
        return rules

    def of_node(self, kind: type[Instruction], *, in_onbuild: bool) -> tuple[ActiveRule, ...]:
        """The rules that look at instructions of this class, standing on their own or inside an ONBUILD."""
        key = (kind, in_onbuild)
        rules = self._by_class.get(key)
        if rules is None:
            rules = self._by_class[key] = tuple(
                active
                for active in self._of_nodes
                if issubclass(kind, active.rule.on) and (active.rule.onbuild or not in_onbuild)
            )
        return rules

    def of_problem(self, code: str) -> ActiveRule | None:
        """The rule that reports problems of this code."""
        return self._of_problems.get(code)

    def _result(self, run: _Run, found: list[Finding], inspection: Inspection | None) -> FileResult:
        source = run.source
        ignored = frozenset(code for matches, codes in self._ignores if matches(source.path) for code in codes)
        gap = None
        exempt: list[Finding] = []
        if inspection is not None:
            of_scripts, exempt = inspection.findings()
            found += self._wanted(of_scripts)
            gap = inspection.trouble()
        checked = inspection is not None and gap is None
        if checked:
            found = [finding for finding in found if finding.code not in self._stand_ins]
        hidden: list[Finding] = []
        if self._settings.suppressions:
            suppressions = Suppressions(run.model.dockerfile, self._dictionary)
            given = tuple(suppressions.values())
            for suppression in given:
                found += run.all_on(Suppression, suppression)
            found, hidden = suppressions.split(found)
            # What is not reported anyway is reason enough for a comment that hides it from another tool.
            suppressions.split(exempt)
            if given:
                more, more_hidden = self._about_unused(run, suppressions, ignored, checked=checked)
                found += more
                hidden += more_hidden
        found = without_superseded(found, hidden, self._supersedes)
        levelled = self._levels(run.model)
        error = run.error
        if gap is not None and self._settings.shellcheck is ShellcheckUse.ON:
            error, gap = "; ".join(filter(None, (error, gap))), None
        return FileResult(
            source,
            _in_order(levelled(finding) for finding in found if not covers(ignored, finding.code)),
            _in_order(levelled(finding) for finding in hidden if not covers(ignored, finding.code)),
            error,
            gap,
            _parts(run.model) if found or hidden else (),
        )

    def _about_unused(
        self, run: _Run, suppressions: Suppressions, ignored: frozenset[str], *, checked: bool
    ) -> tuple[list[Finding], list[Finding]]:
        """What rules say about suppressions that have hidden nothing, and what of that is hidden.

        Only what could have been found is judged. `checked` says whether ShellCheck has seen all scripts of the file.
        """
        late = frozenset(active.rule.code for active in self.on(UnusedSuppression))
        if not late:
            return [], []
        judged = frozenset(active.rule.code for active in self._rules) - ignored - late
        if checked:
            judged -= self._stand_ins
        unused = tuple(
            suppressions.unused(
                lambda code: code in judged or (checked and self._reports(code) and not covers(ignored, code))
            )
        )
        about = [finding for value in unused for finding in run.all_on(UnusedSuppression, value)]
        return suppressions.split(about)

    def _wanted(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """ShellCheck's findings that the settings ask for, at the level that they ask for."""
        for finding in findings:
            level = self._settings.shellcheck_level(finding.code, finding.severity)
            if level is not None:
                yield finding if level is finding.severity else replace(finding, severity=level)

    def _reports(self, code: str) -> bool:
        """Whether a code of ShellCheck would be reported if it were found."""
        return can_be_found(code) and self._settings.shellcheck_level(code, Severity.WARNING) is not None

    def _levels(self, model: Model) -> Callable[[Finding], Finding]:
        """Sets the level of a finding: the user's choice, else an error where the header's `check` asks for it."""
        fixed = self._fixed
        failing: frozenset[str] = frozenset()
        directive = model.dockerfile.directive("check")
        if directive is not None:
            options = read_check_options(directive.value)
            if not isinstance(options, Invalid) and options.error:
                failing = self._dictionary.all_of(Tool.BUILDKIT)

        def levelled(finding: Finding) -> Finding:
            severity = fixed.get(finding.code)
            if severity is None and finding.code in failing:
                severity = Severity.ERROR
            if severity is None or finding.fatal or severity is finding.severity:
                return finding
            return replace(finding, severity=severity)

        return levelled


class Pending(NamedTuple):
    """A file that is being linted. `ready` tells whether `result` would give the result without waiting."""

    ready: Callable[[], bool]
    result: Callable[[], FileResult]

    @classmethod
    def done(cls, result: FileResult) -> Pending:
        """A file whose result is there."""
        return cls(lambda: True, lambda: result)


class _Run:
    """One file on its way through the rules."""

    def __init__(self, model: Model, engine: Engine) -> None:
        self.model = model
        self.source = model.dockerfile.source
        self._engine = engine
        self.scripts = Scripts(model.dockerfile)
        memory: dict[tuple[object, object], object] = {}
        # What all contexts of the file end with.
        self._shared = (engine.as_hadolint, memory, engine.estimators)
        self._failed: dict[str, str] = {}

    @property
    def error(self) -> str | None:
        """Which rules failed, and how; None if none did."""
        return "; ".join(self._failed.values()) or None

    def findings(self) -> list[Finding]:
        """What the rules find in the file, in no order."""
        found: list[Finding] = []
        for stage, step in self.model.steps():
            self._look_at_step(stage, step, found)
        rules = self._speaking(Stage)
        for stage in self.model.stages:
            self._look(rules, stage, found, stage)
        self._look(self._speaking(Model), self.model, found)
        for problem in (*self.model.dockerfile.problems, *self.model.problems):
            self._look_at_problem(problem, found)
        return found

    def all_on(self, kind: type[Any], thing: object) -> list[Finding]:
        """What the rules of one kind find in one thing."""
        found: list[Finding] = []
        self._look(self._engine.on(kind), thing, found)
        return found

    def _look_at_step(self, stage: Stage | None, step: Step, found: list[Finding]) -> None:
        node = step.node
        self._look_at_node(node, stage, step, found)
        if isinstance(node, Onbuild):
            self._look_at_node(node.trigger, stage, step, found)

    def _look_at_node(self, node: Instruction, stage: Stage | None, step: Step, found: list[Finding]) -> None:
        rules: Iterable[ActiveRule] = self._engine.of_node(type(node), in_onbuild=node is not step.node)
        if isinstance(node, Run) and any(active.rule.programs for active in rules):
            rules = _calling(self.scripts.programs(node, step), rules)
        self._look(rules, node, found, stage, step)

    def _speaking(self, kind: type[Any]) -> list[ActiveRule]:
        """The rules on stages or files that may have something to say about this file."""
        rules = [
            active
            for active in self._engine.on(kind)
            if not active.rule.needs or not active.rule.needs.isdisjoint(self._kinds)
        ]
        return _calling(self._programs, rules) if any(active.rule.programs for active in rules) else rules

    @cached_property
    def _kinds(self) -> frozenset[type[Any]]:
        """The classes of the instructions of the file, also of those inside ONBUILD."""
        nodes = [step.node for _, step in self.model.steps()]
        nodes += [node.trigger for node in nodes if isinstance(node, Onbuild)]
        return frozenset(base for kind in {type(node) for node in nodes} for base in kind.__mro__)

    @cached_property
    def _programs(self) -> frozenset[str]:
        """The programs that the RUNs of the file call."""
        found: set[str] = set()
        for _, step in self.model.steps():
            node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
            if isinstance(node, Run):
                found |= self.scripts.programs(node, step)
        return frozenset(found)

    def _look_at_problem(self, problem: Problem, found: list[Finding]) -> None:
        active = self._engine.of_problem(problem.code)
        before = len(found)
        if active is not None:
            self._look((active,), problem, found)
        if problem.fatal and len(found) == before:
            # What the builder refuses is told even if the rule for it does not run, or fails.
            found.append(Finding(problem.code, problem.span, problem.message, Severity.ERROR, fatal=True))

    def _look(
        self,
        rules: Iterable[ActiveRule],
        thing: object,
        found: list[Finding],
        stage: Stage | None = None,
        step: Step | None = None,
    ) -> None:
        """Let rules look at one thing. A rule that has failed does not run again in this file."""
        model, scripts, shared, failed = self.model, self.scripts, self._shared, self._failed
        for rule, severity, _, values in rules:
            if failed and rule.code in failed:
                continue
            # Some hundred times for each file: this takes a third of the time of a call with so many arguments.
            context = tuple.__new__(RuleContext, (rule, model, values, severity, scripts, stage, step, *shared))
            try:
                found.extend(rule.check(thing, context))
            except Exception as error:  # noqa: BLE001 - a rule may be foreign code, and its bugs are its own
                failed[rule.code] = f"internal error in rule {_named(rule)}: {_described(error)}"


def _calling(programs: frozenset[str], rules: Iterable[ActiveRule]) -> list[ActiveRule]:
    """The rules that are not about other programs than these."""
    return [active for active in rules if not active.rule.programs or not active.rule.programs.isdisjoint(programs)]


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By place, then by code; each fact once."""
    once: dict[tuple[Span, str, str], Finding] = {}
    for finding in sorted(findings, key=_order):
        once.setdefault((finding.span, finding.code, finding.message), finding)
    return tuple(once.values())


def _parts(model: Model) -> tuple[Part, ...]:
    return tuple(
        Part(step.node.span, step.node.name, *((None, None) if stage is None else (stage.index, stage.name)))
        for stage, step in model.steps()
    )


def _order(finding: Finding) -> tuple[int, str, int, str, bool, int]:
    return finding.span.start, finding.code, finding.span.end, finding.message, not finding.fatal, -finding.severity


def _estimators() -> Estimators:
    """Whoever tells the sizes of packages without a network."""
    from dockerlint.layers.sizes.offline import offline_estimators  # noqa: PLC0415 - only where prices are wanted

    return offline_estimators()


def _named(rule: Rule) -> str:
    return f"{rule.code} ({rule.name})"


def _described(error: Exception) -> str:
    """The kind, text and innermost place of an exception, on one line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        name = trace.tb_frame.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
        place = f" ({name}, line {trace.tb_lineno})"
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"


def _path_matcher(glob: str) -> Callable[[str], bool]:
    """Whether a shown path matches a glob, read as in `.gitignore`: without a slash it holds in every folder."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    return GitIgnoreSpec.from_lines([glob]).match_file
