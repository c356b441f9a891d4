"""The predefined platform variables of a build."""

from __future__ import annotations

from collections.abc import Mapping

#: Names that every FROM may use and every stage may declare with a bare ARG.
PLATFORM_ARGS = (
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
)

#: Build arguments that the builder hands to every RUN by itself; they are never undefined.
PROXY_ARGS = frozenset(
    name
    for lower in ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
    for name in (lower, lower.upper())
)


def platform_args(build: str, target: str, stage: str) -> Mapping[str, str]:
    """The values of the predefined variables for two platforms `os/arch[/variant]` and the target stage's
    name.
    """
    values = {"TARGETSTAGE": stage}
    for prefix, platform in (("BUILD", build), ("TARGET", target)):
        parts = [*platform.split("/"), "", ""]
        values[f"{prefix}PLATFORM"] = platform
        values[f"{prefix}OS"], values[f"{prefix}ARCH"], values[f"{prefix}VARIANT"] = parts[:3]
        values[f"{prefix}OSVERSION"] = ""
    return values
