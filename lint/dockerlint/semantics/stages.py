"""Stages and what they need: the values of the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import Enum
from typing import NamedTuple

from dockerlint.records import record
from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.semantics.state import State, Value
from dockerlint.syntax.image_references import ImageReference
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Broken, From, Heredoc, Instruction, Word
from dockerlint.syntax.words import Expansion, expand, expand_heredoc


@record(frozen=True, slots=True, eq=False, repr=False)
class Step:
    """One instruction with the state before and after it.

    The step of a FROM starts from the global scope and ends with the state that its base hands down. `inherited` says
    that the instruction is a trigger of a base image: it stands nowhere in the file.
    """

    node: Instruction
    before: State
    after: State
    escape: str
    windows: bool
    inherited: bool = False
    _expanded: dict[str, Expansion] = field(default_factory=dict, init=False)

    def expand(self, word: Word) -> Expansion:
        """The word's value as this instruction sees the variables; offsets are those of `word.text`."""
        found = self._expanded.get(word.text)
        if found is None:
            found = expand(word.text, self.before.environment, escape=self.escape, windows=self.windows)
            self._expanded[word.text] = found
        return found

    def expand_body(self, heredoc: Heredoc) -> Expansion:
        """The body of a COPY's or ADD's heredoc; offsets are those of `heredoc.content`."""
        if not heredoc.expand:
            return Expansion(heredoc.content)
        return expand_heredoc(heredoc.content, self.before.environment, windows=self.windows)


class SourceKind(Enum):
    """What a FROM, a `--from=` or a mount's `from=` means."""

    STAGE = "stage"
    IMAGE = "image"
    CONTEXT = "named context"
    SCRATCH = "scratch"
    UNKNOWN = "unknown"
    INVALID = "invalid"


class FileSource(NamedTuple):
    """Where files come from: a base (FROM) or a source of COPY, ADD or a mount.

    `text` is the expanded reference. `stage` is the index of a stage; for kind `INVALID` it may name a stage
    that must not be used there. `reference` is there for kind `IMAGE`, `facts` where the image is known.
    """

    kind: SourceKind
    text: Value
    stage: int | None = None
    reference: ImageReference | None = None
    facts: BaseFacts | None = None


class UseKind(Enum):
    """Which part of an instruction uses another stage or an image."""

    FROM = "FROM"
    COPY = "--from"
    MOUNT = "mount"


@record(frozen=True, slots=True, eq=False, repr=False)
class Use:
    """One use of a stage, image or named context by the stage with index `user`; `word` is where it is
    written.
    """

    kind: UseKind
    user: int
    node: Instruction
    word: Word
    source: FileSource


@record(frozen=True, slots=True, eq=False, repr=False)
class Stage:
    """A build stage.

    `steps` are its instructions, the FROM first; `triggered` the ONBUILD triggers of its base stage, which
    run before the rest. `name` is in lower case as BuildKit stores it. `platform` is the expanded
    `--platform`, None without one.
    """

    index: int
    node: From | Broken
    name: str | None
    base: FileSource
    platform: Value | None
    windows: bool
    steps: tuple[Step, ...]
    triggered: tuple[Step, ...] = ()
    uses: tuple[Use, ...] = field(default=())

    @property
    def start(self) -> State:
        """The state after FROM and the triggers of the base."""
        return self.triggered[-1].after if self.triggered else self.steps[0].after

    @property
    def end(self) -> State:
        """The state after the last instruction."""
        return self.steps[-1].after if len(self.steps) > 1 else self.start

    @property
    def label(self) -> str:
        """How messages name the stage: its name as written, else its 0-based index."""
        if isinstance(self.node, From) and self.node.stage_name is not None:
            return quoted(self.node.stage_name.text)
        return str(self.index)

    def nodes(self) -> Iterator[Instruction]:
        """The instructions after FROM."""
        return (step.node for step in self.steps[1:])
