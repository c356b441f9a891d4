"""What COPY and ADD put into a layer, as BuildKit copies it.

A directory gives its contents, a file becomes the destination unless that ends with a slash or is a directory that
exists. Where the source is not known, its name decides what it probably is; what could be a file as well as a
directory is kept as an uncertain file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dockerlint.context.git_reference import GitReference, parse_git_reference
from dockerlint.finding import Severity
from dockerlint.layers.archive import is_archive_name, needs_xz, read_archive
from dockerlint.layers.filesystem import FileSystem, Parts, joined, parts_of, split
from dockerlint.layers.layer import By, Cause, LayerNotes
from dockerlint.layers.nodes import BASE, File, Fill, Folder, Link, Node
from dockerlint.layers.size import UNKNOWN, read_off
from dockerlint.layers.sizes.downloads import NO_DOWNLOADS, Downloads
from dockerlint.layers.sources import ContextFiles, Files, Found, expand_paths, expand_sources
from dockerlint.layers.wildcard import is_pattern
from dockerlint.semantics.stages import Step
from dockerlint.semantics.state import join_path
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.modes import OctalMode, SymbolicMode, parse_mode
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Add, Problem, Transfer, Word

if TYPE_CHECKING:
    from dockerlint.context.ignorefile import IgnoreFile

_FOLDERS = ("", ".", "..")
_URL = ("http://", "https://")
#: Names without a dot that are files all the same.
_PLAIN_FILES = frozenset({"Dockerfile", "Makefile", "Gemfile", "Procfile", "LICENSE", "README", "Rakefile", "gradlew"})


class _Item(NamedTuple):
    """Something to copy: `node` is None where nothing is known but the name. `below` are the folders that
    `--parents` keeps.
    """

    name: str
    word: Word
    node: Node | None
    below: Parts = ()


class _Target(NamedTuple):
    """The destination, and whether it is written as a folder."""

    path: str
    is_folder: bool


def transfer(
    node: Transfer,
    step: Step,
    fs: FileSystem,
    files: Files | None,
    notes: LayerNotes,
    *,
    downloads: Downloads = NO_DOWNLOADS,
) -> None:
    """Copy into the file system. `files` is where the sources lie, None where not known; `downloads` tells sizes."""
    value = step.expand(node.destination).value
    destination = join_path(step.before.workdir, value, windows=step.windows)
    if not isinstance(value, str) or not isinstance(destination, str):
        notes.doubt("the destination is not known")
        return
    is_folder = value.endswith(("/", "/.", "/..")) or value in _FOLDERS
    _Copy(_Target(clean_path(destination), is_folder), node, step, fs, notes, downloads).run(files)


class _Copy:
    """One COPY or ADD on its way into a layer."""

    def __init__(  # noqa: PLR0917 - one place makes it
        self, target: _Target, node: Transfer, step: Step, fs: FileSystem, notes: LayerNotes, downloads: Downloads
    ) -> None:
        self.downloads = downloads
        self.node = node
        self.step = step
        self.fs = fs
        self.notes = notes
        self.destination, self.is_folder = target
        self.owner = self._flag("chown") or ""
        mode = parse_mode(self._flag("chmod") or "")
        self.mode: OctalMode | SymbolicMode | None = None if isinstance(mode, Invalid) else mode
        self.made_mode = mode.bits if isinstance(mode, OctalMode) else 0o755
        self.excluded = self._excluded()

    def run(self, files: Files | None) -> None:
        """Copy all sources, heredocs last."""
        markers = {heredoc.marker: heredoc for heredoc in self.node.heredocs}
        for word in self.node.sources:
            if word.span not in markers:
                for item in self._items(word, files):
                    self._copy(item, word.span)
        for heredoc in self.node.heredocs:
            self._heredoc(heredoc.name, step_body(self.step, self.node, heredoc.name), heredoc.marker)

    def _flag(self, name: str) -> str | None:
        flag = self.node.flag(name)
        value = None if flag is None or flag.value is None else self.step.expand(flag.value).value
        return value if isinstance(value, str) else None

    def _excluded(self) -> IgnoreFile | None:
        flags = [flag.value for flag in self.node.flags if flag.name == "exclude" and flag.value is not None]
        if not flags:
            return None
        from dockerlint.context.ignorefile import IgnoreFile  # noqa: PLC0415 - slow to import, seldom needed

        values = (self.step.expand(value).value for value in flags)
        return IgnoreFile.of(value for value in values if isinstance(value, str))

    def _items(self, word: Word, files: Files | None) -> Iterator[_Item]:
        source = self.step.expand(word).value
        if not isinstance(source, str):
            self.notes.doubt("a source is not known")
            self._unknown_folder(word.span)
            return
        if isinstance(self.node, Add) and self.node.flag("from") is None and self._is_remote(source, word):
            return
        path, pivot = self._path(source)
        if files is None:
            self._unknown(source, path, pivot, word)
            return
        found = expand_sources(files, path)
        self._refuse_dead_links(path, files, word)
        if not found:
            self._nothing(source, path, files, word, pivot)
            return
        if isinstance(self.node, Add) and isinstance(files, ContextFiles):
            found = tuple(each for each in found if not self._unpacked(each, files, word))
        for each in found:
            below = each.path[pivot:-1] if self.node.flag_is_on("parents") else ()
            if isinstance(each.node, Folder) and self.node.flag_is_on("parents"):
                below = each.path[pivot:]
            yield _Item(each.path[-1] if each.path else "", word, each.node, below)

    def _refuse_dead_links(self, path: Parts, files: Files, word: Word) -> None:
        """The builder follows each link that a pattern fits, and fails where that leads nowhere."""
        if any(map(is_pattern, path)):
            for each in expand_paths(files, path):
                if files.is_dead_link(each):
                    self._no_source(f"{quoted(joined(each))} in {files.where} is a link that leads nowhere", word)

    def _nothing(self, source: str, path: Parts, files: Files, word: Word, pivot: int) -> None:
        """Note that there is nothing of a source."""
        fixed = path[: next((at for at, name in enumerate(path) if is_pattern(name)), len(path))]
        if files.may_have(path):
            self._unknown(source, path, pivot, word)
        elif fixed == path:
            self._missing(source, path, files, word)
        elif files.is_sent(fixed):
            message = f"{quoted(source)} matches nothing in {files.where}, and nothing is copied: correct the pattern"
            self.notes.problems.append(Problem("DL5028", word.span, message, fatal=False, severity=Severity.WARNING))
        else:
            folder = quoted("/".join(fixed))
            why = f"{quoted(source)} matches nothing in {files.where}, and the builder has nothing else of {folder}"
            self._no_source(f"{why}: correct the pattern", word)

    def _no_source(self, message: str, word: Word) -> None:
        self.notes.problems.append(Problem("DL5028", word.span, message))

    def _path(self, source: str) -> tuple[Parts, int]:
        """The names in a source, and where those begin that `--parents` keeps: behind a `./` in the middle."""
        raw = source.split("/")
        pivot = 0
        if self.node.flag_is_on("parents") and "." in raw[1:-1]:
            pivot = len(split(clean_path("/" + "/".join(raw[: raw.index(".", 1)]))))
        return split(clean_path("/" + source)), pivot

    def _missing(self, source: str, path: Parts, files: Files, word: Word) -> None:
        message = f"{quoted(source)} is not in {files.where}: correct the path, or see to it that the file is there"
        if isinstance(files, ContextFiles):
            ignore = files.context.ignore
            if ignore is not None and files.context.is_ignored("/".join(path) or "."):
                why = f"kept from the builder by {ignore.name}"
                message = f"{quoted(source)} is {why}: change the pattern, or do not copy it"
        self._no_source(message, word)

    def _is_remote(self, source: str, word: Word) -> bool:
        """Whether ADD fetches the source; then note what it becomes."""
        git = parse_git_reference(source)
        if isinstance(git, GitReference) and not git.looks_local:
            self.fs.add_fill(self.destination, Fill(UNKNOWN, self.fs.layer, word.span))
            return True
        if not source.lower().startswith(_URL):
            return False
        if self.node.flag_is_on("unpack"):
            self.fs.add_fill(self.destination, Fill(UNKNOWN, self.fs.layer, word.span))
            return True
        name = source.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
        size = self.downloads.size(source, follow=True)
        file = File(size, self._mode_of(0o600), self.owner, self.fs.layer, word.span)
        self._put(self._place(name), file, word.span)
        return True

    def _unpacked(self, found: Found, files: ContextFiles, word: Word) -> bool:
        """Whether ADD takes the source for an archive and unpacks it."""
        flag = self.node.flag("unpack")
        if not isinstance(found.node, File) or (flag is not None and not self.node.flag_is_on("unpack")):
            return False
        path = "/".join(found.path)
        tree = read_archive(files.context, path)
        if tree is None:
            if needs_xz(files.context, path):
                self.notes.suspect(f"an engine with the program xz would unpack {path}, here it is taken to copy it")
            return False
        folder = self._target((), word.span)
        if folder is not None:
            self._merge(tree, folder, word.span, keep=True)
        return True

    def _unknown(self, source: str, path: Parts, pivot: int, word: Word) -> None:
        """Note a source of which nothing is known but its name."""
        if self.node.flag_is_on("parents"):
            kept = path[pivot:]
            static = next((at for at, name in enumerate(kept) if is_pattern(name)), len(kept))
            if static < len(kept) or not _names_file(kept[-1] if kept else ""):
                folder = joined((*split(self.destination), *kept[:static]))
                self.fs.add_fill(folder, Fill(UNKNOWN, self.fs.layer, word.span))
                return
            self._put(joined((*split(self.destination), *kept)), self._unknown_file(word.span), word.span)
            return
        name = path[-1] if path else ""
        if not name or source.endswith(("/", "/.")) or name == "**":
            self._unknown_folder(word.span)
            return
        if isinstance(self.node, Add) and self.node.flag("unpack") is None and is_archive_name(name):
            self._unknown_folder(word.span)
            return
        into = self.is_folder or isinstance(self.fs.find(self.destination), Folder)
        if is_pattern(name):
            if into:
                fill = Fill(UNKNOWN, self.fs.layer, word.span, names=name)
                self.fs.add_fill(self.destination, fill)
            else:
                self._put(self.destination, self._unknown_file(word.span), word.span)
            return
        certain = _names_file(name) or (not into and _names_file(self.destination.rpartition("/")[2]))
        file = self._unknown_file(word.span, certain=certain)
        if not certain and into:
            self._unknown_folder(word.span)
        self._put(self._place(name), file, word.span)

    def _unknown_file(self, span: Span, *, certain: bool = True) -> File:
        mode = self.mode.bits if isinstance(self.mode, OctalMode) else None
        return File(UNKNOWN, mode, self.owner, self.fs.layer, span, certain)

    def _unknown_folder(self, span: Span) -> None:
        self.fs.add_fill(self.destination, Fill(UNKNOWN, self.fs.layer, span))

    def _heredoc(self, name: str, size: int | None, span: Span) -> None:
        known = UNKNOWN if size is None else read_off(size)
        file = File(known, self._mode_of(0o644), self.owner, self.fs.layer, span)
        self._put(self._place(name), file, span)

    def _place(self, name: str, below: Parts = ()) -> str:
        """Where a file of that name goes."""
        if self.is_folder or below or isinstance(self.fs.find(self.destination), Folder):
            return joined((*split(self.destination), *below, name))
        return self.destination

    def _copy(self, item: _Item, span: Span) -> None:
        if isinstance(item.node, Folder):
            folder = self._target(item.below, span)
            if folder is not None:
                self._merge(item.node, folder, span)
        elif isinstance(item.node, File):
            file = self._stamped(item.node, span)
            if self.node.flag_is_on("parents"):
                self._put(joined((*split(self.destination), *item.below, item.name)), file, span)
            else:
                self._put(self._place(item.name), file, span)

    def _stamped(self, file: File, span: Span) -> File:
        mode = self._mode_of(file.mode)
        return File(file.size, mode, self.owner or file.owner, self.fs.layer, span, file.certain, file.content)

    def _mode_of(self, mode: int | None, *, folder: bool = False) -> int | None:
        if isinstance(self.mode, OctalMode):
            return self.mode.bits
        return mode if self.mode is None or mode is None else self.mode.apply(mode, folder)

    def _target(self, below: Parts, span: Span) -> Folder | None:
        path = joined((*split(self.destination), *below))
        folder = self.fs.folder(path, origin=span, mode=self.made_mode, owner=self.owner)
        if folder is None:
            self._refuse(f"{quoted(path)} is no folder", span)
        return folder

    def _put(self, path: str, file: File, span: Span) -> None:
        # The builder follows a link that the destination names, and replaces one that lies in it.
        follow = path == self.destination
        old = self.fs.find(path, follow=follow)
        if self.fs.put(path, file, mode=self.made_mode, owner=self.owner, follow=follow):
            if isinstance(old, File):
                self.notes.hide(Cause.COPIED, path, By(span), parts_of(old))
        elif isinstance(old, Folder):
            self._refuse(f"{quoted(path)} is a folder, a file cannot take its place", span)
        else:
            self._refuse(f"a folder of {quoted(path)} is a file", span)

    def _refuse(self, reason: str, span: Span) -> None:
        self.notes.problems.append(Problem("DL1000", span, f"{self.node.name} fails: {reason}"))

    def _merge(self, source: Folder, target: Folder, span: Span, *, keep: bool = False) -> None:
        """Copy what is in a folder into another one; with `keep` with its own modes and, without --chown, owners.

        Names of one file stay names of one file.
        """
        if not self.fs.budget.affords(source):
            self.notes.doubt("there is too much to follow")
            return
        same: dict[int, File | Link] = {}
        hidden: list[Node] = []
        todo: list[tuple[Folder, Folder, str]] = [(source, target, "")]
        while todo:
            old, new, prefix = todo.pop()
            new.fill(self._fills(old, span))
            for name, node in old.children.items():
                path = f"{prefix}{name}"
                # What is in an archive is not left out.
                left_out = not keep and self.excluded is not None and self.excluded.excludes(path)
                if left_out and not (isinstance(node, Folder) and self._takes_back()):
                    continue
                was = new.children.get(name)
                if not keep and _clash(was, node):
                    self._refuse(f"{quoted(path)} is there, and one of the two is a folder", span)
                elif isinstance(node, Folder):
                    inner = self._inner_folder(new, name, node, span, keep=keep)
                    todo.append((node, inner, f"{path}/"))
                else:
                    if was is not None and BASE < was.layer < self.fs.layer:
                        hidden.append(was)
                    if id(node) not in same:
                        same[id(node)] = self._copied(node, span, keep=keep)
                    new.children[name] = same[id(node)]
        for node in hidden:
            self.notes.hide(Cause.COPIED, self.destination, By(span), parts_of(node))

    def _copied(self, node: File | Link, span: Span, *, keep: bool) -> File | Link:
        """What becomes of a file or a link in a folder."""
        if isinstance(node, Link) or keep:
            return replace(node, layer=self.fs.layer, origin=span)
        return self._stamped(node, span)

    def _takes_back(self) -> bool:
        return self.excluded is not None and any(pattern.negated for pattern in self.excluded.patterns)

    def _fills(self, source: Folder, span: Span) -> tuple[Fill, ...]:
        """What gets into a folder if the content of another one is not wholly known."""
        if any(fill.sure for fill in source.fills):
            return (Fill(UNKNOWN, self.fs.layer, span),)
        if source.fills:
            self.notes.suspect("the copied folder may hold files of its base image")
            return (Fill(UNKNOWN, self.fs.layer, span, sure=False),)
        return ()

    def _inner_folder(self, folder: Folder, name: str, source: Folder, span: Span, *, keep: bool) -> Folder:
        """The folder of that name, ready to be changed, with the mode of the one that is copied over it."""
        child = folder.children.get(name)
        mode = source.mode if keep else self._mode_of(source.mode, folder=True)
        if isinstance(child, Folder):
            child = child if child.token is folder.token else child.copied(folder.token)
            child.mode = mode
        else:
            inherited = tuple(replace(fill, sure=False) for fill in folder.fills if fill.layer != self.fs.layer)
            child = Folder(mode, self.owner, self.fs.layer, span, folder.token, inherited)
        folder.children[name] = child
        return child


def step_body(step: Step, node: Transfer, name: str) -> int | None:
    """The bytes of a heredoc's file, None where a variable in it is not known."""
    heredoc = next(each for each in node.heredocs if each.name == name)
    text = step.expand_body(heredoc).value
    if not isinstance(text, str):
        return None
    if heredoc.strip_tabs:
        text = "".join(line.lstrip("\t") for line in text.splitlines(keepends=True))
    return len(text.encode("utf-8", "surrogateescape"))


def _clash(old: Node | None, new: Node) -> bool:
    """Whether surely one is a folder and the other one is not."""
    sure = old is not None and not any(isinstance(each, File) and not each.certain for each in (old, new))
    return sure and isinstance(old, Folder) != isinstance(new, Folder)


def _names_file(name: str) -> bool:
    """Whether a name is rather that of a file: it has an ending, or is known."""
    return name in _PLAIN_FILES or "." in name[1:]
