"""What commands of a RUN can read: copied files, and those that are mounted."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlint.layers.predict import predict
from dockerlint.layers.size import measured
from dockerlint.layers.sizes.install import Estimate, Install
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.shell.managers import Cache
from dockerlint.source import Source
from dockerlint.syntax.parser import parse


class Asked:
    """Remembers what it is asked, and what the lists that are named in it say."""

    def __init__(self) -> None:
        self.installs: list[Install] = []
        self.texts: list[bytes | None] = []

    def installed(self, install: Install) -> Estimate:
        self.installs.append(install)
        self.texts += [install.files.read(path) for path in install.request.lists]
        return Estimate(measured(1_000), "as it says")

    def cached(self, install: Install, cache: Cache) -> Estimate:
        del install, cache
        return Estimate(measured(10), "")


def asked(tmp_path: Path, text: str) -> Asked:
    (tmp_path / "requirements.txt").write_text("flask\n")
    (tmp_path / "link.txt").symlink_to("/etc/passwd")
    estimator = Asked()
    options = BuildOptions(context=str(tmp_path))
    predict(build_model(parse(Source("Dockerfile", text)), options), estimators={"pip": estimator})
    return estimator


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("COPY requirements.txt /app/\nWORKDIR /app\nRUN pip install -r requirements.txt", b"flask\n"),
        ("COPY . /app\nRUN chmod 600 /app/*.txt && cd /app && pip install -r ./requirements.txt", b"flask\n"),
        ("COPY . /app\nRUN cp /app/requirements.txt /r && pip install -r /r", b"flask\n"),
        ("RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt", b"flask\n"),
        ("WORKDIR /s\nRUN --mount=type=bind,target=. pip install -r requirements.txt", b"flask\n"),
        # What hides a file, or may have changed it, leaves nothing to be read.
        ("COPY . /s\nRUN --mount=type=cache,target=/s pip install -r /s/requirements.txt", None),
        ("COPY . /s\nRUN echo x >> /s/requirements.txt && pip install -r /s/requirements.txt", None),
        ("COPY . /s\nRUN sed -i s/a/b/ /s/requirements.txt && pip install -r /s/requirements.txt", None),
        ("COPY . /s\nRUN pip install -r /s/link.txt", None),
        ("RUN pip install -r /r.txt", None),
    ],
)
def test_a_list_of_packages_is_read_as_the_command_sees_it(tmp_path: Path, lines: str, expected: bytes | None) -> None:
    assert asked(tmp_path, f"FROM python:3.12-slim\n{lines}\n").texts == [expected]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("RUN pip install one", 1_010),
        ("RUN pip install --no-cache-dir one", 1_000),
        ("RUN --mount=type=cache,target=/root/.cache pip install one", 1_000),
        ("ENV PIP_CACHE_DIR=/c\nRUN --mount=type=cache,target=/c pip install one", 1_000),
        ("ENV XDG_CACHE_HOME=/c\nRUN --mount=type=cache,target=/c/pip pip install one", 1_000),
        ("RUN --mount=type=cache,target=/c pip install --cache-dir=/c/d one", 1_000),
        ("ENV PIP_CACHE_DIR=/c\nRUN --mount=type=cache,target=/root/.cache pip install one", 1_010),
    ],
)
def test_a_cache_counts_where_it_lies_in_the_image(lines: str, expected: int) -> None:
    text = f"FROM python:3.12-slim\n{lines}\n"
    image = predict(build_model(parse(Source("Dockerfile", text))), estimators={"pip": Asked()})
    assert image.layers[-1].size == measured(expected)


def test_an_estimator_learns_what_the_command_says(tmp_path: Path) -> None:
    text = (
        "FROM python:3.12-slim\nENV A=b\nARG V=2\nWORKDIR /w\nRUN pip install one\n"
        "RUN pip install --no-compile --target /t two==$V\n"
    )
    install = asked(tmp_path, text).installs[-1]
    assert install.image == "python:3.12-slim"
    assert install.environment["A"] == "b"
    assert install.request.packages == ("two==2",)
    assert install.request.options == (("--no-compile", ""), ("--target", "/t"))
    assert install.request.directory == "/w"
    assert [each.packages for each in install.before] == [("one",)]
