"""How RUNs download: the programs for it, and their options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.shell.downloads import Transfer
from dockerlint.shell.script import Command
from dockerlint.source import Span
from dockerlint.syntax.tree import Run
from dockerlint_rules._busybox import Maker, maker_at
from dockerlint_rules._downloads import Settings, is_configured, may_have_more_options, transfers
from dockerlint_rules._edits import add_argument
from dockerlint_rules._runs import Placed, here, sequences
from dockerlint_rules._tables import names

_QUIET = names("-q --quiet -nv --no-verbose -o --output-file -a --append-output --progress")
_QUIET_SETTING = re.compile(r"\s*(?:quiet|progress|verbose|log-?file)\s*=.*", re.IGNORECASE)
_WGETRC = Settings(names("wgetrc .wgetrc"), "WGETRC", _QUIET_SETTING)
_AWAY = ("&>", "&>>")
_TOOLS = ("curl", "wget")


@rule(
    "DL3047",
    "wget-progress-noise",
    on=Run,
    programs=("wget",),
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    tags=("maintainability",),
)
def wget_progress_noise(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """Wget fills the log of the build with its progress.

    ## Why
    Where its output is no terminal, wget writes a line for every 50 KB: a gigabyte makes twenty thousand lines, in
    which the error that somebody looks for is lost. `--progress=dot:giga` writes a line for 32 MB, `-nv` one for
    each file. wget of BusyBox, which Alpine has until the package wget is installed, knows `-q` only.

    Not reported where the log goes to a file (`-o`), where errors are thrown away (`2>/dev/null`), and where a wgetrc
    is written or copied first.

    ## Bad
        FROM debian:12-slim
        RUN wget https://example.com/tool-1.2.tar.gz

    ## Good
        FROM debian:12-slim
        RUN wget --progress=dot:giga https://example.com/tool-1.2.tar.gz

    ## See
    https://www.gnu.org/software/wget/manual/html_node/Download-Options.html
    """
    for transfer in transfers(here(node, ctx), ctx):
        if transfer.tool == "wget" and _is_noisy(transfer, ctx):
            yield _noise(transfer.command, node, ctx)


def _is_noisy(transfer: Transfer, ctx: RuleContext) -> bool:
    if transfer.has(*_QUIET) or any(
        _is_quiet_setting(word.text) for word in transfer.options.values("-e", "--execute")
    ):
        return False
    if ctx.as_hadolint:
        return True
    if not transfer.fetches or not transfer.downloads or transfer.has("-b", "--background"):
        return False
    if may_have_more_options(transfer) or _goes_away(transfer.command):
        return False
    return not is_configured(transfer.command, _WGETRC, ctx)


def _noise(command: Command, node: Run, ctx: RuleContext) -> Finding:
    assert command.program is not None, "a transfer has a program"
    maker = None if ctx.stage is None else maker_at(command, "wget", ctx.stage, ctx)
    option = "-q" if maker is Maker.BUSYBOX else "--progress=dot:giga"
    advice = (
        "add '-q', the only option of BusyBox's wget for that" if maker is Maker.BUSYBOX else f"add '{option}' or '-nv'"
    )
    edit = add_argument(ctx.source, node, command.program, option)
    # BusyBox's wget does not start with an option that it does not know.
    safety = Safety.UNSAFE if maker is Maker.UNKNOWN else Safety.SAFE
    fix = None if edit is None else Fix(f"add {option}", safety, (edit,))
    return ctx.finding(command.program.span, f"wget fills the log of the build with its progress: {advice}", fix=fix)


def _is_quiet_setting(text: str | None) -> bool:
    return text is not None and _QUIET_SETTING.fullmatch(text) is not None


def _goes_away(command: Command) -> bool:
    """Whether what a command says goes to a file, or nowhere."""
    redirects = [*command.redirects, *(redirect for scope in command.scope.outward() for redirect in scope.redirects)]
    return any(
        redirect.operator in _AWAY
        or (redirect.descriptor == 2 and redirect.operator.startswith(">") and redirect.operator != ">&")
        for redirect in redirects
    )


@rule(
    "DL4001",
    "wget-and-curl",
    on=Stage,
    programs=_TOOLS,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("DS-0014", "KICS-fc775e75", "use-either-wget-or-curl"),
    tags=("size",),
)
def wget_and_curl(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """One image downloads both with wget and with curl.

    ## Why
    The two do the same. With both, the image has a program and its libraries twice, each with the flaws and the updates
    of its own, and whoever reads the file has to know the options of two tools.

    The finding stands where the second tool is used first. It is an info on Alpine while wget is that of BusyBox,
    which is there anyway.

    ## Bad
        FROM debian:12-slim
        RUN wget -nv https://example.com/tool-1.2.tar.gz
        RUN curl -fsSLO https://example.com/data-1.2.tar.gz

    ## Good
        FROM debian:12-slim
        RUN curl -fsSLO https://example.com/tool-1.2.tar.gz
        RUN curl -fsSLO https://example.com/data-1.2.tar.gz

    ## See
    https://docs.docker.com/build/building/best-practices/
    """
    own = tuple(_uses(stage, ctx))
    if not own:
        return
    if ctx.as_hadolint:
        yield from _each_run_with_both(own, ctx)
        return
    first: dict[str, _Use] = {}
    for part in ctx.model.chain(stage)[:-1]:
        for use in _uses(part, ctx):
            first.setdefault(use.tool, use)
    for use in own:
        if use.tool not in first:
            other = next(iter(first.values()), None)
            if other is not None and len(first) == 1:
                yield _second_tool(use, other, ctx)
            first[use.tool] = use


class _Use(NamedTuple):
    """A command that downloads with wget or curl, the RUN it stands in, and the stage of that."""

    command: Command
    placed: Placed
    stage: Stage

    @property
    def tool(self) -> str:
        """`wget` or `curl`."""
        return self.command.name or ""

    @property
    def span(self) -> Span:
        """The name of the program in the file."""
        return self.command.span if self.command.program is None else self.command.program.span


def _uses(stage: Stage, ctx: RuleContext) -> Iterator[_Use]:
    for sequence in sequences(stage, ctx):
        for placed in sequence:
            if isinstance(placed.node, Run):
                for transfer in transfers(placed, ctx):
                    if transfer.tool in _TOOLS:
                        yield _Use(transfer.command, placed, stage)


def _second_tool(use: _Use, other: _Use, ctx: RuleContext) -> Finding:
    wget = use if use.tool == "wget" else other
    comes_with_base = maker_at(wget.command, "wget", wget.stage, ctx) is Maker.BUSYBOX
    return ctx.finding(
        use.span,
        f"the image downloads with {use.tool} here, but with {other.tool} before: use one of them for all downloads",
        lower_to=Severity.INFO if comes_with_base else None,
        related=(Related(other.span, f"{other.tool} is used here"),),
    )


def _each_run_with_both(own: tuple[_Use, ...], ctx: RuleContext) -> Iterator[Finding]:
    """What hadolint reports: the RUNs of a stage with one of the tools, once both have been used."""
    seen: set[str] = set()
    tools: dict[int, list[_Use]] = {}
    for use in own:
        tools.setdefault(id(use.placed.node), []).append(use)
    for uses in tools.values():
        seen.update(use.tool for use in uses)
        if len(seen) == len(_TOOLS):
            message = "the stage downloads both with wget and with curl: use one of them for all downloads"
            yield ctx.finding(uses[0].span, message)
