"""What commands take out of archives and compressed files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.shell.options import NO_VALUES, Options, Syntax, names, read_options
from dockerlint.shell.script import Command, Word

_TAR_LETTERS = "bCfFgHIKLNTVX"
_TAR = Syntax(
    valued=frozenset(f"-{letter}" for letter in _TAR_LETTERS)
    | names(
        "--add-file --after-date --atime-preserve --blocking-factor --checkpoint-action --directory --exclude"
        " --exclude-from --file --files-from --format --group --info-script --label --mode --mtime --newer"
        " --occurrence --one-top-level --owner --pax-option --record-size --rsh-command --starting-file"
        " --strip --strip-components --strip-path --suffix --transform --use-compress-program --volno-file"
        " --wildcards-match-slash --xform -s"
    )
)
_UNZIP = Syntax(valued=names("-d -P -O -I"), lists=names("-x"))
_STRIPPING = ("--strip", "--strip-components", "--strip-path", "--transform", "--xform", "-s")
_CHOOSING = ("-T", "--files-from", "--exclude", "--exclude-from", "-X", "--wildcards")

_TARS = names("tar bsdtar gtar gnutar star")
_SEVEN_ZIPS = names("7z 7za 7zr 7zz")
#: Programs that put the content in the place of the compressed file, and the options with which they keep it.
_IN_PLACE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gunzip": ("-k", "--keep", "-c", "--stdout", "--to-stdout"),
        "bunzip2": ("-k", "--keep", "-c", "--stdout"),
        "unxz": ("-k", "--keep", "-c", "--stdout", "--to-stdout"),
        "unlzma": ("-k", "--keep", "-c", "--stdout", "--to-stdout"),
    }
)
_KEEPING = names("zcat gzcat bzcat xzcat zstdcat unzstd")
#: Programs that extract with an option only.
_COMPRESSORS = names("gzip pigz bzip2 xz lzma zstd lz4")
_DECOMPRESS = ("-d", "--decompress", "--uncompress")


class Extraction(NamedTuple):
    """Files that a command takes out of archives.

    `archives` are the words that name them, blank where the archive comes from standard input. `folder` is where
    the files go, None if that is the current directory. `plain` tells that all files go there with their own paths,
    as ADD would unpack them. With `consumes` the archive is gone afterwards.
    """

    command: Command
    archives: tuple[Word, ...]
    folder: Word | None = None
    plain: bool = True
    consumes: bool = False


def extraction_of(command: Command) -> Extraction | None:
    """What a command extracts; None if it extracts nothing."""
    name = command.name
    if name is None:
        return None
    if name in _TARS:
        return _of_tar(command)
    if name == "unzip":
        return _of_unzip(command)
    if name in _SEVEN_ZIPS or name in ("unrar", "rar"):
        return _of_seven_zip(command)
    if name == "jar":
        return _of_jar(command)
    if name in _IN_PLACE or name in _KEEPING or name in _COMPRESSORS:
        return _of_compressor(command, name)
    return None


def _of_tar(command: Command) -> Extraction | None:
    options = read_options(_with_dash(command.arguments), _TAR)
    if not options.has("-x", "--extract", "--get"):
        return None
    archives = tuple(value for value in options.values("-f", "--file") if value.text not in ("-", "/dev/stdin"))
    folder = next(options.values("-C", "--directory"), None)
    plain = not options.operands and not options.has(*_STRIPPING, *_CHOOSING, "-O", "--to-stdout")
    return Extraction(command, archives or _input(command), folder, plain)


def _with_dash(words: Sequence[Word]) -> tuple[Word, ...]:
    """The arguments of tar, of which the first may be letters without a dash (`xzf`): their values follow in order."""
    if not words or words[0].text is None or not words[0].text.isalpha():
        return tuple(words)
    first, rest = words[0], list(words[1:])
    found: list[Word] = []
    for letter in words[0].text:
        flag = f"-{letter}"
        found.append(first._replace(text=flag, parts=(flag,)))
        if letter in _TAR_LETTERS and rest:
            found.append(rest.pop(0))
    return (*found, *rest)


def _of_unzip(command: Command) -> Extraction | None:
    options = read_options(command.arguments, _UNZIP)
    if not options.operands or options.has("-l", "-t", "-v", "-z", "-Z"):
        return None
    folder = next(options.values("-d"), None)
    plain = len(options.operands) == 1 and not options.has("-p", "-c", "-j", "-x")
    return Extraction(command, options.operands[:1], folder, plain)


def _of_seven_zip(command: Command) -> Extraction | None:
    options = read_options(command.arguments, NO_VALUES)
    verb, *archives = options.operands or (None,)
    if verb is None or verb.text not in ("x", "e"):
        return None
    return Extraction(command, tuple(archives[:1]), plain=False)


def _of_jar(command: Command) -> Extraction | None:
    words = command.arguments
    letters = words[0].text if words else None
    if letters is None or "x" not in letters.lstrip("-") or letters.startswith("--") or "f" not in letters:
        return None
    return Extraction(command, tuple(words[1:2]), plain=len(words) <= 2)


def _of_compressor(command: Command, name: str) -> Extraction | None:
    options = read_options(command.arguments, NO_VALUES)
    if name in _COMPRESSORS and not options.has(*_DECOMPRESS):
        return None
    return Extraction(command, options.operands or _input(command), plain=False, consumes=_consumes(name, options))


def _consumes(name: str, options: Options) -> bool:
    if name in _KEEPING or name in ("zstd", "lz4"):
        return options.has("--rm")
    return not options.has(*_IN_PLACE.get(name, _IN_PLACE["gunzip"]))


def _input(command: Command) -> tuple[Word, ...]:
    """The file that is read as standard input, if any."""
    return tuple(
        redirect.target for redirect in command.redirects if redirect.operator == "<" and redirect.target is not None
    )
