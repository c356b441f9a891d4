"""Packages and programs that build software or fetch its source."""

from __future__ import annotations

import re

from dockerlint_rules._tables import names

#: Programs that compile, or that drive compilers, besides the managers of languages (cargo, go, mvn …).
COMPILERS = names(
    """
    ant autoconf autoreconf automake bazel bazelisk bjam c++ cc clang clang++ cmake configure csc docker-php-ext-install
    dpkg-buildpackage g++ gcc gfortran ghc gnatmake javac kotlinc ld lein make meson nasm ninja node-gyp ocamlfind
    pecl phpize qmake rpmbuild rustc scons swiftc tsc waf yasm zig
    """
)

_TOOLS = names(
    """
    alpine-sdk ant autoconf automake base-devel bison build-base build-essential byacc bzr cabal-install cargo
    checkinstall clang cmake cmake3 cpp cvs cython cython3 debhelper default-jdk default-jdk-headless devscripts
    dpkg-dev extra-cmake-modules flex g++ gcc gcc-c++ gcc-gfortran gfortran ghc git git-core git-lfs go golang
    golang-go gradle intltool kernel-headers libtool libtool-bin linux-headers llvm lld m4 make maven mercurial meson
    mingw-w64 musl-tools nasm ninja ninja-build ocaml opam patchelf php-pear pkg-config pkgconf pkgconf-pkg-config
    pkgconfig rpm-build rpmdevtools rust rustc rustup sbt scala scons subversion swig swig3.0 tcc yasm
    """
)
_TOOL_GROUPS = names("@development @development-tools @development-libs @c-development")
_VERSION_CONTROL = {
    **dict.fromkeys(("git", "git-core", "git-lfs"), "git"),
    "subversion": "svn",
    "mercurial": "hg",
    "bzr": "bzr",
    "cvs": "cvs",
}

#: Programs of version control systems.
VERSION_CONTROL = frozenset(_VERSION_CONTROL.values())

# Headers (`libssl-dev`, `zlib-devel`), versioned compilers (`gcc-12`, `llvm-16`, `golang-1.22-go`), development kits.
_TOOL_PATTERN = re.compile(
    r"[a-z0-9][a-z0-9.+_-]*-(?:dev|devel|headers)"
    r"|(?:gcc|g\+\+|cpp|gfortran|clang|llvm|lld|cmake|automake|autoconf|golang|gnat|rust)-?[0-9][0-9.]*(?:-go)?"
    r"|openjdk-?[0-9]+(?:-jdk)?(?:-headless)?"
    r"|java-[0-9.]+-(?:openjdk|amazon-corretto)-devel"
    r"|linux-headers-[a-z0-9.-]+"
)
_RUNTIME = re.compile(r"openjdk-?[0-9]+-jre(?:-headless)?|openjdk-?[0-9]+-jre-.*")
_VERSION = re.compile(r"(?<=.)(?:[=~<>]|@[a-z]).*")
_NO_NAME = re.compile(r"[=~<>@/:]")


def is_build_tool(package: str) -> bool:
    """Whether a system package serves to build software or to fetch source, by its name without a version."""
    if _RUNTIME.fullmatch(package):
        return False
    return package in _TOOLS or package in _TOOL_GROUPS or _TOOL_PATTERN.fullmatch(package) is not None


def package_name(text: str) -> str:
    """The name of a package without version, release or architecture: `gcc` of `gcc=12.2.0-r4` and `gcc:amd64`."""
    if _NO_NAME.search(text) is None:
        return text
    return _VERSION.sub("", text, count=1).partition("/")[0].partition(":")[0]


def version_control(package: str) -> str | None:
    """The program of a package with a version control system; None for other packages."""
    return _VERSION_CONTROL.get(package)
