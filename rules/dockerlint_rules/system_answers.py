"""Package managers of operating systems that ask a question, which nobody answers in a build."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dockerlint.finding import Finding, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.shell.package_managers import PackageAction
from dockerlint.syntax.tree import Run
from dockerlint_rules._package_settings import Setting, settings_before
from dockerlint_rules._runs import PackageStep, commands_of, here
from dockerlint_rules._system_packages import (
    CHANGING,
    DNF_TOOLS,
    added,
    may_hold_options,
    reads_answers,
    steps_of,
    verb_of,
)

_NO = frozenset({"0", "false", "no", "off"})
_APT_GET = frozenset({"apt-get"})
_YUM = frozenset({"yum"})
_CONDA = frozenset({"conda", "mamba", "micromamba"})

#: What other managers take for an answer: the names of their programs, the setting that answers too, and the option.
_ANSWERS: tuple[tuple[frozenset[str], Setting | None, str], ...] = (
    (frozenset({"apt", "aptitude"}), Setting.APT_ASSUME_YES, "-y"),
    (frozenset({"pacman"}), None, "--noconfirm"),
    (_CONDA, None, "-y"),
    (frozenset({"choco", "chocolatey"}), None, "-y"),
    (frozenset({"winget"}), None, "--accept-package-agreements --accept-source-agreements"),
)
_CONDA_VARIABLES = ("CONDA_ALWAYS_YES", "MAMBA_ALWAYS_YES", "CONDA_YES")
_REPOSITORY_TOOLS = frozenset({"add-apt-repository", "apt-add-repository"})
_REPOSITORY_ANSWERS = frozenset({"-y", "--yes", "--assume-yes", "-yn", "-ny", "-yu", "-h", "--help", "-L", "--list"})
_ZYPPER = frozenset({"zypper"})


@rule(
    "DL3014",
    "apt-get-without-yes",
    on=Run,
    programs=_APT_GET,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("DS-0021", "KICS-77783205", "missing-assume-yes-switch", "parfum/aptGetInstallUseY"),
    tags=("packages",),
)
def apt_get_without_yes(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """`apt-get` asks for confirmation and gets no answer.

    ## Why
    `apt-get` asks before it installs more than what was named, and before it removes or upgrades packages. A build
    has no terminal, so the question ends it with "Abort.". Whether it comes depends on what the mirrors hold that day:
    a build that works today may stop once a package gains a dependency. `-y` answers all questions;
    `DEBIAN_FRONTEND=noninteractive` is about the questions of the packages, not about this one.

    Other answers count as well: `-qq`, `-o APT::Get::Assume-Yes=true`, a settings file that the image has from a step
    before, and `yes |`.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update && apt-get install --no-install-recommends curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    ## See
    https://manpages.debian.org/bookworm/apt/apt-get.8.en.html
    """
    for step in _unanswered(node, ctx, _APT_GET, Setting.APT_ASSUME_YES):
        yield _without_yes(node, ctx, step)


@rule(
    "DL3030",
    "yum-without-yes",
    on=Run,
    programs=_YUM,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-6e19193a", "missing-yum-assume-yes-switch", "parfum/yumInstallForceYes"),
    tags=("packages",),
)
def yum_without_yes(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """`yum` asks for confirmation and gets no answer.

    ## Why
    `yum` asks "Is this ok [y/N]" before each transaction. A build has no terminal, so the answer is no and the build
    stops. `-y` answers all questions; so does `assumeyes=1` in a `yum.conf` that the image has from a step before.

    ## Bad
        FROM centos:7
        RUN yum install httpd && yum clean all

    ## Good
        FROM centos:7
        RUN yum install -y httpd && yum clean all

    ## See
    https://man7.org/linux/man-pages/man8/yum.8.html
    """
    for step in _unanswered(node, ctx, _YUM, Setting.RPM_ASSUME_YES):
        yield _without_yes(node, ctx, step)


@rule(
    "DL3034",
    "zypper-without-yes",
    on=Run,
    programs=_ZYPPER,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-45e1fca5",),
    tags=("packages",),
)
def zypper_without_yes(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """`zypper` asks for confirmation and gets no answer.

    ## Why
    `zypper` asks before it changes the system. A build has no terminal, so it ends with status 4 and the build stops.
    `--non-interactive` stands before the sub-command and holds for all questions, those about conflicts and licences
    included; `-y` behind the sub-command confirms the change. `zypper -y install` is an error.

    ## Bad
        FROM opensuse/leap:15.6
        RUN zypper install httpd && zypper clean --all

    ## Good
        FROM opensuse/leap:15.6
        RUN zypper --non-interactive install httpd && zypper clean --all

    ## See
    https://en.opensuse.org/SDB:Zypper_manual
    """
    for step in _unanswered(node, ctx, _ZYPPER, None):
        program = step.command.program
        fix = None
        if program is not None and not step.action.options.has("-y", "--no-confirm"):
            fix = added(node, ctx, program, "--non-interactive", Safety.SAFE)
        message = f"{_asks(step)}: write 'zypper --non-interactive {step.action.verb_text}'"
        yield ctx.finding(verb_of(step).span, message, fix=fix)


@rule(
    "DL3038",
    "dnf-without-yes",
    on=Run,
    programs=DNF_TOOLS,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-7ebd323c", "missing-dnf-assume-yes-switch"),
    tags=("packages",),
)
def dnf_without_yes(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """`dnf` asks for confirmation and gets no answer.

    ## Why
    `dnf` asks "Is this ok [y/N]" before each transaction. A build has no terminal, so the answer is no and the build
    stops. `-y` answers all questions; so does `assumeyes=1` in a `dnf.conf` that the image has from a step before. The
    same holds for `tdnf`. `microdnf` asks only in distributions where it is a name of dnf 5: there the level is info.

    ## Bad
        FROM fedora:41
        RUN dnf install httpd && dnf clean all

    ## Good
        FROM fedora:41
        RUN dnf install -y httpd && dnf clean all

    ## See
    https://dnf.readthedocs.io/en/latest/command_ref.html
    """
    for step in _unanswered(node, ctx, DNF_TOOLS, Setting.RPM_ASSUME_YES):
        finding = _without_yes(node, ctx, step)
        if step.action.tool == "microdnf" and not ctx.as_hadolint:
            message = f"'{step.label}' asks where microdnf is a name of dnf 5, and nobody answers in a build: add '-y'"
            finding = replace(finding, message=message, severity=min(Severity.INFO, ctx.severity))
        yield finding


@rule(
    "DL8029",
    "missing-assume-yes",
    on=Run,
    programs=(PACKAGE_MANAGER, *_REPOSITORY_TOOLS),
    severity=Severity.WARNING,
    tags=("packages",),
)
def missing_assume_yes(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A package manager asks for confirmation and gets no answer.

    ## Why
    A build has no terminal, so a question ends it, or is answered by the default, which may be no. `pacman`, `apt`,
    `aptitude`, `conda`, `mamba`, `choco` and `winget` have an option that answers all questions. `add-apt-repository`
    asks as well, but goes on without a terminal in most versions: there the level is info.

    ## Bad
        FROM archlinux:base
        RUN pacman -Syu git

    ## Good
        FROM archlinux:base
        RUN pacman -Syu --noconfirm git

    ## See
    - https://man.archlinux.org/man/pacman.8
    - https://docs.conda.io/projects/conda/en/stable/commands/install.html
    """
    seen: set[int] = set()
    for tools, setting, option in _ANSWERS:
        for step in _unanswered(node, ctx, tools, setting):
            verb = verb_of(step)
            # `pacman -Syu git` updates, upgrades and installs, and asks once.
            if verb.span.start not in seen and not _never_asks(step, ctx):
                seen.add(verb.span.start)
                fix = added(node, ctx, verb, option, Safety.SAFE)
                yield ctx.finding(verb.span, f"{_asks(step)}: add '{option}'", fix=fix)
    for command in commands_of(here(node, ctx), ctx):
        program = command.program
        if command.name not in _REPOSITORY_TOOLS or program is None or command.arguments == ():
            continue
        texts = {word.text for word in command.arguments}
        if None not in texts and texts.isdisjoint(_REPOSITORY_ANSWERS) and not reads_answers(command):
            message = f"'{command.name}' asks before it goes on in some versions: add '-y'"
            fix = added(node, ctx, program, "-y", Safety.SAFE)
            yield ctx.finding(program.span, message, lower_to=Severity.INFO, fix=fix)


def _never_asks(step: PackageStep, ctx: RuleContext) -> bool:
    """Whether conda is told by a variable, or the verb is one of those that do not ask."""
    if step.action.verb_text in ("env create", "env update"):
        return True
    environment = {} if ctx.step is None else ctx.step.before.environment
    return step.action.tool in _CONDA and any(name in environment for name in _CONDA_VARIABLES)


def _unanswered(node: Run, ctx: RuleContext, tools: frozenset[str], setting: Setting | None) -> Iterator[PackageStep]:
    """The steps that ask a question which nothing answers; `setting` is the one that would."""
    for step in steps_of(node, ctx, tools, CHANGING):
        if step.action.assume_yes or _declines(step.action) or reads_answers(step.command):
            continue
        if not ctx.as_hadolint and may_hold_options(step.action):
            continue
        if setting is None or setting not in settings_before(step.command, ctx):
            yield step


def _declines(action: PackageAction) -> bool:
    """Whether the answer is a deliberate no: `-y=false`."""
    values = [word.text or "" for word in action.options.values("-y", "--yes", "--assume-yes", "-o", "--option")]
    return any(value.lower() in _NO or "assume-yes=" in value.lower() for value in values)


def _without_yes(node: Run, ctx: RuleContext, step: PackageStep) -> Finding:
    verb = verb_of(step)
    return ctx.finding(verb.span, f"{_asks(step)}: add '-y'", fix=added(node, ctx, verb, "-y", Safety.SAFE))


def _asks(step: PackageStep) -> str:
    return f"'{step.label}' asks before it goes on, and nobody answers in a build"
