"""Tools that are installed in whatever version is newest, by managers that no other rule looks after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Word
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.mounts import MountType
from dockerlint.syntax.tree import Run, Transfer
from dockerlint_rules._earlier import so_far
from dockerlint_rules._pins import (
    Pin,
    Spec,
    cargo_spec,
    composer_spec,
    conda_spec,
    npm_spec,
    perl_spec,
    python_spec,
)
from dockerlint_rules._runs import Placed, here, mounts_of, package_steps
from dockerlint_rules._tables import names


class _Tool(NamedTuple):
    """How a manager is told which version of a package to take.

    `verbs` name packages; `spec` reads them, unless one of the options in `settling` says the version. `version` is
    what goes behind the name; it begins with a blank where it is an option. `single` verbs run one package, and give it
    the other operands; the options in `packages` name another one to take the program from.
    """

    verbs: frozenset[str]
    spec: Callable[[str], Spec]
    version: str
    settling: frozenset[str] = frozenset()
    single: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()


def _operand(text: str) -> Spec:
    """A package whose version can be given only beside it."""
    is_local = text.startswith((".", "/", "~")) or text.endswith((".rockspec", ".rock"))
    return Spec(Pin.FIXED if is_local else Pin.MISSING, text)


_CONDA = _Tool(names("install create"), conda_spec, "=VERSION")
_NODE = names("add a dlx x") | {"global add"}
_FROM = names("-p --package")
_TOOLS: Mapping[str, _Tool] = MappingProxyType(
    {
        "bun": _Tool(_NODE, npm_spec, "@VERSION", single=names("x dlx"), packages=_FROM),
        "cargo": _Tool(
            names("install binstall"), cargo_spec, "@VERSION", settling=names("--version --vers --path --rev --tag")
        ),
        "composer": _Tool(names("require r") | {"global require"}, composer_spec, ":VERSION"),
        "conda": _CONDA,
        "cpanm": _Tool(frozenset({""}), perl_spec, "@VERSION", settling=names("--installdeps")),
        "dotnet": _Tool(frozenset({"tool install"}), _operand, " --version VERSION", settling=names("--version")),
        "luarocks": _Tool(names("install"), _operand, " VERSION"),
        "micromamba": _CONDA,
        "npm": _Tool(names("exec x"), npm_spec, "@VERSION", single=names("exec x"), packages=_FROM),
        "npx": _Tool(frozenset({""}), npm_spec, "@VERSION", single=frozenset({""}), packages=_FROM),
        "pdm": _Tool(names("add"), python_spec, "==VERSION"),
        "pipenv": _Tool(names("install"), python_spec, "==VERSION"),
        "pipx": _Tool(names("install run"), python_spec, "==VERSION", single=names("run"), packages=names("--spec")),
        "pnpm": _Tool(_NODE, npm_spec, "@VERSION", single=names("dlx"), packages=_FROM),
        "poetry": _Tool(names("add"), python_spec, "==VERSION"),
        "uv": _Tool(
            frozenset({"add", "tool install", "tool run"}),
            python_spec,
            "==VERSION",
            single=frozenset({"tool run"}),
            packages=names("--from"),
        ),
        "uvx": _Tool(frozenset({""}), python_spec, "==VERSION", single=frozenset({""}), packages=names("--from")),
        "yarn": _Tool(_NODE, npm_spec, "@VERSION", single=names("dlx"), packages=_FROM),
    }
)

_VERSIONS_APART = names("composer luarocks")

# They take the program from the project if that has it.
_PREFERS_PROJECT = names("npm npx")


@rule(
    "DL8028",
    "unpinned-tool-install",
    on=Run,
    programs=_TOOLS,
    severity=Severity.INFO,
    tags=("packages",),
)
def unpinned_tool_install(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A tool is installed without a version, so each build may get another one.

    ## Why
    `pipx install poetry`, `cargo install cargo-chef` or `npx create-app` take the newest release of the day. A rebuild
    of the same Dockerfile then gets other tools, and one day it breaks although nobody has changed anything. Name a
    version, so that an update is a change that one can see, try and take back.

    Looked at are pipx, pipenv, `uv tool`, uvx, poetry, pdm, conda, cargo, composer, dotnet tools, luarocks, cpanm,
    yarn, pnpm, bun and npx. Nothing is said about npx below a COPY, where the project may have the program.
    There are rules of their own for pip (DL3013), npm (DL3016), gem (DL3028) and go (DL3062).

    ## Bad
        FROM rust:1.83
        RUN cargo install --locked cargo-chef

    ## Good
        FROM rust:1.83
        RUN cargo install --locked cargo-chef@0.1.68

    ## See
    - https://doc.rust-lang.org/cargo/commands/cargo-install.html
    - https://pipx.pypa.io/stable/
    - https://docs.npmjs.com/cli/v11/commands/npx
    """
    placed = here(node, ctx)
    for step in package_steps(placed, ctx):
        action = step.action
        tool = _TOOLS.get(action.manager.key)
        if tool is None or action.verb_text not in tool.verbs or action.options.has(*tool.settling):
            continue
        if action.manager.key in _PREFERS_PROJECT and _has_project(placed, ctx):
            continue
        loose = tuple(_loose(action, tool))
        if loose:
            yield _finding(loose, tool, ctx)


def _loose(action: PackageAction, tool: _Tool) -> Iterator[tuple[Word, Spec]]:
    """The packages of a command whose version is not chosen."""
    if action.options.has("--git"):
        yield from ((word, Spec(Pin.BRANCH, "")) for word in action.options.values("--git"))
        return
    words = action.packages
    if action.verb_text in tool.single:
        words = tuple(action.options.values(*tool.packages)) or words[:1]
    elif action.manager.key in _VERSIONS_APART and any(_is_version(word) for word in words[1:]):
        # `luarocks install luasocket 3.1.0` and `composer require vendor/name ^3` have it behind the name.
        return
    for word in words:
        if word.text:
            spec = tool.spec(word.text)
            if spec.pin in (Pin.MISSING, Pin.TAG, Pin.BRANCH):
                yield word, spec


def _is_version(word: Word) -> bool:
    """Whether an operand is a version, or may be one."""
    return word.text is None or ("/" not in word.text and word.text.lstrip("^~<>=v")[:1].isdigit())


def _finding(loose: tuple[tuple[Word, Spec], ...], tool: _Tool, ctx: RuleContext) -> Finding:
    word, spec = loose[0]
    shown = quoted(word.text or word.raw)
    if spec.pin is Pin.BRANCH:
        return ctx.finding(word.span, f"{shown} follows a branch of the repository: add a tag or a commit")
    is_option = tool.version.startswith(" ")
    advice = f"add {quoted(tool.version.strip())}" if is_option else f"write {quoted(spec.name + tool.version)}"
    if spec.pin is Pin.TAG:
        return ctx.finding(word.span, f"{shown} is not always the same version: {advice}")
    what = f"{shown} and {len(loose) - 1} more have no version" if len(loose) > 1 else f"{shown} has no version"
    return ctx.finding(word.span, f"{what}: {advice}")


def _has_project(placed: Placed, ctx: RuleContext) -> bool:
    """Whether there may be an installed project where a RUN runs."""
    return so_far(_may_bring_project, placed, ctx)


def _may_bring_project(placed: Placed, ctx: RuleContext) -> bool:
    if isinstance(placed.node, Transfer):
        return True
    if any(mount.type is MountType.BIND for mount in mounts_of(placed)):
        return True
    return any(step.action.from_manifest for step in package_steps(placed, ctx))
