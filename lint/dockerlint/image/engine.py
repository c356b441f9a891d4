"""Facts about images that a local engine has: the extra `dockerlint[engine]` brings the package `docker` for it."""

from __future__ import annotations

from typing import Any

from dockerlint.image.documents import facts_of
from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.syntax.image_references import ImageReference


class EngineError(Exception):
    """The engine cannot be asked; the message says why, and what to do."""


class LocalEngine:
    """The engine that the environment names (`DOCKER_HOST`), asked once for each image. Nothing is pulled."""

    def __init__(self, timeout: float = 10.0) -> None:
        """Connect; raises `EngineError`."""
        try:
            import docker  # noqa: PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise EngineError("asking an engine needs the package docker: pip install 'dockerlint[engine]'") from error
        self._errors = docker.errors
        try:
            self._client: Any = docker.from_env(timeout=timeout)
        except docker.errors.DockerException as error:
            raise EngineError(f"there is no engine to ask: {_line(error)}") from error

    def facts(self, reference: ImageReference) -> BaseFacts | None:
        """What an image hands down, None if the engine does not have it. Raises `EngineError`."""
        try:
            inspected = self._client.images.get(str(reference.resolved())).attrs
        except self._errors.ImageNotFound:
            return None
        except (self._errors.DockerException, OSError) as error:
            raise EngineError(f"the engine cannot tell about '{reference.familiar}': {_line(error)}") from error
        document = {
            "config": inspected.get("Config") or {},
            "os": inspected.get("Os"),
            "architecture": inspected.get("Architecture"),
            "variant": inspected.get("Variant"),
        }
        return facts_of(document, "engine")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
