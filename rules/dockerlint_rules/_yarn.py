"""Which yarn a build runs: version 1, or one of the later ones, which work in another way."""

from __future__ import annotations

from dockerlint.rule import RuleContext
from dockerlint.syntax.tree import Transfer
from dockerlint_rules._context import context_sources
from dockerlint_rules._earlier import so_far
from dockerlint_rules._runs import Placed, actions_of, commands_of
from dockerlint_rules._tables import names

_FILES = (".yarnrc.yml", ".yarn")
_OPTIONS = names("--immutable --immutable-cache --check-cache --mode")
_VERBS = names("dlx up") | {"workspaces focus", "set version"}


def is_later_yarn(placed: Placed, ctx: RuleContext) -> bool:
    """Whether there is a sign that yarn is of version 2 or later in a RUN."""
    return so_far(_shows_later_yarn, placed, ctx)


def _shows_later_yarn(placed: Placed, ctx: RuleContext) -> bool:
    if isinstance(placed.node, Transfer):
        paths = (source.path for source in context_sources(placed.node, placed.step))
        return any(path.startswith(_FILES) or "/.yarn" in path for path in paths)
    for command in commands_of(placed, ctx):
        if command.name == "corepack" or any(wrapper.name == "corepack" for wrapper in command.wrappers):
            return True
        for action in actions_of(command, ctx):
            words = " ".join(word.text or "" for word in action.options.operands[:2])
            is_new = action.verb_text in _VERBS or words in _VERBS
            if action.manager.key == "yarn" and (is_new or action.options.has(*_OPTIONS)):
                return True
    return False
