"""What BuildKit refuses once variables are expanded and stages are known.

BuildKit stops at the first of these, and looks only at stages that the target needs; here all stages are
judged, since `docker build --check` does so too. What depends on an unknown value is not judged.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from dockerlint.finding import Severity
from dockerlint.semantics.fields import expanded_fields
from dockerlint.semantics.model import Model
from dockerlint.semantics.stage_checks import check_stages
from dockerlint.semantics.stages import Step
from dockerlint.source import Span
from dockerlint.syntax.expansion import ErrorKind
from dockerlint.syntax.image_references import parse_digest
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.modes import parse_mode
from dockerlint.syntax.mounts import mount_target, parse_mount
from dockerlint.syntax.ports import parse_port
from dockerlint.syntax.signals import parse_signal
from dockerlint.syntax.tree import (
    Add,
    Arg,
    Broken,
    Copy,
    Expose,
    Heredoc,
    Instruction,
    Problem,
    Run,
    Stopsignal,
    Transfer,
    Volume,
    Word,
)
from dockerlint.syntax.words import ExpansionError, VariableUse, expand, expand_words
from dockerlint.unknown import Unknown

_WEB = re.compile(r"https?://", re.IGNORECASE)
_GIT = re.compile(r"(?:git://|ssh://|git@)")


def check_model(model: Model) -> Iterator[Problem]:
    """The problems of a model: those of instructions in file order, of triggers that run in a stage of the file, and
    those between stages.
    """
    yield from _check_order(model)
    for _, step in model.steps():
        yield from _check_step(step)
    late = _late_problems(model)
    for stage in model.stages:
        for step in stage.triggered:
            yield from _in_trigger(late, step.node)
            yield from _check_step(step)
    yield from check_stages(model)


def _late_problems(model: Model) -> tuple[Problem, ...]:
    """What is wrong with triggers but does no harm until a child runs them; an array that is none is but text."""
    problems = model.dockerfile.problems
    return tuple(
        problem
        for problem in problems
        if problem.severity is Severity.ERROR and not problem.fatal and problem.code != "DL1007"
    )


def _in_trigger(late: tuple[Problem, ...], trigger: Instruction) -> Iterator[Problem]:
    at = bisect_left(late, trigger.span.start, key=lambda problem: problem.span.start)
    while at < len(late) and trigger.span.holds(late[at].span):
        yield late[at]._replace(fatal=True)
        at += 1


def _check_step(step: Step) -> Iterator[Problem]:
    yield from _check_expansion(step)
    for check in _CHECKS.get(type(step.node), ()):
        yield from check(step)


def _check_order(model: Model) -> Iterator[Problem]:
    """What stands before the first FROM may only be ARG."""
    early = [step.node for step in model.global_steps if not isinstance(step.node, (Arg, Broken))]
    if model.stages:
        for node in early:
            message = f"{node.name} comes before the first FROM: move it below, only ARG may stand here"
            yield Problem("DL3061", node.keyword.span, message)
    elif early:
        message = f"{early[0].name} has no FROM before it: the file needs a base image first"
        yield Problem("DL3061", early[0].keyword.span, message)
    elif model.global_steps:
        span = model.global_steps[0].node.keyword.span
        yield Problem("DL1000", span, "the file has no FROM: a build needs a base image")


def _check_expansion(step: Step) -> Iterator[Problem]:
    for field in expanded_fields(step.node):
        if not isinstance(step.node, Expose):
            expansion = step.expand(field.word)
            if expansion.error is not None and _is_sure(expansion.error, expansion.uses, step):
                yield _unexpandable(field.word, expansion.error)
    if isinstance(step.node, Transfer):
        for heredoc in step.node.heredocs:
            expansion = step.expand_body(heredoc)
            if expansion.error is not None and _is_sure(expansion.error, expansion.uses, step):
                yield _unexpandable_body(heredoc, expansion.error)


def _is_sure(error: ExpansionError, uses: tuple[VariableUse, ...], step: Step) -> bool:
    """Whether the builder stops there: `${NAME:?}` of an argument without a default asks for a build argument."""
    if error.kind is not ErrorKind.RAISED:
        return True
    return not any(use.name in step.before.args for use in uses if not use.defined)


def _unexpandable(word: Word, error: ExpansionError) -> Problem:
    message = f"{quoted(word.text)} cannot be expanded: {error.message}"
    return _expansion_problem(word.span_of(error.start, error.end), message, error)


def _unexpandable_body(heredoc: Heredoc, error: ExpansionError) -> Problem:
    start = heredoc.body.start
    message = f"the heredoc {quoted(heredoc.name)} cannot be expanded: {error.message}"
    return _expansion_problem(Span(start + error.start, start + error.end), message, error)


def _expansion_problem(span: Span, message: str, error: ExpansionError) -> Problem:
    if error.kind is ErrorKind.TOO_DEEP:  # a limit of this program, not of the builder
        return Problem("DL1014", span, message, fatal=False, severity=Severity.WARNING)
    return Problem("DL1014", span, message)


def _check_expose(step: Step) -> Iterator[Problem]:
    assert isinstance(step.node, Expose)
    for word in step.node.ports:
        if word.text.startswith("#"):
            message = f"a comment needs a line of its own: {quoted(word.text)} counts as a port here"
            yield Problem("DL1020", word.span, message)
            return
        expansion = expand_words(word.text, step.before.environment, escape=step.escape, windows=step.windows)
        if expansion.error is not None and _is_sure(expansion.error, expansion.uses, step):
            yield _unexpandable(word, expansion.error)
        for part in expansion.words:
            port = None if isinstance(part.value, Unknown) else parse_port(part.value)
            if isinstance(port, Invalid):
                code = "DL3011" if port.kind == "range" else "DL1020"
                yield Problem(code, word.span_of(part.start, part.end), f"EXPOSE: {port.reason}")


def _check_stopsignal(step: Step) -> Iterator[Problem]:
    assert isinstance(step.node, Stopsignal)
    word = step.node.signal
    value = step.expand(word).value
    signal = None if isinstance(value, Unknown) else parse_signal(value)
    if value == "":
        message = f"STOPSIGNAL {quoted(word.text)} expands to nothing: name a signal"
        yield Problem("DL1019", word.span, message)
    elif isinstance(signal, Invalid):
        yield Problem("DL1019", word.span, f"STOPSIGNAL: {signal.reason}")


def _check_volume(step: Step) -> Iterator[Problem]:
    assert isinstance(step.node, Volume)
    for path in step.node.paths:
        if path.text.strip() and step.expand(path).value == "":
            message = f"VOLUME {quoted(path.text)} expands to nothing: the builder refuses an empty path"
            yield Problem("DL1005", path.span, message)


def _check_transfer(step: Step) -> Iterator[Problem]:
    node = step.node
    assert isinstance(node, Transfer)
    flag = node.flag("chmod")
    if flag is not None and flag.value is not None:
        value = step.expand(flag.value).value
        # A mode that expands to nothing counts as absent.
        mode = None if isinstance(value, Unknown) or not value else parse_mode(value)
        if isinstance(mode, Invalid):
            yield Problem("DL1023", flag.value.span, f"flag '--chmod': {mode.reason}")


def _check_copy(step: Step) -> Iterator[Problem]:
    assert isinstance(step.node, Copy)
    if step.node.flag("from") is not None:
        return
    for source in step.node.sources:
        value = step.expand(source).value
        if isinstance(value, str) and (_WEB.match(value) or _GIT.match(value)):
            message = f"COPY cannot fetch {quoted(value)}: use ADD, or download it in a RUN"
            yield Problem("DL1022", source.span, message)


def _check_add(step: Step) -> Iterator[Problem]:
    assert isinstance(step.node, Add)
    flag = step.node.flag("checksum")
    checksum = "" if flag is None or flag.value is None else step.expand(flag.value).value
    if flag is None or flag.value is None or checksum == "":
        return
    if len(step.node.sources) > 1:
        message = "flag '--checksum' speaks of one file, but ADD has several sources: give each an ADD of its own"
        yield Problem("DL1004", flag.span, message)
        return
    source = step.expand(step.node.sources[0]).value
    if isinstance(source, str) and not _is_remote(source):
        message = f"flag '--checksum' is for downloads, but {quoted(source)} is a local file: drop the flag"
        yield Problem("DL1004", flag.span, message)
    elif isinstance(source, str) and isinstance(checksum, str) and ".git" not in source and not _GIT.match(source):
        digest = parse_digest(checksum)
        if isinstance(digest, Invalid):
            yield Problem("DL1004", flag.value.span, f"flag '--checksum': {digest.reason}")


def _is_remote(source: str) -> bool:
    return bool(_WEB.match(source) or _GIT.match(source)) or ".git" in source or source.startswith("github.com/")


def _check_run(step: Step) -> Iterator[Problem]:
    assert isinstance(step.node, Run)

    def value_of(text: str) -> str | None:
        value = expand(text, step.before.environment, escape=step.escape, windows=step.windows).value
        return None if isinstance(value, Unknown) else value

    for flag in step.node.flags:
        if flag.name != "mount" or flag.value is None or isinstance(parse_mount(flag.value.text), Invalid):
            continue
        mount = parse_mount(flag.value.text, value_of)
        if not isinstance(mount, Invalid):
            workdir = step.before.workdir
            target = mount_target(mount, workdir) if isinstance(workdir, str) else None
            if not isinstance(target, Invalid):
                continue
            mount = target
        yield Problem("DL1017", flag.value.span, f"flag '--mount': {mount.reason}")


_CHECKS: Mapping[type[Instruction], tuple[Callable[[Step], Iterator[Problem]], ...]] = MappingProxyType(
    {
        Expose: (_check_expose,),
        Stopsignal: (_check_stopsignal,),
        Volume: (_check_volume,),
        Copy: (_check_transfer, _check_copy),
        Add: (_check_transfer, _check_add),
        Run: (_check_run,),
    }
)
