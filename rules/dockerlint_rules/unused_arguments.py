"""Build arguments that change nothing: no instruction reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.fields import expanded_fields
from dockerlint.semantics.model import Model
from dockerlint.semantics.platforms import PLATFORM_ARGS, PROXY_ARGS
from dockerlint.semantics.stages import SourceKind, Stage, Step
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Broken, Declaration, Healthcheck, Instruction, Run, StartCommand
from dockerlint_rules._edits import delete_instruction
from dockerlint_rules._runs import actions_of
from dockerlint_rules._tables import names

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: Programs that take no settings from variables of any name. What else a RUN starts may read all of them.
_PLAIN_PROGRAMS = names(
    """
    : [ [[ ((
    add-apt-repository addgroup adduser apk apt-cache apt-key apt-mark awk base64 basename bunzip2 bzip2 cat cd chgrp
    chmod chown chsh command cp curl cut date dd deluser diff dirname dpkg dpkg-query dpkg-reconfigure du echo egrep
    exec exit export false fc-cache fgrep file find getent git gpg grep groupadd groupmod gunzip gzip hash head hostname
    id install ldconfig ldd ln local locale-gen localedef ls lsb_release md5sum mkdir mktemp mv nproc passwd popd printf
    pushd pwd read readlink realpath return rm rmdir sed set setcap sha1sum sha256sum sha512sum shift sleep sort stat
    strip sudo tail tar tee test time timeout touch tr trap true type uname uniq unlink unset unxz unzip
    update-alternatives update-ca-certificates update-locale useradd usermod wait wc wget which xargs xz yes zip
    """
)

#: Without an argument these show all variables.
_SHOWING = names("env printenv set export declare typeset compgen envsubst")

#: Beginnings of the names of variables that builders, shells and tools read by themselves.
_TOOLS = (
    *("APT_", "AWS_", "AZURE_", "BAZEL_", "BUILDAH_", "BUILDKIT_", "BUNDLE_", "CARGO_", "CFLAGS", "CGO_", "CMAKE_"),
    *("COMPOSER_", "CONDA_", "COREPACK_", "CPPFLAGS", "CUDA", "CURL_", "CXX", "DEB", "DOCKER_", "DOTNET_", "ERL_"),
    *("GEM_", "GIT_", "GNUPG", "GO", "GRADLE_", "HEX_", "HF_", "HOMEBREW_", "JAVA_", "LANG", "LC_", "LDFLAGS"),
    *("LD_", "MAKE", "MAMBA_", "MAVEN_", "MIX_", "NODE_", "NPM_", "NUGET_", "NVIDIA_", "PATH", "PERL", "PHP_"),
    *("PIP", "PKG_CONFIG", "PLAYWRIGHT_", "PNPM_", "POETRY_", "PUPPETEER_", "PYTHON", "RAILS_", "REQUESTS_", "RUBY"),
    *("RUST", "SSH_", "SSL_", "TERM", "TZ", "UV_", "WGET", "YARN_"),
)
_TOOL_NAMES = names("CC CI HOME JOBS SHELL SOURCE_DATE_EPOCH VERBOSE")

#: A part of the name of an argument that is there to make the builder run the steps below it again.
_BUSTING = names("bust buster cache cachebust cachebuster epoch force invalidate rebuild refresh")


@rule(
    "DL5019",
    "unused-argument",
    on=Model,
    needs=(Arg,),
    severity=Severity.INFO,
    tags=("variables",),
)
def unused_argument(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A stage declares a build argument that nothing in it reads.

    ## Why
    Whoever gives a value by `--build-arg` expects an effect, but there is none: perhaps the name is misspelt where it
    should be used, or the use has gone. Meanwhile each new value makes the builder run all RUNs below the ARG again.

    An argument is only set while the image is built. One that is named in CMD, ENTRYPOINT or HEALTHCHECK alone is
    empty there; an ENV hands it on.

    Not reported are arguments that tools read by themselves (proxies, `DEBIAN_FRONTEND`, `PIP_…`, `NODE_ENV` …), those
    that are there to renew the cache (`CACHEBUST`), and those above a RUN that starts a script or a build, which
    may read any variable.

    ## Bad
        FROM debian:12.7-slim
        ARG APP_VERSION=1.4
        RUN curl -fsSLo /usr/local/bin/app https://example.com/app-1.3

    ## Good
        FROM debian:12.7-slim
        ARG APP_VERSION=1.4
        RUN curl -fsSLo /usr/local/bin/app "https://example.com/app-$APP_VERSION"

    ## See
    - https://docs.docker.com/build/building/variables/#build-arguments
    - https://docs.docker.com/reference/dockerfile/#impact-on-build-caching
    """
    if not any(isinstance(node, Arg) for stage in model.stages for node in stage.nodes()):
        return
    readings = [_reading(stage, ctx) for stage in model.stages]
    families = _families(model, readings)
    for stage, reading in zip(model.stages, readings, strict=True):
        family = families.get(stage.index)
        if family is not None and family.opaque:
            continue
        words = reading.words if family is None else family.words
        for step in stage.steps[reading.clear :]:
            for declaration in step.node.declarations if isinstance(step.node, Arg) else ():
                name = declaration.name.text
                if name not in words and _NAME.fullmatch(name) and not _is_for_tools(name):
                    yield _unused(step.node, declaration, reading.started.get(name), ctx)


@rule(
    "DL5020",
    "unused-global-argument",
    on=Model,
    severity=Severity.INFO,
    tags=("variables",),
)
def unused_global_argument(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A build argument above the first FROM is used by no FROM and declared again by no stage.

    ## Why
    Arguments above the first FROM are for the FROM lines, and for stages that declare them again by `ARG NAME`. One
    that nothing takes up has no effect, whatever value is given by `--build-arg`: perhaps a name is misspelt, or the
    last use has gone.

    ## Bad
        ARG DEBIAN_VERSION=12.7
        ARG VERSION=1.4
        FROM debian:${DEBIAN_VERSION}-slim

    ## Good
        ARG DEBIAN_VERSION=12.7
        FROM debian:${DEBIAN_VERSION}-slim

    ## See
    - https://docs.docker.com/build/building/variables/#scoping
    """
    if not model.global_steps or not model.stages:
        return
    used: set[str] = set()
    for step in (*model.global_steps, *(stage.steps[0] for stage in model.stages)):
        expansions = [step.expand(field.word) for field in expanded_fields(step.node)]
        if isinstance(step.node, Broken) or any(expansion.error is not None for expansion in expansions):
            # What cannot be read may use anything.
            return
        used.update(use.name for expansion in expansions for use in expansion.uses)
    for stage in model.stages:
        # A stage that names the argument means it, declared or not: that is for other rules.
        for node in stage.nodes():
            used.update(_NAME.findall(_text(node)))
            if isinstance(node, Arg):
                used.update(declaration.name.text for declaration in node.declarations)
    for step in model.global_steps:
        for declaration in step.node.declarations if isinstance(step.node, Arg) else ():
            name = declaration.name.text
            if name not in used and _NAME.fullmatch(name) and not _is_for_builder(name):
                message = f"no FROM uses {quoted(name)}, and no stage declares it again: remove it, or correct the name"
                yield ctx.finding(declaration.name.span, message, fix=_removal(step.node, declaration, ctx))


class _Reading(NamedTuple):
    """What a stage reads: the names in its instructions, and those in the commands that a container starts with.

    From the step with index `clear` on no RUN starts a program that may read all variables; `opaque` says that some
    RUN of the stage does.
    """

    words: frozenset[str]
    started: dict[str, Instruction]
    clear: int
    opaque: bool


class _Family(NamedTuple):
    """What stages that are FROM one another read."""

    words: set[str]
    opaque: bool


def _reading(stage: Stage, ctx: RuleContext) -> _Reading:
    words: set[str] = set()
    started: dict[str, Instruction] = {}
    clear = 1
    for at, step in enumerate(stage.steps[1:], 2):
        node = step.node
        found = _NAME.findall(_text(node))
        if isinstance(node, (StartCommand, Healthcheck)):
            started.update(dict.fromkeys(found, node))
            continue
        words.update(found)
        if isinstance(node, Broken) or (isinstance(node, Run) and _may_read_all(node, step, ctx)):
            clear = at
    return _Reading(frozenset(words), started, clear, clear > 1)


def _families(model: Model, readings: list[_Reading]) -> dict[int, _Family]:
    """By the index of a stage that others are FROM, what it and all that are related to it read.

    Arguments are handed down from stage to stage.
    """
    roots: list[int] = []
    found: dict[int, _Family] = {}
    parents: set[int] = set()
    for stage, reading in zip(model.stages, readings, strict=True):
        parent = stage.base.stage if stage.base.kind is SourceKind.STAGE else None
        root = stage.index if parent is None or parent >= len(roots) else roots[parent]
        roots.append(root)
        if parent is not None:
            parents.add(parent)
        family = found.setdefault(root, _Family(set(), opaque=False))
        family.words.update(reading.words)
        found[root] = family._replace(opaque=family.opaque or reading.opaque)
    return {index: found[roots[index]] for index in parents}


def _text(node: Instruction) -> str:
    """The text of an instruction in which names may stand, without those that an ARG declares."""
    if isinstance(node, Arg):
        return "\n".join(declaration.default.text for declaration in node.declarations if declaration.default)
    return "\n".join((node.line.text, *(heredoc.content for heredoc in node.heredocs)))


def _may_read_all(node: Run, step: Step, ctx: RuleContext) -> bool:
    """Whether a RUN starts something that may read any variable: a script, a build, a program that is not known."""
    script = ctx.script(node, step)
    return not script.commands or bool(script.errors) or any(_is_opaque(command, ctx) for command in script.commands)


def _is_opaque(command: Command, ctx: RuleContext) -> bool:
    if command.name in _SHOWING and not command.arguments and not command.assignments:
        return True
    if command.program is None or command.name in _PLAIN_PROGRAMS or command.name in _SHOWING:
        return False
    actions = actions_of(command, ctx)
    return not actions or any(
        action.action in (Action.BUILD, Action.OTHER)
        or any(word.prefix.startswith((".", "/")) or word.text is None for word in action.packages)
        for action in actions
        if action.manager.ecosystem != "os"
    )


def _is_for_builder(name: str) -> bool:
    return name in PLATFORM_ARGS or name in PROXY_ARGS or name == "SOURCE_DATE_EPOCH" or name.startswith("BUILDKIT_")


def _is_for_tools(name: str) -> bool:
    upper = name.upper()
    if name in PLATFORM_ARGS or name in PROXY_ARGS or upper in _TOOL_NAMES:
        return True
    if upper.startswith(_TOOLS) and not upper.endswith("_VERSION"):
        return True
    return not _BUSTING.isdisjoint(name.lower().split("_"))


def _unused(node: Instruction, declaration: Declaration, started: Instruction | None, ctx: RuleContext) -> Finding:
    name = declaration.name.text
    if started is not None:
        message = (
            f"{quoted(name)} is only set during the build, and {started.name} finds it empty: add 'ENV {name}=${name}'"
        )
        return ctx.finding(declaration.name.span, message)
    message = f"nothing below reads {quoted(name)}: remove it, or correct the name where it should be used"
    return ctx.finding(declaration.name.span, message, fix=_removal(node, declaration, ctx))


def _removal(node: Instruction, declaration: Declaration, ctx: RuleContext) -> Fix | None:
    """A fix that takes a declaration out, with the instruction if it is the only one."""
    declarations = node.declarations if isinstance(node, Arg) else ()
    description = f"remove {declaration.name.text}"
    if len(declarations) == 1:
        return Fix(description, Safety.UNSAFE, (delete_instruction(ctx.source, node),))
    number = declarations.index(declaration)
    if number:
        span = Span(declarations[number - 1].span.end, declaration.span.end)
    else:
        span = Span(declaration.span.start, declarations[1].span.start)
    return None if "#" in ctx.source.slice(span) else Fix(description, Safety.UNSAFE, (Edit(span, ""),))
