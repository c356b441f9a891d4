"""Images that many files build on, by what they are for.

Facts are those of the images' own Dockerfiles: the docker-library project for official images, the vendors'
repositories for the others.
"""

from __future__ import annotations

#: Distributions, whose only command is a shell and which expose no port.
DISTRIBUTIONS = frozenset(
    {
        "almalinux",
        "alpine",
        "alt",
        "amazonlinux",
        "archlinux",
        "busybox",
        "cgr.dev/chainguard/wolfi-base",
        "centos",
        "clearlinux",
        "debian",
        "fedora",
        "mageia",
        "mcr.microsoft.com/azurelinux/base/core",
        "mcr.microsoft.com/cbl-mariner/base/core",
        "opensuse/leap",
        "opensuse/tumbleweed",
        "oraclelinux",
        "photon",
        "public.ecr.aws/amazonlinux/amazonlinux",
        "quay.io/centos/centos",
        "redhat/ubi8",
        "redhat/ubi8-minimal",
        "redhat/ubi9",
        "redhat/ubi9-minimal",
        "redhat/ubi10",
        "redhat/ubi10-minimal",
        "registry.access.redhat.com/ubi8",
        "registry.access.redhat.com/ubi8/ubi",
        "registry.access.redhat.com/ubi8/ubi-minimal",
        "registry.access.redhat.com/ubi9",
        "registry.access.redhat.com/ubi9/ubi",
        "registry.access.redhat.com/ubi9/ubi-minimal",
        "registry.access.redhat.com/ubi9-minimal",
        "registry.access.redhat.com/ubi10/ubi",
        "registry.access.redhat.com/ubi10/ubi-minimal",
        "rockylinux",
        "rockylinux/rockylinux",
        "sl",
        "ubuntu",
        "voidlinux/voidlinux",
    }
)

#: Images without any command, not even a shell.
COMMANDLESS = frozenset(
    f"gcr.io/distroless/{name}{system}"
    for name in ("static", "base", "base-nossl", "cc")
    for system in ("", "-debian11", "-debian12", "-debian13")
)

#: Interpreters, compilers and runtimes: they start an interpreter or a shell and expose no port.
LANGUAGES = frozenset(
    {
        "amazoncorretto",
        "buildpack-deps",
        "clojure",
        "dart",
        "eclipse-temurin",
        "elixir",
        "erlang",
        "gcc",
        "golang",
        "gradle",
        "groovy",
        "haskell",
        "julia",
        "maven",
        "mcr.microsoft.com/dotnet/runtime",
        "mcr.microsoft.com/dotnet/sdk",
        "mono",
        "node",
        "openjdk",
        "oven/bun",
        "perl",
        "pypy",
        "python",
        "r-base",
        "ruby",
        "rust",
        "sapmachine",
        "swift",
    }
)
