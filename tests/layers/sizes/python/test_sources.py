"""What is read off source archives: against small ones, and against what setuptools makes of a project."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from dockerlint.context.fetch.archives import DAMAGES
from dockerlint.context.fetch.limits import Budget, ContextError, Limits
from dockerlint.layers.sizes.python.sources import Source, read_source
from tests.layers.sizes.python.indexes import source_archive

LIMITS = Limits(received=1_000_000, unpacked=1_000_000, entries=1_000)


def read(data: bytes, name: str = "app") -> Source:
    return read_source(io.BytesIO(data), Budget("an archive", LIMITS, lambda _what, _count: None), name)


def source(files: Mapping[str, bytes]) -> Source:
    return read(source_archive("app-1.0", files))


def test_listed_modules_and_packages_are_installed() -> None:
    found = source(
        {
            "app.egg-info/top_level.txt": b"app\none\n",
            "src/app/__init__.py": bytes(100),
            "src/app/deep/data.json": bytes(30),
            "one.py": bytes(7),
            "two.py": bytes(1_000),
            "docs/app/x.py": bytes(1_000),
            "app-else/x.py": bytes(1_000),
        }
    )
    assert (found.unpacked, found.modules, found.source, found.names) == (137, 2, 107, len("app/__init__.pyone.py"))


def test_without_a_list_packages_are_what_can_be_imported() -> None:
    files = {f"{folder}/__init__.py": bytes(10) for folder in ("other", "src/more", "tests", "docs", "not/deep")}
    found = source({**files, "PKG-INFO": b"Name: app\n", "other/x.py": bytes(5), "setup.py": bytes(1_000)})
    assert (found.unpacked, found.modules) == (25 + len("Name: app\n"), 3)


@pytest.mark.parametrize("name", ["old-app", "Old_App", "old.app"])
def test_a_package_may_be_one_module(name: str) -> None:
    found = read(source_archive("x-1", {f"{name}.py": bytes(10), "setup.py": bytes(5)}), "old-app")
    assert (found.modules, found.source) == (1, 10)


@pytest.mark.parametrize(
    ("path", "compiled"),
    [("app/fast.c", True), ("src/lib.rs", True), ("app/x.pyx", True), ("docs/x.c", False), ("app/x.html", False)],
)
def test_what_a_compiler_reads_is_told(path: str, compiled: bool) -> None:
    assert source({path: b"", "app/__init__.py": b""}).is_compiled is compiled


def test_needs_are_those_of_the_description() -> None:
    head = b"Metadata-Version: 2.2\nRequires-Dist: a>=1\nRequires-Dist: b; extra == 'x'\n\nRequires-Dist: no\n"
    found = source({"PKG-INFO": head, "app.egg-info/requires.txt": b"c\n"})
    assert found.needs == ("a>=1", "b; extra == 'x'")


def test_needs_may_be_written_by_setuptools() -> None:
    text = b"a>=1\n\n[:python_version < '3']\nb\n\n[x]\nc\n\n[y:os_name == 'nt']\nd[e]\n"
    found = source({"PKG-INFO": b"Name: app\n", "src/app.egg-info/requires.txt": text})
    assert [str(Requirement(each)) for each in found.needs] == [
        "a>=1",
        'b; python_version < "3"',
        'c; extra == "x"',
        'd[e]; os_name == "nt" and extra == "y"',
    ]


def test_packages_may_be_packed_in_other_ways() -> None:
    assert read(source_archive("x-1", {"app.py": bytes(10)}, "w:bz2")).modules == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        source_archive("x-1", {"app.py": bytes(900_000)})[:300],
        source_archive("x-1", {"app.py": bytes(2_000_000)}),
        source_archive("x-1", dict.fromkeys(map(str, range(1_200)), b"")),
    ],
    ids=["empty", "none", "cut short", "too large", "too many files"],
)
def test_hostile_archives_are_refused(data: bytes) -> None:
    with pytest.raises((*DAMAGES, ContextError)):
        read(data)


def test_it_is_what_setuptools_would_install(tmp_path: Path) -> None:
    pytest.importorskip("setuptools")
    files = {
        "setup.py": "from setuptools import setup, find_packages\nsetup(name='app', version='1', "
        "packages=find_packages(exclude=['tests']), install_requires=['a>=1'], extras_require={'x': ['b']})\n",
        "app/__init__.py": "x = 1\n",
        "app/deep/__init__.py": "y = 2\n" * 50,
        "tests/__init__.py": "z = 3\n",
        "README": "text\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for command in ("sdist", "build --build-lib=built"):
        subprocess.run([sys.executable, "setup.py", "-q", *command.split()], cwd=tmp_path, check=True)
    found = read((tmp_path / "dist" / "app-1.tar.gz").read_bytes())
    built = list((tmp_path / "built").rglob("*.py"))
    assert (found.modules, found.source) == (len(built), sum(path.stat().st_size for path in built))
    assert sorted(str(Requirement(each)) for each in found.needs) == ["a>=1", 'b; extra == "x"']
