"""`dlint layers` predicts the image of one file."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from dockerlint.cli.main import main
from tests.cli.program import START, dlint, environment
from tests.image.images import small_image, write_layout
from tests.servers import content, http_server

TEXT = "ARG V=1\nFROM scratch AS base\nARG V\nENV V=$V\nFROM base AS final\nWORKDIR /x\n"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(TEXT)
    return tmp_path


def layers(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert main(["layers", "--format", "json", *arguments]) == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a run that ends with status 2 and prints nothing."""
    try:
        status = main(["layers", *arguments])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else -1
    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert said.err.startswith("dlint: ")
    return said.err


@pytest.mark.usefixtures("work")
def test_the_usual_file_of_the_current_folder(capsys: pytest.CaptureFixture[str]) -> None:
    found = layers(capsys)
    assert (found["file"], found["target"]) == ("Dockerfile", "final")
    assert [entry["created_by"] for entry in found["history"]] == ["ARG V=1", "ENV V=1", "WORKDIR /x"]
    assert [layer["line"] for layer in found["layers"]] == [6]


@pytest.mark.parametrize("name", ["Dockerfile", "dockerfile", "Containerfile"])
def test_a_folder_means_the_file_in_it(work: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (work / "app").mkdir()
    (work / "app" / name).write_text("FROM scratch\nUSER u\n")
    (work / "app" / "other").write_text("FROM scratch\n")
    found = layers(capsys, "app")
    assert (found["file"], found["config"]["User"]) == (f"app/{name}", "u")


def test_the_file_may_stand_elsewhere(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "docker").mkdir()
    (work / "docker" / "web").write_text("FROM scratch\nUSER web\n")
    assert layers(capsys, "-f", "docker/web", ".")["file"] == "docker/web"
    assert layers(capsys, "docker/web")["config"]["User"] == "web"


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    ("arguments", "target", "value"),
    [
        (["--target", "base"], "base", "V=1"),
        (["--target", "BASE", "--build-arg", "V=2"], "base", "V=2"),
        (["--build-arg=V=a=b"], "final", "V=a=b"),
        (["--build-arg", "W=2"], "final", "V=1"),
    ],
)
def test_the_build_is_that_of_the_options(
    capsys: pytest.CaptureFixture[str], arguments: list[str], target: str, value: str
) -> None:
    found = layers(capsys, *arguments)
    assert found["target"] == target
    assert value in found["config"]["Env"]


@pytest.mark.usefixtures("work")
def test_the_platform_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert layers(capsys, "--platform", "linux/arm64")["platform"] == "linux/arm64"


def test_standard_input(work: Path) -> None:
    done = dlint("layers", "--stdin-filename", "app/Dockerfile", "-", cwd=work, stdin="FROM scratch\nRUN x\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("app/Dockerfile  target stage 0")


@pytest.mark.parametrize("form", ["text", "json"])
def test_bytes_that_are_no_text(work: Path, form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, "layers", "--format", form, "-"],
        input=b"FROM scratch\nLABEL a=\xff\x1b[31m\r\n",
        capture_output=True,
        cwd=work,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    text = done.stdout.decode("utf-8")
    if form == "json":
        assert json.loads(text)["config"]["Labels"] == {"a": "\udcff\x1b[31m"}


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize("form", ["text", "json"])
def test_output_goes_to_a_file(work: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    assert main(["layers", "--format", form]) == 0
    printed = capsys.readouterr().out
    assert main(["layers", "--format", form, "--output", "out.txt"]) == 0
    assert capsys.readouterr().out == ""
    assert (work / "out.txt").read_text(encoding="utf-8") == printed


def test_a_file_that_the_builder_refuses_has_status_1(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "Dockerfile").write_text("FROM scratch\nEXPOSE x\n")
    found = layers(capsys, status=1)
    assert [problem["line"] for problem in found["problems"]] == [2]
    assert main(["layers"]) == 1
    assert "refused line 2" in capsys.readouterr().out


@pytest.mark.usefixtures("work")
def test_a_target_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    found = layers(capsys, "--target", "bsae", status=1)
    assert (found["target"], found["history"]) == (None, [])
    assert "did you mean 'base'" in found["problems"][0]["message"]


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing"], "missing"),
        (["-f", "missing", "."], "missing"),
        (["empty"], "empty: there is no Dockerfile in this folder; name one with --file"),
        (["Dockerfile", "other"], "layers takes one path"),
        (["--format", "sarif"], "expected text, json or oci, found 'sarif'"),
        (["--color", "blue"], "expected auto, always or never, found 'blue'"),
        (["--traget", "x"], "did you mean '--target'?"),
    ],
)
def test_what_cannot_be_read_has_status_2(
    work: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (work / "empty").mkdir()
    assert message in refusal(capsys, *arguments)


def _git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], capture_output=True, check=True)


@pytest.fixture
def project(work: Path) -> Path:
    """A folder in git with an application in `app`."""
    app = work / "app"
    app.mkdir()
    (app / "Dockerfile").write_text("FROM scratch\nCOPY first second /a/\nCOPY src /b/\nRUN x\n")
    (app / "src").mkdir()
    for name in ("first", "second", "src/code", "src/notes.md"):
        (app / name).write_text(name)
    (app / ".dockerignore").write_text("**/*.md\n")
    _git(work, "init", "-q", "-b", "main")
    _git(work, "add", ".")
    _git(work, "commit", "-qm", "one")
    return app


def again(found: dict[str, Any]) -> list[str]:
    return [layer["again"] for layer in found["layers"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--changed", "src/code"], ["no", "yes", "yes"]),
        (["--changed", "app/src/code"], ["no", "yes", "yes"]),
        (["--changed", "second"], ["yes", "yes", "yes"]),
        (["--changed", "src/notes.md"], ["no", "no", "no"]),
        (["--changed", "elsewhere", "--changed", "src/new"], ["no", "yes", "yes"]),
        (["--no-cache"], ["yes", "yes", "yes"]),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_a_change_makes_again(
    capsys: pytest.CaptureFixture[str], arguments: list[str], expected: list[str]
) -> None:
    assert again(layers(capsys, *arguments, "app")) == expected


def test_a_changed_path_that_is_nowhere_is_warned_of(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["layers", str(project), "--changed", "cdoe", "--format", "json"]) == 0
    assert "warning: --changed: there is no 'cdoe'" in capsys.readouterr().err
    assert main(["layers", str(project), "--changed", "src/code", "--format", "json"]) == 0
    assert capsys.readouterr().err == ""


def test_what_has_changed_since_a_commit(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert again(layers(capsys, "--since", "HEAD", "app")) == ["no", "no", "no"]
    (project / "src/notes.md").write_text("ignored")
    assert again(layers(capsys, "--since", "HEAD", "app")) == ["no", "no", "no"]
    (project / "src/code").write_text("other")
    assert again(layers(capsys, "--since", "main", "app")) == ["no", "yes", "yes"]
    _git(project, "checkout", "--", "src/code")
    (project / "Dockerfile").write_text("FROM scratch\nCOPY first second /a/\nCOPY src /b/\nRUN y\n")
    assert again(layers(capsys, "--since", "HEAD", "app")) == ["no", "no", "yes"]


@pytest.mark.usefixtures("project")
def test_since_needs_a_commit(capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no commit 'nowhere'" in refusal(capsys, "--since", "nowhere", "app")
    assert "needs a build context" in refusal(capsys, "--since", "HEAD", "app/Dockerfile")


def test_contexts_from_elsewhere_give_the_same_image(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = layers(capsys, "app")
    archive = tmp_path / "app.tar"
    with tarfile.open(archive, "w") as packed:
        packed.add(project, ".")
    sources = [str(archive), f"file://{tmp_path}#main:app"]
    with http_server(content(archive.read_bytes())) as url:
        sources.append(f"{url}/app.tar")
        for source in sources:
            found = layers(capsys, source)
            assert found["layers"] == expected["layers"], source
            assert found["file"] == "Dockerfile"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(archive.read_bytes())))
    assert layers(capsys, "-")["layers"] == expected["layers"]


def test_a_dockerfile_of_a_context_may_not_lead_out_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("FROM scratch\n")
    archive = tmp_path / "x.tar"
    with tarfile.open(archive, "w") as packed:
        link = tarfile.TarInfo("Dockerfile")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        packed.addfile(link)
    assert "lies outside of the build context" in refusal(capsys, str(archive))
    assert "lies outside of the build context" in refusal(capsys, "-f", "../../secret", str(archive))


def test_named_contexts_are_copied_from(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "assets").mkdir()
    (work / "assets/logo").write_bytes(b"12345")
    (work / "Dockerfile").write_text("FROM scratch\nCOPY --from=more logo /x/\n")
    found = layers(capsys, "--build-context", "more=assets", ".")
    assert found["layers"][0]["files"] == [{"path": "/x/logo", "size": 5, "mode": "0644"}]


@pytest.mark.usefixtures("work")
def test_contexts_that_are_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert "missing: the build context 'more' is no folder" in refusal(capsys, "--build-context", "more=missing", ".")
    assert "missing: this build context is no folder" in refusal(capsys, "--context", "missing", "Dockerfile")


def test_an_image_in_a_layout_is_a_base(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_layout(small_image(), work / "layout")
    (work / "Dockerfile").write_text("FROM base:1\nRUN x\n")
    found = layers(capsys, "--build-context", "base:1=oci-layout://layout", "--platform", "linux/arm64", ".")
    assert found["config"]["User"] == "app"
    assert "ARCH=arm64" in found["config"]["Env"]
    assert found["base"]["source"] == "archive layout"


@pytest.mark.usefixtures("work")
def test_the_image_as_oci_documents(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["layers", "--format", "oci"]) == 0
    assert json.loads(capsys.readouterr().out).keys() == {"config", "manifest"}


@pytest.mark.usefixtures("work")
def test_colours_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["layers", "--color", "always"]) == 0
    assert "\x1b[" in capsys.readouterr().out
    assert main(["layers", "--color", "never"]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x", "--explain: expected the number of a line, found 'x'"),
        ("1", "--explain: no instruction on line 1 makes a layer of the image"),
        ("99", "--explain: no instruction on line 99 makes a layer of the image"),
    ],
)
def test_only_a_line_that_makes_a_layer_is_explained(
    work: Path, capsys: pytest.CaptureFixture[str], line: str, message: str
) -> None:
    (work / "Dockerfile").write_text("FROM debian\nRUN apt-get install -y \\\n  curl\n")
    assert main(["layers", "--explain", line]) == 2
    assert message in capsys.readouterr().err


def test_without_sizes_an_explanation_says_what_is_not_known(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "Dockerfile").write_text("FROM example.com/debian\nRUN apt-get install -y \\\n  curl\n")
    assert main(["layers", "--explain", "3"]) == 0
    reason = "the packages in this base image are not known"
    expected = f"layer 1: ?\n  the files that apt-get install installs are not known: {reason}\n"
    assert capsys.readouterr().out == expected


def test_packages_are_not_looked_into_without_a_network(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del work
    assert main(["layers", "--exact"]) == 2
    assert "--exact needs --online" in capsys.readouterr().err
