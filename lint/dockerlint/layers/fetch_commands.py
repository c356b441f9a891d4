"""What downloads and extractions put into a layer: files whose size only the build knows."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.layer import Cause
from dockerlint.layers.nodes import File, Fill
from dockerlint.layers.output import downloaded
from dockerlint.layers.removal_commands import remove
from dockerlint.layers.size import UNKNOWN, Size, total
from dockerlint.layers.sizes.downloads import unpacked
from dockerlint.shell.downloads import Sink, file_of, transfer_of
from dockerlint.shell.extractions import Extraction, extraction_of
from dockerlint.shell.options import Syntax, names, read_options
from dockerlint.shell.script import Word

_GIT = Syntax(valued=names("-C -c --exec-path --git-dir --namespace --work-tree"))
_CLONE = Syntax(
    valued=names(
        "-b --branch -c --config --depth --filter -j --jobs -o --origin --reference --reference-if-able"
        " --separate-git-dir --server-option --shallow-exclude --shallow-since --template -u --upload-pack"
        " --bundle-uri --revision"
    )
)
_READING_VERBS = names("config describe diff grep log ls-remote rev-parse show status")
_TAR = Syntax(valued=names("-f --file -C --directory"))
_STANDARD_OUTPUT = ("-", "/dev/stdout")


def _download(call: Call) -> bool | None:
    """`curl`, `wget` and their like; what goes to standard output is followed by its redirection."""
    transfer = transfer_of(call.command)
    if transfer is None or not transfer.fetches:
        return None
    written = {redirect.target.template for redirect in call.command.redirects if redirect.target is not None}
    for download in transfer.downloads:
        if download.sink is not Sink.FILE or (download.path is not None and download.path in written):
            continue
        path = None if download.path is None else call.runner.place(download.path, call.directory)
        if path is None:
            call.doubt(f"where {transfer.tool} saves a file is not known")
        elif call.runner.write(path, downloaded(call, download.url), download.url) is False:
            return False
    return None


def _fill(call: Call, path: str | None, word: Word, size: Size = UNKNOWN) -> None:
    """Note that a folder gets content without known names."""
    if path is None:
        call.doubt(f"where {call.command.name} puts files is not known")
    elif not call.runner.is_outside(path):
        call.runner.fs.add_fill(path, Fill(size, call.runner.fs.layer, word.span))


def _extract(call: Call) -> None:
    """`tar`, `unzip`, `gunzip` and their like."""
    extraction = extraction_of(call.command)
    if extraction is None:
        if call.command.name in ("tar", "bsdtar"):
            _pack(call)
        return
    if not extraction.consumes:
        folder = extraction.folder
        size = unpacked(_of_archives(call, extraction), whole=extraction.plain)
        _fill(call, call.directory if folder is None else call.path(folder), folder or call.command.words[0], size)
        return
    for path, word in call.places(extraction.archives):
        runner = call.runner
        remove(call, path, Cause.REMOVED, word, recursive=False, forced=True)
        stem = path.rpartition(".")[0]
        if stem and not runner.is_outside(stem):
            runner.fs.put(stem, File(UNKNOWN, runner.new_mode, runner.owner, runner.fs.layer, word.span))


def _of_archives(call: Call, extraction: Extraction) -> Size:
    """The bytes of the archives that a command reads, as far as they are known."""
    if not extraction.archives:
        return call.input
    nodes = (call.runner.fs.find(path) for path, _ in call.places(extraction.archives))
    sizes = [node.size if isinstance(node, File) else UNKNOWN for node in nodes]
    return total(sizes) if sizes else UNKNOWN


def _pack(call: Call) -> None:
    """`tar` that makes an archive."""
    words = call.command.arguments
    letters = words[0].text or "" if words else ""
    if "c" not in letters and not call.options(_TAR).has("-c", "--create"):
        return
    old_style = bool(letters) and letters.isalpha()
    word = words[1] if old_style and len(words) > 1 else next(call.options(_TAR).values("-f", "--file"), None)
    path = None if word is None or word.text in _STANDARD_OUTPUT else call.path(word)
    if word is not None and path is not None:
        call.runner.write(path, UNKNOWN, word)


def _git(call: Call) -> None:
    options = read_options(call.command.arguments, _GIT, until_operand=True)
    verb, *words = options.operands or (None,)
    place = next(options.values("-C"), None)
    folder = call.directory if place is None else call.path(place)
    if verb is None or verb.text in _READING_VERBS:
        return
    if verb.text != "clone":
        _fill(call, folder, verb)
        return
    operands = read_options(words, _CLONE).operands
    if len(operands) > 1:
        target = operands[1].template
        _fill(call, None if target is None else call.runner.place(target, folder), operands[1])
    elif operands:
        url = operands[0].text or ""
        name = (file_of(url) or posixpath.basename(url)).removesuffix(".git")
        _fill(call, posixpath.join(folder, name) if name and folder is not None else None, operands[0])


FETCH_COMMANDS: Mapping[str, Callable[[Call], bool | None]] = MappingProxyType(
    {
        **dict.fromkeys(("aria2c", "curl", "fetch", "wget"), _download),
        **dict.fromkeys(("bsdtar", "gtar", "jar", "tar", "unrar", "unzip"), _extract),
        **dict.fromkeys(("7z", "7za", "7zr", "7zz", "bunzip2", "bzip2", "gunzip", "gzip", "unxz", "xz"), _extract),
        "git": _git,
    }
)
