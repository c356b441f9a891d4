"""Which commands run, as far as it is known how others end."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.scripts import Scripts
from dockerlint.shell.flow import walk
from dockerlint.shell.outcomes import Fate
from dockerlint.shell.script import Command, Reach
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Run
from tests.shared import shared_files
from tests.shell.support import script_of

_HOPED = {Reach.ALWAYS: Fate.HOPED, Reach.MAYBE: Fate.MAYBE, Reach.ON_FAILURE: Fate.ON_FAILURE}


class _Told:
    """A visitor who is told how commands end, by their names."""

    def __init__(self, ends: Mapping[str, bool]) -> None:
        self._ends = ends
        self.met: list[tuple[Command, Fate]] = []

    def meet(self, command: Command, fate: Fate) -> bool | None:
        self.met.append((command, fate))
        return self._ends.get(command.name or "")

    def go_on(self, since: int) -> None:
        pass

    def have_succeeded(self) -> None:
        pass


def _fates(text: str) -> dict[str, str]:
    """The fates of the commands of a script in which `yes…` succeed and `no…` fail."""
    commands = script_of(text).commands
    names = {command.name or "" for command in commands}
    visitor = _Told({name: name.startswith("yes") for name in names if name.startswith(("yes", "no"))})
    walk(commands, visitor)
    return {command.name or "": fate.name for command, fate in visitor.met}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes && a || b", {"a": "SURE", "b": "ON_FAILURE"}),
        ("no && a || b; c", {"a": "NEVER", "b": "SURE", "c": "SURE"}),
        ("x && a; b", {"a": "HOPED", "b": "SURE"}),
        ("x || a", {"a": "ON_FAILURE"}),
        ("x || yes && a", {"yes": "ON_FAILURE", "a": "SURE"}),
        ("! no && a; ! yes && b", {"a": "SURE", "b": "NEVER"}),
        ("[ -f x ] && a; b", {"a": "MAYBE", "b": "SURE"}),
        ("b; [ -f x ] && a", {"a": "HOPED"}),
        ("if yes; then a; else b; fi", {"a": "SURE", "b": "NEVER"}),
        ("if no; then a; elif yes2; then b; elif x; then c; else d; fi", {"a": "NEVER", "b": "SURE", "c": "NEVER"}),
        ("if x; then a; else b; fi; c", {"a": "MAYBE", "b": "MAYBE", "c": "SURE"}),
        ("( no; yes ) && a || b", {"a": "SURE", "b": "ON_FAILURE"}),
        ("{ yes; no; } && a || b", {"a": "NEVER", "b": "SURE"}),
        ("no | yes && a; yes2 | no2 && b", {"a": "SURE", "b": "NEVER"}),
        ("set -o pipefail; no | yes && a", {"a": "NEVER"}),
        ("set -e; no; a", {"a": "NEVER"}),
        ("set -e; no && a; b", {"a": "NEVER", "b": "SURE"}),
        ("set -e; if no; then a; fi; ! yes; b", {"b": "SURE"}),
        ("set -e; { no; a; } || b; c", {"a": "SURE", "b": "ON_FAILURE", "c": "SURE"}),
        ("set -e; set +e; no; a", {"a": "SURE"}),
        ("( exit 1 ) || a; ( exit 0 ) && b; c", {"a": "SURE", "b": "SURE", "c": "SURE"}),
        ("x || exit 1; a", {"exit": "ON_FAILURE", "a": "SURE"}),
        ("if x; then exit 1; fi; a", {"a": "SURE"}),
        ("if x; then exit 0; fi; a", {"a": "MAYBE"}),
        ("exit 0; a", {"a": "NEVER"}),
        ("f() { a; }; f; no || b", {"a": "HOPED", "b": "HOPED"}),
        ("trap 'x' EXIT; no || a", {"a": "HOPED"}),
        ("sh -c 'no' && a || b", {"a": "NEVER", "b": "SURE"}),
        ("sh -ec 'no; a' || b", {"a": "NEVER", "b": "SURE"}),
        ("no & a", {"a": "SURE"}),
        ("while x; do break; a; done; b", {"a": "MAYBE", "b": "SURE"}),
        ("for i in 1; do continue; a; done; b", {"a": "NEVER", "b": "SURE"}),
    ],
)
def test_what_is_known_of_a_command_decides_about_those_behind_it(text: str, expected: dict[str, str]) -> None:
    fates = _fates(text)
    assert {name: fates[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("no", True),
        ("no; yes", False),
        ("yes && no", True),
        ("x && no", True),
        ("x; no", True),
        ("x", False),
        ("no && x", True),
        ("set -e; no; yes", True),
        ("set -e; (no); yes", True),
        ("exit 3", True),
        ("exit 0; no", False),
        ("x && exit 3", False),
        ("if x; then no; fi", False),
        ("f; no", True),
        ("f() { a; }; f; no", False),
        ("trap 'exit 0' EXIT; no", False),
        (". ./x; no", False),
    ],
)
def test_a_script_fails_only_where_that_is_certain(text: str, *, fails: bool) -> None:
    commands = script_of(text).commands
    visitor = _Told({"yes": True, "no": False})
    assert walk(commands, visitor) is fails
    assert walk(commands, visitor, is_sound=False) is False


def test_deep_nesting_takes_no_stack() -> None:
    commands = script_of("(" * 3000 + "no" + ")" * 3000 + " || a").commands
    visitor = _Told({"no": False})
    walk(commands, visitor)
    assert len(visitor.met) == len(commands)


def test_with_nothing_known_all_runs_that_is_hoped_to_run() -> None:
    files = shared_files("corpus", "*/*")
    if not files:
        pytest.skip("no shared corpus")
    compared = 0
    for path in files[::3]:
        dockerfile = parse(Source(str(path), path.read_text(encoding="utf-8", errors="surrogateescape")))
        scripts = Scripts(dockerfile)
        for _, step in build_model(dockerfile, BuildOptions()).steps():
            if not isinstance(step.node, Run) or not scripts.of(step.node, step).is_posix:
                continue
            commands = scripts.commands(step.node, step)
            visitor = _Told({})
            walk(commands, visitor)
            compared += len(commands)
            assert [command for command, _ in visitor.met] == list(commands)
            if not any(command.name in {"exit", "break", "continue", "return"} for command in commands):
                assert [min(fate, Fate.HOPED) for _, fate in visitor.met] == [_HOPED[each.reach] for each in commands]
    assert compared > 5_000
