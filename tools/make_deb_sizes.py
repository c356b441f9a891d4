"""Write `lint/dockerlint/layers/sizes/deb_sizes.json`: what Debian packages leave in an image, measured in themselves.

    python -m tools.make_deb_sizes --suite bookworm FOLDER_OF_DOCKERFILES

The size that a package's control file tells misleads: it rounds each file up, counts documentation that slim images
leave out, and knows nothing of the byte code that Python makes after the installation, nor of the package's own entries
in the system's database. This fetches the packages that the Dockerfiles of a folder install most, with all that these
depend on, and writes for each name, in bytes: what it says, files that stay in any image, files that slim images leave
out, Python sources, entries in the database; and whether it brings questions of debconf. Needs `dpkg-deb`.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import subprocess
import sys
import tarfile
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dockerlint.layers.sizes.deb_control import fields_of
from dockerlint.layers.sizes.deb_excludes import is_left_out
from dockerlint.layers.sizes.deb_index import Index, closure
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.scripts import Scripts
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import package_actions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Run

_TABLE = Path(__file__).resolve().parents[1] / "lint/dockerlint/layers/sizes/deb_sizes.json"
_LARGEST = 80_000_000
_TIMEOUT = 120


def main() -> int:
    """Fetch, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--mirror", default="http://deb.debian.org/debian")
    parser.add_argument("--most", type=int, default=320, help="the number of names taken from the Dockerfiles")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    text = lzma.decompress(_fetched(f"{options.mirror}/dists/{options.suite}/main/binary-amd64/Packages.xz")).decode()
    index = Index([text])
    base = closure(index, index.base(), recommends=False, present=frozenset())
    present = frozenset(package.name for package in base.packages)
    names: dict[str, None] = {}
    for name, _ in _counted(options.folder).most_common(options.most):
        for recommends in (False, True):
            names.update(
                (each.name, None) for each in closure(index, [name], recommends=recommends, present=present).packages
            )
    paths = {}
    for paragraph in text.split("\n\n"):
        fields = fields_of(paragraph)
        if fields.get("Package") in names and int(fields["Size"]) <= _LARGEST:
            paths[fields["Package"]] = f"{options.mirror}/{fields['Filename']}"
    sys.stderr.write(f"{len(paths)} packages\n")
    with ThreadPoolExecutor(2) as pool:
        measured = dict(zip(paths, pool.map(_measured, paths.values()), strict=True))
    rows = ",\n".join(f' "{name}": {json.dumps(row)}' for name, row in sorted(measured.items()))
    _TABLE.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")
    return 0


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - the mirror of whoever runs this
        data: bytes = answer.read()
    return data


def _counted(folder: Path) -> Counter[str]:
    """How many Dockerfiles install each package with apt."""
    found: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            if "apt" in text:
                found.update(set(_packages(Source(str(path), text))))
    return found


def _packages(source: Source) -> Iterator[str]:
    model = build_model(parse(source))
    scripts = Scripts(model.dockerfile)
    for stage in model.stages:
        for step in stage.steps:
            if not isinstance(step.node, Run):
                continue
            for command in scripts.of(step.node, step).commands:
                for action in package_actions(command):
                    if action.manager.key == "apt-get" and action.action is Action.INSTALL:
                        yield from (word.text.partition("=")[0] for word in action.packages if word.text)


def _measured(url: str) -> list[int]:
    """The row of one package."""
    data = _fetched(url)
    kept = left_out = python = listed = 0
    with tarfile.open(fileobj=io.BytesIO(_unpacked(data, "--fsys-tarfile"))) as tar:
        for member in tar:
            path = member.name.lstrip(".")
            listed += len(path.rstrip("/")) + 1
            if not member.isfile():
                continue
            if is_left_out(path):
                left_out += member.size
                continue
            kept += member.size
            python += member.size if path.endswith(".py") and "/python3" in path else 0
    with tarfile.open(fileobj=io.BytesIO(_unpacked(data, "--ctrl-tarfile"))) as tar:
        members = {member.name.removeprefix("./"): member for member in tar if member.isfile()}
        control = tar.extractfile(members["control"])
        assert control is not None, "it is a file"
        size = int(fields_of(control.read().decode()).get("Installed-Size", "0")) * 1024
    # The control file itself goes to the status of all packages, which is kept twice.
    listed += sum(member.size for name, member in members.items() if name != "control") + 2 * members["control"].size
    return [size, kept, left_out, python, listed, int("templates" in members)]


def _unpacked(data: bytes, what: str) -> bytes:
    return subprocess.run(["dpkg-deb", what, "/dev/stdin"], input=data, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
