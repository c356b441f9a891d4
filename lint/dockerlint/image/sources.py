"""Where facts about base images come from: the first source that has them.

In this order: archives that the user names, a local engine, a registry if the user goes online, the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dockerlint.image import catalogue
from dockerlint.image.archive import ArchiveError, archive_facts
from dockerlint.image.engine import EngineError, LocalEngine
from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.syntax.image_references import ImageReference, parse_image_reference
from dockerlint.syntax.invalid import Invalid

if TYPE_CHECKING:
    from dockerlint.image.registry import Memory, Registry


class ImageSources:
    """Looks images up for one platform, `os/arch[/variant]`, each once.

    `archives` are paths by the reference that they stand for. With `engine` a local engine is asked if there is one,
    with `online` the registry, whose answers that memory keeps. `troubles` are what went wrong on the way: the next
    source is then asked.
    """

    def __init__(
        self,
        platform: str,
        *,
        archives: Mapping[str, str] | None = None,
        engine: bool = False,
        online: Memory | None = None,
    ) -> None:
        self._platform = platform
        self._archives = dict(archives or {})
        self._engine = _connected() if engine else None
        self._registry = None if online is None else _registry(platform, online)
        self._known: dict[str, BaseFacts | None] = {}
        self.troubles: list[str] = []

    def lookup(self, text: str) -> BaseFacts | None:
        """What an image hands down, by its reference as FROM resolves it; None if no source knows it."""
        if text not in self._known:
            self._known[text] = self._looked_up(text)
        return self._known[text]

    def _looked_up(self, text: str) -> BaseFacts | None:
        if text in self._archives:
            try:
                return archive_facts(self._archives[text], self._platform)
            except (ArchiveError, OSError) as error:
                self.troubles.append(str(error))
        reference = parse_image_reference(text)
        if isinstance(reference, Invalid):
            return None
        return self._of_engine(reference) or self._of_registry(reference) or _of_catalogue(text)

    def _of_engine(self, reference: ImageReference) -> BaseFacts | None:
        if self._engine is None:
            return None
        try:
            facts = self._engine.facts(reference)
        except EngineError as error:
            self.troubles.append(str(error))
            self._engine = None
            return None
        # An engine may have the image of another platform under the name.
        return facts if facts is not None and _fits(facts, self._platform) else None

    def _of_registry(self, reference: ImageReference) -> BaseFacts | None:
        if self._registry is None:
            return None
        from dockerlint.image.registry import RegistryError  # noqa: PLC0415 - slow to import

        try:
            return self._registry.facts(reference)
        except RegistryError as error:
            self.troubles.append(str(error))
            return None


def _connected() -> LocalEngine | None:
    """The engine, where there is one and the package to ask it."""
    try:
        return LocalEngine(timeout=3.0)
    except EngineError:
        return None


def _registry(platform: str, memory: Memory) -> Registry:
    from dockerlint.image.registry import Registry  # noqa: PLC0415 - slow to import

    return Registry(platform, memory=memory)


def _fits(facts: BaseFacts, platform: str) -> bool:
    wanted = platform.split("/")[:2]
    return any(known.split("/")[:2] == wanted for known in facts.platforms)


def _of_catalogue(text: str) -> BaseFacts | None:
    facts = catalogue.lookup(text)
    return None if facts is None else facts._replace(source="catalogue")
