"""What package specifications say about versions. The forms are those of the tools' documentation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint_rules._pins import (
    Pin,
    Spec,
    cargo_spec,
    composer_spec,
    conda_spec,
    go_spec,
    npm_spec,
    perl_spec,
    python_spec,
    rpm_spec,
)

READERS = (cargo_spec, composer_spec, conda_spec, go_spec, npm_spec, perl_spec, python_spec, rpm_spec)


@pytest.mark.parametrize(
    ("read", "text", "pin"),
    [
        (python_spec, "flask", Pin.MISSING),
        (python_spec, "flask[async] ; python_version>='3.9'", Pin.MISSING),
        (python_spec, "flask==3.1.0", Pin.FIXED),
        (python_spec, "flask === 3.1.0", Pin.FIXED),
        (python_spec, "flask[async]~=3.1", Pin.FIXED),
        (python_spec, "flask>=3,<4", Pin.FIXED),
        (python_spec, "flask (==3.1.0)", Pin.FIXED),
        (python_spec, "flask>=3", Pin.OPEN),
        (python_spec, "flask!=2.0", Pin.OPEN),
        (python_spec, "flask @ https://example.com/flask.zip", Pin.FIXED),
        (python_spec, "flask @ git+https://github.com/pallets/flask", Pin.BRANCH),
        (python_spec, "flask@git+ssh://git@github.com/pallets/flask@3.1.0", Pin.FIXED),
        (python_spec, "git+ssh://git@github.com/pallets/flask", Pin.BRANCH),
        (python_spec, "git+https://github.com/pallets/flask@main#egg=flask", Pin.FIXED),
        (python_spec, "./flask", Pin.FIXED),
        (python_spec, "dist/*.whl", Pin.FIXED),
        (python_spec, "ruff@latest", Pin.TAG),
        (npm_spec, "express", Pin.MISSING),
        (npm_spec, "@types/node", Pin.MISSING),
        (npm_spec, "express@", Pin.MISSING),
        (npm_spec, "express@*", Pin.MISSING),
        (npm_spec, "express@latest", Pin.TAG),
        (npm_spec, "@types/node@next", Pin.TAG),
        (npm_spec, "express@4", Pin.FIXED),
        (npm_spec, "express@>=4", Pin.FIXED),
        (npm_spec, "web@npm:express@4.21.2", Pin.FIXED),
        (npm_spec, "web@npm:express", Pin.MISSING),
        (npm_spec, "expressjs/express", Pin.BRANCH),
        (npm_spec, "github:expressjs/express#4.21.2", Pin.FIXED),
        (npm_spec, "https://github.com/expressjs/express.git", Pin.BRANCH),
        (npm_spec, "https://example.com/express.tgz", Pin.FIXED),
        (go_spec, "example.com/tool", Pin.MISSING),
        (go_spec, "example.com/tool@latest", Pin.TAG),
        (go_spec, "example.com/tool@v1.2.3", Pin.FIXED),
        (go_spec, "example.com/tool@1a2b3c4", Pin.FIXED),
        (go_spec, "./cmd/tool", Pin.FIXED),
        (go_spec, "cmd/vet", Pin.FIXED),
        (go_spec, "main.go", Pin.FIXED),
        (conda_spec, "numpy", Pin.MISSING),
        (conda_spec, "conda-forge::numpy", Pin.MISSING),
        (conda_spec, "numpy=2.1", Pin.FIXED),
        (conda_spec, "numpy>=2", Pin.FIXED),
        (conda_spec, "numpy[version='>=2']", Pin.FIXED),
        (cargo_spec, "just", Pin.MISSING),
        (cargo_spec, "just@1.38.0", Pin.FIXED),
        (composer_spec, "monolog/monolog", Pin.MISSING),
        (composer_spec, "monolog/monolog:^3", Pin.FIXED),
        (composer_spec, "ext-json", Pin.FIXED),
        (perl_spec, "Plack::Runner", Pin.MISSING),
        (perl_spec, "Plack@1.0051", Pin.FIXED),
        (perl_spec, "Plack-1.0051.tar.gz", Pin.FIXED),
        (rpm_spec, "tzdata", Pin.MISSING),
        (rpm_spec, "tzdata-2024a", Pin.FIXED),
    ],
)
def test_what_is_said_about_the_version(read: Callable[[str], Spec], text: str, pin: Pin) -> None:
    assert read(text).pin is pin


@given(st.text(min_size=1))
def test_no_text_is_too_odd(text: str) -> None:
    for read in READERS:
        assert isinstance(read(text).pin, Pin)
