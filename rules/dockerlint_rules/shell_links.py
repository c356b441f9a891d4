"""Files that are put in the place of the shell."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.interpreters import base_name
from dockerlint.shell.options import Syntax, read_options
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Form, Run
from dockerlint_rules._runs import commands_of, here
from dockerlint_rules._tables import names

_SHELL_PATHS = names("/bin/sh /usr/bin/sh")
_LINKED = names("ash bash dash ksh zsh")
_MOVERS = names("ln mv cp install")
_MOVER_SYNTAX = Syntax(valued=frozenset({"-t", "--target-directory", "-S", "--suffix", "-m", "--mode", "-o", "-g"}))
_LOGIN_SYNTAX = Syntax(
    valued=frozenset({"-s", "--shell", "-d", "--home", "-u", "--uid", "-g", "--gid", "-G", "--groups"})
)


@rule(
    "DL4005",
    "shell-replaced-by-link",
    on=Run,
    programs=(*_MOVERS, "update-alternatives", "dpkg-divert", "chsh", "usermod"),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-8a301064", "use-shell-instruction"),
    tags=("shell",),
)
def shell_replaced_by_link(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The file /bin/sh is replaced by another shell, where SHELL would do.

    ## Why
    `/bin/sh` belongs to the distribution: scripts of its packages are written for it, and an update of the package
    puts it back. Whoever builds on the image gets another shell than its name says. SHELL tells the builder which
    shell reads the instructions below, options included, and leaves the system as it is.

    Making bash root's login shell (`chsh`, `usermod --shell`) has no effect on RUN at all; that is reported at a lower
    level.

    ## Bad
        FROM debian:12.7
        RUN ln -sf /bin/bash /bin/sh

    ## Good
        FROM debian:12.7
        SHELL ["/bin/bash", "-o", "pipefail", "-c"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#shell
    """
    for command in commands_of(here(node, ctx), ctx):
        if _replaces_sh(command):
            message = (
                f"{quoted(ctx.source.slice(command.span))} puts another shell in the place of sh: use SHELL instead"
            )
            yield ctx.finding(command.span, message, fix=_shell_fix(node, command, ctx))
            continue
        shell = _login_shell_of_root(command)
        if shell is not None:
            message = f"root's login shell {quoted(shell)} does not change what RUN uses: use SHELL if you mean that"
            yield ctx.finding(command.span, message, lower_to=Severity.INFO)


def _replaces_sh(command: Command) -> bool:
    """Whether a command puts something at the place of sh."""
    if command.name in _MOVERS:
        options = read_options(command.arguments, _MOVER_SYNTAX)
        if len(options.operands) < 2 or options.has("-t", "--target-directory"):
            return False
        return _is_sh(options.operands[-1]) and not _is_sh(options.operands[0])
    words = command.arguments
    texts = [word.text for word in words[:2]]
    if command.name == "update-alternatives":
        return texts == ["--set", "sh"] or (texts[:1] == ["--install"] and len(words) > 1 and _is_sh(words[1]))
    return command.name == "dpkg-divert" and len(words) > 0 and _is_sh(words[-1])


def _is_sh(word: Word) -> bool:
    return word.text is not None and word.text.startswith("/") and clean_path(word.text) in _SHELL_PATHS


def _login_shell_of_root(command: Command) -> str | None:
    """The shell that `chsh` or `usermod` gives root; None for other commands and users."""
    if command.name not in {"chsh", "usermod"}:
        return None
    options = read_options(command.arguments, _LOGIN_SYNTAX)
    users = [word.text for word in options.operands]
    if users not in ([], ["root"]) or (command.name == "usermod" and not users):
        return None
    shell = next(options.values("-s", "--shell"), None)
    text = None if shell is None else shell.text
    return text if text is not None and base_name(text) == "bash" else None


def _shell_fix(node: Run, command: Command, ctx: RuleContext) -> Fix | None:
    """SHELL in place of a RUN that does nothing but put a link to a shell at the place of sh."""
    if ctx.script(node).commands != (command,) or command.name != "ln" or node.command.form is not Form.SHELL:
        return None
    source = read_options(command.arguments, _MOVER_SYNTAX).operands[0].text
    if source is None or node.flags or node.heredocs or base_name(source) not in _LINKED:
        return None
    path = source if source.startswith("/") else f"/bin/{base_name(source)}"
    return Fix("Use SHELL", Safety.UNSAFE, (Edit(node.span, f'SHELL ["{path}", "-c"]'),))
