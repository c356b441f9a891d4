"""Secrets that a RUN leaves in files of its layer."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.options import NO_VALUES, read_options
from dockerlint.shell.script import Command, Expansion, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.mounts import MountType
from dockerlint.syntax.tree import Run
from dockerlint_rules._caches import is_mounted
from dockerlint_rules._downloads import git_call, located
from dockerlint_rules._file_uses import REMOVING, folders_of, is_removed
from dockerlint_rules._runs import Placed, here, is_shipped, mounts_of
from dockerlint_rules._secret_names import names_attribute, names_secret
from dockerlint_rules._tables import names
from dockerlint_rules._written import as_written, written

_COPYING = names("cp install mv")
_SECRETS_FOLDER = "/run/secrets/"
_NAME = re.compile(r"(?<!\\)\$\{?(?P<name>[A-Za-z_][A-Za-z0-9_]*)")

#: Programs that keep what they are told in a file, the sub-commands with which they do, and the name of the file.
_KEEPERS = {
    "aws": (names("configure"), "credentials"),
    "bundle": (names("config"), "config"),
    "composer": (names("config"), "auth.json"),
    "git": (names("clone config remote"), ".gitconfig"),
    "npm": (names("config set"), ".npmrc"),
    "pip": (names("config"), "pip.conf"),
    "pip3": (names("config"), "pip.conf"),
    "pnpm": (names("config set"), ".npmrc"),
    "poetry": (names("config"), "auth.toml"),
    "yarn": (names("config"), ".yarnrc"),
}
_UNSETTING = names("--unset --unset-all delete rm unset --remove-section --delete")


class _Kept(NamedTuple):
    """A secret that goes into a file: where the command takes it from, how it is written there, and the file."""

    span: Span
    shown: str
    path: str


class _Secrets(NamedTuple):
    """What a RUN has that is secret: variables by their names, and files by their paths."""

    variables: frozenset[str]
    files: frozenset[str]

    def shown_in(self, word: Word) -> str | None:
        """The part of a word that brings a secret in, as written; None if none does."""
        for part in word.parts:
            if isinstance(part, Expansion):
                if not self.variables.isdisjoint(part.variables):
                    return part.raw
                if part.raw.startswith(("$(", "`")) and any(path in part.raw for path in self.files):
                    return part.raw
        return None


@rule(
    "DL7004",
    "secret-written-to-layer",
    on=Run,
    severity=Severity.WARNING,
    aliases=("tally/require-secret-mounts", "tally/ruby/prefer-secret-mounts-for-build-credentials"),
    tags=("security", "secrets"),
)
def secret_written_to_layer(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A RUN writes a secret into a file, which becomes part of its layer.

    ## Why
    A layer keeps each file that a RUN leaves behind, also if a later instruction removes it: whoever pulls the image
    takes the secret out of the layer below. That holds for files that a tool writes on its own (`npm config set`,
    `git config`), and for a clone, which keeps its URL in `.git/config`. What is removed in the same RUN is not stored.

    A secret mount can put the whole file where a tool looks for it, for one RUN. In single quotes, as in
    `'${NPM_TOKEN}'`, the name of the variable is written and not its value. In a stage that does not become part of
    the image it is an info: its layers are kept by the cache.

    ## Bad
        FROM node:22-slim
        ARG NPM_TOKEN
        RUN echo "//registry.npmjs.org/:_authToken=$NPM_TOKEN" > /root/.npmrc \
         && npm ci

    ## Good
        FROM node:22-slim
        RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci

    ## See
    https://docs.docker.com/build/building/secrets/
    """
    placed = here(node, ctx)
    secrets = _secrets_of(placed, ctx)
    if not secrets.variables and not secrets.files:
        return
    commands = ctx.commands(node)
    folders = folders_of(commands, placed)
    level = None if is_shipped(ctx) else Severity.INFO
    targets: dict[int, list[str]] = {}
    for text in written(placed, ctx):
        targets.setdefault(id(text.command), []).append(text.path)
    for number, command in enumerate(commands):
        for kept in _kept(command, targets.get(id(command), ()), secrets):
            place = located(kept.path, folders[number])
            if place is None or _is_outside(place, placed):
                continue
            if not is_removed(place, commands[number + 1 :], folders[number + 1 :]):
                where = f"{quoted(kept.path)}, which stays in the layer"
                message = f"{quoted(kept.shown)} is written into {where}: use a secret mount for the file"
                yield ctx.finding(kept.span, message, lower_to=level)
        word = _kept_by_tool(command, secrets)
        if word is not None and not _is_forgotten(command, commands[number + 1 :]):
            shown = quoted(secrets.shown_in(word) or "")
            message = (
                f"{command.name} keeps {shown} in a file, which stays in the layer: use a secret mount for the file"
            )
            yield ctx.finding(word.span, message, lower_to=level)


def _secrets_of(placed: Placed, ctx: RuleContext) -> _Secrets:
    mounts = [mount for mount in mounts_of(placed) if mount.type is MountType.SECRET]
    read = ctx.script(placed.node, placed.step).variables
    variables = {name for name in read if names_secret(name) and not names_attribute(name)}
    variables.update(mount.env for mount in mounts if mount.env)
    files = {mount.target or f"{_SECRETS_FOLDER}{mount.id}" for mount in mounts if mount.target or not mount.env}
    return _Secrets(frozenset(variables), frozenset(files))


def _kept(command: Command, written_to: Sequence[str], secrets: _Secrets) -> Iterator[_Kept]:
    """The secrets that a command puts into files; `written_to` are those that its words go to."""
    said = _said(command, secrets) if written_to else None
    if said is not None:
        yield from (_Kept(*said, path) for path in written_to)
    if command.name in _COPYING:
        operands = read_options(command.arguments, NO_VALUES).operands
        for word in operands[:-1]:
            if word.text in secrets.files:
                path = as_written(operands[-1])
                yield _Kept(word.span, word.raw, f"{path}{posixpath.basename(word.text)}" if path[-1:] == "/" else path)
    elif command.name == "cat":
        shown = [word for word in command.arguments if word.text in secrets.files]
        for redirect in command.redirects if shown else ():
            if redirect.operator in (">", ">>") and redirect.descriptor in (None, 1) and redirect.target is not None:
                yield _Kept(shown[0].span, shown[0].raw, as_written(redirect.target))


def _said(command: Command, secrets: _Secrets) -> tuple[Span, str] | None:
    """The first secret in the words or in the here-document of a command: its place, and how it is written."""
    for word in command.arguments:
        shown = secrets.shown_in(word)
        if shown is not None:
            return word.span, shown
    for redirect in command.redirects:
        if redirect.body is not None and redirect.expands:
            for match in _NAME.finditer(redirect.body.text):
                if match["name"] in secrets.variables:
                    return redirect.body.span_of(match.start(), match.end()), match[0]
    return None


def _kept_by_tool(command: Command, secrets: _Secrets) -> Word | None:
    """The word with a secret that a program keeps in a file of its own."""
    if command.name not in _KEEPERS:
        return None
    verbs = _KEEPERS[command.name][0]
    verb = (
        git_call(command)[0]
        if command.name == "git"
        else next((word.text for word in command.arguments if word.text in verbs), None)
    )
    if verb not in verbs:
        return None
    return next((word for word in command.arguments if secrets.shown_in(word) is not None), None)


def _is_forgotten(command: Command, later: Sequence[Command]) -> bool:
    """Whether the file in which a program keeps a secret may be gone, or the setting taken back."""
    name = _KEEPERS[command.name or ""][1]
    for other in later:
        texts = [as_written(word) for word in other.arguments]
        if other.name in REMOVING and any(text.endswith((name, ".git", "*")) or "$" in text for text in texts):
            return True
        if other.name == "rm" and command.name == "git" and any(text.startswith("-") and "r" in text for text in texts):
            return True
        if other.name == command.name and not _UNSETTING.isdisjoint(texts):
            return True
    return False


def _is_outside(place: str, placed: Placed) -> bool:
    """Whether what is written there is in no layer."""
    return place.startswith(("/dev/", "/proc/", _SECRETS_FOLDER)) or is_mounted(place, placed)
