"""`dlint explain RULE`: print the manual of a rule."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from dockerlint.cli.options import Group, Parser
from dockerlint.cli.output import wants_color
from dockerlint.cli.rule_page import page
from dockerlint.cli.rules import find_rules
from dockerlint.registry import load

_USAGE = "dlint explain [OPTION…] RULE…"

_DESCRIPTION = """\
Print the manual of a rule: why it exists, an example that it reports, and how
that is mended. RULE is a code (DL3006), a name (unpinned-base-image), or what
another tool calls it (CKV_DOCKER_7, DS-0001, FromAsCasing), or a code of
ShellCheck (SC2086)."""


def run(arguments: Sequence[str]) -> int:
    """Print the manuals, and give the exit status."""
    parser = Parser("explain", _USAGE, _DESCRIPTION)
    group = Group(parser, "options")
    group.value("--color", metavar="WHEN", help="auto (default), always or never: with colours, or as plain Markdown")
    group.help()
    namespace, words = parser.read(arguments)
    color = namespace.color or "auto"
    if color not in ("auto", "always", "never"):
        parser.error(f"--color: expected auto, always or never, found '{color}'")
    if not words:
        parser.error("name a rule (`dlint rules` lists them)")
    pages = [page(rule) for rule in find_rules(load(), words)]
    if wants_color(color, sys.stdout, os.environ):
        _print_pretty(pages)
    else:
        sys.stdout.write("\n".join(pages))
    return 0


def _print_pretty(pages: Sequence[str]) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.markdown import Markdown  # noqa: PLC0415 - slow to import

    console = Console(file=sys.stdout, force_terminal=True)
    for text in pages:
        console.print(Markdown(text, hyperlinks=False), width=min(console.width, 100))
