"""What several rules about package managers of operating systems ask."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Fix, Safety
from dockerlint.rule import RuleContext
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Command, Expansion, Word
from dockerlint.syntax.tree import Instruction
from dockerlint_rules._edits import add_argument
from dockerlint_rules._runs import PackageStep, here, package_steps

#: What changes the packages that are installed.
CHANGING = frozenset({Action.INSTALL, Action.UPGRADE, Action.REMOVE})

DNF_TOOLS = frozenset({"dnf", "dnf4", "dnf-3", "dnf5", "microdnf", "tdnf"})

_OPTION_NAMES = ("ARG", "FLAG", "OPT", "PARAM", "SWITCH")
_HELP = ("--help", "-h", "--version")
_PRETENDING = frozenset(
    {
        "-s",
        "--simulate",
        "--just-print",
        "--dry-run",
        "--recon",
        "--no-act",
        "--print-uris",
        "--assume-no",
        "--assumeno",
    }
)


def steps_of(
    node: Instruction, ctx: RuleContext, tools: frozenset[str], actions: frozenset[Action]
) -> Iterator[PackageStep]:
    """What a RUN does with the programs of these names, if it is one of the actions and really done."""
    for step in package_steps(here(node, ctx), ctx):
        if step.action.tool in tools and step.action.action in actions and not _only_shows(step.action):
            yield step


def _only_shows(action: PackageAction) -> bool:
    """Whether the command does nothing but tell what it would do."""
    pretending = _PRETENDING if action.manager.key == "apt-get" else ("--assumeno",)
    return action.options.has(*_HELP, *pretending)


def verb_of(step: PackageStep) -> Word:
    """The word to point at where an option is missing: the last of the sub-command, else the program."""
    if step.action.verb:
        return step.action.verb[-1]
    assert step.command.program is not None, "a package manager has been found by its name"
    return step.command.program


def may_hold_options(action: PackageAction) -> bool:
    """Whether a variable whose value is not known may stand for options."""
    words = (*action.options.operands, *action.options.doubtful)
    return any(word.text is None and _starts_open(word) for word in words) or any(
        flag.value is not None and flag.value.text is None for flag in action.options.flags if flag.name == "-o"
    )


def hints_at_options(action: PackageAction) -> bool:
    """Whether a variable whose value is not known has a name that is usual for options: `$APT_OPTS`."""
    names = (name.upper() for word in action.options.operands for name in word.variables)
    return any(hint in name for name in names for hint in _OPTION_NAMES)


def _starts_open(word: Word) -> bool:
    first = word.parts[0] if word.parts else ""
    return isinstance(first, Expansion) and not first.quoted


def reads_answers(command: Command) -> bool:
    """Whether the command gets its input from a pipe or a redirection: `yes | apt-get install …`."""
    if any(redirect.operator.startswith("<") for redirect in command.redirects):
        return True
    return not command.open_ended and any(stage > 0 for _, stage in command.pipelines())


def added(node: Instruction, ctx: RuleContext, word: Word, argument: str, safety: Safety) -> Fix | None:
    """A fix that puts an argument behind a word, where that can be done exactly."""
    edit: Edit | None = add_argument(ctx.source, node, word, argument)
    return None if edit is None else Fix(f"add '{argument}'", safety, (edit,))
