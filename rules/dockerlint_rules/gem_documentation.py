"""Documentation that gem installs besides the gems."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Safety, Severity
from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.managers import Action
from dockerlint.syntax.tree import Run, Transfer
from dockerlint_rules._actions import add_option, words_of
from dockerlint_rules._context import context_sources
from dockerlint_rules._earlier import base_of, so_far
from dockerlint_rules._images import DISTRIBUTIONS, LANGUAGES
from dockerlint_rules._runs import Placed, here, package_steps
from dockerlint_rules._tables import names
from dockerlint_rules._written import written

_OPTIONS = names("-N --no-document --document --no-ri --no-rdoc --ri --rdoc")

# Their gemrc says `--no-document`.
_WITHOUT_DOCUMENTATION = names("ruby jruby")
_SETTINGS = names("gemrc .gemrc")


@rule(
    "DL8050",
    "gem-documentation-installed",
    on=Run,
    programs=("gem",),
    severity=Severity.INFO,
    aliases=("parfum/gemUpdateNoDocument",),
    tags=("size",),
)
def gem_documentation_installed(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """Gems are installed with their documentation, which nobody reads in an image.

    ## Why
    `gem install` makes documentation of each gem. That takes longer than the installation itself, and adds megabytes to
    the layer. `--no-document` leaves it out.

    Nothing is said about the official images of Ruby, whose settings leave it out, about images of which only their
    makers know the settings, and below a `gemrc`.

    ## Bad
        FROM debian:12-slim
        RUN gem install bundler:2.6.2

    ## Good
        FROM debian:12-slim
        RUN gem install --no-document bundler:2.6.2

    ## See
    https://guides.rubygems.org/command-reference/#gem-install
    """
    placed = here(node, ctx)
    for step in package_steps(placed, ctx):
        action = step.action
        if action.manager.key != "gem" or action.action not in (Action.INSTALL, Action.UPGRADE):
            continue
        if not action.options.has(*_OPTIONS) and _is_documented(placed, ctx):
            message = f"'{step.label}' makes documentation, too, which nobody reads here: add '--no-document'"
            fix = add_option(step, "--no-document", ctx.source, Safety.SAFE)
            yield ctx.finding(words_of(step), message, fix=fix)


def _is_documented(placed: Placed, ctx: RuleContext) -> bool:
    """Whether gem makes documentation unless it is told otherwise."""
    reference = None if ctx.stage is None else base_of(ctx.stage, ctx).reference
    name = "" if reference is None else usual_name(reference)
    if name not in DISTRIBUTIONS | LANGUAGES or name in _WITHOUT_DOCUMENTATION:
        return False
    return not so_far(_brings_settings, placed, ctx)


def _brings_settings(placed: Placed, ctx: RuleContext) -> bool:
    if isinstance(placed.node, Transfer):
        sources = context_sources(placed.node, placed.step)
        if any(source.path.rpartition("/")[2] in _SETTINGS for source in sources):
            return True
    return any(text.path.rpartition("/")[2] in _SETTINGS for text in written(placed, ctx))
