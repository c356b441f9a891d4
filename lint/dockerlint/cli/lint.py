"""`dlint [PATH…]`: find problems in Dockerfiles."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from dockerlint.cli.driver import available_processors, lint_files
from dockerlint.cli.guard import CommandError, complain
from dockerlint.cli.options import Group, Parser, add_build_options, add_config_options, settings_source
from dockerlint.cli.output import ProgressLine, opened, wants_color
from dockerlint.cli.paths import File, find_files, no_files
from dockerlint.config import keys
from dockerlint.config.effective import Effective
from dockerlint.config.kinds import FORMAT_NAMES
from dockerlint.discovery import Unreadable, normal_path
from dockerlint.registry import Registry, load
from dockerlint.report import write
from dockerlint.results import FileResult, Report
from dockerlint.settings import ShellcheckUse
from dockerlint.shellcheck.codes import rules_of
from dockerlint.shellcheck.program import REMEDY, Program, find_program, version_of
from dockerlint.source import Source

_USAGE = "dlint [OPTION…] [PATH…]\n       dlint rules | explain RULE | ast | layers | schema [OPTION…]"

_DESCRIPTION = """\
Find mistakes in Dockerfiles. A PATH is a file, a folder whose Dockerfiles are
found, or - for standard input; without one the current folder is meant.

commands:
  rules            list all rules
  explain RULE     print the manual of a rule, given its code, name or alias
  ast FILE…        print what a file says, as the builder reads it
  layers FILE…     predict the layers of the image
  schema           print the JSON schema of settings files
A path with the name of a command is written ./NAME."""

_EPILOG = """\
examples:
  dlint                                    the Dockerfiles below this folder
  dlint --fail-on error web/Dockerfile     only errors make the exit status 1
  dlint --format json - < Dockerfile       for other programs
  dlint --format sarif:out.sarif --format text .
  dlint --ignore DL3006 --severity DL3007=error .
  dlint --show-config web                  which settings hold, and why

exit status:
  0  nothing found at or above the level of --fail-on
  1  something found there, or a file that the builder would refuse
  2  wrong usage or settings, or trouble with a file

Settings are read from .dlint.yaml, dlint.yaml or [tool.dlint] of
pyproject.toml, the nearest above a file, and from variables DLINT_…"""


def run(arguments: Sequence[str]) -> int:
    """Lint what the arguments name, write the report, and give the exit status."""
    parser = _parser()
    namespace, paths = parser.read(arguments)
    paths = paths or ["."]
    jobs = _jobs(namespace, parser)
    registry = load()
    source = settings_source(namespace, registry)
    here = source.for_folder("")
    if namespace.show_config:
        return _show(source.for_folder(_folder_of(paths[0], namespace.stdin_filename)), registry)
    outputs = _outputs(here)
    files, unreadable = find_files(paths, source, namespace.stdin_filename)
    if not files and not unreadable and not namespace.allow_empty:
        raise no_files(paths)
    _warn(files)
    shellcheck, notes = _shellcheck(files)
    progress = ProgressLine(len(files))
    results = lint_files(files, namespace.stdin_filename, jobs, progress, shellcheck)
    report = _report(results, unreadable, files)._replace(notes=notes)
    for name, path in outputs:
        _write(name, path, report, here)
    if ("text", None) not in outputs:
        _complain(report)
    codes = [_status(result, file.effective) for result, file in zip(results, files, strict=True)]
    return max([0, *codes, *(2 for _ in unreadable)])


def _parser() -> Parser:
    parser = Parser("", _USAGE, _DESCRIPTION, _EPILOG)
    _add_rule_options(Group(parser, "which rules"))
    _add_status_options(Group(parser, "what fails"))
    group = Group(parser, "the report")
    group.setting(
        "format",
        "-f",
        "--format",
        metavar="FORMAT[:FILE]",
        help=f"{', '.join(FORMAT_NAMES)}; may be repeated, with a file for all but one",
    )
    group.setting("output", "-o", "--output", metavar="FILE", help="write the report to this file")
    group.setting("color", "--color", metavar="WHEN", help="auto, always or never; auto obeys NO_COLOR")
    _add_file_options(Group(parser, "which files"))
    add_build_options(parser)
    group = Group(parser, "settings and help")
    add_config_options(group)
    group.flag("--show-config", help="show the settings for the first path and where they come from, and end")
    group.value("-j", "--jobs", metavar="NUMBER", help="how many processes to use at most; by default all processors")
    group.help()
    return parser


def _add_rule_options(group: Group) -> None:
    group.setting("profile", "--profile", metavar="PROFILE", help="recommended, strict, all or hadolint")
    group.setting("select", "--select", metavar="RULE,…", help="run these rules only: code, name, alias, or DL30*")
    group.setting("extend-select", "--extend-select", metavar="RULE,…", help="run these rules too")
    group.setting("ignore", "--ignore", metavar="RULE,…", help="do not run these rules; replaces what a file ignores")
    group.setting("extend-ignore", "--extend-ignore", metavar="RULE,…", help="do not run these rules either")
    group.setting(
        "severity",
        "--severity",
        metavar="RULE=LEVEL",
        help="the level of a rule: error, warning, info, style or off; may be repeated",
    )
    group.switch(
        "suppressions",
        "--no-suppressions",
        "--disable-ignore-pragma",
        value="false",
        help="report what comments in the file ignore, too",
    )
    group.setting(
        "shellcheck",
        "--shellcheck",
        metavar="WHEN",
        help="look at shell scripts with ShellCheck: auto (default, if it is installed), on or off",
    )
    group.switch("prices", "--prices", value="true", help="say what findings about packages cost in bytes, where known")


def _add_status_options(group: Group) -> None:
    group.setting(
        "fail-on",
        "--fail-on",
        "--failure-threshold",
        metavar="LEVEL",
        help="the lowest level that makes the exit status 1: error, warning (default), info, style or never",
    )
    group.switch("no-fail", "--no-fail", value="true", help="exit with 0 whatever is found")


def _add_file_options(group: Group) -> None:
    group.setting("include", "--include", metavar="PATTERN,…", help="which files of a folder are Dockerfiles")
    group.setting("exclude", "--exclude", metavar="PATTERN,…", help="what to pass over in a folder, as in .gitignore")
    group.switch("respect-gitignore", "--no-gitignore", value="false", help="lint what git ignores, too")
    group.value("--stdin-filename", metavar="PATH", help="the path that standard input stands for")
    group.flag("--allow-empty", help="it is no error if there is no Dockerfile")


def _jobs(namespace: argparse.Namespace, parser: Parser) -> int:
    text: str | None = namespace.jobs
    if text is None:
        return available_processors()
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) > 0):
        parser.error(f"--jobs: expected a number from 1, found '{text}'")
    return int(text)


def _folder_of(path: str, stdin_name: str | None) -> str:
    """The folder whose settings hold for a path."""
    normal = normal_path(stdin_name or "x" if path == "-" else path)
    return normal if os.path.isdir(normal or ".") else os.path.dirname(normal)


def _show(effective: Effective, registry: Registry) -> int:
    from dockerlint.config.show import show  # noqa: PLC0415 - seldom needed

    sys.stdout.write(show(effective, registry))
    sys.stdout.write(f"# {_found_shellcheck(effective)}\n")
    return 0


def _found_shellcheck(effective: Effective) -> str:
    """Whether ShellCheck would be used, and which."""
    if effective.settings.shellcheck is ShellcheckUse.OFF:
        return "ShellCheck is not used"
    program = find_program(os.environ)
    if program is None:
        return f"ShellCheck was not found: {REMEDY}"
    version = version_of(program)
    return f"ShellCheck {version}: {program.path}" if version else f"ShellCheck does not start: {program.path}"


def _outputs(here: Effective) -> list[tuple[str, str | None]]:
    """The formats to write and their files, None for standard output."""
    output = here.configuration.value(keys.OUTPUT)
    outputs: list[tuple[str, str | None]] = []
    for text in here.configuration.value(keys.FORMAT):
        name, _, path = text.partition(":")
        outputs.append((name, path or output))
    shared = [name for name, path in outputs if path is None or path == output]
    if len(shared) > 1:
        place = "standard output" if output is None else f"'{output}'"
        raise CommandError(f"only one format can go to {place}: give the others a file, as {shared[1]}:FILE")
    return outputs


def _warn(files: Sequence[File]) -> None:
    """Say once what was passed over in each settings file."""
    layers = {file.effective.file.path: file.effective.file.layer for file in files if file.effective.file}
    for layer in layers.values():
        for warning in layer.warnings:
            complain(f"{warning.place}: warning: {warning.message}")


def _shellcheck(files: Sequence[File]) -> tuple[Program | None, tuple[str, ...]]:
    """The program that looks at shell scripts, and what is to be said if it is missing.

    Raises `CommandError` if it is missing and must not be.
    """
    uses = {file.effective.settings.shellcheck for file in files}
    if uses <= {ShellcheckUse.OFF}:
        return None, ()
    program = find_program(os.environ)
    if program is None and ShellcheckUse.ON in uses:
        raise CommandError(f"there is no ShellCheck beside dlint or on PATH: {REMEDY}")
    return program, () if program else (f"shell scripts were not checked, since there is no ShellCheck: {REMEDY}",)


def _report(results: Sequence[FileResult], unreadable: Sequence[Unreadable], files: Sequence[File]) -> Report:
    """The results in the order of the paths, and the rules that ran for any of them or stand for a ShellCheck code."""
    failed = [FileResult(Source(path, ""), error=reason) for path, reason in unreadable]
    settings = {id(file.effective): file.effective.settings for file in files}
    rules = {active.rule.code: active.rule for each in settings.values() for active in each.rules}
    rules |= rules_of(finding.code for result in results for finding in (*result.findings, *result.suppressed))
    ordered = sorted([*results, *failed], key=lambda result: result.source.path)
    return Report(tuple(ordered), dict(sorted(rules.items())))


def _write(name: str, path: str | None, report: Report, here: Effective) -> None:
    choice = here.configuration.value(keys.COLOR)
    if path is None:
        write(name, report, sys.stdout, color=wants_color(choice, sys.stdout, os.environ))
        return
    with opened(path) as file:
        write(name, report, file, color=choice == "always")


def _complain(report: Report) -> None:
    """Say which files could not be read or linted, where no text for people does so."""
    for file in report.files:
        for trouble in (file.error, file.gap):
            if trouble is not None:
                complain(f"{file.source.path}: {trouble}")


def _status(result: FileResult, effective: Effective) -> int:
    """The exit status that one file asks for."""
    status = Report((result,), {}).exit_code(effective.settings.fail_on)
    return 0 if status == 1 and effective.configuration.value(keys.NO_FAIL) else status
