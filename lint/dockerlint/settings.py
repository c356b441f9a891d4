"""What a run is asked to do with a file: which rules, how strict, and for which build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.finding import Severity
from dockerlint.rule import Rule
from dockerlint.semantics.options import BuildOptions


class ActiveRule(NamedTuple):
    """A rule that runs, the level of its findings, and the values of its options by name.

    `fixed` says that the user chose the level: it then holds for every finding, also for those that the rule
    would lower.
    """

    rule: Rule
    severity: Severity
    fixed: bool = False
    values: Mapping[str, object] = MappingProxyType({})


class ShellcheckUse(Enum):
    """Whether ShellCheck looks at scripts: always, never, or if it is installed."""

    ON = "on"
    OFF = "off"
    AUTO = "auto"


def own_level(_code: str, severity: Severity) -> Severity | None:
    """The level that a finding brings with it."""
    return severity


class Settings(NamedTuple):
    """The settings of one run, the same for every file.

    `per_file_ignores` are pairs of a glob over the shown path and the codes it silences. `suppressions` says
    whether comments in the file may silence findings. `as_hadolint` asks rules to report what only hadolint objects to,
    too.

    `shellcheck` says whether ShellCheck is used, `shellcheck_level` the level of its findings by their code and
    ShellCheck's own level, None for those that are not wanted. `prices` asks rules to say how many
    bytes a finding costs.
    """

    rules: tuple[ActiveRule, ...]
    build: BuildOptions = BuildOptions()
    fail_on: Severity | None = Severity.WARNING
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    suppressions: bool = True
    as_hadolint: bool = False
    shellcheck: ShellcheckUse = ShellcheckUse.OFF
    shellcheck_level: Callable[[str, Severity], Severity | None] = own_level
    prices: bool = False
