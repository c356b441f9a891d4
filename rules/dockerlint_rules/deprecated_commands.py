"""Commands and options that their makers advise against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.options import Flag
from dockerlint.shell.script import Command
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._earlier import base_of
from dockerlint_rules._runs import PackageStep, commands_of, here, package_steps
from dockerlint_rules._tables import names

_GREPS: Mapping[str, str] = MappingProxyType({"egrep": "grep -E", "fgrep": "grep -F"})
_EASY_INSTALL = re.compile(r"easy_install(?:-[0-9.]+)?")
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*")
_SETUP: Mapping[str, str] = MappingProxyType({"install": "pip install .", "develop": "pip install -e ."})
_VERSION = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,4}))?(?![0-9])")

_NPM_ONLY = names("prod production")
_NPM_INSTALL = names("ci clean-install i in install it install-test")
_BUNDLE: Mapping[str, str] = MappingProxyType(
    {"--deployment": "deployment true", "--path": "path PATH", "--with": "with GROUPS", "--without": "without GROUPS"}
)
_GD: Mapping[str, str] = MappingProxyType(
    {
        "--with-freetype-dir": "--with-freetype",
        "--with-jpeg-dir": "--with-jpeg",
        "--with-webp-dir": "--with-webp",
        "--with-xpm-dir": "--with-xpm",
    }
)


@rule(
    "DL8030",
    "deprecated-command",
    on=Run,
    severity=Severity.INFO,
    aliases=("tally/ruby/deprecated-bundler-install-flags",),
    tags=("maintainability",),
)
def deprecated_command(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A command or an option is deprecated: its makers warn of it, and it is gone in a later version.

    ## Why
    What is deprecated works until somebody updates the base image, and then the build breaks for a reason that has
    nothing to do with the update that was wanted. Until then it fills the log with warnings. Looked at are

    - `easy_install` and `setup.py install`, which leave packages that pip cannot remove,
    - `npm --production` and `--only=prod`, which are `--omit=dev` since npm 7,
    - `bundle install --deployment`, `--path`, `--with` and `--without`, which are settings now,
    - the options of `docker-php-ext-configure gd` from before PHP 7.4,
    - `egrep` and `fgrep`, which GNU grep warns of since 3.8.

    ## Bad
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci --only=production

    ## Good
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci --omit=dev

    ## See
    - https://docs.npmjs.com/cli/v11/using-npm/config#only
    - https://bundler.io/man/bundle-install.1.html
    - https://setuptools.pypa.io/en/latest/deprecated/easy_install.html
    - https://www.php.net/manual/en/image.installation.php
    - https://www.gnu.org/software/grep/manual/html_node/Usage.html
    """
    placed = here(node, ctx)
    for command in commands_of(placed, ctx):
        yield from _of_command(command, ctx)
    for step in package_steps(placed, ctx):
        if step.action.manager.key == "npm" and step.action.verb_text in _NPM_INSTALL:
            yield from _of_npm(step, ctx)
        elif step.action.manager.key == "bundle" and step.action.verb_text in ("", "install"):
            for flag in step.action.options.flags:
                if flag.name in _BUNDLE:
                    message = f"'{flag.name}' is deprecated: run 'bundle config set {_BUNDLE[flag.name]}' before"
                    yield ctx.finding(flag.word.span, message)


def _of_command(command: Command, ctx: RuleContext) -> Iterator[Finding]:
    name, program = command.name, command.program
    if name is None or program is None:
        return
    if name in _GREPS:
        fix = Fix(f"write {_GREPS[name]}", Safety.SAFE, (Edit(program.span, _GREPS[name]),))
        is_written = ctx.source.slice(program.span) == name
        message = f"'{name}' is deprecated: write '{_GREPS[name]}'"
        yield ctx.finding(program.span, message, fix=fix if is_written else None)
    elif _EASY_INSTALL.fullmatch(name):
        yield ctx.finding(program.span, f"{quoted(name)} is deprecated: use 'pip install'")
    elif _PYTHON.fullmatch(name):
        yield from _of_setup(command, ctx)
    elif name == "docker-php-ext-configure":
        yield from _of_php(command, ctx)


def _of_setup(command: Command, ctx: RuleContext) -> Iterator[Finding]:
    """The finding of `python setup.py install`."""
    words = command.arguments
    if len(words) < 2 or words[0].text not in ("setup.py", "./setup.py") or words[1].text not in _SETUP:
        return
    instead = _SETUP[words[1].text or ""]
    place = words[0].span.cover(words[1].span)
    fix = None
    if len(words) == 2 and ctx.source.slice(place).split() == [words[0].text, words[1].text]:
        fix = Fix(f"use {instead}", Safety.UNSAFE, (Edit(place, f"-m {instead}"),))
    yield ctx.finding(place, f"'setup.py {words[1].text}' is deprecated: use '{instead}'", fix=fix)


def _of_php(command: Command, ctx: RuleContext) -> Iterator[Finding]:
    """The findings of options of gd that PHP 7.4 has renamed."""
    version = _base_version("php", ctx)
    if version is None or version < (7, 4) or not command.arguments or command.arguments[0].text != "gd":
        return
    for word in command.arguments[1:]:
        option = word.prefix.partition("=")[0]
        if option in _GD:
            fix = Fix(f"write {_GD[option]}", Safety.UNSAFE, (Edit(word.span, _GD[option]),))
            yield ctx.finding(word.span, f"'{option}' is gone since PHP 7.4: write '{_GD[option]}'", fix=fix)


def _of_npm(step: PackageStep, ctx: RuleContext) -> Iterator[Finding]:
    version = _base_version("node", ctx)
    if version is not None and version < (15, 0):
        # npm 6 knows no `--omit`.
        return
    for flag in step.action.options.flags:
        value = flag.value.text if flag.value is not None else None
        is_production = flag.name == "--production" and value in (None, "true")
        if is_production or (flag.name == "--only" and value in _NPM_ONLY):
            place = _place(flag)
            fix = Fix("write --omit=dev", Safety.SAFE, (Edit(place, "--omit=dev"),)) if version is not None else None
            yield ctx.finding(place, f"{quoted(ctx.source.slice(place))} is deprecated: write '--omit=dev'", fix=fix)


def _place(flag: Flag) -> Span:
    """The option with its value."""
    return flag.word.span if flag.value is None else flag.word.span.cover(flag.value.span)


def _base_version(name: str, ctx: RuleContext) -> tuple[int, int] | None:
    """The version in the tag of an official image that a stage is built on; None for another image or tag."""
    if ctx.stage is None:
        return None
    reference = base_of(ctx.stage, ctx).reference
    if reference is None or usual_name(reference) != name:
        return None
    match = _VERSION.match(reference.tag)
    return None if match is None else (int(match[1]), int(match[2] or 99))
