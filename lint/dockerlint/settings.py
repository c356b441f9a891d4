"""What a run is asked to do with a file: which rules, how strict, and for which build."""

from __future__ import annotations

from collections.abc import Mapping
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


class Settings(NamedTuple):
    """The settings of one run, the same for every file.

    `per_file_ignores` are pairs of a glob over the shown path and the codes it silences. `suppressions` says
    whether comments in the file may silence findings. `as_hadolint` asks rules to report what only hadolint objects to,
    too.
    """

    rules: tuple[ActiveRule, ...]
    build: BuildOptions = BuildOptions()
    fail_on: Severity | None = Severity.WARNING
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    suppressions: bool = True
    as_hadolint: bool = False
