"""What a rule is: one documented function over one kind of thing, and what it may ask for.

The decorator makes a `Rule` of the function; that is the only registration (`registry` collects the rules of
a pack's modules). The function's docstring is the rule's manual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from dockerlint.finding import Confidence, Finding, Fix, Related, Severity
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import Scripts
from dockerlint.semantics.stages import Stage, Step
from dockerlint.shell.script import Command, Script
from dockerlint.source import Source, Span
from dockerlint.syntax.tree import Dockerfile, Instruction, Problem

if TYPE_CHECKING:
    from dockerlint.layers.simulate import Simulated
    from dockerlint.layers.sizes.install import Estimators

#: Stands for what has not been worked out yet; None may be a result.
_UNKNOWN = object()

T = TypeVar("T")
N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """A setting of a rule: `name` in kebab-case, its default and one sentence of help.

    The type of the default is the type of the setting: a whole number, a number with a fraction, a text, a
    boolean, a tuple of texts or a mapping of text to text. `setting` is the top-level key of a settings file
    that sets it, besides `rules.<rule>.<name>`.

    What else is asked of a value: a number is not below `least` nor above `most`; a text, each text of a tuple
    and each value of a mapping is one of `choices`, or is matched as a whole by the regular expression
    `pattern`, for which `form` says in words what is expected ("a port or a range such as 512-514").
    `example` is a value for the manual; it is needed where the default is empty and so shows nothing.
    """

    name: str
    default: T
    help: str
    setting: str | None = None
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    form: str = ""
    example: T | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and all that is known of it without running it.

    `severity` is the level in the recommended profile and, for a rule that is `off` there, the level once it
    is switched on. `strict` switches a rule on in the strict profile. `hadolint` is hadolint's own level for
    the rule, None if hadolint has no such rule. `aliases` are the names of the same check in other tools.
    `tags` are words for reports (`security` …). `supersedes` are the codes of rules whose findings about the same text
    are left out where this rule has one: the same fact, said less exactly. With `stands_in` the rule does for
    ShellCheck: where that has looked at the scripts of a file, the rule's findings are left out.

    `on` are the classes of the things that the rule looks at. `programs` and `needs` tell where it has nothing to
    say, so that it is not asked there. With `programs`, a rule on RUN sees only RUNs that call one of these programs
    or package managers (`Scripts.programs`), and one on stages or files only files with such a RUN. With `needs`, a
    rule on stages or files sees only files with an instruction of one of these classes, on its own or inside ONBUILD.
    """

    code: str
    name: str
    on: tuple[type[Any], ...]
    check: Callable[[Any, RuleContext], Iterator[Finding]]
    manual: str
    severity: Severity
    off: bool = False
    strict: bool = True
    hadolint: Severity | None = None
    confidence: Confidence = Confidence.HIGH
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    options: tuple[Option[Any], ...] = ()
    onbuild: bool = True
    supersedes: tuple[str, ...] = ()
    stands_in: bool = False
    programs: frozenset[str] = frozenset()
    needs: frozenset[type[Instruction]] = frozenset()

    @property
    def summary(self) -> str:
        """The manual's first sentence."""
        return self.manual.split("\n", 1)[0]


def rule(
    code: str,
    name: str,
    *,
    on: type[N] | tuple[type[N], ...],
    severity: Severity,
    off: bool = False,
    strict: bool = True,
    hadolint: Severity | None = None,
    confidence: Confidence = Confidence.HIGH,
    aliases: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    options: tuple[Option[Any], ...] = (),
    onbuild: bool = True,
    supersedes: tuple[str, ...] = (),
    stands_in: bool = False,
    programs: Iterable[str] = (),
    needs: Iterable[type[Instruction]] = (),
) -> Callable[[Callable[[N, RuleContext], Iterator[Finding]]], Rule]:
    """Make a rule of a function.

    `on` says what the function is called with: one or more instruction classes of `syntax.tree` (the function then sees
    each such instruction, and those inside ONBUILD unless `onbuild` is False), `Problem` (each problem with
    the rule's code), `Stage` (each stage) or `Model` (the whole file, once). The other parameters are the
    fields of `Rule`.
    """
    kinds: tuple[type[Any], ...] = on if isinstance(on, tuple) else (on,)

    def decorate(function: Callable[[N, RuleContext], Iterator[Finding]]) -> Rule:
        return Rule(
            code=code,
            name=name,
            on=kinds,
            check=function,
            manual=_dedent(function.__doc__ or ""),
            severity=severity,
            off=off,
            strict=strict,
            hadolint=hadolint,
            confidence=confidence,
            aliases=aliases,
            tags=tags,
            options=options,
            onbuild=onbuild,
            supersedes=supersedes,
            stands_in=stands_in,
            programs=frozenset(programs),
            needs=frozenset(needs),
        )

    return decorate


class RuleContext(NamedTuple):
    """What a rule may ask for while it looks at one thing.

    `stage` and `step` are those of the instruction that is looked at; both are None for what stands before
    the first FROM and where the rule looks at a whole file or at a problem. `step` of an instruction inside
    an ONBUILD is that of the ONBUILD. `as_hadolint` asks a rule to report also what only hadolint objects to: who comes
    from there and keeps its profile loses no finding. `memory` is what `once` keeps for all rules of a file.
    `estimators` tell the prediction the sizes of packages, None where nobody has asked for them.
    """

    rule: Rule
    model: Model
    values: Mapping[str, object]
    severity: Severity
    scripts: Scripts
    stage: Stage | None = None
    step: Step | None = None
    as_hadolint: bool = False
    memory: dict[tuple[object, object], object] | None = None
    estimators: Estimators | None = None

    @property
    def dockerfile(self) -> Dockerfile:
        """The tree of the file."""
        return self.model.dockerfile

    @property
    def source(self) -> Source:
        """The text of the file."""
        return self.model.dockerfile.source

    def script(self, node: Instruction, step: Step | None = None) -> Script:
        """The shell script of an instruction, read once for all rules.

        `step` is needed where the rule looks at a stage or a file: it is the instruction's own, or that of the ONBUILD.
        """
        step = step or self.step
        assert step is not None, "a rule that looks at more than one instruction has to name the step"
        return self.scripts.of(node, step)

    def commands(self, node: Instruction, step: Step | None = None) -> tuple[Command, ...]:
        """The commands of an instruction's script in order, with the values of variables put in where they are known.

        `step` is needed as for `script`. A word whose value is known has a text, and still points at what is written.
        """
        step = step or self.step
        assert step is not None, "a rule that looks at more than one instruction has to name the step"
        return self.scripts.commands(node, step)

    def once(self, compute: Callable[[N, RuleContext], T], thing: N) -> T:
        """`compute(thing, self)`, worked out once for all rules that look at a file.

        The result must not depend on what is particular to a rule: its options, its level, where it looks.
        """
        if self.memory is None:
            return compute(thing, self)
        key = (compute, thing)
        result: Any = self.memory.get(key, _UNKNOWN)
        if result is _UNKNOWN:
            result = self.memory[key] = compute(thing, self)
        return result  # type: ignore[no-any-return]  # it was kept under the function that gave it

    @property
    def prediction(self) -> Simulated:
        """The layers that a build of the target would add, predicted when a rule first asks for them.

        The build context is looked at only if the settings name its folder.
        """
        return self.once(_predicted, self.model)

    def option(self, option: Option[T]) -> T:
        """The value of one of the rule's options."""
        value: Any = self.values.get(option.name, option.default)
        return value  # type: ignore[no-any-return]  # settings were held against the option when they were read

    def finding(
        self,
        span: Span,
        message: str,
        *,
        lower_to: Severity | None = None,
        confidence: Confidence | None = None,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        conceals: bool = False,
    ) -> Finding:
        """A finding of this rule; see `Finding` for what it holds.

        `lower_to` is a lower level than the rule's own, for a case that is less bad.
        """
        return Finding(
            code=self.rule.code,
            span=span,
            message=message,
            severity=self.severity if lower_to is None else min(lower_to, self.severity),
            confidence=confidence or self.rule.confidence,
            related=related,
            fix=fix,
            conceals=conceals,
        )

    def problem(self, problem: Problem) -> Finding:
        """The finding of a problem that was met while reading: what the builder refuses is always an error."""
        severity = Severity.ERROR if problem.fatal else min(problem.severity, self.severity)
        return Finding(self.rule.code, problem.span, problem.message, severity, fatal=problem.fatal)


def _predicted(model: Model, ctx: RuleContext) -> Simulated:
    from dockerlint.layers.predict import predict_layers  # noqa: PLC0415 - only rules about layers pay for it

    return predict_layers(model, ctx.scripts, ctx.estimators or {})


def _dedent(docstring: str) -> str:
    """The docstring without the indentation of its body: `inspect.cleandoc`, whose import costs more than this."""
    lines = docstring.expandtabs().strip().split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(indents, default=0)
    return "\n".join([lines[0], *(line[margin:].rstrip() for line in lines[1:])])
