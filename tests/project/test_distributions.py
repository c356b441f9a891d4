"""What a user gets from the package index: both packages with their data, one command, one group of rules."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from email.parser import Parser
from pathlib import Path

import pytest

import dockerlint

ROOTS = ("lint", "rules")


def build(kind: str, project: Path, dist: Path) -> Path:
    """Build one distribution of a project folder and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(dist)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (built,) = dist.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    return zipfile.Path(build("wheel", repository, tmp_path_factory.mktemp("wheel")))


def metadata(wheel: zipfile.Path, name: str) -> str:
    (info,) = (entry for entry in wheel.iterdir() if entry.name.endswith(".dist-info"))
    return info.joinpath(name).read_text(encoding="utf-8")


def package_files(names: list[str]) -> set[str]:
    return {name for name in names if ".dist-info/" not in name and not name.endswith("/")}


def source_files(repository: Path) -> set[str]:
    """Every file of the two source roots, data and type markers included, relative to its root."""
    return {
        path.relative_to(repository / root).as_posix()
        for root in ROOTS
        for path in (repository / root).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack a source distribution and return the one folder in it."""
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            assert content is not None, f"{member.name} is not a plain file"
            path = folder / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())
    (project,) = folder.iterdir()
    return project


def test_wheel_holds_both_packages_with_all_their_data(wheel: zipfile.Path, repository: Path) -> None:
    files = package_files(wheel.root.namelist())
    assert files == source_files(repository)
    assert {"dockerlint/py.typed", "dockerlint_rules/py.typed"} <= files


def test_wheel_has_the_command_and_the_built_in_rules(wheel: zipfile.Path) -> None:
    entry_points = ConfigParser()
    entry_points.read_string(metadata(wheel, "entry_points.txt"))
    assert dict(entry_points["console_scripts"]) == {"dlint": "dockerlint.cli.main:main"}
    assert dict(entry_points["dockerlint.rules"]) == {"builtin": "dockerlint_rules"}


def test_wheel_metadata(wheel: zipfile.Path) -> None:
    fields = Parser().parsestr(metadata(wheel, "METADATA"))
    assert fields["Name"] == "dockerlint"
    assert fields["Version"] == dockerlint.__version__
    assert fields["License-Expression"] == "Apache-2.0"
    assert fields["Requires-Python"] == ">=3.11"
    required = [line for line in fields.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert not [line for line in required if line.startswith(("pytest", "mypy", "ruff", "hypothesis"))]


def test_source_distribution_builds_the_same_wheel(wheel: zipfile.Path, repository: Path, tmp_path: Path) -> None:
    project = unpack(build("sdist", repository, tmp_path / "sdist"), tmp_path / "unpacked")
    again = build("wheel", project, tmp_path / "wheel")
    assert package_files(zipfile.ZipFile(again).namelist()) == package_files(wheel.root.namelist())
