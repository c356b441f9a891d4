"""What downloads and extractions put into a layer: files whose size only the build knows."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.layer import Cause
from dockerlint.layers.nodes import File, Fill, Folder
from dockerlint.layers.size import UNKNOWN
from dockerlint.layers.tables import names
from dockerlint.shell.options import Syntax, read_options
from dockerlint.shell.script import Word

_CURL = Syntax(
    valued=names(
        """
        -o --output --output-dir -u --user -H --header -d --data --data-raw --data-binary -x --proxy -A --user-agent
        -e --referer -m --max-time -T --upload-file -X --request -F --form -b --cookie -c --cookie-jar -C
        --continue-at -E --cert --cacert --capath --key --ciphers --connect-timeout --retry --retry-delay
        --retry-max-time -w --write-out -r --range --resolve -K --config -D --dump-header --url --tls-max -Y -y -z
        --max-redirs --limit-rate
        """
    )
)
_WGET = Syntax(
    valued=names(
        """
        -O --output-document -P --directory-prefix -o --output-file -a --append-output -t --tries -T --timeout -U
        --user-agent -e --execute --header --user --password --post-data --post-file -i --input-file -Q -w --wait
        --ca-certificate --certificate --private-key --method --body-data -R -A --reject --accept -l --level -B
        --base --secure-protocol --connect-timeout --read-timeout --waitretry
        """
    )
)
_GIT = Syntax(valued=frozenset({"-C", "-c", "--exec-path", "--git-dir", "--namespace", "--work-tree"}))
_CLONE = Syntax(
    valued=names(
        """
        -b --branch -c --config --depth --filter -j --jobs -o --origin --reference --reference-if-able
        --separate-git-dir --server-option --shallow-exclude --shallow-since --template -u --upload-pack
        --bundle-uri --revision
        """
    )
)
_TAR = Syntax(valued=frozenset({"-C", "--directory", "-f", "--file", "--strip-components", "--exclude", "-I", "-T"}))
_UNZIP = Syntax(valued=frozenset({"-d", "-x", "-P"}))
_READING_VERBS = frozenset({"config", "describe", "diff", "grep", "log", "ls-remote", "rev-parse", "show", "status"})
_STANDARD_OUTPUT = ("-", "/dev/stdout")


def _name_of_url(word: Word) -> str | None:
    """The name under which a URL's file is saved; also where only the part behind the last slash is known."""
    text = word.text
    if text is None or ("://" not in text and "/" not in text):
        return None
    name = text.partition("#")[0].partition("?")[0].rpartition("/")[2]
    return name or None


def _saved(call: Call, path: str | None, word: Word) -> None:
    if path is None:
        call.doubt(f"where {call.command.name} saves a file is not known")
    else:
        call.runner.write(path, UNKNOWN, word)


def _in(folder: str | None, name: str | None) -> str | None:
    return None if folder is None or name is None else posixpath.join(folder, name)


def _curl(call: Call) -> None:
    options = call.options(_CURL)
    given = next(options.values("--output-dir"), None)
    folder = call.directory if given is None else call.path(given)
    for word in options.values("-o", "--output"):
        if word.text in _STANDARD_OUTPUT:
            continue
        path = call.path(word)
        if given is not None and word.text is not None and not word.text.startswith("/"):
            path = _in(folder, word.text)
        _saved(call, path, word)
    if options.has("-O", "--remote-name", "--remote-name-all", "-J"):
        for word in options.operands:
            _saved(call, _in(folder, _name_of_url(word)), word)


def _wget(call: Call) -> None:
    options = call.options(_WGET)
    output = next(options.values("-O", "--output-document"), None)
    if output is not None:
        if output.text not in _STANDARD_OUTPUT:
            _saved(call, call.path(output), output)
        return
    if options.has("--spider"):
        return
    prefix = next(options.values("-P", "--directory-prefix"), None)
    folder = call.directory if prefix is None else call.path(prefix)
    for word in options.operands:
        _saved(call, _in(folder, _name_of_url(word)), word)


def _filled(call: Call, path: str | None, word: Word) -> None:
    """Note that a folder gets content without known names."""
    if path is None:
        call.doubt(f"where {call.command.name} puts files is not known")
    elif not call.runner.is_outside(path):
        call.runner.fs.add_fill(path, Fill(UNKNOWN, call.runner.fs.layer, word.span))


def _git(call: Call) -> None:
    options = read_options(call.command.arguments, _GIT, until_operand=True)
    verb, *words = options.operands or (None,)
    place = next(options.values("-C"), None)
    folder = call.directory if place is None else call.path(place)
    if verb is None or verb.text in _READING_VERBS:
        return
    if verb.text != "clone":
        _filled(call, folder, verb)
        return
    operands = read_options(words, _CLONE).operands
    if len(operands) > 1:
        _filled(call, call.path(operands[1]) if place is None else None, operands[1])
    elif operands:
        name = _name_of_url(operands[0])
        _filled(call, _in(folder, None if name is None else name.removesuffix(".git")), operands[0])


def _tar(call: Call) -> None:
    words = call.command.arguments
    first = words[0].text if words else None
    letters = first or ""
    if letters.startswith("--"):
        letters = "".join(name[2:3] for name in (word.prefix for word in words) if name in ("--extract", "--get"))
        letters = letters.replace("e", "x").replace("g", "x")
    elif not letters.startswith("-"):
        # The old style: letters without a dash, whose values follow in their order.
        words = words[1:]
    else:
        letters = "".join(word.text or "" for word in words if (word.text or "").startswith("-"))
    options = call.options(_TAR)
    if "x" not in letters and not options.has("-x", "--extract", "--get"):
        if "c" in letters or options.has("--create"):
            _created(call, words, options_file=next(options.values("-f", "--file"), None))
        return
    place = next(reversed([*options.values("-C", "--directory")]), None)
    _filled(call, call.directory if place is None else call.path(place), place or call.command.words[0])


def _created(call: Call, words: tuple[Word, ...], *, options_file: Word | None) -> None:
    word = options_file or (words[0] if words else None)
    if word is not None and word.text not in _STANDARD_OUTPUT:
        _saved(call, call.path(word), word)


def _unzip(call: Call) -> None:
    options = call.options(_UNZIP)
    if options.has("-l", "-t", "-p", "-Z", "-v"):
        return
    place = next(options.values("-d"), None)
    _filled(call, call.directory if place is None else call.path(place), place or call.command.words[0])


def _gunzip(call: Call) -> None:
    """A compressed file gives way to its content."""
    options = call.options()
    if options.has("-c", "--stdout", "-t", "--test", "-l"):
        return
    name = call.command.name or ""
    if not name.startswith("un") and name not in ("gunzip", "bunzip2") and not options.has("-d", "--decompress"):
        return
    for path, word in call.places(options.operands):
        runner = call.runner
        stem, dot, _ = path.rpartition(".")
        node = runner.fs.find(path)
        if dot and not isinstance(node, Folder):
            if not options.has("-k", "--keep"):
                runner.remove(path, Cause.REMOVED, word, call.command, recursive=False, forced=True)
            runner.fs.put(stem, File(UNKNOWN, 0o644, runner.owner, runner.fs.layer, word.span))


FETCH_COMMANDS: Mapping[str, Callable[[Call], None]] = MappingProxyType(
    {
        "curl": _curl,
        "wget": _wget,
        "git": _git,
        "tar": _tar,
        "bsdtar": _tar,
        "unzip": _unzip,
        "gunzip": _gunzip,
        "gzip": _gunzip,
        "bunzip2": _gunzip,
        "unxz": _gunzip,
        "unzstd": _gunzip,
    }
)
