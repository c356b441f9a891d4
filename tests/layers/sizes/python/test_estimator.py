"""Estimates of pip installations: against a small index, and against what pip really installs."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from dockerlint.layers.size import Provenance
from dockerlint.layers.sizes.install import Install, Request
from dockerlint.layers.sizes.python.estimator import PythonEstimator
from dockerlint.layers.sizes.python.index import INDEX
from dockerlint.shell.managers import Cache
from tests.estimating import Texts, fetcher
from tests.layers.sizes.python.indexes import Index, source_archive

PIP_CACHE = Cache("all", "/root/.cache/pip")


def install(
    *packages: str,
    image: str = "python:3.12-slim",
    options: tuple[str, ...] = (),
    lists: tuple[str, ...] = (),
    before: tuple[Request, ...] = (),
    texts: Mapping[str, str] | None = None,
    manager: str = "pip",
) -> Install:
    request = Request(packages, options=tuple((option, "") for option in options), lists=lists)
    return Install(manager, image, "linux/amd64", request, before, Texts(texts or {}))


def usual() -> Index:
    index = Index()
    index.add("app", "1.0", "library>=2,<3", "only-windows; sys_platform == 'win32'", "more; extra == 'all'")
    index.add("library", "2.5", "backport; python_version < '3.11'")
    index.add("library", "3.0")
    index.add("more", "1.0", "library<2.5")
    index.add("library", "2.4")
    index.add("backport", "1.0")
    index.add("late", "2.0rc1")
    index.add("late", "1.0")
    index.add("native", "1.0", tag="cp312-cp312-manylinux_2_17_x86_64")
    index.add("native", "1.0", tag="cp312-cp312-musllinux_1_2_x86_64")
    index.add("native", "2.0", tag="cp313-cp313-manylinux_2_17_x86_64")
    return index


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (install("app"), ["app 1.0", "library 2.5"]),
        (install("App[all]"), ["app 1.0", "library 2.4", "more 1.0"]),
        (install("app", options=("--no-deps",)), ["app 1.0"]),
        (install("library", image="python:3.10"), ["library 3.0"]),
        (install("library<3", image="debian:bullseye-slim"), ["backport 1.0", "library 2.5"]),
        (install("late"), ["late 1.0"]),
        (install("late", options=("--pre",)), ["late 2.0rc1"]),
        (install("native"), ["native 1.0"]),
        (install("native", image="python:3.12-alpine"), ["native 1.0"]),
        (install("native", image="python:3.13"), ["native 2.0"]),
        (install("library", before=(Request(("app",)),)), []),
        (install("library", before=(Request(("app",)),), options=("--upgrade",)), ["library 3.0"]),
        (install("library", "pip", "setuptools", before=(Request(("app",)),), options=("-t",)), None),
        (install("pip"), []),
    ],
)
def test_the_versions_are_those_that_pip_would_take(asked: Install, expected: list[str] | None) -> None:
    with usual().served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(asked)
    if expected is None:
        assert estimate.size.estimate is None
        assert estimate.note == "the index has no 'pip'"
        return
    assert [f"{each.name} {each.version}" for each in estimate.packages] == expected
    assert estimate.size.provenance is Provenance.ESTIMATED


def test_lists_may_include_others_and_have_constraints() -> None:
    texts = {
        "/a/r.txt": "# what is needed\n-r sub/more.txt\n-c limits.txt\nlate ; python_version > '3'  # why\n",
        "/a/sub/more.txt": "library \\\n  >=2  --hash=sha256:00\n-r ../r.txt\n",
        "/a/limits.txt": "library==2.4\nnowhere==1\n",
    }
    with usual().served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(install(lists=("/a/r.txt",), texts=texts))
    assert [f"{each.name} {each.version}" for each in estimate.packages] == ["late 1.0", "library 2.4"]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (install("nowhere"), "the index has no 'nowhere'"),
        (install("library>9"), "no versions of library fit together"),
        (install("native", image="python:3.9"), "no versions of native fit together"),
        (install("."), "what '.' installs is not known"),
        (install("x @ https://example.com/x.whl"), "is not known"),
        (install("app", options=("--index-url",)), "what --index-url brings is not known"),
        (install("app", image="example.com/own:1"), "the Python in this base image is not known"),
        (install("app", image="python:2.7-slim"), "the Python in this base image is not known"),
        (install("app", image="python:2"), "the Python in this base image is not known"),
        (install(lists=("/r.txt",)), "the content of /r.txt is not known"),
        (install(lists=("/r.txt",), texts={"/r.txt": "--index-url https://example.com\napp"}), "another index"),
        (install(lists=("/r.txt",), texts={"/r.txt": "-e ./app"}), "is not known"),
        (install("../../etc"), "is not known"),
    ],
)
def test_what_is_not_known_has_a_reason_and_no_size(asked: Install, reason: str) -> None:
    with usual().served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(asked)
    assert estimate.size[:3] == (0, None, None)
    assert reason in estimate.note


@pytest.mark.parametrize("ranges", [True, False])
def test_the_bytes_are_those_of_the_directory_of_the_wheel(ranges: bool) -> None:
    index = Index(ranges=ranges)
    index.add(
        "big", "1", files={"big/data.bin": os.urandom(300_000), "big/__init__.py": b"", "big/zeros": bytes(10**6)}
    )
    data = index.files["big"]["big-1-py3-none-any.whl"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    with index.served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(install("big", options=("--no-compile",)))
    assert estimate.size.low == unpacked
    assert estimate.size.estimate is not None
    assert unpacked <= estimate.size.estimate <= unpacked + 1_000


@pytest.mark.parametrize("padding", [0, 90_000, 900_000])
def test_what_a_wheel_needs_is_read_from_the_wheel_where_the_index_does_not_tell_it(padding: int) -> None:
    index = Index(metadata=False)
    index.add("library", "1.0")
    index.add("app", "1.0", "library")
    # Some tools write the description of a package before its files, and not at the end.
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(index.files["app"]["app-1.0-py3-none-any.whl"])) as archive:
        entries = {name: archive.read(name) for name in reversed(archive.namelist())}
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in {**entries, "app/data.bin": os.urandom(padding)}.items():
            archive.writestr(name, content)
    index.files["app"]["app-1.0-py3-none-any.whl"] = data.getvalue()
    with index.served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(install("app", options=("--no-compile",)))
    assert [each.name for each in estimate.packages] == ["app", "library"]
    assert estimate.packages[0].size > padding


def test_a_directory_that_is_longer_than_usual_is_read_too() -> None:
    index = Index()
    index.add("many", "1", files={f"many/{number:090}": b"x" for number in range(2_000)})
    with index.served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(install("many", options=("--no-compile",)))
    assert estimate.size.low > 2_000


def test_a_package_without_a_wheel_has_a_wide_interval() -> None:
    index = Index()
    for number, data in enumerate((bytes(10_000), os.urandom(10_000), b"x" * 10_000)):
        index.add_source(f"old{number}", "1.0", data)
    with index.served() as url:
        for name in index.files:
            estimate = PythonEstimator(fetcher(), url).installed(install(name))
            assert estimate.size[:3] == (3_000, 40_000, 300_000)
            assert estimate.note.endswith("1 of them built from source")


def test_a_source_archive_tells_what_it_installs_and_needs() -> None:
    index = Index()
    index.add("library", "1.0")
    index.add("more", "1.0")
    files = {
        "old/__init__.py": b"x = 1\n" * 5_000,
        "tests/test_old.py": bytes(90_000),
        "old.egg-info/top_level.txt": b"old\n",
        "old.egg-info/requires.txt": b"library\n\n[all]\nmore\n",
    }
    index.add_source("old", "1.0", source_archive("old-1.0", files))
    with index.served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(install("old"))
        extra = PythonEstimator(fetcher(), url).installed(install("old[all]", options=("--no-compile",)))
    assert [each.name for each in estimate.packages] == ["library", "old"]
    assert [each.name for each in extra.packages] == ["library", "more", "old"]
    assert 60_000 < estimate.packages[1].size < 72_000
    assert 30_000 < extra.packages[2].size < 34_000


def test_a_wheel_that_is_none_gives_no_size() -> None:
    index = Index()
    index.add("broken", "1")
    index.files["broken"]["broken-1-py3-none-any.whl"] += b"no zip any more" * 10_000
    with index.served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(install("broken", options=("--no-deps",)))
    assert estimate.size.estimate is None
    assert "cannot be read as a wheel" in estimate.note


def test_a_wheel_with_a_tag_that_is_none_is_passed_over() -> None:
    index = Index()
    index.add("odd", "1.0.0")
    for tag in ("py36+-none-any", "py3", "py3-none", "-none-any"):
        index.add("odd", "9.0.0", tag=tag)
    with index.served() as url:
        estimate = PythonEstimator(fetcher(), url).installed(install("odd"))
    assert [(each.name, each.version) for each in estimate.packages] == [("odd", "1.0.0")]


def test_what_was_fetched_is_remembered(tmp_path: Path) -> None:
    index = usual()
    with index.served() as url:
        first = PythonEstimator(fetcher(tmp_path), url).installed(install("app"))
        # What was asked for in advance may come later than the answer.
        time.sleep(0.5)
        asked = list(index.asked)
        assert PythonEstimator(fetcher(tmp_path), url).installed(install("app")) == first
    assert index.asked == asked


def test_the_cache_holds_wheels_and_pages() -> None:
    index = usual()
    with index.served() as url:
        size = PythonEstimator(fetcher(), url).cached(install("library"), PIP_CACHE).size
    wheel = len(index.files["library"]["library-3.0-py3-none-any.whl"])
    assert size.estimate is not None
    assert wheel < size.estimate < wheel + 2_000


LOCKS = {
    "Pipfile.lock": '{"default": {"library": {"version": "==2.4"}, "w": {"version": "==1",'
    ' "markers": "sys_platform == \'win32\'"}}, "develop": {"late": {"version": "==1.0"}}}',
    "poetry.lock": '[[package]]\nname = "library"\nversion = "2.4"\ngroups = ["main"]\n'
    '[[package]]\nname = "late"\nversion = "1.0"\ngroups = ["dev"]\n',
    "pdm.lock": '[[package]]\nname = "library"\nversion = "2.4"\ngroups = ["default"]\n'
    '[[package]]\nname = "late"\nversion = "1.0"\ngroups = ["dev"]\n',
    "uv.lock": '[[package]]\nname = "us"\nversion = "0"\nsource = { virtual = "." }\n'
    'dependencies = [{ name = "library" }, { name = "w", marker = "sys_platform == \'win32\'" }]\n'
    '[package.dev-dependencies]\ndev = [{ name = "late" }]\n'
    '[[package]]\nname = "library"\nversion = "2.4"\n[[package]]\nname = "late"\nversion = "1.0"\n',
}
MANAGERS = {"pipenv": "Pipfile.lock", "poetry": "poetry.lock", "pdm": "pdm.lock", "uv": "uv.lock"}


@pytest.mark.parametrize("manager", MANAGERS)
@pytest.mark.parametrize("developers", [True, False])
def test_a_lock_file_tells_the_versions(manager: str, developers: bool) -> None:
    name = MANAGERS[manager]
    options = ("--dev",) if manager == "pipenv" and developers else ()
    request = Request(
        (),
        verb="sync" if manager == "uv" else "install",
        options=tuple((option, "") for option in options),
        directory="/app",
        from_manifest=True,
        no_development=not developers,
    )
    files = Texts({f"/app/{name}": LOCKS[name]})
    with usual().served() as url:
        asked = Install(manager, "python:3.12", "linux/amd64", request, (), files)
        estimate = PythonEstimator(fetcher(), url).installed(asked)
    assert sorted(each.name for each in estimate.packages) == (["late"] if developers else []) + ["library"]


@pytest.mark.parametrize("text", ["", "[", "package = 1", "[[package]]\nname = 1", '[[package]]\nname = "a"'])
@pytest.mark.parametrize("manager", MANAGERS)
def test_a_lock_file_that_is_none_is_no_error(manager: str, text: str) -> None:
    request = Request((), directory="/app", from_manifest=True)
    files = Texts({f"/app/{MANAGERS[manager]}": text})
    estimate = PythonEstimator(fetcher(), "http://127.0.0.1:9/simple").installed(
        Install(manager, "python:3.12", "linux/amd64", request, (), files)
    )
    assert estimate.size.low == 0


@pytest.mark.network
@pytest.mark.slow
def test_what_pip_installs_has_the_bytes_that_are_told(tmp_path: Path) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    names = ["flask==3.1.0", "requests==2.32.3"]
    estimator = PythonEstimator(fetcher(), INDEX)
    estimate = estimator.installed(install(*names, image=f"python:{version}-slim"))
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-cache-dir", "--target", str(tmp_path), *names]
    if estimate.size.estimate is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("there is no index")
    real = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert abs(estimate.size.estimate / real - 1) < 0.15
    assert estimate.size.high is not None
    assert estimate.size.low <= real <= estimate.size.high
