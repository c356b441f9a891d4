"""Base images that bring compilers and development kits, and what a program runs on instead.

Facts are those of the images' own descriptions: the docker-library project for official images, the vendors for the
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.image.names import usual_name
from dockerlint.syntax.image_references import ImageReference
from dockerlint_rules._tables import names


class Toolchain(NamedTuple):
    """What a base image brings that only a build needs.

    `what` names it, `instead` an image, or several, that the result runs on. `programs` belong to it: a container that
    starts one of them needs the toolchain. `verbs` narrow that to some of their sub-commands.
    """

    what: str
    instead: str
    programs: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()


_JAVA = names("ant gradle gradlew jar javac jdeps jlink jshell lein mvn mvnw sbt")
_DOTNET = Toolchain(
    "the .NET SDK",
    "'mcr.microsoft.com/dotnet/aspnet' or 'mcr.microsoft.com/dotnet/runtime'",
    names("dotnet"),
    names("build ef fsi msbuild pack publish restore run test tool watch"),
)
_JRE = "'eclipse-temurin' with a '-jre' tag"

_ALWAYS: Mapping[str, Toolchain] = MappingProxyType(
    {
        "dart": Toolchain("the Dart SDK", "'scratch'", names("dart pub")),
        "gcc": Toolchain("GCC", "'debian' with a '-slim' tag", names("gcc g++ gfortran make cmake")),
        "golang": Toolchain(
            "the Go toolchain", "'scratch', 'gcr.io/distroless/static' or 'alpine'", names("go gofmt golangci-lint air")
        ),
        "gradle": Toolchain("Gradle and a JDK", _JRE, _JAVA),
        "haskell": Toolchain("GHC", "'debian' with a '-slim' tag", names("cabal ghc ghci runghc runhaskell stack")),
        "maven": Toolchain("Maven and a JDK", _JRE, _JAVA),
        "mcr.microsoft.com/dotnet/core/sdk": _DOTNET,
        "mcr.microsoft.com/dotnet/sdk": _DOTNET,
        "rust": Toolchain(
            "the Rust toolchain", "'debian' with a '-slim' tag or 'gcr.io/distroless/cc'", names("cargo rustc rustup")
        ),
    }
)

# Development kits by default; the runtime alone has one of the words in its tag.
_JAVA_KITS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "amazoncorretto": names("headless jre"),
        "azul/zulu-openjdk": names("jre"),
        "azul/zulu-openjdk-alpine": names("jre"),
        "azul/zulu-openjdk-debian": names("jre"),
        "bellsoft/liberica-openjdk-alpine": names("jre"),
        "bellsoft/liberica-openjdk-debian": names("jre"),
        "eclipse-temurin": names("jre"),
        "ibm-semeru-runtimes": names("jre"),
        "openjdk": names("jre"),
        "sapmachine": names("jre"),
    }
)

# Each of their `jdk` tags has a `jre` tag beside it.
_JRE_TWINS = names("eclipse-temurin ibm-semeru-runtimes sapmachine")

# Their plain tags are built on buildpack-deps, with compilers and headers; `-slim` and `-alpine` tags are not.
_FULL_VARIANTS = names("node perl pypy python ruby")
_SMALL_TAGS = ("slim", "alpine", "windowsservercore", "nanoserver")

_SLIM_LAST = names("node swift")
_CODENAME = re.compile(r"[a-z]{4,}")


def toolchain_of(reference: ImageReference) -> Toolchain | None:
    """The toolchain that a base image brings; None for a runtime image, and for one that is not known."""
    name = usual_name(reference)
    words = tuple(reference.tag.split("-")) if reference.tag not in {"", "latest"} else ()
    if name in _ALWAYS:
        return _ALWAYS[name]
    if reference.digest and not reference.tag:
        return None
    if name in _JAVA_KITS:
        is_runtime = any(word.rstrip("0123456789") in _JAVA_KITS[name] for word in words)
        has_twin = name in _JRE_TWINS and "jdk" in words
        instead = _image(name, _replaced(words, "jdk", "jre")) if has_twin else _JRE
        return None if is_runtime else Toolchain("a JDK", instead, _JAVA)
    if name == "buildpack-deps" and not {"curl", "scm"} & set(words):
        return Toolchain("compilers and headers", "'debian' with a '-slim' tag", names("gcc g++ make"))
    if name == "nvidia/cuda" and "devel" in words:
        instead = _image(name, _replaced(words, "devel", "runtime"))
        return Toolchain("the CUDA development kit", instead, names("nvcc"))
    if name == "swift" and "slim" not in words:
        return Toolchain("the Swift toolchain", _image(name, _slim(name, words)), names("swift swiftc"))
    if name in _FULL_VARIANTS and not any(word.startswith(_SMALL_TAGS) for word in words):
        return Toolchain("compilers and headers", _image(name, _slim(name, words)))
    return None


def _image(name: str, words: Iterable[str]) -> str:
    return f"'{name}:{'-'.join(words)}'"


def _replaced(words: Iterable[str], old: str, new: str) -> Iterator[str]:
    return (new if word == old else word for word in words)


def _slim(name: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The tag of the slim variant: `22-bookworm-slim` of node, but `3.13-slim-bookworm` of python."""
    if name not in _SLIM_LAST and words and _CODENAME.fullmatch(words[-1]):
        return (*words[:-1], "slim", words[-1])
    return (*words, "slim")
