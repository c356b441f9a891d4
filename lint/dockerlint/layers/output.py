"""How many bytes a command prints, and what its redirections make of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call, combined
from dockerlint.layers.nodes import File
from dockerlint.layers.size import NOTHING, UNKNOWN, Provenance, Size, estimated, read_off, total
from dockerlint.shell.downloads import transfer_of
from dockerlint.shell.options import Syntax, names
from dockerlint.shell.script import Command, Redirect, Scope, ScopeKind, Word

_ENDS = frozenset({ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})
_HEAD = Syntax(valued=frozenset({"-c", "--bytes", "-n", "--lines"}))
_ENDLESS = frozenset({"/dev/zero", "/dev/urandom", "/dev/random"})
_UNITS: Mapping[str, int] = MappingProxyType(
    {"": 1, "c": 1, "w": 2, "b": 512, "k": 1024, "K": 1024, "kB": 1000, "KB": 1000, "KiB": 1024, "M": 1024**2}
    | {"MB": 1000**2, "MiB": 1024**2, "m": 1024**2, "G": 1024**3, "GB": 1000**3, "GiB": 1024**3}
)
#: Options of downloads with which a server may answer otherwise.
_DECIDING = names(
    "-H --header -u --user -b --cookie -r --range -C --continue-at -c --continue -X --request -z --time-cond"
    " --compressed -x --proxy -i --include -m --mirror --recursive --netrc -n -K --config -w --write-out"
    " -e --referer --method"
)
#: What a program usually prints that writes a line or two.
_A_LINE = estimated(60)
_WRITES = frozenset({">", ">>", ">|", "&>", "&>>", ">&", "<>"})


def number_of_bytes(text: str) -> int | None:
    """The value of `head -c`, `dd bs=` and `truncate -s`: digits and a unit."""
    digits = text.rstrip("cwbkKmMGiB")
    unit = _UNITS.get(text[len(digits) :])
    if unit is None or not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        return None
    return int(digits) * unit


def output_of(call: Call) -> Size:
    """The bytes that a command prints to the file that its standard output goes to."""
    size = _printed_once(call)
    if not any(scope.kind is ScopeKind.LOOP for scope in call.command.scope.outward()):
        return size
    spans = [word.span for word in call.command.arguments]
    fresh = {redirect.operator for redirect in call.command.redirects} <= {">", ">|"}
    if fresh and len(set(spans)) == len(spans) and not _groups(call.command.scope):
        # Each turn prints the same, and begins a file anew.
        return size
    return Size(0, size.estimate, None, max(size.provenance, Provenance.ESTIMATED))


def _printed_once(call: Call) -> Size:
    command = call.command
    if command.name in ("echo", "printf"):
        return _echoed(call)
    if command.name in ("true", "false", ":", "set", "cd", "test", "[", "export", "mkdir", "rm", "cp", "mv", "chmod"):
        return NOTHING
    if command.name == "head":
        return _head(call)
    if command.name == "cat":
        return _cat(call)
    if command.name == "tee":
        return call.input
    if command.name in ("curl", "wget"):
        return downloaded(call)
    return _A_LINE._replace(low=0) if command.name in ("file", "uname", "date", "id", "whoami", "which") else UNKNOWN


def downloaded(call: Call, url: Word | None = None) -> Size:
    """The bytes of what `curl` and its like fetch, of one URL or of the only one; not known where options decide."""
    transfer = transfer_of(call.command)
    if transfer is None or not transfer.fetches or transfer.has(*_DECIDING):
        return UNKNOWN
    urls = [each.url for each in transfer.downloads] if url is None else [url]
    text = call.runner.text(urls[0]) if len(urls) == 1 else None
    if text is None:
        return UNKNOWN
    follow = transfer.tool != "curl" or transfer.has("-L", "--location", "--location-trusted")
    return call.runner.machine.downloads.size(text if "://" in text else f"http://{text}", follow=follow)


def is_redirected(command: Command) -> bool:
    """Whether what a command prints may go to a file: by a redirection of its own, or of a group around it."""
    return bool(command.redirects) or (command.scope.kind is not ScopeKind.SCRIPT and bool(_groups(command.scope)))


def can_redirect(call: Call) -> bool | None:
    """Whether the redirections of a command can be made: it does not even start without them."""
    ends: list[bool | None] = []
    runner = call.runner
    for redirect in call.command.redirects:
        path = None if redirect.target is None or _is_descriptor(redirect) else call.path(redirect.target)
        if path is None or redirect.target is None or runner.is_outside(path):
            continue
        if redirect.operator in _WRITES:
            ends.append(runner.can_hold(path, redirect.target.span))
        elif redirect.operator == "<" and runner.is_missing(path):
            ends.append(runner.fail(redirect.target.span, f"there is no {path}"))
    return combined(ends)


def writes_file(command: Command) -> bool:
    """Whether a redirection of a command may write a file that is in the layer."""
    written = (each for each in command.redirects if each.operator in _WRITES and not _is_descriptor(each))
    return any(each.target is None or not (each.target.text or "").startswith("/dev/") for each in written)


def redirected(call: Call, output: Size, opened: dict[int, bool]) -> bool | None:
    """Write what a command prints to the files that it, or a group around it, is redirected to.

    `opened` remembers the groups whose files have been made. Whether its own files can be written.
    """
    ends = [
        _write(call, redirect, output, append=redirect.operator in (">>", "&>>")) for redirect in call.command.redirects
    ]
    for scope in _groups(call.command.scope):
        again = opened.setdefault(id(scope), False)
        for redirect in scope.redirects:
            _write(call, redirect, output, append=again or redirect.operator in (">>", "&>>"))
        opened[id(scope)] = True
    return combined(ends) if ends else True


def _groups(scope: Scope) -> list[Scope]:
    """The scopes around a command that its output goes through."""
    found = []
    for each in scope.outward():
        if each.kind in _ENDS:
            break
        if each.redirects:
            found.append(each)
    return found


def _is_descriptor(redirect: Redirect) -> bool:
    """Whether what follows the sign is no file: `2>&1`, a here-document."""
    if redirect.target is None or redirect.is_heredoc:
        return True
    text = redirect.target.text or "-"
    return redirect.operator in (">&", "<&") and text.lstrip("0123456789") in ("", "-")


def _write(call: Call, redirect: Redirect, output: Size, *, append: bool) -> bool | None:
    if redirect.operator not in _WRITES or redirect.target is None or _is_descriptor(redirect):
        return True
    path = call.path(redirect.target)
    if path is None:
        call.doubt(f"the file of the redirection to {redirect.target.raw} is not known")
        return None
    of_errors = redirect.descriptor not in (None, 1)
    return call.runner.write(path, estimated(0) if of_errors else output, redirect.target, append=append)


def _echoed(call: Call) -> Size:
    words = call.command.arguments
    if call.command.name == "printf":
        return _printed(call, words)
    newline = True
    while words and words[0].text in ("-n", "-e", "-E", "-ne", "-en"):
        newline = newline and "n" not in (words[0].text or "")
        words = words[1:]
    texts = [_text(call, word) for word in words]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts) or any("\\" in text for text in known):
        return estimated(sum(len(word.raw) for word in words) + len(words))
    return read_off(len(" ".join(known).encode("utf-8", "surrogateescape")) + newline)


def _printed(call: Call, words: tuple[Word, ...]) -> Size:
    texts = [_text(call, word) for word in words]
    guess = estimated(sum(len(word.raw) for word in words))
    if not texts or texts[0] is None or None in texts:
        return guess
    form, values = texts[0], [text for text in texts[1:] if text is not None]
    if form.count("%") != form.count("%s") or (values and not form.count("%s")):
        return guess
    length = 0
    at = 0
    form_length = _escaped_length(form.replace("%s", ""))
    if form_length is None:
        return guess
    while True:
        length += form_length
        length += sum(len(value.encode("utf-8", "surrogateescape")) for value in values[at : at + form.count("%s")])
        at += form.count("%s")
        if at >= len(values):
            return read_off(length)


def _escaped_length(text: str) -> int | None:
    r"""The bytes of a text in which `\n` and its like count as one; None for escapes with numbers."""
    length = at = 0
    while at < len(text):
        if text[at] == "\\":
            if text[at + 1 : at + 2] not in ("n", "t", "r", "\\", '"', "a", "b", "f", "v"):
                return None
            at += 1
            length += 1
        else:
            length += len(text[at].encode("utf-8", "surrogateescape"))
        at += 1
    return length


def _text(call: Call, word: Word) -> str | None:
    """The text of a word that is printed, the home directory put in; None where it is not known."""
    if word.text is None or word.glob:
        return None if word.glob else call.runner.text(word)
    if word.text.startswith("~") or "HOME" in word.raw:
        home = call.runner.home()
        return None if home is None else word.text.replace("~", home, 1)
    return word.text


def _head(call: Call) -> Size:
    options = call.options(_HEAD)
    value = next(options.values("-c", "--bytes"), None)
    count = None if value is None or value.text is None else number_of_bytes(value.text)
    if count is None:
        return UNKNOWN
    sources = [word.text for word in options.operands]
    if sources and all(source in _ENDLESS for source in sources):
        return read_off(count * len(sources))
    return Size(0, count, count, read_off(0).provenance)


def _cat(call: Call) -> Size:
    body = heredoc_size(call.command)
    operands = call.command.arguments
    if not operands:
        return call.input if body is None else body
    sizes = []
    for word in operands:
        if word.text == "-":
            sizes.append(call.input if body is None else body)
            continue
        path = call.path(word)
        node = None if path is None else call.runner.fs.find(path)
        is_missing = path is not None and call.runner.is_missing(path)
        sizes.append(node.size if isinstance(node, File) else NOTHING if is_missing else UNKNOWN)
    return total(sizes)


def heredoc_size(command: Command) -> Size | None:
    """The bytes of the here-document that a command reads, the last one if there are several; None without one."""
    for redirect in reversed(command.redirects):
        if redirect.is_heredoc:
            if redirect.body is None:
                return UNKNOWN
            text = redirect.body.text
            if redirect.operator == "<<-":
                text = "".join(line.lstrip("\t") for line in text.splitlines(keepends=True))
            size = len(text.encode("utf-8", "surrogateescape"))
            return estimated(size) if redirect.expands and any(char in text for char in "$`\\") else read_off(size)
        if redirect.operator == "<<<":
            return UNKNOWN
    return None
