"""How apt is called: by which program, and with which packages besides those that are named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dockerlint.finding import Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Command
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._edits import replace_word
from dockerlint_rules._package_settings import Setting, settings_before
from dockerlint_rules._prices import price_of_recommended
from dockerlint_rules._runs import actions_of, commands_of, here
from dockerlint_rules._system_packages import added, hints_at_options, steps_of, verb_of

_APT = frozenset({"apt-get", "apt"})
_INSTALL = frozenset({Action.INSTALL})
_RECOMMENDS = "apt::install-recommends"

#: The program for scripts, by the sub-command of `apt`.
_FOR_SCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("autoremove", "install", "purge", "remove", "update", "upgrade"), "apt-get"),
        **dict.fromkeys(("search", "show"), "apt-cache"),
    }
)

# What is written otherwise for another program, so that a person has to look at it.
_WRITTEN_OTHERWISE: Mapping[str, str] = MappingProxyType(
    {"full-upgrade": "apt-get dist-upgrade", "list": "dpkg-query --list", "policy": "apt-cache policy"}
)


@rule(
    "DL3015",
    "apt-recommends-installed",
    on=Run,
    programs=_APT,
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    aliases=("DS-0029", "KICS-7384dfb2", "missing-no-install-recommends", "parfum/aptGetInstallUseNoRec"),
    tags=("packages",),
)
def apt_recommends_installed(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """`apt-get install` also installs what the packages recommend.

    ## Why
    A Debian package recommends others that most people at a desk want beside it: documentation, a mail server, fonts.
    apt installs them unless it is told not to, which easily doubles the size of an image, and each of them is one more
    package with holes to close. `--no-install-recommends` leaves them out; what the program really needs is then named
    in the Dockerfile.

    Nothing is reported where the Dockerfile decides: by an option for either way, or by a settings file of apt that is
    written in a step before.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl

    ## See
    https://docs.docker.com/build/building/best-practices/#apt-get
    """
    for step in steps_of(node, ctx, _APT, _INSTALL):
        action = step.action
        if action.verb_text != "install" or action.no_recommends or _decides(action):
            continue
        if not ctx.as_hadolint and (hints_at_options(action) or not action.packages):
            continue
        if Setting.APT_NO_RECOMMENDS not in settings_before(step.command, ctx):
            verb = verb_of(step)
            price = price_of_recommended(node, step.command, ctx)
            message = f"'{step.label}' also installs what the packages recommend{price}: add '--no-install-recommends'"
            fix = added(node, ctx, verb, "--no-install-recommends", Safety.UNSAFE)
            yield ctx.finding(verb.span, message, fix=fix)


def _decides(action: PackageAction) -> bool:
    """Whether an option asks for recommended packages: somebody has thought about them."""
    if action.options.has("--install-recommends"):
        return True
    settings = (word.text or "" for word in action.options.values("-o", "--option"))
    return any(setting.lower().startswith(_RECOMMENDS) for setting in settings)


@rule(
    "DL3027",
    "apt-in-script",
    on=Run,
    programs=("apt",),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("CKV_DOCKER_9", "KICS-b84a0b47", "prefer-apt-get"),
    tags=("packages",),
)
def apt_in_script(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """`apt` is made for people; scripts use `apt-get` and `apt-cache`.

    ## Why
    The manual of `apt` says that its behaviour and output may change between versions, and it warns in scripts that it
    has no stable interface. `apt-get` and `apt-cache` do the same and stay as they are.

    ## Bad
        FROM debian:12-slim
        RUN apt update && apt install -y --no-install-recommends curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    ## See
    https://manpages.debian.org/bookworm/apt/apt.8.en.html#SCRIPT_USAGE_AND_DIFFERENCES_FROM_OTHER_APT_TOOLS
    """
    for command in commands_of(here(node, ctx), ctx):
        if command.name == "apt" and command.program is not None:
            verb = _verb(command, ctx)
            if verb or ctx.as_hadolint:
                message = f"{quoted(f'apt {verb}'.rstrip())} is made for people at a terminal: {_instead(verb)}"
                yield ctx.finding(command.program.span, message, fix=_for_scripts(command, verb, ctx))


def _verb(command: Command, ctx: RuleContext) -> str:
    """The sub-command of apt, blank if there is none; one whose value is not known stays as it is written."""
    operands = actions_of(command, ctx)[0].options.operands
    return operands[0].text or operands[0].raw if operands else ""


def _instead(verb: str) -> str:
    if verb in _FOR_SCRIPTS:
        return f"write '{_FOR_SCRIPTS[verb]} {verb}'"
    if verb in _WRITTEN_OTHERWISE:
        return f"write '{_WRITTEN_OTHERWISE[verb]}'"
    return "use 'apt-get' or 'apt-cache'"


def _for_scripts(command: Command, verb: str, ctx: RuleContext) -> Fix | None:
    if verb not in _FOR_SCRIPTS or command.program is None or command.program.text is None:
        return None
    program = command.program.text.removesuffix("apt") + _FOR_SCRIPTS[verb]
    edit = replace_word(ctx.source, command.program, program)
    return None if edit is None else Fix(f"write '{_FOR_SCRIPTS[verb]}'", Safety.SAFE, (edit,))
