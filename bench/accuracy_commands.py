"""What the Dockerfiles of a folder install with one package manager, for the draws of the measurements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.semantics.builder import build_model
from dockerlint.semantics.scripts import Scripts
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import PackageAction, package_actions
from dockerlint.shell.script import Expansion, Word
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Run

#: Variables by name; what is no text is not known.
Variables = Mapping[str, object]

_NO_VARIABLES: Variables = MappingProxyType({})


class Installation(NamedTuple):
    """One command: what it does, the text of its RUN, the variables before it, and its file below the folder."""

    action: PackageAction
    run: str
    variables: Variables
    origin: str


def installations(folder: Path, manager: str) -> Iterator[Installation]:
    """Each installation with a package manager in the files of a folder, in order."""
    for path in sorted(folder.rglob("*")):
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if manager.partition("-")[0] in text:
            for found in _of_source(Source(str(path), text), str(path.relative_to(folder))):
                action = found.action
                if action.manager.key == manager and action.action is Action.INSTALL and not action.doubtful:
                    yield found


def _of_source(source: Source, origin: str) -> Iterator[Installation]:
    model = build_model(parse(source))
    scripts = Scripts(model.dockerfile)
    for stage in model.stages:
        for step in stage.steps:
            if isinstance(step.node, Run):
                text = source.text[step.node.span.start : step.node.span.end]
                for command in scripts.of(step.node, step).commands:
                    for action in package_actions(command):
                        yield Installation(action, text, step.before.environment, origin)


def names_of(action: PackageAction, variables: Variables = _NO_VARIABLES) -> tuple[str, ...]:
    """The operands in order, each once; none where one is not static, or not known with these variables."""
    texts = [_text(word, variables) for word in action.packages]
    return () if None in texts else tuple(sorted({name for text in texts for name in (text or "").split()}))


def _text(word: Word, variables: Variables) -> str | None:
    if word.text is not None:
        return word.text or None
    values = [variables.get(part.name or "") if isinstance(part, Expansion) else part for part in word.parts]
    texts = [value for value in values if isinstance(value, str)]
    return "".join(texts) if len(texts) == len(values) else None
