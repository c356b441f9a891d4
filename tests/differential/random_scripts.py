"""Random shell scripts over a few files, drawn so that they hardly ever fail, though some of their commands do."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

_FOLDERS = ("/w", "/w/a", "/w/a/b", "/v", "/v/c d")
_NAMES = ("f", "g.txt", "h.log", ".dot", "n m")
_MODES = ("644", "0600", "755", "4755", "a+x", "go-rwx", "u=rw,go=r", "-w", "+x", "g+s", "o=")
_OWNERS = ("5", "5:6", ":7", "nobody", "root:root", "daemon:bin")


def quoted(path: str) -> str:
    """A path as a word of the shell."""
    return f"'{path}'" if " " in path else path


class Files:
    """What probably lies where in one stage; it only makes commands likely to succeed, nothing is compared with it."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.is_root = True
        self.has_shell = False

    def copied(self) -> Files:
        """The same for a stage that goes on from here."""
        other = Files()
        other.files, other.folders, other.is_root = set(self.files), set(self.folders), self.is_root
        other.has_shell = self.has_shell
        return other

    def add_folder(self, path: str) -> None:
        """Note a folder and those above it. It may not lead upwards: `cp -r /w/..` would copy the whole machine."""
        assert ".." not in path.split("/")
        while path.strip("/"):
            self.folders.add(path)
            path = path.rpartition("/")[0]

    def add_file(self, path: str) -> None:
        """Note a file and the folders above it."""
        self.files.add(path)
        self.add_folder(path.rpartition("/")[0])

    def drop(self, path: str) -> None:
        """Forget what is at and below a path."""
        for each in (self.files, self.folders):
            each -= {one for one in each if one == path or one.startswith(f"{path}/")}

    def move(self, old: str, new: str) -> None:
        """Note that a file or a folder has another name."""
        pairs = [
            (each, one) for each in (self.files, self.folders) for one in each if (one + "/").startswith(f"{old}/")
        ]
        for each, one in pairs:
            each.discard(one)
            each.add(new + one[len(old) :])

    def below(self, folder: str) -> list[str]:
        """The files and folders right in a folder."""
        return [each for each in sorted(self.files | self.folders) if each.rpartition("/")[0] == folder]


class _Writer:
    """Draws commands and keeps account of what they do."""

    def __init__(self, draw: DrawFn, files: Files) -> None:
        self._draw = draw
        self.files = files

    def pick(self, values: tuple[str, ...] | list[str]) -> str:
        return self._draw(st.sampled_from(values))

    def number(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))

    def folder(self) -> str:
        return self.pick(sorted(self.files.folders))

    def file(self) -> str:
        return self.pick(sorted(self.files.files))

    def new_file(self) -> str:
        """A place for a file, which may be one that is there."""
        path = f"{self.folder()}/{self.pick(_NAMES)}"
        return f"{path}.x" if path in self.files.folders else path

    def _write(self) -> str:
        path = self.new_file()
        self.files.add_file(path)
        to = f"{self.pick(['>', '>>'])} {quoted(path)}"
        return self.pick(
            [
                f"echo {'x' * self.number(0, 9)} {to}",
                f"echo -n 'two words' {to}",
                f"printf '%s\\n' a bb ccc {to}",
                f"head -c {self.number(0, 3000)} /dev/zero {to}",
                f"{{ echo one; echo two; }} {to}",
                f"(echo one; printf 'two') {to}",
                f"echo out | cat {to}",
                f"true {to}",
                f": {to}",
                f"for i in 1 2 3; do echo line; done {to}",
            ]
        )

    def _make(self) -> str:
        path = self.new_file()
        self.files.add_file(path)
        name = quoted(path)
        return self.pick(
            [
                f"touch {name}",
                f"truncate -s {self.number(0, 9)}K {name}",
                f"echo tee | tee {name} > /dev/null",
                f"echo more | tee -a {name} | cat > /dev/null",
                f"dd if=/dev/zero of={name} bs={self.number(1, 64)} count={self.number(1, 8)} 2>/dev/null",
                f"cat /dev/null > {name}",
                f"install -m {self.pick(('600', '755', '644'))} /dev/null {name}",
            ]
        )

    def _copy(self) -> str:
        old, new = self.file(), self.new_file()
        if old == new:
            return "true"
        self.files.add_file(new)
        how = self.pick(["cp", "cp -p", "cp -a", "cp -f", "install -m 640", "cat"])
        return f"{how} {quoted(old)} {'> ' if how == 'cat' else ''}{quoted(new)}"

    def _move(self) -> str:
        old, new = self.file(), self.new_file()
        if old == new:
            return "true"
        self.files.drop(old)
        self.files.add_file(new)
        return f"mv {self.pick(['', '-f '])}{quoted(old)} {quoted(new)}"

    def _move_folder(self) -> str:
        old, number = self.folder(), self.number(0, 3)
        new = f"/m{number}"
        if new in self.files.folders or old == "/w" or old.startswith("/m"):
            return "true"
        self.files.move(old, new)
        return f"mv {quoted(old)} {new}"

    def _copy_folder(self) -> str:
        old, number = self.folder(), self.number(0, 3)
        new = f"/k{number}"
        if old.startswith("/k"):
            return "true"
        self.files.add_folder(new)
        how = self.pick(["cp -r", "cp -a", "cp -R", "cp -rp"])
        return self.pick(
            [
                f"{how} {quoted(old)} {new}",
                f"{how} {quoted(old)}/. {new}",
                f"mkdir -p {new} && {how} {quoted(old)} {new}/",
            ]
        )

    def _remove(self) -> str:
        path = self.file()
        self.files.drop(path)
        return f"{self.pick(['rm', 'rm -f', 'rm -rf', 'unlink'])} {quoted(path)}"

    def _remove_folder(self) -> str:
        path = self.folder()
        if path in ("/w", "/v"):
            for each in self.files.below(path):
                self.files.drop(each)
            return self.pick([f"rm -rf {path}/*", f"rm -rf {path}/* {path}/.[!.]*", f"find {path} -mindepth 1 -delete"])
        self.files.drop(path)
        if self.number(0, 3) == 0:
            self.files.add_folder(path)
            return f"rm -rf {quoted(path)} && mkdir {quoted(path)}"
        return f"rm -{self.pick(['r', 'rf', 'fr'])} {quoted(path)}"

    def _find(self) -> str:
        where, name = self.folder(), self.pick(("'*.log'", "g.txt", "'*'"))
        for path in [each for each in self.files.files if each.startswith(f"{where}/")]:
            if name == "'*'" or path.endswith(name.strip("'*")):
                self.files.drop(path)
        folder = quoted(where)
        return self.pick(
            [f"find {folder} -name {name} -type f -delete", f"find {folder} -type f -name {name} -exec rm -f {{}} +"]
        )

    def _change(self) -> str:
        path = self.pick([self.file(), self.folder()])
        recursive = self.pick(["", "-R "])
        if self.files.is_root and self.number(0, 1):
            return f"chown {recursive}{self.pick(_OWNERS)} {quoted(path)}"
        mode = self.pick(_MODES)
        return f"chmod {recursive}{mode} {quoted(path)}"

    def _link(self) -> str:
        old, new = self.file(), f"{self.folder()}/l{self.number(0, 3)}"
        if new in self.files.folders or old == new:
            return "true"
        self.files.add_file(new)
        return self.pick([f"ln -sf {quoted(old)} {quoted(new)}", f"ln -f {quoted(old)} {quoted(new)}"])

    def _folder(self) -> str:
        path = self.pick(_FOLDERS)
        self.files.add_folder(path)
        return self.pick([f"mkdir -p {quoted(path)}", f"mkdir -p -m 700 {quoted(path)}", f"install -d {quoted(path)}"])

    def _sed(self) -> str:
        return f"sed -i s/x/y/ {quoted(self.file())}"

    def command(self) -> str:
        """A command that should succeed."""
        if not self.files.folders:
            return self._folder()
        kinds = [self._write, self._make, self._folder]
        if self.files.files:
            kinds += [self._copy, self._move, self._remove, self._change, self._link, self._write, self._sed]
        kinds += [self._move_folder, self._copy_folder, self._remove_folder, self._find]
        return self._draw(st.sampled_from(kinds))()

    def _somewhere(self) -> str:
        """A path at which there may be anything, or nothing."""
        folders = sorted(self.files.folders) or ["/w"]
        return quoted(f"{self.pick(folders)}/{self.pick((*_NAMES, 'none', 'a'))}")

    def _test(self) -> str:
        path = self._somewhere()
        return self.pick(
            [
                f"[ -{self.pick(list('efdsL'))} {path} ]",
                f"[ ! -{self.pick(['e', 'f'])} {path} ]",
                f"test -{self.pick(['e', 'd'])} {path}",
                *("[ -d / ]", "[ 1 -lt 2 ]", "[ a != b ]", "[ -z '' ]", "! false", "true"),
            ]
        )

    def _doubtful(self) -> str:
        """A command that may fail."""
        one, other = self._somewhere(), self._somewhere()
        return self.pick(
            [
                *(f"cp {one} {other}", f"cp -r {one} {other}", f"mv {one} {other}", f"ln -s {one} {other}"),
                *(f"ln {one} {other}", f"rm {one}", f"rm -r {one}", f"mkdir {one}", f"mkdir {one}/x", f"rmdir {one}"),
                *(f"touch {one}/x", f"echo 1 > {one}/y", f"cat {one} > {other}", f"cd {one}", f"chmod 600 {one}"),
                *(f"mkdir {one} {other}", f"install -m 600 {one} {other}", "false", "(exit 3)", "sh -c 'exit 1'"),
            ]
        )

    def _decided(self) -> str:
        """A command that runs or not, as another one ends."""
        command, other = self.command(), self._doubtful()
        return self.pick(
            [
                f"if {self._test()}; then {command}; fi",
                f"if {self._test()}; then {other} || true; else {command}; fi",
                f"{{ {self._test()} && {command}; }} || true",
                f"{{ {self._test()} || {command}; }}",
                f"{{ {other} || {command}; }}",
                f"{{ {other} && {command} || echo other > /other; }}",
                f"{{ ! {other} || {command}; }}",
                f"( {command}; exit 0; echo never > /never )",
                f"( set -e; {other}; {command} ) || true",
                f"! false && {command}",
            ]
        )

    def statement(self) -> str:
        """A command in a shell construct, which mostly runs it and succeeds."""
        command = self.command()
        folder = self.folder() if self.files.folders else "/"
        path = f"{folder}/{self.pick(_NAMES)}".replace("//", "/")
        shape = self.number(0, 12)
        if shape == 0:
            return f"{command} || echo failed > /never"
        if shape == 1:
            return f"( {command} )"
        if shape == 2:
            return f"{{ {command}; }}"
        if shape == 3 and "'" not in command:
            return f"sh -c '{command}'"
        if shape == 4 and path not in self.files.folders:
            self.files.add_file(path)
            return f"{command} && (cd {quoted(folder)} && touch './{path.rpartition('/')[2]}')"
        if shape == 5:
            self.files.add_folder("/loop")
            for name in "12":
                self.files.add_file(f"/loop/{name}")
            return f"{command} && mkdir -p /loop && for n in 1 2; do echo $n > /loop/$n; done"
        if shape in (6, 7, 8):
            return self._decided()
        return command


def script(draw: DrawFn, files: Files) -> str:
    """The text of a RUN of one to four statements."""
    writer = _Writer(draw, files)
    statements = [writer.statement() for _ in range(draw(st.integers(1, 4)))]
    return draw(st.sampled_from((" && ", " && \\\n    ", "; ", " \\\n && "))).join(statements)
