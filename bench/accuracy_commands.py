"""What the Dockerfiles of a folder install with one package manager, for the draws of the measurements."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dockerlint.semantics.builder import build_model
from dockerlint.semantics.scripts import Scripts
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import PackageAction, package_actions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Run


def installations(folder: Path, manager: str) -> Iterator[tuple[PackageAction, str, str]]:
    """Each installation with the text of its RUN and the path of its file below the folder, in order."""
    for path in sorted(folder.rglob("*")):
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if manager.partition("-")[0] in text:
            for action, run in _of_source(Source(str(path), text)):
                if action.manager.key == manager and action.action is Action.INSTALL and not action.doubtful:
                    yield action, run, str(path.relative_to(folder))


def _of_source(source: Source) -> Iterator[tuple[PackageAction, str]]:
    model = build_model(parse(source))
    scripts = Scripts(model.dockerfile)
    for stage in model.stages:
        for step in stage.steps:
            if isinstance(step.node, Run):
                text = source.text[step.node.span.start : step.node.span.end]
                for command in scripts.of(step.node, step).commands:
                    for action in package_actions(command):
                        yield action, text


def names_of(action: PackageAction) -> tuple[str, ...]:
    """The operands in order, each once; none where one is not static."""
    texts = {word.text or "" for word in action.packages}
    return () if "" in texts else tuple(sorted(texts))
