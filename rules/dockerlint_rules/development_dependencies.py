"""Dependencies that only development needs, in an image that is shipped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.finding import Finding, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.semantics.stages import Stage
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Word
from dockerlint.syntax.invalid import quoted
from dockerlint_rules._actions import add_option, words_of
from dockerlint_rules._earlier import so_far
from dockerlint_rules._environment import variable_at
from dockerlint_rules._purpose import is_for_development, names_development
from dockerlint_rules._runs import PackageStep, Placed, commands_of, package_steps, sequences
from dockerlint_rules._tables import names
from dockerlint_rules._yarn import is_later_yarn


class _Way(NamedTuple):
    """How a manager leaves development dependencies out: by an option, or by a variable with one of some values."""

    option: str
    verbs: frozenset[str]
    variables: Mapping[str, frozenset[str]] = MappingProxyType({})


_ON = names("1 true yes on")
_NPM_INSTALL = names("install i in ins inst insta instal isnt isnta isntal isntall add ci clean-install ic")
_NODE = {"NODE_ENV": names("production")}
_WAYS: Mapping[str, _Way] = MappingProxyType(
    {
        "bun": _Way("--production", names("install i ci")),
        "bundle": _Way("BUNDLE_WITHOUT", frozenset({"", "install"})),
        "composer": _Way("--no-dev", names("install i"), {"COMPOSER_NO_DEV": _ON}),
        "npm": _Way(
            "--omit=dev",
            _NPM_INSTALL,
            {**_NODE, "npm_config_omit": names("dev"), "NPM_CONFIG_OMIT": names("dev"), "NPM_CONFIG_PRODUCTION": _ON},
        ),
        "pdm": _Way("--prod", names("install sync")),
        "pnpm": _Way("--prod", names("install i ci"), _NODE),
        "poetry": _Way("--only main", names("install sync")),
        "uv": _Way("--no-dev", names("sync"), {"UV_NO_DEV": _ON}),
        "yarn": _Way("--production", frozenset({"", "install"}), _NODE),
    }
)

_NODE_MANAGERS = names("bun npm pnpm yarn")

_EXTRAS = re.compile(r"\[([^\]]*)\]")
_FILE_MANAGERS = names("pip uv")


@rule(
    "DL6019",
    "development-dependencies-installed",
    on=Stage,
    programs=(PACKAGE_MANAGER,),
    severity=Severity.INFO,
    aliases=("tally/php/composer-no-dev-in-production", "tally/ruby/missing-bundle-without-development"),
    tags=("size",),
)
def development_dependencies_installed(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """Test tools, linters and compilers of a project are installed in the image that is shipped.

    ## Why
    `npm ci`, `composer install`, `bundle install`, `poetry install` and `uv sync` install what a project needs for its
    development as well: test frameworks, linters, bundlers. They are often larger than the program, and each of them
    may have holes that a scanner reports and somebody has to look at. Leave them out, or build in one stage and install
    without them in the last one.

    Nothing is said where they are removed again (`npm prune`), in stages and files that are meant for development or
    tests by their name, and where only the build knows what `NODE_ENV` is.

    ## Bad
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci
        CMD ["node", "server.js"]

    ## Good
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci --omit=dev
        CMD ["node", "server.js"]

    ## See
    - https://docs.npmjs.com/cli/v11/commands/npm-ci#omit
    - https://getcomposer.org/doc/03-cli.md#install-i
    - https://python-poetry.org/docs/managing-dependencies/#installing-group-dependencies
    """
    if stage.index not in ctx.model.shipped or is_for_development(stage, ctx):
        return
    installs: dict[str, tuple[PackageStep, Placed]] = {}
    for placed in sequences(stage, ctx)[0]:
        for step in package_steps(placed, ctx):
            for word in _development_files(step):
                message = f"{quoted(word.text or word.raw)} is for development: install it in another stage"
                yield ctx.finding(word.span, message)
            key = step.action.manager.key
            if _leaves_out(step, placed, ctx) or step.action.verb_text == "prune":
                installs.pop(key, None)
            elif _installs_all(step, placed, ctx):
                installs.setdefault(key, (step, placed))
        if installs and _removes_modules(placed, ctx):
            installs = {key: install for key, install in installs.items() if key not in _NODE_MANAGERS}
    for key, (step, placed) in installs.items():
        yield _finding(key, step, placed, ctx)


def _finding(key: str, step: PackageStep, placed: Placed, ctx: RuleContext) -> Finding:
    start = f"'{step.label}' installs the development dependencies, too"
    option = _WAYS[key].option
    if key == "bundle":
        return ctx.finding(words_of(step), f"{start}: set BUNDLE_WITHOUT='development test'")
    if key == "yarn" and is_later_yarn(placed, ctx):
        return ctx.finding(words_of(step), f"{start}: run 'yarn workspaces focus --production'")
    fix = add_option(step, option, ctx.source, Safety.UNSAFE)
    return ctx.finding(words_of(step), f"{start}: add '{option}'", fix=fix)


def _installs_all(step: PackageStep, placed: Placed, ctx: RuleContext) -> bool:
    action = step.action
    way = _WAYS.get(action.manager.key)
    if way is None or action.verb_text not in way.verbs or not action.from_manifest or action.packages:
        return False
    if action.options.has("-g", "--global") or action.doubtful:
        return False
    # An ARG without a default, and what is made from it, waits for the value of a build.
    state = placed.step.before
    values = {name: state.environment.get(name) for name in way.variables if state.declares(name)}
    return all(isinstance(value, str) and value for value in values.values())


def _leaves_out(step: PackageStep, placed: Placed, ctx: RuleContext) -> bool:
    """Whether an installation leaves development dependencies out, by an option, a variable or settings."""
    way = _WAYS.get(step.action.manager.key)
    if way is None or step.action.action is not Action.INSTALL:
        return False
    if step.action.no_development:
        return True
    for name, values in way.variables.items():
        if (variable_at(name, step.command, placed, ctx) or "").lower() in values:
            return True
    return step.action.manager.key == "bundle" and _bundler_leaves_out(step, placed, ctx)


def _bundler_leaves_out(step: PackageStep, placed: Placed, ctx: RuleContext) -> bool:
    """Whether `BUNDLE_WITHOUT` is set, or `bundle config set without …` has been run."""
    if variable_at("BUNDLE_WITHOUT", step.command, placed, ctx) is not None:
        return True
    return "BUNDLE_WITHOUT" in placed.step.before.environment or so_far(_configures_without, placed, ctx)


def _configures_without(placed: Placed, ctx: RuleContext) -> bool:
    return any(
        command.name in ("bundle", "bundler") and any(word.text in ("without", "only") for word in command.arguments)
        for command in commands_of(placed, ctx)
    )


def _removes_modules(placed: Placed, ctx: RuleContext) -> bool:
    return any(
        command.name == "rm"
        and any((word.text or "").rstrip("/").endswith("node_modules") for word in command.arguments)
        for command in commands_of(placed, ctx)
    )


def _development_files(step: PackageStep) -> Iterator[Word]:
    """Files of requirements, and extras of the project, that are for development by their name."""
    if step.action.manager.key not in _FILE_MANAGERS or step.action.action is not Action.INSTALL:
        return
    for word in step.action.requirement_files:
        name = (word.text or "").lower().rpartition("/")[2]
        if names_development(name):
            yield word
    for word in (*step.action.packages, *step.action.options.values("-e", "--editable")):
        extras = _EXTRAS.search(word.text or "") if word.prefix.startswith((".", "/")) else None
        if extras is not None and names_development(extras[1].lower()):
            yield word
