"""The predefined platform variables of a build."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.platforms import parse_platform

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
    """The values of the predefined variables for two platforms `os/arch[/variant]` and the name of the target stage.

    As for BuildKit, the platforms have their usual names: `linux/arm` is `linux/arm/v7`, `linux/x86_64` `linux/amd64`.
    """
    values = {"TARGETSTAGE": stage}
    for prefix, text in (("BUILD", build), ("TARGET", target)):
        parts = _usual_parts(text)
        values[f"{prefix}PLATFORM"] = "/".join(part for part in parts if part)
        values[f"{prefix}OS"], values[f"{prefix}ARCH"], values[f"{prefix}VARIANT"] = parts
        values[f"{prefix}OSVERSION"] = ""
    return values


def _usual_parts(text: str) -> tuple[str, str, str]:
    platform = parse_platform(text)
    variant = text.lower().split("/")[2:3]
    if isinstance(platform, Invalid):
        system, architecture, *_ = [*text.split("/"), ""]
    else:
        system, architecture = platform.system or "linux", platform.architecture or "amd64"
    given = variant[0] if variant else ""
    return system, architecture, _USUAL_VARIANTS.get((architecture, given), given)


#: What containerd's platforms package makes of the variants of an architecture.
_USUAL_VARIANTS = {
    ("amd64", "v1"): "",
    ("arm64", "8"): "",
    ("arm64", "v8"): "",
    ("arm", ""): "v7",
    ("arm", "5"): "v5",
    ("arm", "6"): "v6",
    ("arm", "7"): "v7",
    ("arm", "8"): "v8",
}
