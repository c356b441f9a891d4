"""Reads recorded builds of the shared data: what a real builder made of a Dockerfile."""

from __future__ import annotations

import json
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


@dataclass(frozen=True)
class Record:
    """A Dockerfile, what the builder was told beside it (`case`), and what came out (`expected`)."""

    folder: Path
    case: dict[str, Any]
    expected: dict[str, Any]

    def source(self) -> Source:
        """The Dockerfile of the build."""
        path = self.folder / self.case.get("options", {}).get("file", "Dockerfile")
        return Source("Dockerfile", path.read_bytes().decode("utf-8", "surrogateescape"))

    def image(self) -> Image:
        """The prediction for the same build."""
        options = BuildOptions(
            build_args=self.case.get("build_args") or {},
            target=self.case.get("target"),
            platform=self.case.get("platform") or "linux/amd64",
        )
        return predict(build_model(parse(self.source()), options, lookup))


def read_record(expected: Path) -> Record:
    """The record whose `expected.json` this is."""
    case = expected.with_name("case.json")
    told = json.loads(case.read_text(encoding="utf-8")) if case.exists() else {}
    return Record(expected.parent, told, json.loads(expected.read_text(encoding="utf-8")))
