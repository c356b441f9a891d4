"""Reads recorded builds of the shared data: what a real builder made of a Dockerfile."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dockerlint.image.catalogue import lookup
from dockerlint.layers.image import Image
from dockerlint.layers.predict import predict
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse

#: What lies in the folder of a record and is no part of the build context.
NO_PART = frozenset({"case.json", "expected.json"})


@dataclass(frozen=True)
class Record:
    """A Dockerfile, what the builder was told beside it (`case`), and what came out (`expected`)."""

    folder: Path
    case: dict[str, Any]
    expected: dict[str, Any]

    def source(self) -> Source:
        """The Dockerfile of the build."""
        name = self.case.get("options", {}).get("file", "Dockerfile")
        return Source(name, (self.folder / name).read_bytes().decode("utf-8", "surrogateescape"))

    def image(self, context: Path | None = None) -> Image:
        """The prediction for the same build; its files are known if `context` is where they were laid out."""
        options = BuildOptions(
            build_args=self.case.get("build_args") or {},
            target=self.case.get("target"),
            platform=self.case.get("platform") or "linux/amd64",
            context=None if context is None else str(context),
        )
        return predict(build_model(parse(self.source()), options, lookup))

    def lay_out(self, context: Path) -> None:
        """Make the build context, with the modes and empty folders that git does not keep."""
        for path in sorted(self.folder.rglob("*")):
            place = context / path.relative_to(self.folder)
            if path.is_symlink():
                place.symlink_to(path.readlink())
            elif path.is_dir():
                place.mkdir()
            elif path.name not in NO_PART or path.parent != self.folder:
                shutil.copyfile(path, place)
                place.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        for step in self.case.get("prepare", ()):
            place = context / step["path"]
            if step["op"] == "dir":
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.chmod(int(step["mode"], 8))


def read_record(expected: Path) -> Record:
    """The record whose `expected.json` this is."""
    case = expected.with_name("case.json")
    told = json.loads(case.read_text(encoding="utf-8")) if case.exists() else {}
    return Record(expected.parent, told, json.loads(expected.read_text(encoding="utf-8")))
