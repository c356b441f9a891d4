"""Values that change with each build, declared above steps that are costly to repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
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
    severity=Severity.WARNING,
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
    for sequence in sequences(stage):
        seen: set[str] = set()
        for at, placed in enumerate(sequence):
            for name, is_pinned, read in _declared(placed):
                if name.text.upper() not in _VOLATILE or name.text in seen:
                    continue
                later = sequence[at + 1 :]
                follows = not seen.isdisjoint(read)
                seen.add(name.text)
                if follows or (is_pinned and any(name.text in _variables(follower, ctx) for follower in later)):
                    continue
                install = _spoilt_install(name.text, later, ctx)
                if install is not None:
                    yield ctx.finding(
                        name.span,
                        f"{quoted(name.text)} changes with each build and makes '{install.label}' run again, which does"
                        " not read it: declare it below",
                        related=(Related(install.command.span, "repeated whenever the value changes"),),
                    )


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


def _variables(placed: Placed, ctx: RuleContext) -> frozenset[str]:
    return ctx.script(placed.node, placed.step).variables if isinstance(placed.node, Run) else frozenset()


def _spoilt_install(name: str, later: Sequence[Placed], ctx: RuleContext) -> PackageStep | None:
    """The first installation that is repeated for nothing when the variable changes."""
    for number, placed in enumerate(later):
        if not isinstance(placed.node, Run) or (number == 0 and name.upper() in _BUSTERS):
            continue
        if name in _variables(placed, ctx):
            # From here on the steps would run again anyway.
            return None
        if install := plain_install(placed, ctx):
            return install
    return None
