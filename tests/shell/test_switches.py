from __future__ import annotations

import pytest

from dockerlint.shell.reader import read_script
from dockerlint.shell.switches import Switches
from tests.shell.support import joined


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("x", ""),
        ("set -e; x", "errexit"),
        ("set -euo pipefail && x", "errexit nounset pipefail"),
        ("set -o pipefail; set +o pipefail; x", ""),
        ("x; set -e", ""),
        ("(set -e); x", ""),
        ("set -e; (x)", "errexit"),
        ("(set -e; x)", "errexit"),
        ("if a; then set -e; fi; x", "errexit"),
        ("set -e; sh -c 'x'", ""),
        ("sh -ec 'x'", "errexit"),
        ("sh -c 'set -e'; x", ""),
        ("set -e; eval 'x'", "errexit"),
        ("eval 'set -e'; x", "errexit"),
        ("bash -eo pipefail <<EOF\nx\nEOF", "errexit pipefail"),
        ("set -e; y=$(x)", "errexit"),
        ("shopt -so pipefail; x", "pipefail"),
        ("shopt -s nullglob; x", ""),
        ("set -o pipefail; shopt -u -o pipefail; x", ""),
        ("a || set -e; x", ""),
        ("(set -e; set +e); set -e; (set +e; set -u; x)", "nounset"),
        ("set -e; { set +e; }; x", ""),
    ],
)
def test_switches(text: str, on: str) -> None:
    script = read_script(joined(text), dialect="bash")
    (command,) = script.named("x")
    assert Switches(script).at(command.scope, command.span.start) == frozenset(on.split())


def test_a_shell_is_started_with_switches() -> None:
    script = read_script(joined("(x)"), dialect="bash", options=frozenset({"pipefail"}))
    (command,) = script.named("x")
    assert Switches(script).at(command.scope, command.span.start) == {"pipefail"}
