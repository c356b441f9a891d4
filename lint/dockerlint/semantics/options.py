"""For which build a file is read: what `docker build` would be told on its command line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class BuildOptions(NamedTuple):
    """The inputs of a build.

    `build_args` as given by `--build-arg`; `target` the stage to build (None: the last); `platform` the
    target platform, `os/arch[/variant]`; `build_platform` that of the builder; `named_contexts` what
    `--build-context` gives, by name (blank where only the name is known); `context` the folder that is the
    build context, None where it is not known.
    """

    build_args: Mapping[str, str] = MappingProxyType({})
    target: str | None = None
    platform: str = "linux/amd64"
    build_platform: str = "linux/amd64"
    named_contexts: Mapping[str, str] = MappingProxyType({})
    context: str | None = None
