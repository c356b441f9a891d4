"""A small registry that settings are read against: each rule stands for a case, none of them ever runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dockerlint.config.document import ConfigError
from dockerlint.finding import Finding, Severity
from dockerlint.registry import Registry, checked
from dockerlint.rule import Option, Rule, RuleContext
from dockerlint.syntax.tree import From, Problem, Run

LIMIT = Option("limit", 10, "The most layers.", least=1)
SHARE = Option("share", 0.1, "How much may be wasted.", least=0, most=1)
PORTS = Option("ports", ("22",), "Ports of servers.", pattern="[0-9]{1,5}", form="a port")
QUIET = Option("quiet", default=False, help="Say less.")
REGISTRIES = Option("registries", (), "Registries to trust.", setting="trusted-registries")
SCHEMA: Option[dict[str, str]] = Option(
    "schema", {}, "Types of labels.", setting="label-schema", choices=("text", "url", "rfc3339")
)
STRICT = Option("strict", default=False, help="No other labels.", setting="strict-labels")
COMMAND = Option("command", "apt", "A word.")


def _nothing(_node: Any, _ctx: RuleContext) -> Iterator[Finding]:
    return iter(())


def make(code: str, name: str, severity: Severity = Severity.WARNING, on: type[Any] = From, **more: Any) -> Rule:
    return Rule(code, name, (on,), _nothing, f"The manual of {code}.", severity, **more)


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
        make(
            "DL6001",
            "too-many-layers",
            Severity.INFO,
            Run,
            options=(LIMIT, SHARE, PORTS, QUIET, COMMAND),
            off=True,
            strict=True,
        ),
        make("DL6002", "noise", Severity.STYLE, off=True, strict=False),
    ]
)

#: A settings file that sets everything but `extend-ignore`.
EVERYTHING = """
select: [DL3006, unpinned-base-image, CKV_DOCKER_7, 'DL60*', all]
ignore: DL3007
extend-select: []
severity: {DL3006: off, DL3007: error}
per-file-ignores:
  'tests/**': [DL3006]
fail-on: never
no-fail: yes
profile: Strict
format: [text, 'sarif:out/report.sarif']
output: report.txt
color: never
include: ['*.docker']
exclude: vendor/
respect-gitignore: false
context: ..
target: 3
build-args: {VERSION: 1.10, EMPTY: ''}
platform: linux/arm/v7
named-contexts: [base, other=docker-image://alpine]
suppressions: off
shellcheck: on
prices: true
trusted-registries: [docker.io]
label-schema: {maintainer: text}
strict-labels: true
rules:
  too-many-layers: {limit: 3, quiet: true}
  DL6001: {command: 'on'}
"""

#: Settings files with mistakes, and what is said about them.
MISTAKES: list[tuple[str, list[str]]] = [
    ("selct: []\n", ["1:1: there is no setting 'selct': did you mean 'select'?"]),
    ("fail_on: info\n", ["1:1: there is no setting 'fail_on': did you mean 'fail-on'?"]),
    ("select: [DL3006, DL9999]\n", ["1:18: no rule is called 'DL9999' (`dlint rules` lists them)"]),
    (
        "ignore:\n  - unpined-base-image\n",
        ["2:5: no rule is called 'unpined-base-image': did you mean 'unpinned-base-image'?"],
    ),
    ("select: {a: b}\n", ["1:9: expected a list of rules, found a table"]),
    ("select:\n", ["1:8: expected a list of rules, found nothing"]),
    ("select: [[DL3006]]\n", ["1:10: expected a text, found a list"]),
    ("severity: error\n", ["1:11: expected a table of rules and levels, found 'error'"]),
    (
        "severity:\n  DL3006: eror\n",
        ["2:11: expected one of error, warning, info, style, off, found 'eror': did you mean 'error'?"],
    ),
    ("severity:\n  DL306: error\n", ["2:3: no rule is called 'DL306': did you mean 'DL3006'?"]),
    ("per-file-ignores: []\n", ["1:19: expected a table of patterns and rules, found a list"]),
    ("per-file-ignores: {'*': DL1}\n", ["1:25: no rule is called 'DL1' (`dlint rules` lists them)"]),
    ("fail-on: fatal\n", ["1:10: expected one of error, warning, info, style, never, found 'fatal'"]),
    (
        "fail-on: none\n",
        [
            (
                "1:10: expected one of error, warning, info, style, never, found 'none': in hadolint this word "
                "makes every finding fail; write 'style' for that, or 'never' if none shall fail"
            )
        ],
    ),
    ("no-fail: maybe\n", ["1:10: expected true or false, found 'maybe'"]),
    ("no-fail: 'true'\n", ["1:10: expected true or false, found 'true'"]),
    (
        "profile: hadolin\n",
        ["1:10: expected one of recommended, strict, all, hadolint, found 'hadolin': did you mean 'hadolint'?"],
    ),
    ("format: tty\n", ["1:9: expected one of text, json, sarif, found 'tty': the format for people is 'text'"]),
    ("format: 'json:'\n", ["1:9: 'json:' has no file behind the colon"]),
    ("platform: linux\n", ["1:11: expected a platform such as linux/arm64, found 'linux'"]),
    ("platform: linux//v7\n", ["1:11: expected a platform such as linux/arm64, found 'linux//v7'"]),
    ("build-args: [A=1]\n", ["1:13: expected a table of texts, found a list"]),
    ("build-args: {A: }\n", ["1:16: expected a text, found nothing"]),
    ("build-args: {A: [1]}\n", ["1:17: expected a text, found a list"]),
    ("rules: [a]\n", ["1:8: expected a table of rules and their options, found a list"]),
    ("rules: {DL3007: {limit: 1}}\n", ["1:18: 'DL3007' has no option 'limit': it has none"]),
    ("rules: {DL6001: {limt: 1}}\n", ["1:18: 'DL6001' has no option 'limt': did you mean 'limit'?"]),
    (
        "rules: {DL6001: {other: 1}}\n",
        ["1:18: 'DL6001' has no option 'other': it has limit, share, ports, quiet, command"],
    ),
    ("rules: {DL6001: {limit: many}}\n", ["1:25: expected a whole number of at least 1, found 'many'"]),
    ("rules: {DL6001: {limit: yes}}\n", ["1:25: expected a whole number of at least 1, found 'yes'"]),
    ("rules: {DL6001: {limit: 0}}\n", ["1:25: expected a whole number of at least 1, found '0'"]),
    ("rules: {DL6001: {limit: 1.5}}\n", ["1:25: expected a whole number of at least 1, found '1.5'"]),
    ("rules: {DL6001: {limit: '3'}}\n", ["1:25: expected a whole number of at least 1, found '3'"]),
    ("rules: {DL6001: {share: 2}}\n", ["1:25: expected a number from 0 to 1, found '2'"]),
    ("rules: {DL6001: {share: 10%}}\n", ["1:25: expected a number from 0 to 1, found '10%'"]),
    ("rules: {DL6001: {ports: [22, ssh]}}\n", ["1:30: expected a port, found 'ssh'"]),
    ("rules: {DL6001: {ports: {}}}\n", ["1:25: expected a list, each a port, found a table"]),
    (
        "label-schema:\n  a: URL\n  b: tex\n  c: [url]\n",
        [
            "3:6: expected one of text, url, rfc3339, found 'tex': did you mean 'text'?",
            "4:6: expected one of text, url, rfc3339, found a list",
        ],
    ),
    ("label-schema: url\n", ["1:15: expected a table, each value one of text, url, rfc3339, found 'url'"]),
    ("rules: {DL6001: {quiet: 1}}\n", ["1:25: expected true or false, found '1'"]),
    ("rules: {DL6001: off}\n", ["1:17: expected a table of the options of 'DL6001', found 'off'"]),
    ("rules: {DS-0001: {}}\n", ["1:9: 'DS-0001' means several rules (DL3006, DL3007): name one"]),
    ("rules: {DL9: {}}\n", ["1:9: no rule is called 'DL9' (`dlint rules` lists them)"]),
    ("strict-labels: []\n", ["1:16: expected true or false, found a list"]),
    (
        "color: red\nno-fail: 3\nselect: [a,\n b]\n",
        [
            "1:8: expected one of auto, always, never, found 'red'",
            "2:10: expected true or false, found '3'",
            "3:10: no rule is called 'a' (`dlint rules` lists them)",
            "4:2: no rule is called 'b' (`dlint rules` lists them)",
        ],
    ),
]


def problems(error: ConfigError) -> list[str]:
    return [str(problem) for problem in error.problems]
