"""Which settings file holds for a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlint.config import keys
from dockerlint.config.document import ConfigError
from dockerlint.config.layers import Configuration
from dockerlint.config.locate import Locator, has_settings_file
from tests.config.sample import REGISTRY, problems


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty configuration folder of the user."""
    (tmp_path / "home").mkdir()
    return {"XDG_CONFIG_HOME": str(tmp_path / "home")}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that is the working directory."""
    folder = tmp_path / "work"
    (folder / ".git").mkdir(parents=True)
    (folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def write(folder: Path, name: str, target: str) -> None:
    """A settings file that can be told from others by its target."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    table = "[tool.dlint]\ntarget = '{}'\n" if name.endswith(".toml") else "target: {}\n"
    (folder / name).write_text(table.format(target))


def found(folder: str, environment: dict[str, str]) -> tuple[str, str | None] | None:
    # Whoever only asks whether there is one is never told "no" where there is, or where one cannot be used.
    has_file = has_settings_file(folder, environment)
    try:
        file = Locator(REGISTRY, environment).for_folder(folder)
    except ConfigError:
        assert has_file
        raise
    assert has_file is (file is not None)
    return None if file is None else (file.path, Configuration((file.layer,)).value(keys.TARGET))


def test_the_nearest_file_counts_alone(work: Path, home: dict[str, str]) -> None:
    assert found("a/b", home) is None
    write(work, ".dlint.yaml", "root")
    assert found("a/b", home) == (".dlint.yaml", "root")
    assert found("", home) == (".dlint.yaml", "root")
    write(work, "a/dlint.yaml", "a")
    assert found("a/b", home) == ("a/dlint.yaml", "a")
    assert found("a", home) == ("a/dlint.yaml", "a")
    assert found("", home) == (".dlint.yaml", "root")


def test_one_folder_has_an_order_of_names(work: Path, home: dict[str, str]) -> None:
    for name in ("pyproject.toml", "dlint.yaml", ".dlint.yml", ".dlint.yaml"):
        write(work, name, name)
        assert found("", home) == (name, name)


def test_a_pyproject_without_our_table_does_not_count(work: Path, home: dict[str, str]) -> None:
    write(work, ".dlint.yaml", "root")
    (work / "a" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (work / "a" / "b" / "pyproject.toml").write_text("[project]\nname = 'dlint'\n")
    assert found("a/b", home) == (".dlint.yaml", "root")


def test_our_name_in_a_file_of_others_may_be_a_setting(work: Path, home: dict[str, str]) -> None:
    (work / "pyproject.toml").write_text("[project]\nname = 'dlint'\n")
    assert Locator(REGISTRY, home).for_folder("a") is None
    assert has_settings_file("a", home)


def test_the_root_of_the_repository_ends_the_search(work: Path, home: dict[str, str]) -> None:
    write(work.parent, ".dlint.yaml", "outside")
    assert found("a", home) is None
    (work / "a" / "b" / ".git").write_text("gitdir: elsewhere\n")
    write(work, ".dlint.yaml", "root")
    assert found("a/b", home) is None
    (work / ".git").rmdir()
    (work / ".dlint.yaml").unlink()
    assert found("a", home) == (str(work.parent / ".dlint.yaml"), "outside")


def test_folders_above_and_elsewhere(work: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    write(work, ".dlint.yaml", "root")
    monkeypatch.chdir(work / "a")
    assert found("", home) == (str(work / ".dlint.yaml"), "root")
    assert found("b", home) == (str(work / ".dlint.yaml"), "root")
    monkeypatch.chdir(work.parent / "home")
    assert found(str(work / "a"), home) == (str(work / ".dlint.yaml"), "root")


def test_the_user_and_then_hadolint_come_last(work: Path, home: dict[str, str]) -> None:
    user = Path(home["XDG_CONFIG_HOME"])
    (user / "hadolint.yaml").write_text("failure-threshold: info\n")
    assert found("a", home) == (str(user / "hadolint.yaml"), None)
    (work / ".hadolint.yml").write_text("ignored: [DL3006]\n")
    assert found("a", home) == (".hadolint.yml", None)
    (work / ".hadolint.yaml").write_text("ignored: [DL3007]\n")
    assert found("a", home) == (".hadolint.yaml", None)
    write(user, "dlint/dlint.yaml", "user")
    assert found("a", home) == (str(user / "dlint" / "dlint.yaml"), "user")
    write(work, "a/.dlint.yml", "a")
    (work / "a" / "b" / ".hadolint.yaml").write_text("ignored: [DL3006]\n")
    assert found("a/b", home) == ("a/.dlint.yml", "a")


def test_a_named_file_may_have_any_name(work: Path, home: dict[str, str]) -> None:
    write(work, "strict.yaml", "yaml")
    write(work, "other.toml", "toml")
    (work / "empty.toml").write_text("")
    locator = Locator(REGISTRY, home)
    assert Configuration((locator.file("strict.yaml").layer,)).value(keys.TARGET) == "yaml"
    assert Configuration((locator.file("other.toml").layer,)).value(keys.TARGET) == "toml"
    with pytest.raises(ConfigError) as caught:
        locator.file("empty.toml")
    assert problems(caught.value) == ["empty.toml: has no table 'tool.dlint'"]
    with pytest.raises(ConfigError) as caught:
        locator.file("missing.yaml")
    assert problems(caught.value) == ["missing.yaml: cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"target: a\nselct: []\n", "a/.dlint.yaml:2:1: there is no setting 'selct': did you mean 'select'?"),
        (b"target: a\nab: \xff\n", "a/.dlint.yaml:2:5: not valid UTF-8"),
        (b"#" * 300_000, "a/.dlint.yaml: larger than 262144 bytes: this is no settings file"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(work: Path, home: dict[str, str], content: bytes, problem: str) -> None:
    (work / "a" / ".dlint.yaml").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        found("a/b", home)
    assert problems(caught.value) == [problem]


def test_a_byte_order_mark_is_no_part_of_a_key(work: Path, home: dict[str, str]) -> None:
    (work / ".dlint.yaml").write_bytes("\ufefftarget: x\n".encode())
    assert found("", home) == (".dlint.yaml", "x")


def test_folders_with_the_name_of_a_settings_file_are_none(work: Path, home: dict[str, str]) -> None:
    (work / ".dlint.yaml").mkdir()
    assert found("", home) is None


def test_each_file_is_read_once(work: Path, home: dict[str, str]) -> None:
    write(work, ".dlint.yaml", "root")
    locator = Locator(REGISTRY, home)
    first = locator.for_folder("a/b")
    os.unlink(work / ".dlint.yaml")
    assert locator.for_folder("a") is first
    assert locator.for_folder("") is first
