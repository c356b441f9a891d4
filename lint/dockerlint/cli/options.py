"""Options that several commands share, and their way into the settings."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import NoReturn

from dockerlint import __version__
from dockerlint.config.effective import SettingsSource
from dockerlint.config.layers import layer_of_options
from dockerlint.discovery import normal_path
from dockerlint.registry import Registry
from dockerlint.syntax.nearest import did_you_mean

#: What the names of options in a namespace begin with if they are settings; the rest is the key, with `_` for `-`.
_SETTING = "setting_"

#: Options by the key that they set, for messages.
_OPTIONS = {"build-args": "--build-arg", "named-contexts": "--build-context"}


class Parser(argparse.ArgumentParser):
    """An argument parser that takes no abbreviations, and knows which option was probably meant."""

    def __init__(self, command: str, usage: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=f"dlint {command}".strip(),
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            add_help=False,
        )

    def read(self, arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
        """The options and the other words, in whatever order they stand; behind `--` there are no options.

        Ends the program after `--help` and for wrong usage.
        """
        words = list(arguments)
        end = words.index("--") if "--" in words else len(words)
        namespace, others = self.parse_known_args(words[:end])
        for word in others:
            if word.startswith("-") and word != "-":
                self.error(f"there is no option {self._with_hint(word.partition('=')[0])}")
        return namespace, [*others, *words[end + 1 :]]

    def _with_hint(self, name: str) -> str:
        known = list(self._option_string_actions)
        longer = [option for option in known if len(name) > 2 and option.startswith(name)]
        return name + (f": did you mean '{longer[0]}'?" if longer else did_you_mean(name, known))

    def error(self, message: str) -> NoReturn:
        """End the program with a message and the exit status of wrong usage."""
        self.exit(2, f"dlint: {message}\nTry `{self.prog} --help`.\n")


class Group:
    """Options that stand together in the help."""

    def __init__(self, parser: Parser, title: str) -> None:
        self._group = parser.add_argument_group(title)

    def setting(self, key: str, *names: str, metavar: str, help: str) -> None:  # noqa: A002 - argparse's own word
        """Add an option that sets the key of that name; it may be given several times."""
        dest = _SETTING + key.replace("-", "_")
        self._group.add_argument(*names, dest=dest, metavar=metavar, action="append", help=help)

    def switch(self, key: str, *names: str, value: str, help: str) -> None:  # noqa: A002 - argparse's own word
        """Add an option that sets the key of that name to a value which it implies."""
        dest = _SETTING + key.replace("-", "_")
        self._group.add_argument(*names, dest=dest, action="append_const", const=value, help=help)

    def flag(self, *names: str, help: str) -> None:  # noqa: A002 - argparse's own word
        """Add an option that is there or not."""
        self._group.add_argument(*names, action="store_true", help=help)

    def value(self, *names: str, metavar: str, help: str) -> None:  # noqa: A002 - argparse's own word
        """Add an option with a value that is no setting; the last one counts."""
        self._group.add_argument(*names, metavar=metavar, help=help)

    def values(self, *names: str, metavar: str, help: str) -> None:  # noqa: A002 - argparse's own word
        """Add an option with a value that is no setting; it may be given several times."""
        self._group.add_argument(*names, metavar=metavar, action="append", help=help)

    def help(self) -> None:
        """Add `--help` and `--version`."""
        version = f"dlint {__version__}"
        self._group.add_argument("-V", "--version", action="version", version=version, help="show the version and end")
        self._group.add_argument("-h", "--help", action="help", help="show this help and end")


def add_build_options(parser: Parser) -> None:
    """Add the options that say for which build a file is read."""
    group = Group(parser, "the build")
    group.setting("context", "--context", metavar="FOLDER", help="the build context, for checks of what is copied")
    group.setting("target", "--target", metavar="STAGE", help="the stage to build; by default the last")
    group.setting(
        "build-args",
        "--build-arg",
        metavar="NAME[=VALUE]",
        help="the value of a build argument, by default that of the environment; may be repeated",
    )
    group.setting("platform", "--platform", metavar="OS/ARCH", help="the target platform; by default linux/amd64")
    group.setting(
        "named-contexts",
        "--build-context",
        metavar="NAME[=VALUE]",
        help="the name of a further build context; may be repeated",
    )


def add_config_options(group: Group) -> None:
    """Add the options that say which settings file is used."""
    group.value("-c", "--config", metavar="FILE", help="use this settings file for all files")
    group.flag("--no-config", help="use no settings file")


def settings_source(namespace: argparse.Namespace, registry: Registry) -> SettingsSource:
    """The settings for each folder, with the given options; raises `ConfigError` for wrong ones."""
    options: dict[str, tuple[str, Sequence[str]]] = {}
    for name, texts in vars(namespace).items():
        if name.startswith(_SETTING) and texts is not None:
            key = name.removeprefix(_SETTING).replace("_", "-")
            given = [text for each in texts for text in _from_environment(each)] if key == "build-args" else texts
            options[key] = (_OPTIONS.get(key, f"--{key}"), given)
    config: str | None = namespace.config
    return SettingsSource(
        registry,
        layer_of_options(options, registry),
        os.environ,
        config=None if config is None else normal_path(config),
        discover=not namespace.no_config,
    )


def _from_environment(build_arg: str) -> list[str]:
    """`NAME=VALUE`; `NAME` alone gets the variable's value, and without such a variable it is not set at all.

    As `docker build --build-arg NAME` does it.
    """
    if "=" in build_arg:
        return [build_arg]
    return [f"{build_arg}={os.environ[build_arg]}"] if build_arg in os.environ else []
