"""ShellCheck's codes, which no rule stands for: how they are named, and what is known of them here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import Rule, RuleContext
from dockerlint.syntax.tree import Run

#: What the findings are called where a rule would have its name; as a selector it means all codes.
NAME = "shellcheck"

#: Stands in a set of codes for all codes of ShellCheck.
ALL_CODES = "SC*"

#: What is left out of every script, since it says nothing true or of use about a Dockerfile.
EXCLUDED = (
    "SC1008",  # an unusual #! line: the dialect is told
    "SC1090",  # a sourced file is not there to be read: it is in the image
    "SC1091",
    "SC2148",  # no #! line: SHELL chooses the shell
    "SC2187",  # ash is read as dash: it is known what was meant
    "SC2239",  # the path in a #! line
)

_CODE = re.compile(r"SC\d{4,5}", re.IGNORECASE)
_START = re.compile(r"SC\d{0,5}\*", re.IGNORECASE)
_WIKI = "https://www.shellcheck.net/wiki"
_UNEXPLAINED = (Severity.WARNING, "ShellCheck has found a problem in a shell script.")


def is_code(word: str) -> bool:
    """Whether a word has the form of a code, in any case."""
    return _CODE.fullmatch(word) is not None


def can_be_found(code: str) -> bool:
    """Whether ShellCheck may be the one to find a code, as it is asked here."""
    return is_code(code) and code not in EXCLUDED


def codes_of(selector: str) -> frozenset[str]:
    """What a selector means among ShellCheck's codes, for `covers`: one code, or the start of codes with a `*`."""
    word = selector.upper()
    if _CODE.fullmatch(word) or _START.fullmatch(word):
        return frozenset({word})
    return frozenset({ALL_CODES}) if word in ("ALL", "*", "S*", NAME.upper()) else frozenset()


def covers(codes: Iterable[str], code: str) -> bool:
    """Whether a set of codes has a code, itself or by a start of it such as `SC2*`. Only ShellCheck's have starts."""
    if code in codes:
        return True
    return code.startswith("SC") and any(
        known.startswith("SC") and known[-1] == "*" and code.startswith(known[:-1]) for known in codes
    )


def rule_of(code: str) -> Rule:
    """What reports and `dlint explain` say about a code, in the shape of a rule; it never finds anything itself."""
    from dockerlint.shellcheck.explanations import EXPLANATIONS  # noqa: PLC0415 - only findings and manuals need it

    severity, summary = EXPLANATIONS.get(code, _UNEXPLAINED)
    manual = (
        f"{summary}\n\n## Why\nShellCheck reports this code for the shell script of a RUN instruction. Its page says"
        f" why, and what to write instead.\n\n## See\n- {_WIKI}/{code}"
    )
    return Rule(code, NAME, (Run,), _nothing, manual, severity, hadolint=severity, tags=("shell",))


def rules_of(codes: Iterable[str]) -> dict[str, Rule]:
    """What reports say about those of the codes that are ShellCheck's."""
    return {code: rule_of(code) for code in sorted(set(codes)) if is_code(code)}


def _nothing(_node: Run, _ctx: RuleContext) -> Iterator[Finding]:
    return iter(())
