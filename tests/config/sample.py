"""A small registry that settings are read against: each rule stands for a case, none of them ever runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dockerlint.config.document import ConfigError
from dockerlint.finding import Finding, Severity
from dockerlint.registry import Registry, checked
from dockerlint.rule import Option, Rule, RuleContext
from dockerlint.syntax.tree import From, Problem, Run

LIMIT = Option("limit", 10, "The most layers.")
QUIET = Option("quiet", default=False, help="Say less.")
REGISTRIES = Option("registries", (), "Registries to trust.", setting="trusted-registries")
SCHEMA: Option[dict[str, str]] = Option("schema", {}, "Types of labels.", setting="label-schema")
STRICT = Option("strict", default=False, help="No other labels.", setting="strict-labels")
COMMAND = Option("command", "apt", "A word.")


def _nothing(_node: Any, _ctx: RuleContext) -> Iterator[Finding]:
    return iter(())


def make(code: str, name: str, severity: Severity = Severity.WARNING, on: type[Any] = From, **more: Any) -> Rule:
    return Rule(code, name, on, _nothing, f"The manual of {code}.", severity, **more)


REGISTRY: Registry = checked(
    [
        make("DL1000", "unparsable-dockerfile", Severity.ERROR, Problem, hadolint=Severity.ERROR),
        make("DL1001", "inline-suppression", Severity.INFO, off=True, hadolint=Severity.OFF),
        make("DL1002", "unknown-instruction", Severity.ERROR, Problem, aliases=("DL1000",)),
        make("DL1007", "invalid-json-array", Severity.ERROR, Problem, aliases=("JSONArgsRecommended",)),
        make("DL3006", "unpinned-base-image", hadolint=Severity.WARNING, aliases=("CKV_DOCKER_7", "DS-0001")),
        make("DL3007", "latest-tag", hadolint=Severity.INFO, aliases=("DS-0001",)),
        make("DL3026", "untrusted-registry", Severity.ERROR, options=(REGISTRIES,), hadolint=Severity.ERROR),
        make("DL3049", "label-missing", Severity.INFO, options=(SCHEMA, STRICT), hadolint=Severity.INFO),
        make("DL3050", "superfluous-label", Severity.INFO, options=(SCHEMA, STRICT), hadolint=Severity.INFO),
        make("DL6001", "too-many-layers", Severity.INFO, Run, options=(LIMIT, QUIET, COMMAND), off=True, strict=True),
        make("DL6002", "noise", Severity.STYLE, off=True, strict=False),
    ]
)


def problems(error: ConfigError) -> list[str]:
    return [str(problem) for problem in error.problems]
