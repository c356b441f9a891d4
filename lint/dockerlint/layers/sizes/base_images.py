"""What is known of the systems in base images, for all estimators of their packages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from dockerlint.context.fetch.limits import ContextError

T = TypeVar("T")

#: Why nothing is known of an image that is no usual one.
NO_SYSTEM = "the packages in this base image are not known"


class BaseImages(Generic[T]):
    """What is known of base images, by the image and the platform. Each is read once, when it is first asked for.

    `read` gives that, or why it is not known, and may raise `ContextError`.
    """

    def __init__(self, read: Callable[[str, str], T | str]) -> None:
        self._read = read
        self._known: dict[tuple[str, str], T | str] = {}

    def get(self, image: str, platform: str) -> T | str:
        """What is known of a base image, or why it is not. Raises nothing."""
        key = image, platform
        if key not in self._known:
            try:
                self._known[key] = self._read(image, platform)
            except ContextError as error:
                self._known[key] = str(error)
        return self._known[key]
