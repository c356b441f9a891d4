"""Rules are found through entry points and named by code, name or alias."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

import dockerlint
from dockerlint.finding import Finding, Severity
from dockerlint.registry import Registry, RegistryError, checked, normalised
from dockerlint.registry.entry_points import EntryPoint, entry_points
from dockerlint.rule import Rule, RuleContext
from dockerlint.syntax.tree import From

PACK = """
from dockerlint.finding import Severity
from dockerlint.rule import rule
from dockerlint.syntax.tree import From

@rule("{code}", "{name}", on=From, severity=Severity.INFO)
def check(node, ctx):
    "A test."
    return iter(())
"""


def nothing(_node: From, _ctx: RuleContext) -> Iterator[Finding]:
    return iter(())


def make(code: str, name: str, *aliases: str) -> Rule:
    return Rule(code, name, (From,), nothing, "Manual.", Severity.WARNING, aliases=aliases)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return checked(
        [
            make("DL7002", "secret-in-env", "CKV_DOCKER_99", "SecretsUsedInArgOrEnv"),
            make("DL3006", "unpinned-base-image", "CKV_DOCKER_7", "DS-0001", "FromAsCasing"),
            make("DL7001", "secret-in-arg", "SecretsUsedInArgOrEnv"),
            make("DL1000", "unparsable-dockerfile"),
            make("DL1002", "unknown-instruction", "DL1000"),
        ]
    )


@pytest.mark.parametrize(
    ("selector", "codes"),
    [
        ("DL3006", ["DL3006"]),
        ("dl3006", ["DL3006"]),
        ("unpinned-base-image", ["DL3006"]),
        ("Unpinned-Base-Image", ["DL3006"]),
        ("CKV_DOCKER_7", ["DL3006"]),
        ("ckv_docker_7", ["DL3006"]),
        ("CKV_DOCKER_9", []),
        ("DS-0001", ["DL3006"]),
        ("DS001", ["DL3006"]),
        ("AVD-DS-0001", ["DL3006"]),
        ("ds-0010", []),
        ("fromAsCasing", ["DL3006"]),
        ("SecretsUsedInArgOrEnv", ["DL7001", "DL7002"]),
        ("DL1000", ["DL1000", "DL1002"]),
        ("DL70*", ["DL7001", "DL7002"]),
        ("dl7*", ["DL7001", "DL7002"]),
        ("secret-*", ["DL7001", "DL7002"]),
        ("CKV_*", ["DL3006", "DL7002"]),
        ("DL9*", []),
        ("DL70", []),
        ("DL[37]*", []),
        ("", []),
        ("all", ["DL1000", "DL1002", "DL3006", "DL7001", "DL7002"]),
        ("*", ["DL1000", "DL1002", "DL3006", "DL7001", "DL7002"]),
    ],
)
def test_a_selector_is_a_code_a_name_an_alias_or_the_start_of_one(
    registry: Registry, selector: str, codes: list[str]
) -> None:
    assert [rule.code for rule in registry.selected(selector)] == codes


def test_only_selectors_know_starts(registry: Registry) -> None:
    assert registry.named("DL70*") == ()
    assert registry.named("all") == ()
    assert [rule.code for rule in registry.named("SECRETSUSEDINARGORENV")] == ["DL7001", "DL7002"]


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("unpined-base-image", "unpinned-base-image"),
        ("FromAsCasin", "FromAsCasing"),
        ("DL3060", None),
        ("DL300", "DL3006"),
        ("DL30066", "DL3006"),
        ("something-else", None),
        ("x" * 100_000, None),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest(registry: Registry, word: str, suggestion: str | None) -> None:
    assert registry.suggestion(word) == suggestion


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("DS-0001", "ds-0001"),
        ("AVD-DS-0026", "ds-0026"),
        ("DS26", "ds-0026"),
        ("DS12345", "ds-12345"),
        ("ds-", "ds-"),
        ("DS²", "ds²"),
        ("avd-0001", "avd-0001"),
        ("0001", "0001"),
    ],
)
def test_codes_of_trivy_are_compared_in_one_form(word: str, form: str) -> None:
    assert normalised(word) == form


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (make("dl3006", "another"), "two rules have the code 'dl3006'"),
        (make("DL9999", "unpinned-base-image"), "two rules have the name 'unpinned-base-image'"),
        (make("DL9999", "DL3006"), "two rules have the name 'DL3006'"),
    ],
)
def test_codes_and_names_are_unique(other: Rule, message: str) -> None:
    with pytest.raises(RegistryError, match=message):
        checked([make("DL3006", "unpinned-base-image"), other])


def distribution(folder: Path, name: str, entries: str, version: str = "1.0") -> None:
    metadata_folder = folder / f"{name}-{version}.dist-info"
    metadata_folder.mkdir(parents=True)
    (metadata_folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (metadata_folder / "entry_points.txt").write_text(entries)


def test_entry_points_are_read_from_metadata_folders(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    distribution(
        first,
        "one",
        "[console_scripts]\nx = other:main\n\n[ dockerlint.rules ]\n# note\nbee = one.b\na=one.a [extra]\n\n[z]\nq=r\n",
    )
    distribution(second, "One", "[dockerlint.rules]\nshadowed = old\n", version="0.9")
    distribution(second, "two", "[dockerlint.rules]\r\ntwo = two\r\n")
    distribution(second, "broken", "[dockerlint.rules]\n")
    (second / "broken-1.0.dist-info" / "entry_points.txt").write_bytes(b"[dockerlint.rules]\nx = \xff\n")
    (second / "none-1.0.dist-info").mkdir()
    (second / "file.dist-info").write_text("no folder")
    search_path = [str(first), str(tmp_path / "missing"), str(second)]
    assert entry_points("dockerlint.rules", search_path) == (
        EntryPoint("a", "one.a"),
        EntryPoint("bee", "one.b"),
        EntryPoint("two", "two"),
    )
    assert entry_points("none", search_path) == ()


@pytest.mark.parametrize("group", ["console_scripts", "pytest11", "dockerlint.rules"])
def test_what_is_installed_here_is_read_as_importlib_metadata_reads_it(group: str) -> None:
    expected = {EntryPoint(point.name, point.value) for point in metadata.entry_points(group=group)}
    # A value may name an attribute, which a rule pack never does, so the two agree without a special case.
    assert set(entry_points(group)) == expected


def load_in(folder: Path) -> subprocess.CompletedProcess[str]:
    """Load the registry with nothing but dockerlint and one folder on the search path."""
    code = (
        "import sys\n"
        f"sys.path[:] = [{str(folder)!r}, {str(Path(dockerlint.__file__).parent.parent)!r}, *sys.path]\n"
        "sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
        "from dockerlint.registry import load, RegistryError\n"
        "try:\n    print(*(rule.code for rule in load().rules))\n"
        "except RegistryError as error:\n    print('error:', error)\n"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder, env={})


def test_a_pack_is_all_modules_of_its_package(tmp_path: Path) -> None:
    distribution(tmp_path, "pack", "[dockerlint.rules]\npack = pack\n")
    (tmp_path / "pack" / "deep").mkdir(parents=True)
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "__main__.py").write_text("raise SystemExit('must not run')")
    (tmp_path / "pack" / "second.py").write_text(PACK.format(code="XY0002", name="second"))
    (tmp_path / "pack" / "third.py").write_text("from pack.second import check as also\n")
    (tmp_path / "pack" / "deep" / "__init__.py").write_text(PACK.format(code="XY0003", name="third"))
    (tmp_path / "pack" / "deep" / "first.py").write_text(PACK.format(code="XY0001", name="first"))
    assert load_in(tmp_path).stdout == "XY0001 XY0002 XY0003\n"


def test_a_pack_may_be_one_module(tmp_path: Path) -> None:
    distribution(tmp_path, "pack", "[dockerlint.rules]\npack = single\n")
    (tmp_path / "single.py").write_text(PACK.format(code="XY0001", name="first"))
    assert load_in(tmp_path).stdout == "XY0001\n"


def test_a_pack_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    distribution(tmp_path, "pack", "[dockerlint.rules]\nacme = acme_rules\n")
    (tmp_path / "acme_rules.py").write_text("import not_there_at_all\n")
    assert load_in(tmp_path).stdout == (
        "error: the rule pack 'acme' (acme_rules) cannot be imported: "
        "ModuleNotFoundError: No module named 'not_there_at_all'\n"
    )


def test_two_packs_with_one_code_are_both_named(tmp_path: Path) -> None:
    distribution(tmp_path, "one", "[dockerlint.rules]\none = one\n")
    distribution(tmp_path, "two", "[dockerlint.rules]\ntwo = two\n")
    (tmp_path / "one.py").write_text(PACK.format(code="XY0001", name="first"))
    (tmp_path / "two.py").write_text(PACK.format(code="XY0001", name="second"))
    assert load_in(tmp_path).stdout == "error: two rules have the code 'XY0001': one.check and two.check\n"


def test_without_any_pack_there_is_nothing_to_lint_with(tmp_path: Path) -> None:
    assert "no rules are installed" in load_in(tmp_path).stdout
