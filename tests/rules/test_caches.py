"""Which caches a RUN leaves behind: the order of events, what surely happens, mounts and variables."""

from __future__ import annotations

import pytest

from dockerlint.finding import Severity
from dockerlint.image.catalogue import lookup
from dockerlint.registry import load
from dockerlint.rule import RuleContext
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.scripts import Scripts
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint_rules._caches import caches_left
from dockerlint_rules._runs import sequences


def left(text: str) -> list[str]:
    """Manager and kind of each cache that is left, with the line of what filled it."""
    source = Source("Dockerfile", f"FROM debian:12\n{text}\n")
    model = build_model(parse(source), BuildOptions(), lookup)
    ctx = RuleContext(load().rules[0], model, {}, Severity.INFO, Scripts(model.dockerfile))
    return [
        f"{cache.step.action.manager.key} {cache.kind} {source.lines.line(cache.step.command.span.start)}"
        for placed in sequences(model.stages[0], ctx)[0]
        for cache in caches_left(placed, ctx)
        if cache.kind not in ("archives", "index")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "RUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*",
        "RUN apt-get update \\\n && apt-get install -y x; \\\n rm -r -f /var/lib/apt",
        "RUN apt-get update && apt-get distclean",
        "RUN if x; then apt-get update; rm -rf /var/lib/apt/lists/*; fi",
        "RUN for p in a b; do apt-get update; apt-get install $p; rm -rf /var/lib/apt/lists; done",
        "RUN apt-get install -y x",
        "RUN --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update",
        "RUN --mount=type=tmpfs,target=/var/lib/apt/lists/ apt-get update",
        "ENV PIP_NO_CACHE_DIR=off\nRUN pip install x",
        "RUN export PIP_NO_CACHE_DIR=1; pip install x",
        "RUN PIP_NO_CACHE_DIR=1 pip install x",
        "RUN pip install --no-cache-dir x",
        "RUN pip install x && rm -rf ~/.cache",
        "RUN pip install x && rm -rf $HOME/.cache/pip",
        "RUN pip install x && rm -rf /home/me/.cache/*",
        "RUN --mount=type=cache,target=/root/.cache pip install x",
        "WORKDIR /root\nRUN pip install x && rm -rf .cache",
        "RUN yum install -y x && dnf clean all",
    ],
)
def test_nothing_is_left(text: str) -> None:
    assert left(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN apt-get update && apt-get install -y x && rm -rf /tmp/*", ["apt-get lists 2"]),
        ("RUN rm -rf /var/lib/apt/lists/* && apt-get update", ["apt-get lists 2"]),
        ("RUN apt-get update && rm -rf /var/lib/apt/lists/* \\\n && apt-get update", ["apt-get lists 3"]),
        ("RUN apt-get update || rm -rf /var/lib/apt/lists/*", ["apt-get lists 2"]),
        ("RUN apt-get update; if x; then rm -rf /var/lib/apt/lists/*; fi", ["apt-get lists 2"]),
        ("RUN apt-get update && apt-get clean", ["apt-get lists 2"]),
        ("RUN --mount=type=cache,target=/var/lib/apt/lists2 apt-get update", ["apt-get lists 2"]),
        ("RUN --mount=type=bind,target=/var/lib/apt apt-get update", ["apt-get lists 2"]),
        ("ENV PIP_NO_CACHE_DIR=\nRUN pip install x", ["pip all 3"]),
        ("RUN pip install x; export PIP_NO_CACHE_DIR=1", ["pip all 2"]),
        ("RUN pip install x && rm -rf ./.cache", ["pip all 2"]),
        ("RUN <<EOF\napt-get update\npip install x\nEOF", ["apt-get lists 3", "pip all 4"]),
    ],
)
def test_what_is_left(text: str, expected: list[str]) -> None:
    assert left(text) == expected
