"""Packages of Python, Node.js and Ruby that are installed in whatever version is newest."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Redirect, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._environment import variable_at
from dockerlint_rules._pins import Pin, npm_spec, python_spec
from dockerlint_rules._runs import PackageStep, Placed, here, package_steps
from dockerlint_rules._tables import names

STRICT = Option("strict", default=False, help="Report ranges without an upper bound (`>=`, `!=`), too.")

# pip takes versions from these, or packages from a folder that holds one version of each.
_PIP_PINNING = names("-c --constraint --constraints --no-index --require-hashes")
_PIP_CONSTRAINT = {"pip": "PIP_CONSTRAINT", "uv": "UV_CONSTRAINT"}
_PIP_FETCHING = names("install download wheel")

_NPM_INSTALL = names("install add i in ins inst insta instal isnt isnta isntal isntall install-test it")

_GEM_PINNING = names("-v --version -l --local")


@rule(
    "DL3013",
    "unpinned-pip-package",
    on=Run,
    programs=("pip", "pipx", "uv"),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-02d9c71f",),
    tags=("packages",),
    options=(STRICT,),
)
def unpinned_pip_package(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A Python package is installed without a version, so each build may get another one.

    ## Why
    `pip install flask` takes the newest release of the day. A rebuild of the same Dockerfile then gives another image,
    and one morning it breaks, or behaves differently, although nobody has changed anything. A version makes the build
    repeatable; a requirements file with hashes (`pip-compile --generate-hashes`, `uv export`) does so for all that the
    package depends on, too.

    Ranges pass (`foo~=1.4`, `foo<2`, `foo>=1.4`); the option `strict` reports those without an upper bound as well.
    Nothing is said about files, folders, URLs, repositories with a tag or commit, packages under a constraints file
    (`-c`, `PIP_CONSTRAINT`), those from a folder of wheels (`--no-index`), and names that only the build knows.

    ## Bad
        FROM python:3.13-slim
        RUN pip install --no-cache-dir flask gunicorn

    ## Good
        FROM python:3.13-slim
        RUN pip install --no-cache-dir flask==3.1.0 gunicorn==23.0.0

    Or with the versions in a file:

        FROM python:3.13-slim
        COPY requirements.txt .
        RUN pip install --no-cache-dir --require-hashes -r requirements.txt

    ## See
    - https://pip.pypa.io/en/stable/topics/repeatable-installs/
    - https://packaging.python.org/en/latest/specifications/dependency-specifiers/
    """
    placed = here(node, ctx)
    for step in package_steps(placed, ctx):
        if not _fetches_python(step, ctx) or _is_constrained(step, placed, ctx):
            continue
        for word in step.action.packages:
            if word.text is None:
                if ctx.as_hadolint and not any(sign in word.raw for sign in "=<>@"):
                    yield ctx.finding(word.span, f"{quoted(word.raw)} may have no version: add '==VERSION'")
            else:
                yield from _unpinned_python(word.text, word, step, ctx)


def _fetches_python(step: PackageStep, ctx: RuleContext) -> bool:
    key, verb = step.action.manager.key, step.action.verb_text
    if key == "pip":
        return verb in _PIP_FETCHING
    # What pipx installs are tools: hadolint knows no difference.
    return (key == "uv" and verb == "pip install") or (key == "pipx" and verb == "install" and ctx.as_hadolint)


def _is_constrained(step: PackageStep, placed: Placed, ctx: RuleContext) -> bool:
    """Whether the versions come from elsewhere."""
    action = step.action
    if action.options.has(*_PIP_PINNING):
        return True
    variable = _PIP_CONSTRAINT.get(action.manager.key)
    return variable is not None and bool(variable_at(variable, step.command, placed, ctx))


def _unpinned_python(text: str, word: Word, step: PackageStep, ctx: RuleContext) -> Iterator[Finding]:
    spec = python_spec(text)
    if spec.pin is Pin.BRANCH:
        message = f"{quoted(text)} follows a branch of the repository: add '@' and a tag or a commit"
        yield ctx.finding(word.span, message)
    elif spec.pin is Pin.OPEN and ctx.option(STRICT):
        message = f"{quoted(text)} takes any later version, too: write {quoted(spec.name + '==VERSION')}"
        yield ctx.finding(word.span, message)
    elif spec.pin is Pin.MISSING:
        lost = _lost_version(word, step.command)
        if lost is None:
            message = f"{quoted(spec.name)} has no version: write {quoted(spec.name + '==VERSION')}"
            yield ctx.finding(word.span, message)
            return
        whole = Span(word.span.start, lost.span.end)
        written = ctx.source.slice(whole)
        fix = Fix("put quotes around it", Safety.UNSAFE, (Edit(whole, f'"{written}"'),))
        message = (
            f"the shell takes {quoted(ctx.source.slice(lost.span))} for a redirection, so {quoted(spec.name)} has no"
            f" version: write {quoted(fix.edits[0].text)}"
        )
        yield ctx.finding(whole, message, fix=fix)


def _lost_version(word: Word, command: Command) -> Redirect | None:
    """The redirection that `foo>=1.0` without quotes is for the shell: it writes a file named `=1.0`."""
    for redirect in command.redirects:
        target = redirect.target.text if redirect.target is not None else None
        if redirect.span.start == word.span.end and redirect.operator in ("<", ">") and target:
            is_version = target.lstrip("=")[:1].isdigit()
            return redirect if is_version and redirect.descriptor is None else None
    return None


@rule(
    "DL3016",
    "unpinned-npm-package",
    on=Run,
    programs=("npm",),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-e36d8880",),
    tags=("packages",),
)
def unpinned_npm_package(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A package of Node.js is installed without a version, so each build may get another one.

    ## Why
    `npm install -g typescript` takes the newest release of the day, and so does `typescript@latest`. A rebuild of the
    same Dockerfile then gives another image, and a new major version breaks it although nobody has changed anything. A
    release that was taken over by an attacker arrives the same day as well. Name a version, or list the package in
    `package.json` and install it by the lock file with `npm ci`.

    A major version (`npm@11`) or a range is enough. Nothing is said about folders, archives, and repositories with a
    commit (`#`).

    ## Bad
        FROM node:22-slim
        RUN npm install -g typescript pm2@latest

    ## Good
        FROM node:22-slim
        RUN npm install -g typescript@5.7.2 pm2@5.4.3

    ## See
    - https://docs.npmjs.com/cli/v11/commands/npm-install
    - https://docs.npmjs.com/cli/v11/using-npm/package-spec
    """
    for step in package_steps(here(node, ctx), ctx):
        if step.action.manager.key != "npm" or step.action.verb_text not in _NPM_INSTALL:
            continue
        for word in step.action.packages:
            if word.text:
                message = npm_message(word.text)
                if message is not None:
                    yield ctx.finding(word.span, message)
            elif ctx.as_hadolint and "@" not in word.raw[2:]:
                yield ctx.finding(word.span, f"{quoted(word.raw)} may have no version: add '@VERSION'")


def npm_message(text: str) -> str | None:
    """What is wrong with the version of a package that npm or another manager of Node.js is given; None if nothing."""
    spec = npm_spec(text)
    if spec.pin is Pin.BRANCH:
        return f"{quoted(text)} follows a branch of the repository: add '#' and a tag or a commit"
    advice = f"write {quoted(spec.name + '@VERSION')}"
    if spec.pin is Pin.TAG:
        return f"{quoted(text)} is not always the same version: {advice}"
    return f"{quoted(text)} has no version: {advice}" if spec.pin is Pin.MISSING else None


@rule(
    "DL3028",
    "unpinned-gem",
    on=Run,
    programs=("gem",),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-22cd11f7",),
    tags=("packages",),
)
def unpinned_gem(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A gem is installed without a version, so each build may get another one.

    ## Why
    `gem install bundler` takes the newest release of the day. A rebuild of the same Dockerfile then gives another
    image, and one day the newest gem needs a newer Ruby than the base image has. Name a version (`bundler:2.6.2`, or
    `-v 2.6.2` for a single gem), or list the gem in a Gemfile and install it by its lock file.

    `gem update --system` without a version does the same to RubyGems itself. Nothing is said about gem files
    and `--local`.

    ## Bad
        FROM ruby:3.4-slim
        RUN gem install --no-document rails puma:6.5.0

    ## Good
        FROM ruby:3.4-slim
        RUN gem install --no-document rails:8.0.1 puma:6.5.0

    ## See
    https://guides.rubygems.org/command-reference/#gem-install
    """
    for step in package_steps(here(node, ctx), ctx):
        action = step.action
        if action.manager.key != "gem":
            continue
        if action.action is Action.UPGRADE:
            for flag in action.options.flags:
                if flag.name == "--system" and flag.value is None:
                    message = "'gem update --system' takes the newest RubyGems: write 'gem update --system VERSION'"
                    yield ctx.finding(flag.word.span, message)
        elif action.action is Action.INSTALL and not action.options.has(*_GEM_PINNING):
            for word in _gems(step, ctx):
                gem = word.text or word.raw
                yield ctx.finding(word.span, f"{quoted(gem)} has no version: write {quoted(gem + ':VERSION')}")


def _gems(step: PackageStep, ctx: RuleContext) -> Iterator[Word]:
    """The gems without a version; what follows `--` is for the compiler."""
    end = next((word.span.start for word in step.command.arguments if word.text == "--"), None)
    for word in step.action.packages:
        if end is not None and word.span.start > end:
            return
        if word.text is None:
            if ctx.as_hadolint and ":" not in word.raw:
                yield word
        elif ":" not in word.text and not word.text.endswith(".gem"):
            yield word
