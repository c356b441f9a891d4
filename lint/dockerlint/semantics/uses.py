"""What `--from=` and the `from=` of mounts mean: a stage, a named context or an image."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint.semantics.base_facts import FactsLookup
from dockerlint.semantics.stages import FileSource, SourceKind, Step, Use, UseKind
from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.mounts import parse_mount
from dockerlint.syntax.tree import Copy, Instruction, Onbuild, Run, Word

#: Values of named contexts that are images: in a registry or engine, and in an OCI layout.
IMAGE_CONTEXTS = ("docker-image://", "oci-layout://")

_INDEX = re.compile(r"[+-]?[0-9]{1,18}")


def is_index(text: str) -> bool:
    """Whether `--from` takes the text as the number of a stage."""
    return _INDEX.fullmatch(text) is not None


class StageNames:
    """The names of the stages as the builder meets them; a later stage of the same name replaces the earlier
    one.
    """

    def __init__(self, named_contexts: Mapping[str, str]) -> None:
        self.named_contexts = named_contexts
        self.count = 0
        self._indexes: dict[str, int] = {}

    def add(self, index: int, name: str | None) -> None:
        """Note a stage; `name` is in lower case."""
        self.count = index + 1
        if name:
            self._indexes[name] = index

    def earlier(self, image: str) -> int | None:
        """The stage that a FROM means: its text as written must be the lower-case name."""
        return self._indexes.get(image)

    def index(self, name: str) -> int | None:
        """The stage that `--from`, a mount or `--target` means by a name, in any case."""
        return self._indexes.get(name.lower())


def uses_of(user: int, step: Step, names: StageNames, facts: FactsLookup) -> Iterator[Use]:
    """What an instruction of the stage with index `user` uses. Names are looked up among all stages of the
    file.
    """
    node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
    if isinstance(node, Copy):
        flag = node.flag("from")
        if flag is not None and flag.value is not None:
            source = _copy_source(flag.value.text, user, names, facts)
            yield Use(UseKind.COPY, user, node, flag.value, source)
    elif isinstance(node, Run):
        for word in _mount_sources(node):
            yield Use(UseKind.MOUNT, user, node, word, _named(word.text, user, names, facts))


def _mount_sources(node: Instruction) -> Iterator[Word]:
    for flag in node.flags:
        if flag.name == "mount" and flag.value is not None:
            mount = parse_mount(flag.value.text)
            if isinstance(mount, Invalid):
                continue
            for field in mount.fields:
                if field.key == "from" and field.value:
                    yield flag.value.part(field.value_start, field.end)


def _copy_source(text: str, user: int, names: StageNames, facts: FactsLookup) -> FileSource:
    if is_index(text):
        index = int(text)
        if 0 <= index < names.count:
            return _stage(text, index, user)
        return FileSource(SourceKind.INVALID, text)
    return _named(text, user, names, facts)


def _named(text: str, user: int, names: StageNames, facts: FactsLookup) -> FileSource:
    if text in names.named_contexts:
        return named_context(text, names.named_contexts[text], facts)
    index = names.index(text)
    if index is not None:
        return _stage(text, index, user)
    if text == "scratch":
        return FileSource(SourceKind.SCRATCH, text)
    reference = parse_image_reference(text)
    if "$" in text or isinstance(reference, Invalid):
        return FileSource(SourceKind.INVALID, text)
    return FileSource(SourceKind.IMAGE, text, reference=reference, facts=facts(text))


def named_context(name: str, value: str, facts: FactsLookup) -> FileSource:
    """What a named context is; the facts of an image are known where its value names one."""
    known = facts(value) if value.startswith(IMAGE_CONTEXTS) else None
    return FileSource(SourceKind.CONTEXT, name, facts=known)


def _stage(text: str, index: int, user: int) -> FileSource:
    kind = SourceKind.STAGE if index < user else SourceKind.INVALID
    return FileSource(kind, text, stage=index)
