"""Go programs that are installed in whatever version is newest."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.semantics.state import join_path
from dockerlint.shell.directories import directories
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.mounts import MountType
from dockerlint.syntax.tree import Run, Transfer
from dockerlint_rules._earlier import so_far
from dockerlint_rules._pins import Pin, go_spec
from dockerlint_rules._runs import Placed, commands_of, here, mounts_of, package_steps, sequences
from dockerlint_rules._values import value_of

_SOURCES = "/src/"
#: No path of a package has so many parts.
_MOST_PARTS = 20

_CHECKING_OUT = ("checkout", "reset", "switch")


@rule(
    "DL3062",
    "unpinned-go-package",
    on=Run,
    programs=("go",),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    tags=("packages",),
)
def unpinned_go_package(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A Go program is installed without a version, so each build may get another one.

    ## Why
    `go install example.com/tool@latest` takes the newest release of the day, and `go get example.com/tool` the newest
    release or commit. A rebuild of the same Dockerfile then gives another program, and one day it needs a newer Go
    than the base image has. Name a version or a commit.

    Nothing is said about packages of the project (`./…`) and of Go itself. `go install` and `go run` need no version
    below a COPY, where the project's `go.mod` says which one is meant, and `go get` needs none where `git checkout`
    chooses one in the folder of the package.

    ## Bad
        FROM golang:1.23
        RUN go install github.com/air-verse/air@latest

    ## Good
        FROM golang:1.23
        RUN go install github.com/air-verse/air@v1.61.5

    ## See
    - https://go.dev/ref/mod#go-install
    - https://go.dev/ref/mod#version-queries
    """
    placed = here(node, ctx)
    for step in package_steps(placed, ctx):
        verb = step.action.verb_text
        if step.action.manager.key != "go" or verb not in ("get", "install", "run"):
            continue
        # What follows the package of `go run` are arguments of the program.
        for word in step.action.packages[:1] if verb == "run" else step.action.packages:
            if word.text is None:
                if ctx.as_hadolint and "@" not in word.raw:
                    yield ctx.finding(word.span, f"{quoted(word.raw)} may have no version: add '@VERSION'")
                continue
            spec = go_spec(word.text)
            advice = f"write {quoted(spec.name + '@VERSION')}"
            if spec.pin is Pin.TAG:
                yield ctx.finding(word.span, f"{quoted(word.text)} is not always the same version: {advice}")
            elif spec.pin is Pin.MISSING and not _is_settled(spec.name, verb, placed, ctx):
                yield ctx.finding(word.span, f"{quoted(word.text)} has no version: {advice}")


def _is_settled(path: str, verb: str, placed: Placed, ctx: RuleContext) -> bool:
    """Whether something else than the command says which version of a package is built."""
    if verb != "get" and so_far(_may_bring_module, placed, ctx):
        return True
    if ctx.as_hadolint or ctx.stage is None:
        return False
    chosen = ctx.once(_chosen_packages, ctx.stage)
    parts = path.split("/")[:_MOST_PARTS]
    return any("/".join(parts[:count]) in chosen for count in range(1, len(parts) + 1))


def _chosen_packages(stage: Stage, ctx: RuleContext) -> frozenset[str]:
    """The packages of a GOPATH whose content a stage chooses: there a folder is called like the path of its package."""
    folders = (folder for sequence in sequences(stage, ctx) for placed in sequence for folder in _chosen(placed, ctx))
    return frozenset(folder.partition(_SOURCES)[2].strip("/") for folder in folders if _SOURCES in folder)


def _chosen(placed: Placed, ctx: RuleContext) -> Iterator[str]:
    """The folders whose content an instruction chooses: that a COPY fills, or in which `git checkout` is run."""
    workdir = placed.step.before.workdir
    if isinstance(placed.node, Transfer):
        destination = value_of(placed.step, placed.node.destination)
        folder = join_path(workdir, destination or "/", windows=placed.step.windows)
        if isinstance(folder, str):
            yield folder
    commands = commands_of(placed, ctx)
    if any(command.name == "git" for command in commands):
        places = directories(commands, workdir if isinstance(workdir, str) else None)
        for command, place in zip(commands, places, strict=True):
            verb = command.arguments[0].text if command.arguments else None
            if command.name == "git" and verb in _CHECKING_OUT and place is not None:
                yield place


def _may_bring_module(placed: Placed, ctx: RuleContext) -> bool:
    """Whether there may be a `go.mod` below an instruction: one that was copied, mounted, fetched or made."""
    if isinstance(placed.node, Transfer) or any(mount.type is MountType.BIND for mount in mounts_of(placed)):
        return True
    return any(
        command.name in ("git", "tar")
        or (command.name == "go" and command.arguments[:1] and command.arguments[0].text == "mod")
        for command in commands_of(placed, ctx)
    )
