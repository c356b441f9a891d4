"""`dlint layers [PATH]`: print the image that a build would export, without building it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from dockerlint.cli.guard import CommandError
from dockerlint.cli.options import Group, Parser, add_build_options, add_config_options, settings_source
from dockerlint.cli.output import opened, wants_color
from dockerlint.cli.paths import read
from dockerlint.discovery import Unreadable, normal_path
from dockerlint.image.catalogue import lookup
from dockerlint.layers.image import Image
from dockerlint.layers.predict import predict
from dockerlint.registry import load
from dockerlint.semantics.builder import build_model
from dockerlint.source import Source
from dockerlint.syntax.parser import parse

_USAGE = "dlint layers [OPTION…] [PATH]"

_DESCRIPTION = """\
Print the image that a build would export, without building it: which
instructions make a layer, which only change the configuration, and the
history that the builder would write. PATH is a Dockerfile, or a build context
with one in it; by default the current folder. Bytes and files of COPY and ADD
are known where the build context is: PATH, or the one of --context."""

_EPILOG = """\
examples:
  dlint layers                              the Dockerfile of this folder
  dlint layers --target test --format json  another stage, for programs
  dlint layers -f docker/Dockerfile .       another file for this context

JSON, one object:
  {"file", "target", "platform", "base": {"reference", "kind"},
   "history": [{"created_by", "empty_layer", "exact", "line", "instruction",
     "stage", "layer"}],
   "layers": [{"number", "line", "instruction", "created_by", "size",
     "files": [{"path", "size", "mode"}], "whiteouts": [], "wasted_bytes",
     "doubts": []}],
   "size", "wasted": {"low", "estimate", "high", "provenance"},
   "config": {}, "remarks": [],
   "problems": [{"code", "line", "column", "message", "severity"}]}
History and layers are those that the file adds to its base. Where "exact" is
false, a value could not be known and stands as it is written. Sizes are bytes
of files before compression, null where they cannot be known; "files" is null
where a layer may hold more than is known, and "doubts" says why.

exit status: 0, 1 if the builder would refuse the file, 2 for other trouble"""

#: The names that the builder looks for in a context.
_NAMES = ("Dockerfile", "dockerfile", "Containerfile")


def run(arguments: Sequence[str]) -> int:
    """Print the prediction for one file, and give the exit status."""
    parser = Parser("layers", _USAGE, _DESCRIPTION, _EPILOG)
    group = Group(parser, "options")
    group.value("-f", "--file", metavar="FILE", help="the Dockerfile, if it is not in PATH under its usual name")
    group.value("--format", metavar="FORMAT", help="text (default) or json")
    group.value("-o", "--output", metavar="FILE", help="write to a file, which is replaced when all is done")
    group.value("--color", metavar="WHEN", help="auto (default), always or never")
    group.value("--stdin-filename", metavar="PATH", help="the path that standard input stands for")
    add_config_options(group)
    group.help()
    add_build_options(parser)
    namespace, paths = parser.read(arguments)
    form = namespace.format or "text"
    if form not in ("text", "json"):
        parser.error(f"--format: expected text or json, found '{form}'")
    color = namespace.color or "auto"
    if color not in ("auto", "always", "never"):
        parser.error(f"--color: expected auto, always or never, found '{color}'")
    if len(paths) > 1:
        parser.error("layers takes one path: a Dockerfile or a build context")
    given = paths[0] if paths else "."
    path = normal_path(namespace.file) if namespace.file else _dockerfile(given)
    settings = settings_source(namespace, load()).for_folder(os.path.dirname(path)).settings
    build = settings.build
    if build.context is None and os.path.isdir(given):
        build = build._replace(context=given)
    source = read(path, namespace.stdin_filename)
    if isinstance(source, Unreadable):
        raise CommandError(f"{source.path}: {source.reason}")
    image = predict(build_model(parse(source), build, lookup))
    if namespace.output:
        with opened(namespace.output) as out:
            _write(image, source, build.platform, form, out, color=color == "always")
    else:
        colored = wants_color(color, sys.stdout, os.environ)
        _write(image, source, build.platform, form, sys.stdout, color=colored)
    return 1 if image.problems else 0


def _dockerfile(path: str) -> str:
    """The Dockerfile that a path means: itself, or the one in a folder."""
    if path == "-" or not os.path.isdir(path):
        return path if path == "-" else normal_path(path)
    names = [name for name in _NAMES if os.path.isfile(os.path.join(path, name))]
    if not names:
        raise CommandError(f"{path}: there is no Dockerfile in this folder; name one with --file")
    return normal_path(os.path.join(path, names[0]))


def _write(image: Image, source: Source, platform: str, form: str, out: TextIO, *, color: bool) -> None:
    if form == "json":
        from dockerlint.report.image_json import image_as_json  # noqa: PLC0415 - only one form is needed

        out.write(json.dumps(image_as_json(image, source, platform), ensure_ascii=False, indent=1) + "\n")
    else:
        from dockerlint.report.image_text import write_image_text  # noqa: PLC0415 - slow to import

        write_image_text(image, source, platform, out, color=color)
