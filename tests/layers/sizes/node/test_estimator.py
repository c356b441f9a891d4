"""Estimates of npm installations: against a small registry, and against what npm really installs."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from dockerlint.layers.sizes.install import Estimate, Install, Request
from dockerlint.layers.sizes.node.estimator import NodeEstimator
from dockerlint.layers.sizes.node.registry import REGISTRY
from dockerlint.shell.managers import Cache
from tests.estimating import Texts, fetcher
from tests.layers.sizes.node.registries import Registry


def install(
    *packages: str,
    verb: str = "install",
    options: tuple[tuple[str, str], ...] = (),
    texts: Mapping[str, str] | None = None,
    image: str = "node:20-slim",
    manager: str = "npm",
    environment: Mapping[str, str] | None = None,
) -> Install:
    request = Request(packages, verb=verb, options=options, directory="/app", from_manifest=not packages)
    return Install(manager, image, "linux/amd64", request, (), Texts(texts or {}), environment or {})


def usual(**options: bool) -> Registry:
    registry = Registry(**options)
    registry.add("left", "1.0.0", 1_000)
    registry.add("left", "1.2.0", 1_100)
    registry.add("left", "2.0.0", 2_000)
    registry.add("web", "1.0.0", 500, dependencies={"left": "^1.0", "tool": "*"})
    registry.add("tool", "1.0.0", 300, dependencies={"left": "~2", "alias": "npm:left@1.0.0"})
    registry.add("@scope/own", "1.0.0", 50, dependencies={"left": ">= 1.0.0 < 2"}, hasInstallScript=True)
    registry.add("native", "1.0.0", 10, optionalDependencies={"native-linux": "1", "native-mac": "1", "gone": "1"})
    registry.add("native-linux", "1.0.0", 7_000, os=["linux"], cpu=["x64"], libc=["glibc"])
    registry.add("native-mac", "1.0.0", 7_000, os=["darwin"])
    registry.add("peer", "1.0.0", 5, peerDependencies={"left": "1", "more": "1"}, peerDependenciesMeta={"more": {}})
    registry.add("whole", "1.0.0", 5_000, dependencies={"left": "1"}, bundleDependencies=["left"])
    return registry


def packages_of(estimate: Estimate) -> list[str]:
    return sorted(f"{each.name}@{each.version}" for each in estimate.packages)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (install("left"), ["left@2.0.0"]),
        (install("left@1"), ["left@1.2.0"]),
        (install("left@1.0.0"), ["left@1.0.0"]),
        (install("left@latest", verb="global add", manager="yarn"), ["left@2.0.0"]),
        # What does not fit the version beside it lies in the folder of who needs it.
        (install("web"), ["left@1.0.0", "left@1.2.0", "left@2.0.0", "tool@1.0.0", "web@1.0.0"]),
        (install("@scope/own@^1", options=(("-g", ""),)), ["@scope/own@1.0.0", "left@1.2.0"]),
        (install("native"), ["native-linux@1.0.0", "native@1.0.0"]),
        (install("native", image="node:20-alpine"), ["native@1.0.0"]),
        (install("native", options=(("--omit", "optional"),)), ["native@1.0.0"]),
        (install("peer"), ["left@1.2.0", "peer@1.0.0"]),
        (install("whole"), ["whole@1.0.0"]),
        (install(texts={"/app/package.json": '{"dependencies": {"left": "1"}}'}), ["left@1.2.0"]),
        (
            install(options=(("--prefix", "sub"),), texts={"/app/sub/package.json": '{"dependencies": {"left": "1"}}'}),
            ["left@1.2.0"],
        ),
        (
            install("tool", texts={"/app/package.json": '{"dependencies": {"left": "2"}}'}),
            ["left@1.0.0", "left@2.0.0", "tool@1.0.0"],
        ),
    ],
)
def test_the_copies_are_those_that_npm_makes(asked: Install, expected: list[str]) -> None:
    with usual().served() as url:
        estimate = NodeEstimator(fetcher(), url).installed(asked)
    assert packages_of(estimate) == expected, estimate.note


@pytest.mark.parametrize("tells_sizes", [True, False])
def test_the_bytes_are_told_or_counted(tells_sizes: bool) -> None:
    with usual(tells_sizes=tells_sizes).served() as url:
        estimate = NodeEstimator(fetcher(), url).installed(install("tool"))
    assert [each.size for each in estimate.packages] == [300, 1_000, 2_000]
    assert estimate.size.low <= 3_300 <= (estimate.size.estimate or 0)


def test_a_script_of_a_package_leaves_the_upper_end_open() -> None:
    with usual().served() as url:
        estimate = NodeEstimator(fetcher(), url).installed(install("@scope/own"))
    assert estimate.size.high is None
    assert estimate.size.estimate is not None
    assert estimate.note.endswith("the script of @scope/own may add more")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (install("nowhere"), "the registry has no 'nowhere'"),
        (install("left@9"), "the registry has no left 9"),
        (install("./here"), "is not known"),
        (install("user/repository"), "is not known"),
        (install("https://example.com/x.tgz"), "is not known"),
        (install("left", options=(("--registry", "https://example.com"),)), "what --registry brings"),
        (install("left", environment={"npm_config_registry": "https://example.com"}), "npm_config_registry"),
        (install(), "the content of package.json is not known"),
        (install(verb="ci"), "the content of the lock file is not known"),
        (install(verb="ci", texts={"/app/package.json": "{}"}), "the content of the lock file is not known"),
        (install(texts={"/app/package.json": "["}), "package.json cannot be read"),
        (install(texts={"/app/package.json": '{"dependencies": {"x": "git+ssh://x/y"}}'}), "brings is not known"),
    ],
)
def test_what_is_not_known_has_a_reason_and_no_size(asked: Install, reason: str) -> None:
    with usual().served() as url:
        estimate = NodeEstimator(fetcher(), url).installed(asked)
    assert estimate.size[:3] == (0, None, None)
    assert reason in estimate.note


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("node:22", "4.0.0"),
        ("node:jod-alpine", "4.0.0"),
        ("node:20.11-slim", "2.0.0"),
        ("node:20.10", "1.0.0"),
        ("node:18", "1.0.0"),
        ("node:16", "3.0.0"),
        ("node:latest", "4.0.0"),
        ("debian:12", "4.0.0"),
    ],
)
def test_a_version_that_is_made_for_another_node_comes_after_the_others(image: str, version: str) -> None:
    registry = Registry()
    registry.add("app", "1.0.0", engines={"node": ">=18"})
    registry.add("app", "2.0.0", engines={"node": "^20.11.0"})
    registry.add("app", "3.0.0", deprecated="for another")
    registry.add("app", "4.0.0", engines={"node": ">=22"})
    with registry.served() as url:
        estimate = NodeEstimator(fetcher(), url).installed(install("app@*", image=image))
    assert packages_of(estimate) == [f"app@{version}"]


def test_an_archive_elsewhere_is_not_asked_for() -> None:
    registry = usual(tells_sizes=False)
    registry.tarballs = "http://169.254.0.1"
    with registry.served() as url:
        estimate = NodeEstimator(fetcher(), url).installed(install("left"))
    assert "does not tell where left 2.0.0 is" in estimate.note


def test_an_archive_that_is_none_gives_no_size() -> None:
    registry = usual(tells_sizes=False)
    registry.archives["/left/-/2.0.0.tgz"] = b"no archive"
    with registry.served() as url:
        assert "cannot be read as an archive" in NodeEstimator(fetcher(), url).installed(install("left")).note


def test_what_was_fetched_is_remembered(tmp_path: Path) -> None:
    registry = usual()
    with registry.served() as url:
        first = NodeEstimator(fetcher(tmp_path), url).installed(install("web"))
        # What was asked for in advance may come later than the answer.
        time.sleep(0.5)
        asked = list(registry.asked)
        assert NodeEstimator(fetcher(tmp_path), url).installed(install("web")) == first
    assert registry.asked == asked


LOCK_3 = {
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "app"},
        "packages/own": {"version": "1.0.0"},
        "node_modules/own": {"resolved": "packages/own", "link": True},
        "node_modules/left": {"version": "1.2.0"},
        "node_modules/web": {"version": "1.0.0"},
        "node_modules/web/node_modules/left": {"version": "1.2.0"},
        "node_modules/web/node_modules/inside": {"version": "1.0.0", "inBundle": True},
        "node_modules/alias": {"name": "left", "version": "2.0.0"},
        "node_modules/tool": {"version": "1.0.0", "dev": True},
        "node_modules/native-mac": {"version": "1.0.0", "optional": True, "os": ["darwin"]},
    },
}
LOCK_1 = {
    "lockfileVersion": 1,
    "dependencies": {
        "left": {"version": "1.2.0"},
        "web": {"version": "1.0.0", "dependencies": {"left": {"version": "1.2.0"}}},
        "alias": {"version": "npm:left@2.0.0"},
        "tool": {"version": "1.0.0", "dev": True},
    },
}
YARN = """# yarn lockfile v1

"left@1", left@^1.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz#00"

"left@npm:left@2":
  version "2.0.0"

tool@*:
  version "1.0.0"

web@1:
  version "1.0.0"
  dependencies:
    left "^1.0"
"""
MANIFEST = '{"dependencies": {"web": "1", "left": "npm:left@2"}, "devDependencies": {"tool": "*"}}'
PNPM_9 = """
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      web: {specifier: '1', version: 1.0.0}
    devDependencies:
      tool: {specifier: '*', version: 1.0.0}
packages:
  left@1.2.0: {}
  left@2.0.0: {}
  web@1.0.0: {}
  tool@1.0.0: {}
snapshots:
  left@1.2.0: {}
  left@2.0.0: {}
  tool@1.0.0: {dependencies: {left: 2.0.0}}
  web@1.0.0(tool@1.0.0): {dependencies: {left: 1.2.0}}
  web@1.0.0: {dependencies: {left: 1.2.0}}
"""
PNPM_5 = """
lockfileVersion: 5.4
packages:
  /left/1.2.0: {dev: false}
  /web/1.0.0_left@1.2.0: {dev: false}
  /@scope/own/1.0.0: {dev: false}
  /tool/1.0.0: {dev: true}
"""


@pytest.mark.parametrize(
    ("manager", "name", "text", "expected"),
    [
        ("npm", "package-lock.json", json.dumps(LOCK_3), ["left@1.2.0", "left@1.2.0", "left@2.0.0", "web@1.0.0"]),
        ("npm", "npm-shrinkwrap.json", json.dumps(LOCK_1), ["left@1.2.0", "left@1.2.0", "left@2.0.0", "web@1.0.0"]),
        ("yarn", "yarn.lock", YARN, ["left@1.2.0", "left@2.0.0", "web@1.0.0"]),
        ("pnpm", "pnpm-lock.yaml", PNPM_9, ["left@1.2.0", "web@1.0.0"]),
        ("pnpm", "pnpm-lock.yaml", PNPM_5, ["@scope/own@1.0.0", "left@1.2.0", "web@1.0.0"]),
    ],
)
def test_a_lock_file_tells_the_copies(manager: str, name: str, text: str, expected: list[str]) -> None:
    texts = {"/app/package.json": MANIFEST, f"/app/{name}": text}
    asked = install(manager=manager, texts=texts, environment={"NODE_ENV": "production"})
    with usual().served() as url:
        estimate = NodeEstimator(fetcher(), url).installed(asked)
        everything = NodeEstimator(fetcher(), url).installed(install(manager=manager, texts=texts))
    assert packages_of(estimate) == expected, estimate.note
    assert "tool@1.0.0" in packages_of(everything)


@pytest.mark.parametrize(
    "text", ["", "[", "{}", '{"packages": {"node_modules/a": 1}}', "packages: [", "a:\n  b", "null"]
)
@pytest.mark.parametrize(
    ("manager", "name"), [("npm", "package-lock.json"), ("yarn", "yarn.lock"), ("pnpm", "pnpm-lock.yaml")]
)
def test_a_lock_file_that_is_none_is_no_error(manager: str, name: str, text: str) -> None:
    texts = {"/app/package.json": "{}", f"/app/{name}": text}
    estimate = NodeEstimator(fetcher(), "http://127.0.0.1:9").installed(install(manager=manager, texts=texts))
    assert estimate.size.low == 0


@pytest.mark.parametrize(
    "text",
    [
        "packages: {a@1: 1}\nsnapshots: {a@1: 1}\nimporters: {.: {dependencies: {a: '1'}}}",
        "packages: {1: {}}\nsnapshots: []\nimporters: 1",
        "packages: {a@1: {os: 1}}\nsnapshots: {a@1: {dependencies: [a]}}\nimporters: {.: 1}",
    ],
)
def test_odd_tables_of_pnpm_are_no_error(text: str) -> None:
    texts = {"/app/package.json": "{}", "/app/pnpm-lock.yaml": text}
    asked = install(manager="pnpm", texts=texts, environment={"NODE_ENV": "production"})
    assert NodeEstimator(fetcher(), "http://127.0.0.1:9").installed(asked).size.low == 0


def test_the_cache_holds_archives_and_documents() -> None:
    registry = usual(tells_sizes=False)
    with registry.served() as url:
        estimator = NodeEstimator(fetcher(), url)
        size = estimator.cached(install("left"), Cache("all", "/root/.npm/_cacache")).size
        none = estimator.cached(install("left"), Cache("run", "/root/.npm/_npx")).size
    assert size.estimate is not None
    assert size.estimate > len(registry.archives["/left/-/2.0.0.tgz"])
    assert none[:3] == (0, 0, 0)


def grown(seed: int) -> Registry:
    """A registry of packages that need one another at random, often different versions of the same one."""
    chance = random.Random(seed)
    words = ["a", "a-b", "a.c", "a1", "ab", "b", "c_d", "cd", "e", "f-1", "f1", "@s/a", "@s/z", "z"]
    registry = Registry()
    for place, name in enumerate(words):
        for version in ("1.0.0", "1.1.0", "2.0.0", "3.0.0"):
            # What comes later needs what came before, so that there are no circles.
            needed = chance.sample(words[:place], min(place, chance.randint(0, 4)))
            wanted = {each: chance.choice(["^1.0.0", "~1.0.0", "^2.0.0", ">=2", "*", "1 || 3"]) for each in needed}
            fields: dict[str, object] = {"engines": {"node": ">=99"}} if chance.random() < 0.1 else {}
            fields |= {"deprecated": "old"} if chance.random() < 0.1 else {}
            registry.add(name, version, 1_000, dependencies=wanted, **fields)
    return registry


def run_npm(url: str, home: Path, *arguments: str) -> None:
    """Run the npm of this machine on a registry; the test is skipped where there is none."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    command = [npm, *arguments, "--ignore-scripts", "--no-audit", "--no-fund", f"--registry={url}"]
    variables = {**os.environ, "npm_config_cache": str(home / "cache"), "npm_config_userconfig": os.devnull}
    subprocess.run(command, capture_output=True, check=True, cwd=home, env=variables, timeout=120)


def image_of_node() -> str:
    """An image with the Node of this machine."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    return f"node:{done.stdout.strip().removeprefix('v')}"


ASKED = ("z", "@s/z", "f-1@2.0.0", "cd")


@pytest.mark.parametrize("seed", range(6))
def test_npm_itself_chooses_the_same_copies(seed: int, tmp_path: Path) -> None:
    with grown(seed).served() as url:
        estimate = NodeEstimator(fetcher(), url).installed(install(*ASKED, image=image_of_node()))
        run_npm(url, tmp_path, "install", "--package-lock-only", *ASKED)
    lock = json.loads((tmp_path / "package-lock.json").read_text())["packages"]
    expected = [f"{path.rpartition('node_modules/')[2]}@{each['version']}" for path, each in lock.items() if path]
    assert packages_of(estimate) == sorted(expected)


@pytest.mark.parametrize("seed", range(6))
def test_npm_itself_makes_about_as_many_copies_of_what_is_global(seed: int, tmp_path: Path) -> None:
    with grown(seed).served() as url:
        asked = install(*ASKED, image=image_of_node(), options=(("-g", ""),))
        estimate = NodeEstimator(fetcher(), url).installed(asked)
        run_npm(url, tmp_path, "install", "-g", f"--prefix={tmp_path}", *ASKED)
    copies = len(list((tmp_path / "lib" / "node_modules").rglob("index.js")))
    # npm takes a copy away again where one further out, which came later, would do; that is not followed.
    assert copies <= len(estimate.packages) <= copies * 1.1


@pytest.mark.network
@pytest.mark.slow
def test_what_npm_installs_has_the_bytes_that_are_told(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    estimate = NodeEstimator(fetcher(), REGISTRY).installed(install("express@4.18.2", "lodash@4.17.21"))
    command = [str(npm), "install", "--ignore-scripts", "--no-audit", "express@4.18.2", "lodash@4.17.21"]
    if npm is None or estimate.size.estimate is None:
        pytest.skip("there is no npm, or no registry")
    if subprocess.run(command, capture_output=True, check=False, cwd=tmp_path).returncode:
        pytest.skip("there is no registry")
    real = sum(path.stat().st_size for path in (tmp_path / "node_modules").rglob("*") if path.is_file())
    assert abs(estimate.size.estimate / real - 1) < 0.05
