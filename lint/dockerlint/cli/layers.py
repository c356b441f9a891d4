"""`dlint layers [PATH]`: print the image that a build would export, without building it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from dockerlint.cli.build_inputs import BuildInputs, build_inputs, image_archives
from dockerlint.cli.guard import CommandError, complain
from dockerlint.cli.options import Group, Parser, add_build_options, add_config_options, settings_source
from dockerlint.cli.output import TransferLine, opened, wants_color
from dockerlint.config.effective import names_no_rules
from dockerlint.config.layers import ALPINE_MIRROR, DEBIAN_MIRROR, UBUNTU_MIRROR
from dockerlint.image.sources import ImageSources
from dockerlint.layers.image import Image
from dockerlint.layers.inputs import operations
from dockerlint.layers.layer import Layer
from dockerlint.layers.predict import predict
from dockerlint.layers.rebuild import Change, changed_steps, rebuild
from dockerlint.layers.sizes.install import Estimators
from dockerlint.registry import NO_RULES, load
from dockerlint.report.image_rebuild import Rebuilds
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.settings import Settings
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.paths import clean_path

if TYPE_CHECKING:
    from dockerlint.layers.sizes.remembered import Remembered

_USAGE = "dlint layers [OPTION…] [PATH]"

_DESCRIPTION = """\
Print the image that a build would export, without building it: which
instructions make a layer, which only change the configuration, the history
that the builder would write, the bytes of each layer, and what is wasted.
PATH is what `docker build` takes, or a Dockerfile; by default the current
folder. It may be
  a folder, or an archive of one (tar; gzip, bzip2, xz, zstd), or - for standard input
  a git repository: https://host/x.git#REF:FOLDER, git@host:x.git, file:///x.git
  a URL of an archive or of a Dockerfile"""

_EPILOG = """\
examples:
  dlint layers                              the Dockerfile of this folder
  dlint layers --target test --format json  another stage, for programs
  dlint layers -f docker/Dockerfile .       another file for this context
  dlint layers --changed src/main.py .      what an edit makes the builder do again
  dlint layers --since main .               what a branch makes it do again
  dlint layers --online --explain 3         the packages that line 3 installs
  dlint layers --online --exact             look into these packages themselves
  dlint layers https://example.com/x.git#v1.2:app

What apt installs on Debian and Ubuntu is estimated from a list of the packages that
are used most, which comes with the program. With --online, lists are fetched: those
of Debian from http://deb.debian.org, or from the mirror that DLINT_DEBIAN_MIRROR
names (a URL that ends before "/debian"), those of Ubuntu from
http://archive.ubuntu.com, or from DLINT_UBUNTU_MIRROR (it ends before "/ubuntu"),
those of Alpine from https://dl-cdn.alpinelinux.org/alpine, or from DLINT_ALPINE_MIRROR
(a URL that ends before "/v3.22"), and those of RPM packages from the distribution's
own repositories, by the proxies of the environment. They are kept in the cache folder
for a day. With --exact packages for apt are fetched as well, read as they come, and
only the lists of their files are kept: the first time takes seconds, an estimate is
then off by some tenths of a percent. Where a file removes packages of lower layers,
they are looked into without --exact, too: nothing else tells the paths that it hides.
What pip and npm install is asked of https://pypi.org and https://registry.npmjs.org:
the names of packages are told to them. Which image a tag means is asked of its registry,
again after ten minutes. Servers are asked how long the files are that
ADD, curl and wget fetch, but none of the own network.

JSON, one object:
  {"file", "target", "platform",
   "base": {"reference", "kind", "source", "layer_sizes"},
   "history": [{"created_by", "empty_layer", "exact", "line", "instruction",
     "stage", "layer"}],
   "layers": [{"number", "line", "instruction", "created_by", "size",
     "files": [{"path", "size", "mode"}], "whiteouts": [], "wasted_bytes",
     "invalidated_by": [{"kind", "name"}],
     "installs": [{"size", "note", "packages": [{"name", "version", "size"}]}],
     "doubts": [], "again"}],
   "size", "wasted": {"low", "estimate", "high", "provenance"},
   "efficiency", "dive_efficiency", "dive_wasted_bytes", "transfer": {"push", "pull"},
   "flattening": {"saves", "loses"}, "container": {"writable_layer", "volumes"},
   "rebuild": {"steps", "again", "push"}, "config": {}, "remarks": [],
   "problems": [{"code", "line", "column", "message", "severity"}]}
History and layers are those that the file adds to its base. Where "exact" is
false, a value could not be known and stands as it is written. Sizes are bytes
of files before compression, null where they cannot be known; "files" is null
where a layer may hold more than is known, and "doubts" says why. "efficiency" is the
share of the layers' bytes that is seen in the end. The program dive counts otherwise:
by paths, where a removed folder wastes nothing; "dive_efficiency" is for comparison.
"installs" are packages whose sizes are known, with the source of that. "again" (yes,
maybe or no) and "rebuild" are there with --changed, --since or --no-cache.

exit status: 0, 1 if the builder would refuse the file, 2 for other trouble"""

_FORMATS = ("text", "json", "oci")


def run(arguments: Sequence[str]) -> int:
    """Print the prediction for one build, and give the exit status."""
    parser = _parser()
    namespace, paths = parser.read(arguments)
    form = _choice(parser, "--format", namespace.format, _FORMATS)
    color = _choice(parser, "--color", namespace.color, ("auto", "always", "never"))
    if len(paths) > 1:
        parser.error("layers takes one path: a Dockerfile or a build context")
    if namespace.exact and not namespace.online:
        parser.error("--exact needs --online: it fetches packages")
    given = paths[0] if paths else "."
    place = namespace.file or given
    folder = place if os.path.isdir(place) else os.path.dirname(place) if os.path.exists(place) else ""
    settings = _settings(namespace, folder)
    with build_inputs(given, namespace.file, settings.build, namespace.stdin_filename) as inputs:
        platform = inputs.options.platform
        images = ImageSources(
            platform,
            archives=image_archives(inputs.options.named_contexts),
            engine=_has_engine(),
            online=_memory() if namespace.online else None,
        )
        model = build_model(parse(inputs.source), inputs.options, images.lookup)
        image = _predicted(model, exact=namespace.exact) if namespace.online else predict(model, estimators=_offline())
        rebuilds = _rebuilds(model, image, inputs, images, namespace)
    layer = None if namespace.explain is None else _explained(image, inputs, namespace.explain)
    for trouble in images.troubles:
        complain(f"warning: {trouble}")
    report = _Report(image, inputs.source, platform, rebuilds, layer)
    if namespace.output:
        with opened(namespace.output) as out:
            report.write(form, out, color=color == "always")
    else:
        report.write(form, sys.stdout, color=wants_color(color, sys.stdout, os.environ))
    return 1 if image.problems else 0


def _settings(namespace: argparse.Namespace, folder: str) -> Settings:
    """The settings for a folder. No rule runs here: they are loaded only to check settings that may name them."""
    config, discover = namespace.config, not namespace.no_config
    needless = names_no_rules(folder, os.environ, config=config, discover=discover)
    return settings_source(namespace, NO_RULES if needless else load()).for_folder(folder).settings


def _parser() -> Parser:
    parser = Parser("layers", _USAGE, _DESCRIPTION, _EPILOG)
    group = Group(parser, "options")
    group.value("-f", "--file", metavar="FILE", help="the Dockerfile, if it is not in PATH under its usual name")
    group.value("--format", metavar="FORMAT", help="text (default), json, or oci: the image configuration and manifest")
    group.value("-o", "--output", metavar="FILE", help="write to a file, which is replaced when all is done")
    group.value("--color", metavar="WHEN", help="auto (default), always or never")
    group.value("--stdin-filename", metavar="PATH", help="the path that standard input stands for")
    group.flag("--online", help="ask registries about base images, and archives about the sizes of packages")
    group.flag("--exact", help="with --online: fetch the packages themselves to see what they hold; takes longer")
    group.value(
        "--explain", metavar="LINE", help="list the packages that the RUN on this line installs, with their bytes"
    )
    group = Group(parser, "what runs again")
    group.values("--changed", metavar="PATH", help="a file of the build context that has changed; may be repeated")
    group.value("--since", metavar="REF", help="what has changed since this commit, branch or tag of git")
    group.flag("--no-cache", help="every step runs again")
    add_build_options(parser)
    group = Group(parser, "settings and help")
    add_config_options(group)
    group.help()
    return parser


def _choice(parser: Parser, name: str, given: str | None, words: Sequence[str]) -> str:
    word = given or words[0]
    if word not in words:
        parser.error(f"{name}: expected {', '.join(words[:-1])} or {words[-1]}, found '{word}'")
    return word


def _has_engine() -> bool:
    """Whether there may be an engine to ask; loading the package that asks it takes time."""
    return bool(os.environ.get("DOCKER_HOST")) or os.path.exists("/var/run/docker.sock")


def _memory() -> Remembered:
    """Where answers of registries are kept."""
    from dockerlint.context.fetch.user_cache import user_cache  # noqa: PLC0415 - only with --online
    from dockerlint.layers.sizes.remembered import Remembered  # noqa: PLC0415 - as above

    return Remembered(user_cache(os.environ, "registries-1"))


def _explained(image: Image, inputs: BuildInputs, line: str) -> Layer:
    """The layer whose packages are asked for, by the number of a line."""
    from dockerlint.report.image_packages import layer_at  # noqa: PLC0415 - seldom needed

    if not (line.isascii() and line.isdigit() and len(line) < 10):
        raise CommandError(f"--explain: expected the number of a line, found '{line}'")
    layer = layer_at(image, inputs.source, int(line))
    if layer is None:
        raise CommandError(f"--explain: no instruction on line {line} makes a layer of the image")
    return layer


def _offline() -> Estimators:
    """Whoever tells the sizes of packages from what comes with the program."""
    from dockerlint.layers.sizes.offline import offline_estimators  # noqa: PLC0415 - slow to import

    return offline_estimators()


def _predicted(model: Model, *, exact: bool) -> Image:
    """The image with sizes that archives, registries and servers are asked for when they are needed."""
    from dockerlint.layers.sizes.online import ask_online  # noqa: PLC0415 - only with --online

    online = ask_online(
        os.environ,
        TransferLine(),
        debian=os.environ.get(DEBIAN_MIRROR, ""),
        ubuntu=os.environ.get(UBUNTU_MIRROR, ""),
        alpine=os.environ.get(ALPINE_MIRROR, ""),
        exact=exact,
    )
    return predict(model, estimators=online.estimators, downloads=online.downloads)


def _rebuilds(
    model: Model, image: Image, inputs: BuildInputs, images: ImageSources, namespace: argparse.Namespace
) -> Rebuilds | None:
    """What runs again, if that was asked for."""
    changed: list[str] | None = namespace.changed
    if not (changed or namespace.since or namespace.no_cache):
        return None
    context = inputs.options.context
    paths = [_in_context(path, context) for path in changed or ()]
    change = Change(everything=namespace.no_cache)
    if namespace.since:
        since, steps = _since(model, inputs, images, namespace.since)
        paths += since
        change = change._replace(steps=steps)
    rebuilds = Rebuilds(image, rebuild(model, change._replace(paths=_sent(paths, context, inputs.source))))
    for path in changed or ():
        if not rebuilds.count and context is not None and not os.path.lexists(os.path.join(context, path)):
            complain(f"warning: --changed: there is no '{path}' in the build context, and no step reads it")
    return rebuilds


def _since(
    model: Model, inputs: BuildInputs, images: ImageSources, reference: str
) -> tuple[tuple[str, ...], frozenset[Step]]:
    """The files that have changed since a commit, and the steps that read differently."""
    from dockerlint.context.changes import ChangesError, changed_since, text_at  # noqa: PLC0415 - seldom needed

    context = inputs.options.context
    if context is None or inputs.dockerfile is None:
        raise CommandError("--since needs a build context that is a folder in a git repository")
    try:
        paths = changed_since(context, reference)
        folder, name = os.path.split(os.path.abspath(inputs.dockerfile))
        before = text_at(folder, reference, name)
    except ChangesError as error:
        raise CommandError(f"--since: {error}") from error
    if before is None:
        return paths, frozenset(step for stage in model.stages for step in operations(stage)[:1])
    old = build_model(parse(Source(inputs.source.path, before)), inputs.options, images.lookup)
    return paths, changed_steps(old, model)


def _in_context(path: str, context: str | None) -> str:
    """A path as the build context has it: it may be seen from there, or from the working directory."""
    if context is not None and not os.path.lexists(os.path.join(context, path)):
        relative = os.path.relpath(os.path.abspath(path), os.path.abspath(context))
        if os.path.lexists(path) and not relative.startswith(os.pardir):
            path = relative
    return clean_path("/" + path.replace(os.sep, "/")).lstrip("/")


def _sent(paths: Sequence[str], context: str | None, source: Source) -> tuple[str, ...]:
    """The paths that the builder gets to see: not those that the ignore file leaves out."""
    from dockerlint.context.ignore_lookup import find_ignore_file  # noqa: PLC0415 - seldom needed

    ignore = find_ignore_file(context, source.path)
    return tuple(path for path in paths if path and (ignore is None or not ignore.content.excludes(path)))


class _Report:
    """A prediction on its way out."""

    def __init__(
        self, image: Image, source: Source, platform: str, rebuilds: Rebuilds | None, layer: Layer | None
    ) -> None:
        self._layer = layer
        self._image = image
        self._source = source
        self._platform = platform
        self._rebuilds = rebuilds

    def write(self, form: str, out: TextIO, *, color: bool) -> None:
        """Write it in one of the formats; only what that needs is loaded."""
        if form == "text" and self._layer is not None:
            from dockerlint.report.image_packages import write_packages  # noqa: PLC0415 - seldom needed

            write_packages(self._layer, out)
            return
        if form == "text":
            from dockerlint.report.image_text import write_image_text  # noqa: PLC0415 - slow to import

            write_image_text(self._image, self._source, self._platform, out, color=color, rebuilds=self._rebuilds)
            return
        if form == "oci":
            from dockerlint.report.image_oci import image_as_oci  # noqa: PLC0415 - only one form is needed

            document = image_as_oci(self._image, self._platform)
        else:
            from dockerlint.report.image_json import image_as_json  # noqa: PLC0415 - only one form is needed

            document = image_as_json(self._image, self._source, self._platform, self._rebuilds)
        out.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
