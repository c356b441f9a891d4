"""For which build a file is read: what `docker build` would be told on its command line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class BuildOptions(NamedTuple):
    """The inputs of a build.

    `build_args` as given by `--build-arg`; `target` the stage to build (None: the last); `platform` the
    target platform, `os/arch[/variant]`; `build_platform` that of the builder; `named_contexts` the names
    given by `--build-context`; `context` the folder that is the build context, None where it is not known.
    """

    build_args: Mapping[str, str] = MappingProxyType({})
    target: str | None = None
    platform: str = "linux/amd64"
    build_platform: str = "linux/amd64"
    named_contexts: frozenset[str] = frozenset()
    context: str | None = None
