"""Rules as SARIF describes them."""

from __future__ import annotations

from collections.abc import Sequence

from sarif_om import MultiformatMessageString, ReportingConfiguration, ReportingDescriptor

from dockerlint.finding import Confidence, Severity
from dockerlint.report.links import rule_url
from dockerlint.report.plain_text import sound
from dockerlint.rule import Rule

#: SARIF has three levels; what is less than a warning is a note.
LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
    Severity.STYLE: "note",
    Severity.OFF: "none",
}

#: The longest name and description, and the most tags, that code scanning on GitHub takes.
_LONGEST_NAME = 255
_LONGEST_TEXT = 1024
_MOST_TAGS = 10

_PRECISION = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_PROBLEM_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning"}
#: Scores of CVSS: from 7 on an alert is high, from 4 on medium, below that low.
_SECURITY_SEVERITY = {Severity.ERROR: "8.0", Severity.WARNING: "5.5"}
_LOW_SECURITY_SEVERITY = "3.0"
_SECURITY = "security"


def descriptor(code: str, rule: Rule | None) -> ReportingDescriptor:
    """What the log says about a rule; of a code without a rule only where to read about it."""
    url = rule_url(code)
    if rule is None:
        return ReportingDescriptor(id=sound(code), help_uri=url)
    manual = sound(rule.manual)
    return ReportingDescriptor(
        id=sound(code),
        name=sound(rule.name)[:_LONGEST_NAME],
        short_description=MultiformatMessageString(text=sound(rule.summary)[:_LONGEST_TEXT]),
        full_description=MultiformatMessageString(text=_reason(manual)[:_LONGEST_TEXT]),
        help=MultiformatMessageString(text=manual, markdown=f"# {sound(code)}: {sound(rule.name)}\n\n{manual}"),
        help_uri=url,
        default_configuration=ReportingConfiguration(level=LEVELS[rule.severity]),
        properties=_properties(rule),
    )


def _properties(rule: Rule) -> dict[str, object]:
    properties: dict[str, object] = {
        "precision": _PRECISION[rule.confidence],
        "problem.severity": _PROBLEM_SEVERITY.get(rule.severity, "recommendation"),
        "tags": _tags(rule.tags),
    }
    if _SECURITY in rule.tags:
        properties["security-severity"] = _SECURITY_SEVERITY.get(rule.severity, _LOW_SECURITY_SEVERITY)
    return properties


def _tags(tags: Sequence[str]) -> list[str]:
    """The tags, `security` first, since only so many are kept."""
    ordered = sorted(dict.fromkeys(map(sound, tags)), key=lambda tag: tag != _SECURITY)
    return ordered[:_MOST_TAGS]


def _reason(manual: str) -> str:
    """The first paragraph of the manual's first section, or all there is before it."""
    summary, _, sections = manual.partition("\n## ")
    paragraph = sections.partition("\n")[2].strip().partition("\n\n")[0]
    return " ".join((paragraph or summary).split())
