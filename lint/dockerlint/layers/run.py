"""What a RUN does to the files, as far as its commands tell it.

Only commands that surely run change the file system. What an unknown program writes, and what depends on a test, is a
doubt: the layer may then hold more than is listed, never less. Nothing is run, and no file outside is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from dockerlint.layers.filesystem import FileSystem, joined, parts_of, split
from dockerlint.layers.layer import By, Cause, Hidden, LayerNotes
from dockerlint.layers.node_changes import NodeChange
from dockerlint.layers.nodes import BASE, File, Fill, Folder, Link, Node
from dockerlint.layers.seen_files import SeenFiles, binds_of
from dockerlint.layers.size import UNKNOWN, Size, total
from dockerlint.layers.sizes.downloads import NO_DOWNLOADS, Downloads
from dockerlint.layers.sizes.install import Estimator, Estimators, Files, Install, Request
from dockerlint.layers.wildcard import is_pattern, matches
from dockerlint.semantics.scripts import Scripts
from dockerlint.semantics.stages import Step
from dockerlint.shell.directories import absolute
from dockerlint.shell.removals import alternatives
from dockerlint.shell.script import Command, Expansion, Word
from dockerlint.source import Span
from dockerlint.syntax.tree import Problem

#: Where packages of every base image put files.
SYSTEM = tuple(f"/{name}/" for name in ("bin", "boot", "etc", "lib", "lib64", "root", "sbin", "usr", "var"))

#: Files that the engine mounts read-only while a command runs.
READ_ONLY = frozenset({"/etc/hosts", "/etc/resolv.conf"})

#: Where no package has files of its own that weigh anything.
NO_PACKAGES = ("/root/", "/var/cache/", "/var/lib/apt/", "/var/log/")

_DEVICES = ("/dev/", "/proc/", "/sys/")

#: What the engine puts into every container, whatever the image has.
ALWAYS_THERE = frozenset({"/", "/dev", "/dev/null", "/dev/zero", "/etc", "/etc/hostname", "/proc", "/sys", *READ_ONLY})


class Installer(NamedTuple):
    """Whoever tells the sizes of packages for the base image of a stage, which has this name and platform."""

    estimators: Estimators
    image: str
    platform: str

    def estimator(self, manager: str) -> Estimator | None:
        """Who knows the packages of a manager, by its key; None if nobody does."""
        return self.estimators.get(manager)


@dataclass
class Machine:
    """What the commands of a stage leave behind besides files.

    `packages` are the layer and the place of what installed each package, by family and name; `homes` are the home
    directories of users that were made.
    """

    packages: dict[tuple[str, str], tuple[int, Span]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    requests: dict[str, tuple[Request, ...]] = field(default_factory=dict)
    """What has been installed, by the family of the package manager."""
    installer: Installer | None = None
    """Tells the sizes of packages; without one nobody does."""
    downloads: Downloads = NO_DOWNLOADS
    """Tells the sizes of what is downloaded."""
    is_open: bool = False
    """Whether something may have been written anywhere that is not known."""
    is_wild: bool = False
    """Whether a program has run of which nothing is known."""
    is_hoped: bool = False
    """Whether commands may have failed that are taken to have succeeded, so that nothing is sure of any file."""

    def copied(self) -> Machine:
        """The same for a stage that goes on from here."""
        return replace(self, packages=dict(self.packages), homes=dict(self.homes), requests=dict(self.requests))


class Runner:
    """The file system as the commands of one RUN see it."""

    def __init__(self, scripts: Scripts, step: Step, fs: FileSystem, notes: LayerNotes, machine: Machine) -> None:
        self.actions = scripts.actions
        self.step = step
        self.fs = fs
        self.notes = notes
        self.machine = machine
        self.dialect = "sh"
        user = step.before.user
        if not isinstance(user, str) and step.before.user_from is None:
            # Hardly any base image that is built upon runs its commands as somebody else.
            user = ""
        self.user = user.partition(":")[0] if isinstance(user, str) else None
        self.is_root = self.user in ("", "0", "root")
        self.owner = "" if self.is_root else (user if isinstance(user, str) else "")
        self.is_wild = False
        """Whether a program that is not known has run in this RUN, which may have made anything."""
        self.is_repeated = False
        """Whether the command at work may run again and again, and find what it has left behind."""
        self.failure: Problem | None = None
        """Why the last command fails that surely does."""
        self.names: dict[int, list[str]] = {}
        """The paths of files that this RUN has given more than one name."""
        self.assigned: set[str] = set()
        """The variables that the script sets somewhere."""
        self.mounts = tuple(bind.target for bind in binds_of(step, None))
        self.files: Files = SeenFiles(fs)
        """The contents of files that the commands see."""

    def install(self, manager: str, request: Request, before: tuple[Request, ...]) -> Install | None:
        """An installation by one of the commands; None where the base image is not known."""
        installer = self.machine.installer
        if installer is None:
            return None
        environment = {name: value for name, value in self.step.before.environment.items() if isinstance(value, str)}
        return Install(manager, installer.image, installer.platform, request, before, self.files, environment)

    def home(self) -> str | None:
        """The home directory of whoever runs the commands."""
        value = self.step.before.environment.get("HOME")
        if isinstance(value, str) and value.startswith("/"):
            return value
        if self.user in ("", "0", "root"):
            return "/root"
        return self.machine.homes.get(self.user or "")

    def text(self, word: Word) -> str | None:
        """The text of a word, with nothing for variables that are surely not set."""
        if word.text is not None:
            return word.text
        environment = self.step.before.environment
        texts = []
        for part in word.parts:
            value: object = part
            if isinstance(part, Expansion):
                name = part.name
                value = None if name is None or name in self.assigned or name == "HOME" else environment.get(name, "")
            if not isinstance(value, str):
                return None
            texts.append(value)
        return "".join(texts)

    def paths(self, word: Word, directory: str | None) -> tuple[str, ...]:
        """The absolute paths that a word stands for, patterns as they are; blank where that is not known."""
        text = word.text
        if text is None:
            text = self.text(word) or word.template
        if text is None:
            return ()
        texts = alternatives(text) if self.dialect == "bash" and "{" in text else (text,)
        found = [self.place(each, directory) for each in texts]
        return tuple(each for each in found if each is not None) if None not in found else ()

    def place(self, text: str, directory: str | None) -> str | None:
        """The absolute path of a text, the home directory put in; None where that is not known.

        A variable of the builder whose value is not known stands as `${NAME}`: it is the same wherever it is named.
        """
        if "${" in text and (text.startswith("$") or not self._is_settled(text)):
            return None
        path = absolute(text, directory)
        if path is not None and path.startswith("~"):
            home = self.home()
            path = None if home is None or path[1:2] not in ("", "/") else home + path[1:]
        # `~/..` is above a folder that is not known.
        return path if path is not None and path.startswith("/") else None

    def _is_settled(self, template: str) -> bool:
        """Whether only the builder sets the variables that stand in a text as `${NAME}`."""
        variables = [part.partition("}")[0] for part in template.split("${")[1:]]
        return all(name not in self.assigned and self.step.before.declares(name) for name in variables)

    def path(self, word: Word, directory: str | None) -> str | None:
        """The one path that a word stands for."""
        found = self.paths(word, directory)
        return found[0] if len(found) == 1 and not (word.glob and is_pattern(found[0])) else None

    def is_outside(self, path: str) -> bool:
        """Whether what is written at a path gets into no layer: devices, and what a mount covers."""
        if path.startswith(_DEVICES):
            return True
        return any(path == mount or path.startswith(mount.rstrip("/") + "/") for mount in self.mounts)

    def fitting(self, pattern: str) -> tuple[str, ...]:
        """The known paths that a path fits whose parts may be patterns; one without patterns gives itself."""
        found: list[tuple[str, ...]] = [()]
        for part in split(pattern):
            if not is_pattern(part):
                found = [(*path, part) for path in found]
                continue
            grown = []
            for path in found:
                node = self.fs.find(joined(path))
                names = sorted(node.children) if isinstance(node, Folder) else []
                hidden = part.startswith(".")
                grown += [(*path, name) for name in names if matches(part, name) and hidden >= name.startswith(".")]
            found = grown
        return tuple(map(joined, found))

    def nodes(self, path: str) -> tuple[tuple[str, Node], ...]:
        """The known nodes that a path, which may have patterns, stands for."""
        found = ((each, self.fs.find(each, follow=False)) for each in self.fitting(path))
        return tuple((each, node) for each, node in found if node is not None)

    @property
    def new_mode(self) -> int | None:
        """The mode of a file that a command makes; not known if something may have made one there before."""
        return None if self.is_wild or self.machine.is_wild else 0o644

    @property
    def is_certain(self) -> bool:
        """Whether it is certain what is there and what is not, as far as the tree of files tells it."""
        machine = self.machine
        unsure = self.is_repeated or self.is_wild or machine.is_wild or machine.is_hoped or bool(self.notes.doubts)
        return not unsure

    def is_missing(self, path: str, *, follow: bool = True) -> bool:
        """Whether there is surely nothing at a path; what a last link leads to is meant with `follow`."""
        if not self.is_certain or self.is_outside(path) or path in ALWAYS_THERE:
            return False
        if (self.notes.installs or self.machine.is_open) and path.startswith(SYSTEM):
            return False
        return self.fs.find(path, follow=follow) is None and not self.fs.doubt(path)

    def sure_node(self, path: str, *, follow: bool = True) -> Node | None:
        """What is surely at a path; None also for what only the base image can have put there."""
        node = self.fs.find(path, follow=follow) if self.is_certain and not self.is_outside(path) else None
        return None if node is None or node.layer == BASE or (isinstance(node, File) and not node.certain) else node

    def can_hold(self, path: str, span: Span) -> bool | None:
        """Whether a file can be written at a path: its folder is there, and no folder stands in its place."""
        folder = path.rpartition("/")[0] or "/"
        if path in READ_ONLY:
            return self.fail(span, f"{path} is mounted read-only while commands run")
        if self.is_missing(folder) or isinstance(self.sure_node(folder), File):
            return self.fail(span, f"there is no folder {folder}")
        if isinstance(self.sure_node(path), Folder):
            return self.fail(span, f"{path} is a folder")
        return True if self.is_certain and self.is_root and isinstance(self.fs.find(folder), Folder) else None

    def fail(self, span: Span, reason: str) -> bool:
        """Note why a command surely fails; gives False, as such a command is told."""
        self.failure = Problem("DL1000", span, f"RUN fails: {reason}")
        return False

    def write(self, path: str, size: Size, word: Word, *, append: bool = False, mode: int | None = None) -> bool | None:
        """Put a file with this content at a path, or add it to the one that is there; whether that succeeds."""
        if self.is_outside(path):
            return path in ALWAYS_THERE or None
        known = self.can_hold(path, word.span)
        old = self.fs.find(path)
        if known is False or isinstance(old, Folder):
            return known
        known_mode = self.new_mode if mode is None else mode
        owner = self.owner
        if isinstance(old, File):
            known_mode, owner = old.mode if mode is None else mode, old.owner
            self.notes.hide(Cause.REWRITTEN, path, By(word.span), parts_of(old))
        if append:
            size = total((old.size if isinstance(old, File) else self._unseen(path), size))
        self.fs.put(path, File(size, known_mode, owner, self.fs.layer, word.span), owner=self.owner)
        return known

    def _unseen(self, path: str) -> Size:
        """The size of a file that is not known by name: nothing, if it cannot be there."""
        return UNKNOWN if self.fs.doubt(path) else Size(0, 0, 0, UNKNOWN.provenance)

    def touch_again(self, path: str, cause: Cause, word: Word, command: Command, change: NodeChange) -> None:
        """Store all files at and below a path again, changed by `change`."""
        node = self.fs.find(path)
        if node is None or self.is_outside(path):
            return
        if isinstance(node, Folder) and (self.machine.is_hoped or self.notes.doubts):
            self.notes.suspect("the folder may hold more than is known, which is stored again")
        self.notes.hide(cause, path, By(word.span, command), parts_of(node))
        real = self.fs.resolve(split(path))
        if not real:
            return
        changed = self.stored_again(node, word.span, change)
        names = self.names.pop(id(node), [])
        for each in {joined(real): None, **dict.fromkeys(names)}:
            self.fs.replace(each, changed)
        if names:
            self.names[id(changed)] = names

    def stored_again(self, node: Node, span: Span, change: NodeChange | None = None) -> Node:
        """The same tree with all its files stored in this layer; names of one file stay names of one file."""
        if not self.fs.budget.affords(node):
            self.notes.doubt("there is too much to follow")
            return Folder(None, "", self.fs.layer, span, None, (Fill(UNKNOWN, self.fs.layer, span),))
        same: dict[int, Node] = {}

        def again(old: File | Link) -> Node:
            known = same.get(id(old))
            if known is None:
                known = _restamped(old, self.fs.layer, span)
                if change is not None and isinstance(known, File):
                    known = change.apply(known)
                same[id(old)] = known
            return known

        if not isinstance(node, Folder):
            return again(node)
        root = self._folder_again(node, span, change)
        todo = [(node, root)]
        while todo:
            old, new = todo.pop()
            for name, child in old.children.items():
                if isinstance(child, Folder):
                    inner = self._folder_again(child, span, change)
                    new.children[name] = inner
                    todo.append((child, inner))
                else:
                    new.children[name] = again(child)
        return root

    def _folder_again(self, node: Folder, span: Span, change: NodeChange | None) -> Folder:
        fills = tuple(
            replace(fill, layer=self.fs.layer, origin=span) if fill.sure and fill.layer != BASE else fill
            for fill in node.fills
        )
        folder = Folder(node.mode, node.owner, self.fs.layer, span, None, fills)
        return folder if change is None else change.apply_folder(folder)

    def unseen_parts(self, path: str) -> tuple[Fill, ...]:
        """The one copy or command of lower layers of this file that must have put there what is not known by name.

        Nothing where something else may have put it there: this RUN, the base image, or several others.
        """
        if self.is_wild or self.is_outside(path) or path.startswith(SYSTEM):
            return ()
        name = path.rpartition("/")[2]
        fills = [fill for fill in self.fs.doubt(path) if fill.sure and (not fill.names or matches(fill.names, name))]
        if len(fills) != 1 or not BASE < fills[0].layer < self.fs.layer:
            return ()
        return tuple(fills)

    def hide_unseen(self, cause: Cause, path: str, word: Word, command: Command, *, sure: bool) -> bool:
        """Note what is hidden of a path that is not known by name; False where nothing can be said."""
        fills = self.unseen_parts(path)
        for fill in fills:
            whole = bool(fill.names) and fill.names == path.rpartition("/")[2]
            hidden = Hidden(cause, path, word.span, command, fill.layer, fill.origin, UNKNOWN, sure, not whole)
            self.notes.hidden.append(hidden)
        return bool(fills)


def _restamped(node: File | Link, layer: int, span: Span) -> File | Link:
    if isinstance(node, Link):
        return Link(node.target, layer, span)
    return File(node.size, node.mode, node.owner, layer, span, node.certain, node.content)
