"""What the README shows is what the program says."""

from __future__ import annotations

import re

from tests.cli.program import dlint
from tests.shared import REPOSITORY


def shown_lines() -> list[str]:
    """The lines of the README's first console sample, without commands, cuts and rules of a table."""
    (sample, *_) = re.findall(
        r"```console\n(.*?)```", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    lines = (line.rstrip() for line in sample.split("\n"))
    return [line for line in lines if line.strip(" -…") and not line.startswith("$ ")]


def test_the_sample_is_real() -> None:
    demo = REPOSITORY / "tests" / "fixtures" / "demo"
    printed = dlint("--no-config", "Dockerfile", cwd=demo).stdout + dlint("layers", ".", cwd=demo).stdout
    lines = {line.rstrip() for line in printed.split("\n")}
    assert shown_lines()
    assert [line for line in shown_lines() if line not in lines] == []


def test_links_lead_somewhere() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert targets
    assert [target for target in targets if not (REPOSITORY / target).exists()] == []
