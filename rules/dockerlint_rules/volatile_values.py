"""Values that change with each build, declared above steps that are costly to repeat."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.semantics.stages import Stage
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Env, Run, Word
from dockerlint_rules._dependencies import plain_install
from dockerlint_rules._runs import PackageStep, Placed, sequences
from dockerlint_rules._tables import names

# What build systems pass in so that the image can tell where it comes from.
_VOLATILE = names(
    """
    APP_BUILD APP_COMMIT APP_REVISION APP_VERSION BUILDDATE BUILDTIME BUILD_COMMIT BUILD_DATE BUILD_ID BUILD_NUM
    BUILD_NUMBER BUILD_REF BUILD_REVISION BUILD_SHA BUILD_TIME BUILD_TIMESTAMP BUILD_VERSION CACHEBUST CACHE_BUST
    CACHE_BUSTER CACHE_DATE CI_COMMIT_REF_NAME CI_COMMIT_SHA CI_COMMIT_SHORT_SHA CI_COMMIT_TAG CI_JOB_ID CI_PIPELINE_ID
    COMMIT COMMIT_HASH COMMIT_ID COMMIT_REF COMMIT_SHA CREATED GITHUB_REF GITHUB_RUN_ID GITHUB_RUN_NUMBER GITHUB_SHA
    GITSHA GIT_BRANCH GIT_COMMIT GIT_COMMIT_HASH GIT_COMMIT_SHA GIT_DESCRIBE GIT_HASH GIT_REF GIT_REV GIT_REVISION
    GIT_SHA GIT_TAG GIT_VERSION IMAGE_CREATED IMAGE_REVISION IMAGE_VERSION RELEASE_VERSION REVISION SHA SOURCE_COMMIT
    SOURCE_VERSION TIMESTAMP VCS_REF VCS_REVISION
    """
)

# Meant to make the step right below run again.
_BUSTERS = names("CACHEBUST CACHE_BUST CACHE_BUSTER CACHE_DATE")


@rule(
    "DL6016",
    "volatile-argument-too-early",
    on=Stage,
    programs=(PACKAGE_MANAGER,),
    needs=(Arg, Env),
    severity=Severity.WARNING,
    supersedes=("DL8019",),
    tags=("cache",),
)
def volatile_argument_too_early(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""A value that changes with each build is declared above a costly step that does not read it.

    ## Why
    All variables in force are part of what the builder compares before it takes a RUN from its cache, whether the RUN
    reads them or not. A commit, a date or a build number that is declared at the top of a stage makes each build
    install all packages again. Declare it below, right before the step that reads it.

    Recognised are the names that build systems use (GIT_COMMIT, BUILD_DATE, APP_VERSION …). Costly are RUNs that
    install packages and do nothing else; others may read the variable from their environment. An argument with a
    default that a later RUN reads is a pinned version and exempt.

    ## Bad
        FROM python:3.13-slim
        ARG GIT_COMMIT
        RUN pip install --no-cache-dir flask==3.1.0
        LABEL org.opencontainers.image.revision=$GIT_COMMIT

    ## Good
        FROM python:3.13-slim
        RUN pip install --no-cache-dir flask==3.1.0
        ARG GIT_COMMIT
        LABEL org.opencontainers.image.revision=$GIT_COMMIT

    ## See
    https://docs.docker.com/build/cache/invalidation/
    https://docs.docker.com/reference/dockerfile/#impact-on-build-caching
    """
    for sequence in sequences(stage, ctx):
        values = list(_volatile(sequence))
        if not values:
            continue
        later = _LaterRuns(sequence, ctx)
        for at, name, is_pinned in values:
            install = None if is_pinned and later.reads(name.text) > at else later.spoilt_install(at, name.text)
            if install is not None:
                yield ctx.finding(
                    name.span,
                    f"{quoted(name.text)} changes with each build and makes '{install.label}' run again, which does"
                    " not read it: declare it below",
                    related=(Related(install.command.span, "repeated whenever the value changes"),),
                )


class _Volatile(NamedTuple):
    """A name that changes with each build, where it is first declared; `is_pinned` if the file itself has the value."""

    at: int
    name: Word
    is_pinned: bool


def _volatile(sequence: Sequence[Placed]) -> Iterator[_Volatile]:
    """The volatile names of a sequence, without variables that only repeat one of them."""
    seen: set[str] = set()
    for at, placed in enumerate(sequence):
        for name, is_pinned, read in _declared(placed):
            if name.text.upper() in _VOLATILE and name.text not in seen:
                if seen.isdisjoint(read):
                    yield _Volatile(at, name, is_pinned)
                seen.add(name.text)


def _declared(placed: Placed) -> Iterator[tuple[Word, bool, frozenset[str]]]:
    """The names that an instruction declares, whether each has a value of its own, and what its value is made of."""
    if isinstance(placed.node, Arg):
        for declaration in placed.node.declarations:
            has_value = declaration.default is not None and bool(declaration.default.text)
            yield declaration.name, has_value, frozenset()
    elif isinstance(placed.node, Env):
        for pair in placed.node.pairs:
            read = frozenset(use.name for use in placed.step.expand(pair.value).uses)
            yield pair.key, not read, read


class _LaterRuns:
    """What the RUNs of a sequence read and install."""

    def __init__(self, sequence: Sequence[Placed], ctx: RuleContext) -> None:
        self._reading: dict[str, list[int]] = {}
        self._installs: list[tuple[int, PackageStep]] = []
        for at, placed in enumerate(sequence):
            if isinstance(placed.node, Run):
                for name in ctx.script(placed.node, placed.step).variables:
                    self._reading.setdefault(name, []).append(at)
                if install := plain_install(placed, ctx):
                    self._installs.append((at, install))

    def reads(self, name: str) -> int:
        """The place of the last RUN that reads a variable, -1 if none does."""
        return self._reading.get(name, [-1])[-1]

    def spoilt_install(self, at: int, name: str) -> PackageStep | None:
        """The first installation below a place that is repeated for nothing when the variable changes.

        From the first RUN on that reads it the steps would run again anyway.
        """
        reading = self._reading.get(name, [])
        number = bisect_right(reading, at)
        end = reading[number] if number < len(reading) else None
        start = at + 1 if name.upper() in _BUSTERS else at
        number = bisect_right(self._installs, start, key=lambda entry: entry[0])
        if number == len(self._installs):
            return None
        place, install = self._installs[number]
        return install if end is None or place < end else None
