"""How commands end, and what that makes of those behind them: the tables of `&&`, `||`, `!` and pipes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, IntEnum

from dockerlint.shell.script import TESTS, Command


class Fate(IntEnum):
    """Whether a command runs: `HOPED` if all goes as hoped, `ON_FAILURE` only if something does not."""

    NEVER = 0
    ON_FAILURE = 1
    MAYBE = 2
    HOPED = 3
    SURE = 4


class Outcome(Enum):
    """How a command ends. Of one whose end is not known success is hoped for, unless it is a test (`TESTED`)."""

    __hash__ = object.__hash__

    SUCCESS = "success"
    FAILURE = "failure"
    HOPED = "hoped"
    TESTED = "tested"


#: The fate of what follows `&&`, by the end of the list before it.
AFTER_AND = {
    Outcome.SUCCESS: Fate.SURE,
    Outcome.FAILURE: Fate.NEVER,
    Outcome.HOPED: Fate.HOPED,
    Outcome.TESTED: Fate.MAYBE,
}
#: The fate of what follows `||`.
AFTER_OR = {
    Outcome.SUCCESS: Fate.NEVER,
    Outcome.FAILURE: Fate.SURE,
    Outcome.HOPED: Fate.ON_FAILURE,
    Outcome.TESTED: Fate.MAYBE,
}
#: The end of a command behind `!`.
NEGATED = {
    Outcome.SUCCESS: Outcome.FAILURE,
    Outcome.FAILURE: Outcome.SUCCESS,
    Outcome.HOPED: Outcome.TESTED,
    Outcome.TESTED: Outcome.TESTED,
}


def joined_by_and(first: Outcome, second: Outcome) -> Outcome:
    """The end of `first && second`."""
    if first is Outcome.FAILURE or second is Outcome.FAILURE:
        return Outcome.FAILURE
    if Outcome.TESTED in (first, second):
        return Outcome.TESTED
    return second if first is Outcome.SUCCESS else Outcome.HOPED


def joined_by_or(first: Outcome, second: Outcome) -> Outcome:
    """The end of `first || second`."""
    if first is Outcome.SUCCESS or second is Outcome.SUCCESS:
        return Outcome.SUCCESS
    if first is Outcome.FAILURE or second is Outcome.TESTED:
        return second
    return first if second is Outcome.FAILURE else Outcome.HOPED


def end_of_pipeline(ends: Sequence[Outcome], *, pipefail: bool) -> Outcome:
    """The end of commands joined by pipes: that of the last, with `pipefail` a failure if one fails."""
    last = ends[-1]
    if not pipefail or len(ends) == 1:
        return last
    if Outcome.FAILURE in ends:
        return Outcome.FAILURE
    return last if last is Outcome.TESTED or set(ends) == {Outcome.SUCCESS} else Outcome.HOPED


def outcome_of(command: Command, known: bool | None) -> Outcome:
    """The end of a command of which is known whether it succeeds, or not (None)."""
    if known is None:
        return Outcome.TESTED if command.name in TESTS else Outcome.HOPED
    return Outcome.SUCCESS if known else Outcome.FAILURE
