"""The data of docs/hadolint.md: where the profile `hadolint` differs from hadolint, and the counts that were measured.

`hadolint_differences.yaml` is written by people, `hadolint_counts.json` by `python -m tools.measure_parity`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

DATA = Path(__file__).with_name("hadolint_differences.yaml")
COUNTS = Path(__file__).with_name("hadolint_counts.json")
_PEERS = Path(__file__).with_name("peer_rules.yaml")


class Difference(NamedTuple):
    """Why findings of some rules are `missed` or `extra`, and why we are right.

    `text` and `message` are regular expressions that are searched in the instruction and in the message of the program
    that has the finding; `at` are places, `FILE:LINE`. All that are given must hold.
    """

    name: str
    kind: str
    rules: tuple[str, ...]
    differs: str
    why: str
    examples: tuple[str, ...]
    text: str = ""
    message: str = ""
    at: tuple[str, ...] = ()

    def covers(self, code: str, place: str, text: str, message: str) -> bool:
        """Whether it explains a finding."""
        return (
            code in self.rules
            and (not self.at or place in self.at)
            and re.search(self.text, text) is not None
            and re.search(self.message, message) is not None
        )


class RuleCount(NamedTuple):
    """How many findings of a rule hadolint has, we have, and both have."""

    theirs: int
    ours: int
    both: int

    @property
    def missed(self) -> int:
        """Those that only hadolint has."""
        return self.theirs - self.both

    @property
    def extra(self) -> int:
        """Those that only we have."""
        return self.ours - self.both


class Counts(NamedTuple):
    """What was measured: in how many files, how many were left out, by rule, and what each entry covers."""

    files: int
    left_out: int
    rules: Mapping[str, RuleCount]
    covered: Mapping[str, int]

    @property
    def total(self) -> RuleCount:
        """The sums over all rules."""
        rows = self.rules.values()
        return RuleCount(sum(row.theirs for row in rows), sum(row.ours for row in rows), sum(row.both for row in rows))

    def summary(self) -> str:
        """One line for people."""
        total = self.total
        share = total.both / total.theirs if total.theirs else 1
        return (
            f"{self.files} files: {total.both} of hadolint's {total.theirs} findings ({share:.2%}), {total.extra} extra"
        )

    def as_json(self) -> str:
        """The text of the file of counts."""
        rules = ",\n".join(f'  "{code}": {json.dumps(row._asdict())}' for code, row in self.rules.items())
        covered = ",\n".join(f"  {json.dumps(name)}: {count}" for name, count in self.covered.items())
        head = f' "files": {self.files},\n "left_out": {self.left_out},\n'
        return f'{{\n{head} "rules": {{\n{rules}\n }},\n "covered": {{\n{covered}\n }}\n}}\n'


def entries(text: str) -> tuple[Difference, ...]:
    """The differences in the data; raises `ValueError` for one that is not well-formed."""
    found = tuple(_entry(name, value) for name, value in (yaml.safe_load(text) or {}).items())
    known = rules_of_hadolint()
    for entry in found:
        if entry.kind not in ("missed", "extra") or not entry.rules or not known.issuperset(entry.rules):
            raise ValueError(f"{entry.name}: 'kind' is missed or extra, 'rules' are codes of hadolint")
        if not (entry.text or entry.message or entry.at):
            raise ValueError(f"{entry.name}: nothing says which findings it covers")
    return found


def _entry(name: str, value: Mapping[str, object]) -> Difference:
    def texts(key: str) -> tuple[str, ...]:
        found = value.get(key, [])
        return tuple(map(str, found)) if isinstance(found, list) else (str(found),)

    unknown = value.keys() - {*Difference._fields} - {"name"}
    if unknown:
        raise ValueError(f"{name}: there is no '{min(unknown)}'")
    return Difference(
        name=name,
        kind=str(value["kind"]),
        rules=texts("rules"),
        differs=str(value["differs"]),
        why=str(value["why"]),
        examples=texts("examples"),
        text=str(value.get("text", "")),
        message=str(value.get("message", "")),
        at=texts("at"),
    )


def read_counts(text: str) -> Counts:
    """The counts in a file of them."""
    found = json.loads(text)
    rules = {code: RuleCount(**row) for code, row in found["rules"].items()}
    return Counts(found["files"], found["left_out"], rules, found["covered"])


def rules_of_hadolint() -> frozenset[str]:
    """The codes of hadolint's rules, those of ShellCheck left out."""
    tools = yaml.safe_load(_PEERS.read_text(encoding="utf-8"))
    return frozenset(code for code in tools[0]["rules"] if code.startswith("DL"))
