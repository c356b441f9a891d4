"""What the layers of small files hold, hide and waste."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given

from dockerlint.image.catalogue import lookup
from dockerlint.layers.image import Image
from dockerlint.layers.layer import Layer
from dockerlint.layers.nodes import File
from dockerlint.layers.predict import predict
from dockerlint.layers.simulate import Contexts, simulate
from dockerlint.layers.waste import dive_figures
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.scripts import Scripts
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.strategies import texts

BASE = "FROM registry.example.com/base:1\n"


def image(text: str, context: Path | None = None) -> Image:
    options = BuildOptions(context=None if context is None else str(context))
    return predict(build_model(parse(Source("Dockerfile", text)), options, lookup))


def last(text: str, context: Path | None = None) -> Layer:
    return image(text, context).layers[-1]


def files(layer: Layer) -> dict[str, int | None]:
    return {path: node.size.estimate for path, node in layer.changes.stored if isinstance(node, File)}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo hello > /f", {"/f": 6}),
        ("echo -n hello > /f", {"/f": 5}),
        ("printf '%s-' a b > /f", {"/f": 4}),
        ("cd /tmp && echo 1 > f; (cd /opt; echo 2 > g); echo 3 > h", {"/tmp/f": 2, "/opt/g": 2, "/tmp/h": 2}),
        ("sh -c 'echo 1 > /f'", {"/f": 2}),
        ("sudo sh -c 'cd /srv && touch f'", {"/srv/f": 0}),
        ("A=/x; mkdir $A && echo 1 > $A/f", {"/x/f": 2}),
        ("for i in 1 2; do head -c 1k /dev/zero > /f$i; done", {"/f1": 1024, "/f2": 1024}),
        ("dd if=/dev/zero of=/f bs=1M count=2", {"/f": 2 * 1024**2}),
        ("truncate -s 5G /f", {"/f": 5 * 1024**3}),
        ("mkdir /x && echo 1 > /x/f && cp -r /x /y && mv /y /z", {"/x/f": 2, "/z/f": 2}),
        ("mkdir /x && echo 1 > /x/f && ln -s x /l && echo 12 > /l/g", {"/x/f": 2, "/x/g": 3}),
        ("echo 1 > /f; rm /f; echo 12 > /g", {"/g": 3}),
        ("echo 1 > /dev/null; echo 2 >&2; echo 3 2>/dev/null > /f", {"/f": 2}),
        ("echo abc | tee /f /g > /h", {"/f": 4, "/g": 4, "/h": 4}),
        ("{ echo a; echo b; } > /f", {"/f": 4}),
        ("echo a > ~/f", {"/root/f": 2}),
    ],
)
def test_what_a_run_writes(script: str, expected: dict[str, int]) -> None:
    layer = last(f"{BASE}RUN {script}\n")
    assert files(layer) == expected
    assert layer.doubts == ()


@pytest.mark.parametrize(
    ("script", "low", "high"),
    [
        ("for i in 1 2; do echo x > /f$i; done", 2, 2),
        ("for i in 1 2; do echo $i > /f$i; done", 0, None),
        ("for i in 1 2; do echo x >> /f; done", 0, None),
        ("for i in 1 2; do echo x; done > /f", 0, None),
    ],
)
def test_what_each_turn_of_a_loop_adds_is_no_exact_size(script: str, low: int, high: int | None) -> None:
    sizes = [node.size for _, node in last(f"{BASE}RUN {script}\n").changes.stored if isinstance(node, File)]
    assert {(size.low, size.high) for size in sizes} == {(low, high)}


def test_an_or_inside_passes_over_nothing_outside() -> None:
    layer = last(f"{BASE}RUN mkdir /x && {{ rm /x/none || echo 1 > /x/f; }} && [ -f /x/f ] && touch /x/g\n")
    assert files(layer) == {"/x/f": 2, "/x/g": 0}
    assert not layer.doubts
    assert not layer.suspicions


@pytest.mark.parametrize(
    "script",
    [
        "dpkg --print-architecture",
        "x=$(dpkg -l | wc -l) && dpkg-query -W bash",
        "rpm -qa && rpm -E %fedora",
        "apt-mark showmanual && apt-cache policy curl",
        "apk --print-arch && apk info",
        "pip --version && pip list",
        'case "$(uname -m)" in x86_64) ;; *) echo >&2 no; exit 1 ;; esac',
        "x=$(mktemp -d)",
    ],
)
def test_what_only_asks_writes_nothing(script: str) -> None:
    layer = last(f"{BASE}RUN {script}\n")
    assert not layer.doubts
    assert layer.size.high == 0


@pytest.mark.parametrize(
    "script",
    [
        "./configure",
        "$PROGRAM x",
        "if [ -e /usr/bin/x ]; then echo 1 > /f; fi",
        "echo 1 > $1",
        "apt-get install -y curl",
        "python -c 'open(1)'",
        "ls | xargs rm",
        "curl -O https://example.com/${X}",
        "dpkg --add-architecture i386",
        "apt-mark auto x",
        "rpm --import x",
    ],
)
def test_what_is_not_known_is_a_doubt(script: str) -> None:
    layer = last(f"{BASE}RUN {script}\n")
    assert layer.doubts
    assert (layer.size.estimate, layer.size.high) == (None, None)


@pytest.mark.parametrize(
    "script", ["set -eux", "true", "cd /x && ls", "echo hello", "test -f /x || exit 1", "cat /etc/x"]
)
def test_what_writes_nothing_makes_an_empty_layer(script: str) -> None:
    assert last(f"{BASE}RUN {script}\n").size.high == 0


def test_a_failed_alternative_does_nothing() -> None:
    assert files(last(f"{BASE}RUN mkdir /x || echo no > /f\n")) == {}


@pytest.mark.parametrize(
    "script",
    [
        "rm -rf /",
        "rm -rf ~/..",
        "rm -rf ''",
        "rm -rf /..",
        "rm -rf .",
        "mv / /q",
        "cp -r / /x",
        "chmod -R 700 /",
        "> /",
    ],
)
def test_the_root_stays(script: str) -> None:
    found = image(f"{BASE}RUN echo 1 > /f\nRUN {script}\nRUN rm /f\n")
    assert found.layers[2].changes.whiteouts == ("/f",)


@pytest.mark.parametrize(
    "verb",
    [
        "cp",
        "mv",
        "ln",
        "rm",
        "install",
        "chmod",
        "chown",
        "tee",
        "dd",
        "sed -i",
        "curl -o",
        "tar x",
        "git clone",
        "find",
    ],
)
def test_commands_without_arguments_do_nothing(verb: str) -> None:
    assert files(last(f"{BASE}RUN {verb}\n")) == {}


@pytest.mark.parametrize("kind", ["cache", "tmpfs", "bind"])
def test_what_a_mount_covers_is_in_no_layer(kind: str) -> None:
    layer = last(f"{BASE}RUN --mount=type={kind},target=/m echo 1 > /m/f && echo 2 > /n && rm -rf /m/x\n")
    assert files(layer) == {"/n": 2}


def test_hard_links_are_stored_once() -> None:
    layer = last(f"{BASE}RUN head -c 100 /dev/zero > /f && ln /f /g && chmod 600 /g\n")
    assert layer.size.estimate == 100
    assert [path for path, _ in layer.changes.stored] == ["/f", "/g"]


def test_removed_files_are_whiteouts_and_waste() -> None:
    found = image(f"{BASE}RUN head -c 100 /dev/zero > /f && head -c 50 /dev/zero > /g\nRUN rm /f\n")
    assert found.layers[1].changes.whiteouts == ("/f",)
    assert [layer.wasted.low for layer in found.layers] == [100, 0]
    assert (found.wasted.low, found.size.low) == (100, 150)
    (hidden,) = found.layers[1].hidden
    assert (hidden.path, hidden.layer, hidden.size.low) == ("/f", 1, 100)


def test_what_is_stored_again_is_waste_of_the_lower_layer() -> None:
    found = image(f"{BASE}RUN head -c 100 /dev/zero > /f\nRUN chmod 644 /f\nRUN mv /f /g\n")
    assert [layer.size.low for layer in found.layers] == [100, 100, 100]
    assert [layer.wasted.low for layer in found.layers] == [100, 100, 0]


def test_dive_counts_the_needed_copy_too() -> None:
    found = image(f"{BASE}RUN head -c 100 /dev/zero > /f\nRUN chmod 600 /f\nRUN head -c 9 /dev/zero > /g\n")
    assert found.wasted.low == 100
    dive = dive_figures(found.layers)
    assert dive.wasted == 200
    assert dive.efficiency == pytest.approx(109 / 209)


@pytest.mark.parametrize(
    ("script", "efficiency"),
    [
        ("true", 1),
        ("rm /d/f", 10 / 110),
        # dive takes a removed folder for one path that nothing else has, as large as what it held.
        ("rm -r /d", 220 / 220),
        ("chmod 700 /d/f", 110 / 210),
        ("./configure", None),
    ],
)
def test_efficiency_as_dive_counts_it(script: str, efficiency: float | None) -> None:
    made = "RUN mkdir /d && head -c 100 /dev/zero > /d/f && head -c 10 /dev/zero > /d/g\n"
    assert dive_figures(image(f"{BASE}{made}RUN {script}\n").layers).efficiency == efficiency


def test_layers_of_a_parent_stage_count_on() -> None:
    found = image(f"{BASE[:-1]} AS a\nRUN echo 1 > /f\nFROM a AS b\nRUN echo 1 > /n\nFROM a\nRUN rm /f\n")
    assert [(layer.number, layer.stage) for layer in found.layers] == [(1, 0), (2, 2)]
    assert found.layers[0].wasted.low == 2


def test_a_copy_of_an_unknown_context_is_content_without_names() -> None:
    layer = last(f"{BASE}COPY src /app/src/\n")
    assert [path for path, _ in layer.changes.fills] == ["/app/src"]
    assert not layer.is_listed


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    (problem,) = image("FROM scratch\nCOPY a b /x/\n", tmp_path).problems
    assert (problem.code, problem.fatal) == ("DL5028", True)
    assert problem.message == "'b' is not in the build context: correct the path, or see to it that the file is there"


def test_an_ignored_source_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    (tmp_path / ".dockerignore").write_text("a\n")
    (problem,) = image("FROM scratch\nCOPY a /x/\n", tmp_path).problems
    assert problem.message == "'a' is kept from the builder by .dockerignore: change the pattern, or do not copy it"


def test_links_never_lead_out_of_the_context(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("12345")
    context = tmp_path / "context"
    context.mkdir()
    (context / "out").symlink_to(tmp_path / "secret")
    (context / "up").symlink_to("../secret")
    assert len(image("FROM scratch\nCOPY out up /x/\n", context).problems) == 2
    assert files(last("FROM scratch\nCOPY . /x/\n", context)) == {}


def test_a_large_context_costs_seconds_at_most(tmp_path: Path) -> None:
    for folder in range(50):
        (tmp_path / str(folder)).mkdir()
        for name in range(400):
            (tmp_path / str(folder) / str(name)).touch()
    start = time.process_time()
    found = image(f"{BASE}COPY . /app\nRUN chown -R 1:1 /app\nCOPY . /app\n", tmp_path)
    assert len(found.layers[0].changes.stored) == 20_000
    assert time.process_time() - start < 10


def test_doubling_a_tree_again_and_again_comes_to_an_end() -> None:
    steps = (f"RUN cp -r /a /b && mv /b /a/{number}\n" for number in range(60))
    text = f"{BASE}RUN mkdir /a && echo 1 > /a/f\n" + "".join(steps)
    model = build_model(parse(Source("Dockerfile", text)), BuildOptions(), lookup)
    layers = simulate(model, Scripts(model.dockerfile), Contexts(), most_nodes=20_000).layers
    assert layers[-1].doubts == ("there is too much to follow",)
    assert sum(len(layer.changes.stored) for layer in layers) < 20_000


@given(texts())
def test_any_file_has_layers_whose_sizes_are_in_order(text: str) -> None:
    found = image(text)
    assert found.layer_count == len(found.layers)
    for layer in found.layers:
        for size in (layer.size, layer.wasted, *(hidden.size for hidden in layer.hidden)):
            assert size.estimate is None or size.low <= size.estimate
            assert size.high is None or size.low <= size.high
            assert size.high is None or size.estimate is None or size.estimate <= size.high
        assert layer.wasted.low <= layer.size.low
        assert all(0 < hidden.layer < layer.number for hidden in layer.hidden)
