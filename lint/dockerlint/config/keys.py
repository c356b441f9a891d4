"""The settings that there are: name, type, default and help of each, for files, variables and options
alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from dockerlint.config import kinds
from dockerlint.config.document import Entry, Node, Place, Table
from dockerlint.config.kinds import Glob, Kind, Reader
from dockerlint.finding import Severity
from dockerlint.registry import Registry
from dockerlint.rule import Option
from dockerlint.settings import ShellcheckUse
from dockerlint.syntax.nearest import nearest

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: The profile with hadolint's rules, levels and conditions.
HADOLINT = "hadolint"

PROFILES = ("recommended", "strict", "all", HADOLINT)

_EVERYTHING_FAILS = (
    "in hadolint this word makes every finding fail; write 'style' for that, or 'never' if none shall fail"
)


class Key(NamedTuple, Generic[T_co]):
    """A setting: its name in files, its type, the value if nobody sets it, and what it does.

    `merges` marks tables: what is set with higher precedence then adds to the table rather than replacing it.
    """

    name: str
    kind: Kind[T_co]
    default: T_co
    help: str
    merges: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "DLINT_" + self.name.upper().replace("-", "_")


class Setting(NamedTuple):
    """A value and where it was written."""

    value: object
    place: Place


#: Values of options by the code of the rule and the name of the option.
RuleValues = Mapping[tuple[str, str], Setting]

SELECT: Key[tuple[str, ...]] = Key("select", kinds.SELECTORS, (), "the rules that run, instead of those of the profile")
IGNORE: Key[tuple[str, ...]] = Key("ignore", kinds.SELECTORS, (), "rules that do not run")
EXTEND_SELECT: Key[tuple[str, ...]] = Key("extend-select", kinds.SELECTORS, (), "rules that run as well")
EXTEND_IGNORE: Key[tuple[str, ...]] = Key("extend-ignore", kinds.SELECTORS, (), "further rules that do not run")
SEVERITY: Key[Mapping[str, Severity]] = Key(
    "severity", kinds.SEVERITIES, {}, "levels of rules: error, warning, info, style or off", merges=True
)
PER_FILE_IGNORES: Key[Mapping[Glob, tuple[str, ...]]] = Key(
    "per-file-ignores", kinds.IGNORES_BY_GLOB, {}, "rules that do not run on some files, by pattern", merges=True
)
PROFILE = Key("profile", kinds.choice(*PROFILES), "recommended", f"the set of rules: {', '.join(PROFILES)}")
FAIL_ON: Key[str | None] = Key(
    "fail-on",
    kinds.choice(
        "error",
        "warning",
        "info",
        "style",
        "never",
        hints={"none": _EVERYTHING_FAILS, "ignore": _EVERYTHING_FAILS},
    ),
    None,
    "the lowest level that makes the exit status 1; by default warning, in the profile hadolint info",
)
NO_FAIL = Key("no-fail", kinds.BOOLEAN, default=False, help="exit with 0 whatever was found")
FORMAT: Key[tuple[str, ...]] = Key(
    "format", kinds.FORMATS, ("text",), "how to report: text, json or sarif, each with an optional `:FILE`"
)
OUTPUT: Key[str | None] = Key("output", kinds.PATH, None, "the file to write the report to")
COLOR = Key("color", kinds.choice("auto", "always", "never"), "auto", "colours: auto, always or never")
INCLUDE: Key[tuple[Glob, ...]] = Key(
    "include", kinds.GLOBS, (), "which files of a folder are linted, instead of those with the usual names"
)
EXCLUDE: Key[tuple[Glob, ...]] = Key("exclude", kinds.GLOBS, (), "files and folders that are passed over in a folder")
RESPECT_GITIGNORE = Key("respect-gitignore", kinds.BOOLEAN, default=True, help="pass over what git ignores in a folder")
CONTEXT: Key[str | None] = Key("context", kinds.PATH, None, "the folder that is the build context")
TARGET: Key[str | None] = Key("target", kinds.TEXT, None, "the stage to build; by default the last")
BUILD_ARGS: Key[Mapping[str, str]] = Key("build-args", kinds.TEXT_TABLE, {}, "values of build arguments", merges=True)
PLATFORM = Key("platform", kinds.PLATFORM, "linux/amd64", "the target platform: os/arch or os/arch/variant")
NAMED_CONTEXTS: Key[Mapping[str, str]] = Key(
    "named-contexts", kinds.NAMED_CONTEXTS, {}, "further build contexts by name: NAME, or NAME=VALUE"
)
SUPPRESSIONS = Key("suppressions", kinds.BOOLEAN, default=True, help="whether comments may silence findings")

SHELLCHECK = Key(
    "shellcheck",
    kinds.SHELLCHECK,
    ShellcheckUse.AUTO,
    "whether ShellCheck looks at shell scripts: on, off, or auto, which means if it is installed",
)
PRICES = Key(
    "prices",
    kinds.BOOLEAN,
    default=False,
    help="whether findings about packages say how many bytes they cost, as far as built-in tables know it",
)


def kind_of(option: Option[Any]) -> Kind[object]:
    """The type of a rule's option: that of its default, within the bounds that the option sets."""
    default: object = option.default
    if isinstance(default, bool):
        return kinds.BOOLEAN
    if isinstance(default, int | float):
        return kinds.number(option.least, option.most, whole=isinstance(default, int))
    text = kinds.TEXT
    if option.choices:
        text = kinds.choice(*option.choices)
    elif option.pattern:
        text = kinds.matching(option.pattern, option.form)
    if isinstance(default, tuple):
        return kinds.TEXTS if text is kinds.TEXT else kinds.list_of(text)
    if isinstance(default, Mapping):
        return kinds.TEXT_TABLE if text is kinds.TEXT else kinds.table_of(text)
    return text


def key_of(option: Option[Any], name: str) -> Key[object]:
    """The top-level setting that an option brings, called `name` (its `setting`)."""
    default: object = option.default
    return Key(name, kind_of(option), default, option.help)


def _read_rules(node: Node, reader: Reader) -> RuleValues | None:
    """`rules: {RULE: {OPTION: VALUE}}`, where a rule is given by anything that means it alone."""
    if not isinstance(node, Table):
        kinds.wrong(node, reader, RULES.kind.expects)
        return None
    values: dict[tuple[str, str], Setting] = {}
    for entry in node.entries:
        found = reader.registry.named(entry.key)
        if not found:
            kinds.names_rules(entry.key, entry.place, reader)
        elif len(found) > 1:
            codes = ", ".join(rule.code for rule in found)
            reader.problem(entry.place, f"'{entry.key}' means several rules ({codes}): name one")
        elif not isinstance(entry.value, Table):
            kinds.wrong(entry.value, reader, f"a table of the options of '{entry.key}'")
        else:
            options = {option.name: option for option in found[0].options}
            for given in entry.value.entries:
                if _is_option(entry.key, given, options, reader):
                    value = kind_of(options[given.key]).read(given.value, reader)
                    values[found[0].code, given.key] = Setting(value, given.place)
    return values


def _is_option(rule: str, given: Entry, options: Mapping[str, Option[object]], reader: Reader) -> bool:
    if given.key in options:
        return True
    meant = nearest(given.key, options)
    hint = f"did you mean '{meant}'?" if meant else f"it has {', '.join(options) or 'none'}"
    reader.problem(given.place, f"'{rule}' has no option '{given.key}': {hint}")
    return False


RULES: Key[RuleValues] = Key(
    "rules",
    Kind("a table of rules and their options", _read_rules, None, {"$ref": "#/definitions/rules"}),
    {},
    "options of rules: `rules: {RULE: {OPTION: VALUE}}`",
    merges=True,
)

STATIC_KEYS: tuple[Key[object], ...] = (
    PROFILE,
    SELECT,
    EXTEND_SELECT,
    IGNORE,
    EXTEND_IGNORE,
    SEVERITY,
    PER_FILE_IGNORES,
    RULES,
    FAIL_ON,
    NO_FAIL,
    FORMAT,
    OUTPUT,
    COLOR,
    INCLUDE,
    EXCLUDE,
    RESPECT_GITIGNORE,
    CONTEXT,
    TARGET,
    BUILD_ARGS,
    PLATFORM,
    NAMED_CONTEXTS,
    SUPPRESSIONS,
    SHELLCHECK,
    PRICES,
)


def all_keys(registry: Registry) -> dict[str, Key[object]]:
    """Every setting by name: those above, and those that the options of rules bring (`Option.setting`)."""
    keys = {key.name: key for key in STATIC_KEYS}
    for rule in registry.rules:
        for option in rule.options:
            if option.setting is not None and option.setting not in keys:
                keys[option.setting] = key_of(option, option.setting)
    return keys
