"""What rules about suppressions look at."""

from __future__ import annotations

from typing import NamedTuple

from dockerlint.syntax.pragmas import CodeWord, Pragma


class UnknownWord(NamedTuple):
    """A word of a suppression that means no rule, and the known word that was probably meant."""

    word: CodeWord
    suggestion: str | None


class Suppression(NamedTuple):
    """A comment, or the header's `check` directive, that asks to hide findings.

    `unknown` are those of its words that mean no rule. The words of other tools are only judged where the tool's own
    codes are all known here.
    """

    pragma: Pragma
    unknown: tuple[UnknownWord, ...] = ()


class UnusedSuppression(NamedTuple):
    """A suppression with words that hid nothing, although all rules that they mean have run.

    `unused` are those words, in order; `whole` says that they are all the words there are.
    """

    pragma: Pragma
    unused: tuple[CodeWord, ...]
    whole: bool
