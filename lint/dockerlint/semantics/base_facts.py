"""What a model wants to know of a base image; where the facts come from is the business of `image`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple


class BaseFacts(NamedTuple):
    """The configuration that a base image hands down.

    `environment` holds the names that the image sets; a value None is a name whose value is not known.
    `complete_environment` tells that no other name is set. The other fields are as in the image
    configuration; `user` "" is root. `platforms` are all that the image is made for, as `--platform` names them (a
    system alone leaves its architectures open); blank where that is not known. `on_build` are its triggers as they are
    written. `source` says where the facts come from, `layer_sizes` are the bytes of the layers as they are stored
    there, the lowest first; blank where they are not known. `health` is the health check in the words of the image
    configuration, times in nanoseconds.
    """

    environment: Mapping[str, str | None] = MappingProxyType({})
    complete_environment: bool = False
    workdir: str = "/"
    user: str = ""
    shell: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    healthcheck: bool = False
    windows: bool = False
    platforms: tuple[str, ...] = ()
    labels: Mapping[str, str] = MappingProxyType({})
    stop_signal: str = ""
    on_build: tuple[str, ...] = ()
    source: str = ""
    layer_sizes: tuple[int, ...] = ()
    health: Mapping[str, object] = MappingProxyType({})


#: From a resolved image reference to its facts, None where nothing is known of it.
FactsLookup = Callable[[str], BaseFacts | None]


def no_facts(_: str) -> BaseFacts | None:
    """The lookup that knows no image."""
    return None
