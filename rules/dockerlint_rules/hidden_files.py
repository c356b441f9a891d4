"""Files that a later layer hides or stores again, while an earlier one keeps them in the image."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.layers.layer import Cause
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.shell.script import Command
from dockerlint.shell.script import Word as ShellWord
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.modes import OctalMode, parse_mode
from dockerlint.syntax.tree import Copy, Run, Transfer
from dockerlint_rules._edits import append_command, delete_instruction
from dockerlint_rules._hidden import Waste, shown_command, shown_path, wastes
from dockerlint_rules._hiding import may_remove

_GONE = frozenset({Cause.REMOVED, Cause.CLEANED, Cause.UNINSTALLED, Cause.MOVED})
_STORED_AGAIN = frozenset({Cause.METADATA})


@rule(
    "DL6003",
    "deleted-in-later-layer",
    on=Model,
    severity=Severity.WARNING,
    tags=("layers",),
)
def deleted_in_later_layer(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""A RUN removes files that an earlier layer of the image holds: they stay in it all the same.

    ## Why
    A layer is never changed once it is made. What a later RUN removes, by `rm`, by the clean-up command of a package
    manager, by uninstalling a package or by moving a file, is only marked as gone: the image stays as large as it was,
    everybody who pulls it downloads the files, and whoever unpacks the layer can read them. Remove in the RUN that
    makes the files; what a command needs of the build context or of another stage can be mounted while it runs
    (`RUN --mount=type=bind`), so that it is in no layer at all.

    Only layers of the image count, not those of a build stage, and of the base image nothing is said. Where the build
    context is known, or the file tells the size itself, the message says how many bytes stay. It is an info where they
    are few (less than 100 kB, or by their names small text files).

    ## Bad
        FROM debian:12.7-slim
        COPY app.tar.gz /tmp/
        RUN tar -xzf /tmp/app.tar.gz -C /opt
        RUN rm /tmp/app.tar.gz
    The lists of packages:

        FROM debian:12.7-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl
        RUN rm -rf /var/lib/apt/lists/*

    ## Good
        FROM debian:12.7-slim
        RUN --mount=type=bind,source=app.tar.gz,target=/tmp/app.tar.gz \
            tar -xzf /tmp/app.tar.gz -C /opt
    The lists of packages:

        FROM debian:12.7-slim
        RUN apt-get update \
         && apt-get install -y --no-install-recommends curl \
         && rm -rf /var/lib/apt/lists/*

    ## See
    - https://docs.docker.com/build/building/best-practices/#minimize-the-number-of-layers
    - https://docs.docker.com/get-started/docker-concepts/building-images/understanding-image-layers/
    - https://docs.docker.com/reference/dockerfile/#run---mounttypebind
    """
    if not may_remove(ctx):
        return
    found = [waste for waste in wastes(ctx, _GONE) if waste.first.sure]
    for _, group in groupby(found, lambda waste: (waste.first.command, waste.first.cause)):
        several = list(group)
        if several[0].first.cause is Cause.UNINSTALLED:
            yield _uninstalled(several, ctx)
        else:
            fix = _moved_to_maker(several, ctx)
            yield from (_removed(waste, ctx, fix) for waste in several)


def _removed(waste: Waste, ctx: RuleContext, fix: Fix | None) -> Finding:
    first, lines = waste.first, waste.lines(ctx)
    command, amount = shown_command(first.command), waste.amount()
    if first.cause is Cause.CLEANED:
        words = _clean_words(first.command)
        message = f"{words} empties a cache that {lines} filled: it stays in the image; clean up in that RUN"
    elif first.cause is Cause.MOVED:
        what = f"{amount}{shown_path(first.span, ctx)} from {lines}"
        message = f"{command} stores {what} a second time: put it in its place at once"
    else:
        what = f"{amount}{shown_path(first.span, ctx)} that {lines} added"
        message = f"{command} removes {what}: it stays in the image; {waste.advice(ctx)}"
    return ctx.finding(
        first.span,
        message,
        lower_to=Severity.INFO if waste.is_small else None,
        related=waste.related("added here, and kept in this layer"),
        fix=fix,
    )


def _moved_to_maker(several: list[Waste], ctx: RuleContext) -> Fix | None:
    """The command that removes, moved to the end of the RUN that makes all that it removes.

    Only where it is a RUN of its own, right behind that one, so that nothing between the two needs the files.
    """
    first = several[0]
    command, remover, maker = first.first.command, first.step, first.origin(ctx)
    if command is None or not isinstance(remover.node, Run) or not isinstance(maker.node, Run):
        return None
    text = ctx.source.slice(command.span)
    operands = [word for word in command.arguments if not word.raw.startswith("-")]
    one_maker = all(waste.first.layer == first.first.layer and len(waste.parts) == 1 for waste in several)
    of_caches = first.first.cause is Cause.CLEANED
    if not one_maker or not (of_caches or (len(operands) == len(several) and all(map(_is_absolute, operands)))):
        return None
    if "$" in text or "\n" in text or command.wrapped_by is not None or maker.before.user != remover.before.user:
        return None
    if len(ctx.commands(remover.node, remover)) > 1 or first.layer != first.first.layer + 1:
        return None
    append = append_command(ctx.source, maker.node, ctx.commands(maker.node, maker), text)
    if append is None or first.first.cause is Cause.MOVED:
        return None
    edits = (append, delete_instruction(ctx.source, remover.node))
    return Fix("remove it in the RUN that makes it", Safety.UNSAFE, edits)


def _is_absolute(word: ShellWord) -> bool:
    return word.raw.startswith("/")


def _clean_words(command: Command | None) -> str:
    words = () if command is None else command.words
    return quoted(" ".join(word.raw for word in words[:4]))


def _uninstalled(several: list[Waste], ctx: RuleContext) -> Finding:
    names = [quoted(waste.first.path) for waste in several]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    first = several[0].first
    verb = "stays" if len(names) == 1 else "stay"
    message = (
        f"{shown} from {several[0].lines(ctx)} {verb} in the image after being removed here:"
        " install, use and remove in one RUN"
    )
    span = first.span.cover(several[-1].first.span)
    return ctx.finding(span, message, related=several[0].related("installed here, and kept in this layer"))


@rule(
    "DL6004",
    "duplicating-metadata-change",
    on=Model,
    severity=Severity.WARNING,
    aliases=("tally/prefer-copy-chmod",),
    tags=("layers",),
)
def duplicating_metadata_change(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""A RUN changes owner, mode or time of files of an earlier layer: each file is stored a second time.

    ## Why
    A layer holds whole files. `chown -R` over what was copied before does not note a new owner, it stores every file
    again in the layer of the RUN, so that the image holds all of them twice. The same goes for `chmod`, `chgrp`,
    `touch`, `setfacl` and `strip`, also where nothing changes. COPY and ADD set owner and mode as they store the
    files (`--chown`, `--chmod`); what a RUN makes belongs to the USER in force, or is changed in the same RUN.

    Only layers of the image count, not those of a build stage, and of the base image nothing is said. It is an info
    where the files are few bytes (less than 100 kB, or by their names small text files).

    ## Bad
        FROM node:22-slim
        WORKDIR /app
        COPY . .
        RUN chown -R node:node /app
        USER node

    ## Good
        FROM node:22-slim
        WORKDIR /app
        COPY --chown=node:node . .
        USER node

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---chown---chmod
    - https://docs.docker.com/engine/storage/drivers/overlayfs-driver/#how-the-overlay2-driver-works
    """
    for waste in wastes(ctx, _STORED_AGAIN) if may_remove(ctx) else ():
        first = waste.first
        if not first.sure:
            continue
        what = f"{waste.amount()}{shown_path(first.span, ctx)} from {waste.lines(ctx)}"
        message = f"{shown_command(first.command)} stores {what} a second time: {_remedy(waste, ctx)}"
        yield ctx.finding(
            first.span,
            message,
            lower_to=Severity.INFO if waste.is_small else None,
            related=waste.related("stored here first"),
            fix=_flag_fix(waste, ctx),
        )


def _flag(command: Command | None) -> tuple[str, str] | None:
    """The flag of COPY that does what the command does, with its value; None where there is none."""
    values = () if command is None else tuple(word.text for word in command.arguments if not word.raw.startswith("-"))
    value = values[0] if len(values) > 1 else None
    if command is None or value is None:
        return None
    if command.name == "chown":
        return "chown", value
    if command.name == "chmod":
        mode = parse_mode(value)
        if isinstance(mode, OctalMode):
            return "chmod", value
        return None if isinstance(mode, Invalid) or "x" not in value.lower() else ("chmod", "755")
    return None


def _remedy(waste: Waste, ctx: RuleContext) -> str:
    origin = waste.origin(ctx).node
    if not isinstance(origin, Transfer):
        return "do it in the RUN that makes it"
    flag = _flag(waste.first.command)
    if flag is None:
        return "let the copy bring it as it should be"
    name, value = flag
    if waste.is_all_of_its_layer(ctx):
        return f"write {quoted(f'{origin.name} --{name}={value}')}"
    if name == "chmod" and origin.flag("from") is None:
        return f"give it that mode in the build context, or copy it alone with {quoted(f'--{name}={value}')}"
    return f"copy it alone with {quoted(f'--{name}={value}')}"


def _flag_fix(waste: Waste, ctx: RuleContext) -> Fix | None:
    """A flag for the COPY in the place of the RUN, where this does nothing else.

    It is safe only for one file that is named: a folder may have been there before the copy.
    """
    copy, run = waste.origin(ctx).node, waste.step.node
    flag = _flag(waste.first.command)
    command = waste.first.command
    if not isinstance(copy, Copy) or not isinstance(run, Run) or flag is None or command is None:
        return None
    name, value = flag
    if (
        not waste.is_all_of_its_layer(ctx)
        or copy.flag(name) is not None
        or waste.layer != waste.first.layer + 1
        or len(waste.parts) > 1
    ):
        return None
    if len(ctx.commands(run, waste.step)) > 1 or run.flags:
        return None
    operands = [word for word in command.arguments if not word.raw.startswith("-")]
    if len(operands) != 2 or ctx.source.slice(waste.first.span) != waste.first.path:
        return None
    exact = name == "chown" or isinstance(parse_mode(operands[0].text or ""), OctalMode)
    one_file = len(copy.sources) == 1 and not waste.first.partial and not command.arguments[0].raw.startswith("-")
    insert = Edit(Span(copy.keyword.span.end, copy.keyword.span.end), f" --{name}={value}")
    safety = Safety.SAFE if exact and one_file else Safety.UNSAFE
    return Fix(f"let {copy.name} set it", safety, (insert, delete_instruction(ctx.source, run)))
