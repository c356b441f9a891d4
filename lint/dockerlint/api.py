"""dlint for programs: read, lint and predict without the command line.

Settings files and the environment are not looked at: what is asked for is what is given.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dockerlint.config.effective import SettingsSource
from dockerlint.config.keys import PROFILES
from dockerlint.config.layers import layer_of_options
from dockerlint.discovery import Unreadable, read_file
from dockerlint.engine import Engine
from dockerlint.image.catalogue import lookup
from dockerlint.layers.image import Image
from dockerlint.layers.predict import predict as predict_image
from dockerlint.registry import load
from dockerlint.results import FileResult, Report
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.settings import ShellcheckUse
from dockerlint.shellcheck.cache import Cache
from dockerlint.shellcheck.checker import Checker
from dockerlint.shellcheck.codes import rules_of
from dockerlint.shellcheck.program import INSTALLATION, find_program
from dockerlint.source import Source
from dockerlint.syntax.parser import parse as parse_source
from dockerlint.syntax.tree import Dockerfile

__all__ = ["lint_paths", "lint_text", "parse", "predict"]


def parse(text: str, *, path: str = "Dockerfile") -> Dockerfile:
    """Read a Dockerfile. Never raises; `problems` of the tree say what is wrong. `path` is what reports show."""
    return parse_source(Source(path, text))


def lint_text(
    text: str,
    *,
    path: str = "Dockerfile",
    profile: str = "recommended",
    build: BuildOptions | None = None,
    shellcheck: bool = False,
) -> FileResult:
    """Lint a text with the rules of a profile (`recommended`, `strict`, `all` or `hadolint`) for a build.

    `shellcheck` has the ShellCheck that is installed look at shell scripts, too. Raises `ValueError` for an unknown
    profile and `FileNotFoundError` if there is no ShellCheck; whatever the text says raises nothing.
    """
    with _engine(profile, build, shellcheck=shellcheck) as engine:
        return engine.lint(Source(path, text))


def lint_paths(
    paths: Iterable[str | os.PathLike[str]],
    *,
    profile: str = "recommended",
    build: BuildOptions | None = None,
    shellcheck: bool = False,
) -> Report:
    """Lint files, otherwise as `lint_text` does. One that cannot be read gives a result with an `error`."""
    with _engine(profile, build, shellcheck=shellcheck) as engine:
        results = []
        for path in paths:
            source = read_file(os.fspath(path))
            if isinstance(source, Unreadable):
                results.append(FileResult(Source(source.path, ""), error=source.reason))
            else:
                results.append(engine.lint(source))
    found = (finding.code for result in results for finding in (*result.findings, *result.suppressed))
    return Report(tuple(results), {rule.code: rule for rule in load().rules} | rules_of(found))


def predict(text: str, *, path: str = "Dockerfile", build: BuildOptions | None = None) -> Image:
    """The image that a build of the text would export: history, layers and configuration. Never raises."""
    return predict_image(build_model(parse(text, path=path), build or BuildOptions(), lookup))


@contextmanager
def _engine(profile: str, build: BuildOptions | None, *, shellcheck: bool) -> Iterator[Engine]:
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {', '.join(PROFILES)}, not {profile!r}")
    registry = load()
    layer = layer_of_options({"profile": ("profile", [profile])}, registry)
    settings = SettingsSource(registry, layer, {}, discover=False).for_folder("").settings
    if build is not None:
        settings = settings._replace(build=build)
    if not shellcheck:
        yield Engine(settings._replace(shellcheck=ShellcheckUse.OFF), registry)
        return
    program = find_program(os.environ)
    if program is None:
        raise FileNotFoundError(f"there is no ShellCheck beside Python or on PATH: {INSTALLATION}")
    with Checker(program, Cache.of_user(os.environ)) as checker:
        yield Engine(settings._replace(shellcheck=ShellcheckUse.ON), registry, checker)
