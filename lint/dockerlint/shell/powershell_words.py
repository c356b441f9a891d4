"""Keywords and aliases of PowerShell."""

from __future__ import annotations

from dockerlint.shell.script import Reach, ScopeKind

#: Keywords with a test in parentheses or a block in braces: the reach of each.
TESTS = {
    "if": Reach.ALWAYS,
    "while": Reach.ALWAYS,
    "switch": Reach.ALWAYS,
    "foreach": Reach.ALWAYS,
    "for": Reach.ALWAYS,
    "elseif": Reach.MAYBE,
    "until": Reach.ALWAYS,
    "param": Reach.ALWAYS,
}
BLOCKS = {
    "try": (ScopeKind.GROUP, Reach.ALWAYS),
    "finally": (ScopeKind.GROUP, Reach.ALWAYS),
    "do": (ScopeKind.GROUP, Reach.ALWAYS),
    "begin": (ScopeKind.GROUP, Reach.ALWAYS),
    "process": (ScopeKind.GROUP, Reach.ALWAYS),
    "end": (ScopeKind.GROUP, Reach.ALWAYS),
    "catch": (ScopeKind.BRANCH, Reach.ON_FAILURE),
    "trap": (ScopeKind.BRANCH, Reach.ON_FAILURE),
    "while": (ScopeKind.LOOP, Reach.MAYBE),
    "for": (ScopeKind.LOOP, Reach.MAYBE),
    "foreach": (ScopeKind.LOOP, Reach.MAYBE),
    "function": (ScopeKind.FUNCTION, Reach.MAYBE),
    "filter": (ScopeKind.FUNCTION, Reach.MAYBE),
}
KEYWORDS = frozenset({*TESTS, *BLOCKS, "else", "default"})

ALIASES = {
    "iwr": "invoke-webrequest",
    "irm": "invoke-restmethod",
    "iex": "invoke-expression",
    "saps": "start-process",
    "start": "start-process",
}
#: What only Windows PowerShell takes for a command of its own: PowerShell 6 and later start the program.
OLD_ALIASES = {"curl": "invoke-webrequest", "wget": "invoke-webrequest"}
