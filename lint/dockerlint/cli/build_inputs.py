"""From what `dlint layers` is given to a Dockerfile and its build contexts, as `docker build` understands it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from dockerlint.cli.guard import CommandError
from dockerlint.cli.output import TransferLine
from dockerlint.cli.paths import read
from dockerlint.context.fetch.contexts import STDIN, FetchedContext, fetched, is_elsewhere
from dockerlint.context.fetch.limits import ContextError, Limits
from dockerlint.discovery import Unreadable, normal_path, read_stream
from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.uses import IMAGE_CONTEXTS
from dockerlint.source import Source

#: The names that the builder looks for in a context.
_NAMES = ("Dockerfile", "dockerfile", "Containerfile")


class BuildInputs(NamedTuple):
    """The Dockerfile and the options of a build, all of whose contexts are folders of this machine now.

    `dockerfile` is the path of the Dockerfile on this machine, None where it is no file.
    """

    source: Source
    options: BuildOptions
    dockerfile: str | None


@contextmanager
def build_inputs(
    given: str, file: str | None, options: BuildOptions, stdin_name: str | None = None
) -> Iterator[BuildInputs]:
    """What a build of `given` reads: a Dockerfile, or a context (see `context.fetch.contexts`) with one in it.

    `file` names another Dockerfile. What is fetched goes away in the end. Raises `CommandError`.
    """
    with ExitStack() as stack:
        progress = TransferLine()
        stack.callback(progress.clear)
        try:
            named = {name: _folder(name, value, stack, progress) for name, value in options.named_contexts.items()}
            options = options._replace(named_contexts=named)
            if options.context is not None and not os.path.isdir(options.context):
                raise CommandError(f"{options.context}: this build context is no folder")
            yield _inputs(given, file, options, stdin_name, stack, progress)
        except ContextError as error:
            raise CommandError(str(error)) from error


def _folder(name: str, value: str, stack: ExitStack, progress: TransferLine) -> str:
    """The folder of a named context; images and names without a value stay as they are."""
    if not value or value.startswith(IMAGE_CONTEXTS):
        return value
    if not is_elsewhere(value):
        if not os.path.isdir(value):
            raise CommandError(f"{value}: the build context '{name}' is no folder")
        return value
    return stack.enter_context(fetched(value, sys.stdin.buffer, Limits(), progress)).folder


def _inputs(  # noqa: PLR0917 - the caller's own, one by one
    given: str,
    file: str | None,
    options: BuildOptions,
    stdin_name: str | None,
    stack: ExitStack,
    progress: TransferLine,
) -> BuildInputs:
    if is_elsewhere(given) and not (given == STDIN and file):
        context = stack.enter_context(fetched(given, sys.stdin.buffer, Limits(), progress))
        progress.clear()
        return _of_fetched(context, given, file, options, stdin_name)
    folder = given if os.path.isdir(given) else None
    if folder is not None and options.context is None:
        options = options._replace(context=folder)
    path = file or (_dockerfile_in(given) if folder is not None else given)
    path = path if path == STDIN else normal_path(path)
    source = read(path, stdin_name)
    if isinstance(source, Unreadable):
        raise CommandError(f"{source.path}: {source.reason}")
    return BuildInputs(source, options, None if path == STDIN else path)


def _of_fetched(
    context: FetchedContext, given: str, file: str | None, options: BuildOptions, stdin_name: str | None
) -> BuildInputs:
    """The Dockerfile of a context that came from elsewhere; it has to lie in the context, also behind its links."""
    if context.dockerfile is not None:
        name = stdin_name or (given if given == STDIN else given.rpartition("/")[2]) or STDIN
        import io  # noqa: PLC0415 - seldom needed

        source = read_stream(io.BytesIO(context.dockerfile), name)
        if isinstance(source, Unreadable):
            raise CommandError(f"{given}: {source.reason}")
        # A Dockerfile that comes alone has an empty context, unless one is named.
        return BuildInputs(source, options, None)
    path = os.path.join(context.folder, file) if file else _dockerfile_in(context.folder, given)
    root = os.path.realpath(context.folder)
    if not os.path.realpath(path).startswith(root + os.sep):
        raise CommandError(f"{given}: '{file or os.path.basename(path)}' lies outside of the build context")
    found = read(path)
    if isinstance(found, Unreadable):
        raise CommandError(f"{given}: '{os.path.relpath(path, context.folder)}': {found.reason}")
    shown = os.path.relpath(path, context.folder).replace(os.sep, "/")
    source = Source(shown, found.text)
    return BuildInputs(source, options._replace(context=options.context or context.folder), path)


def _dockerfile_in(folder: str, shown: str | None = None) -> str:
    names = [name for name in _NAMES if os.path.isfile(os.path.join(folder, name))]
    if not names:
        raise CommandError(f"{shown or folder}: there is no Dockerfile in this folder; name one with --file")
    return os.path.join(folder, names[0])


def image_archives(named: Mapping[str, str]) -> dict[str, str]:
    """The archives among named contexts, by the value that names them."""
    return {value: value.removeprefix("oci-layout://") for value in named.values() if value.startswith("oci-layout://")}
