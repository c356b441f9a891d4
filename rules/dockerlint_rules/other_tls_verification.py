"""Settings of further tools that turn off the verification of TLS certificates or of checksums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import ASSIGNMENT
from dockerlint.shell.script import Command, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Env, Instruction, Run, Transfer
from dockerlint_rules._assigned import assigned
from dockerlint_rules._runs import commands_of, here
from dockerlint_rules._tables import names
from dockerlint_rules._written import WRITERS, Line, written

_OFF = names("0 false no none off")
_ON = names("1 on true yes")
_ANY_SERVER = "packages are taken from any server"
_UNCHECKED = "nobody checks what modules are made of"

#: The values of variables that turn something off, and what follows from it.
_VARIABLES: Mapping[str, tuple[frozenset[str], str]] = MappingProxyType(
    {
        "ANSIBLE_GALAXY_IGNORE": (_ON, "collections are taken from any server"),
        "BUNDLE_SSL_VERIFY_MODE": (names("0 none"), _ANY_SERVER),
        "CONDA_SSL_VERIFY": (_OFF, _ANY_SERVER),
        "CURL_CA_BUNDLE": (frozenset({""}), "Python's requests accept any certificate"),
        "GONOSUMCHECK": (_ON, _UNCHECKED),
        "GONOSUMDB": (frozenset({"*"}), _UNCHECKED),
        "GOSUMDB": (names("off"), _UNCHECKED),
        "PERL_LWP_SSL_VERIFY_HOSTNAME": (names("0"), "Perl accepts any certificate"),
        "REQUESTS_CA_BUNDLE": (frozenset({""}), "Python's requests accept any certificate"),
    }
)

#: Options of programs, complete words without a value.
_OPTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ansible-galaxy": names("--ignore-certs"),
        "aws": names("--no-verify-ssl"),
        "composer": names("--disable-tls"),
        "conda": names("--insecure"),
        "helm": names("--insecure-skip-tls-verify"),
        "kubectl": names("--insecure-skip-tls-verify --insecure-skip-tls-verify=true"),
        "mamba": names("--insecure"),
        "oc": names("--insecure-skip-tls-verify --insecure-skip-tls-verify=true"),
        "php": names("--disable-tls"),
        "svn": names("--trust-server-cert"),
    }
)
_TRUSTING = "--trust-server-cert-failures"

#: Settings that commands of the form `PROGRAM config … NAME VALUE` make, and the values that turn something off.
_SETTINGS: Mapping[str, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "bundle": {"ssl_verify_mode": names("0 none")},
        "composer": {"secure-http": _OFF, "disable-tls": _ON},
        "conda": {"ssl_verify": _OFF},
        "mamba": {"ssl_verify": _OFF},
        "micromamba": {"ssl_verify": _OFF},
    }
)

_MAVEN = names("java mvn mvnd mvnw")
_MAVEN_VARIABLES = names("JAVA_TOOL_OPTIONS MAVEN_ARGS MAVEN_CLI_OPTS MAVEN_OPTS")
_MAVEN_PROPERTIES = names(
    "-Daether.connector.https.securityMode=insecure -Dmaven.wagon.http.ssl.allowall=true"
    " -Dmaven.wagon.http.ssl.insecure=true"
)

_PROGRAMS = frozenset((*_OPTIONS, *_SETTINGS, *_MAVEN, "bundler", "go"))

#: Lines of settings files, by the end of the file's name.
_LINES: Mapping[str, tuple[str, frozenset[str]]] = MappingProxyType(
    {"condarc": ("ssl_verify", _OFF), "gemrc": (":ssl_verify_mode", names("0"))}
)


@rule(
    "DL7027",
    "other-tls-verification-off",
    on=(Arg, Env, Run, Transfer),
    programs=(ASSIGNMENT, *_PROGRAMS, *WRITERS),
    severity=Severity.WARNING,
    tags=("security", "packages"),
)
def other_tls_verification_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A tool is told not to verify certificates, or the checksums of what it downloads.

    ## Why
    Without verification, packages come from whoever answers in place of the server: anybody on the way can put code
    into the image, and much of it runs while the image is built. `GOSUMDB=off` and `GONOSUMDB=*` give up the record of
    what each version of a Go module was made of. Install the authority of your own servers instead, and name private
    modules in `GOPRIVATE`.

    Looked at are gem, bundler, composer, Go, conda, Maven, Subversion, Ansible, the command lines of AWS, Kubernetes
    and Helm, and variables of Perl and of requests. There are rules of their own for pip (DL7017), Python (DL7018),
    Node.js (DL7019), npm (DL7024), git (DL7025) and yum (DL7026).

    ## Bad
        FROM composer:2
        RUN composer config --global disable-tls true

    ## Good
        FROM composer:2
        COPY ca.crt /usr/local/share/ca-certificates/company.crt
        RUN update-ca-certificates

    ## See
    - https://getcomposer.org/doc/06-config.md#disable-tls
    - https://go.dev/ref/mod#environment-variables
    - https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/settings.html
    """
    for variable in assigned(node, ctx):
        value = variable.value
        if value is None:
            continue
        setting = quoted(f"{variable.name}={value}")
        values, effect = _VARIABLES.get(variable.name, (frozenset[str](), ""))
        if value.lower() in values and (value or "$" not in ctx.source.slice(variable.value_span)):
            yield _finding(variable.span, setting, effect, ctx)
        elif variable.name == "GOINSECURE" and value:
            yield _finding(variable.span, setting, "modules are taken from any server", ctx)
        elif variable.name in _MAVEN_VARIABLES and not _MAVEN_PROPERTIES.isdisjoint(value.split()):
            yield _finding(variable.span, setting, _ANY_SERVER, ctx)
    if isinstance(node, Run):
        for command in commands_of(here(node, ctx), ctx):
            for span in _of_command(command) if command.name in _PROGRAMS else ():
                effect = _UNCHECKED if command.name == "go" else f"{command.name} accepts any certificate"
                yield _finding(span, quoted(ctx.source.slice(span)), effect, ctx)
    if isinstance(node, (Run, Transfer)) and ctx.step is not None:
        for line in _lines(node, ctx):
            yield _finding(line.span, quoted(line.text.strip()), _ANY_SERVER, ctx)


def _finding(span: Span, what: str, effect: str, ctx: RuleContext) -> Finding:
    instead = (
        "name private modules in GOPRIVATE" if effect == _UNCHECKED else "install the authority of your own servers"
    )
    return ctx.finding(span, f"with {what} {effect}: remove it, and {instead}")


def _of_command(command: Command) -> Iterator[Span]:
    """The places where a command turns verification off."""
    name, words = command.name or "", command.arguments
    options = _OPTIONS.get(name, frozenset())
    for word in words:
        text = word.text or ""
        is_property = name in _MAVEN and text in _MAVEN_PROPERTIES
        if text in options or is_property or (name == "svn" and text.startswith(_TRUSTING)):
            yield word.span
    if name in ("bundle", "bundler", "composer", "conda", "mamba", "micromamba"):
        yield from _settings(words, _SETTINGS["bundle" if name == "bundler" else name])
    elif name == "go" and [word.text for word in words[:2]] == ["env", "-w"]:
        yield from (word.span for word in words[2:] if _is_off_in_go(word.text or ""))


def _settings(words: tuple[Word, ...], wanted: Mapping[str, frozenset[str]]) -> Iterator[Span]:
    """The names with their values where `config` sets something that turns verification off."""
    if not words or words[0].text != "config":
        return
    for word, value in pairwise(words):
        if (value.text or "").lower() in wanted.get(word.text or "", frozenset()):
            yield word.span.cover(value.span)


def _is_off_in_go(setting: str) -> bool:
    name, _, value = setting.partition("=")
    values, _ = _VARIABLES.get(name, (frozenset[str](), ""))
    return value in values or (name == "GOINSECURE" and bool(value))


def _lines(node: Instruction, ctx: RuleContext) -> Iterator[Line]:
    """The lines of settings files that turn verification off."""
    for text in written(here(node, ctx), ctx):
        wanted = next((setting for ending, setting in _LINES.items() if text.path.endswith(ending)), None)
        if wanted is None:
            continue
        for line in text.lines:
            name, _, value = line.text.strip().rpartition(":")
            if name.strip() == wanted[0] and value.strip().lower() in wanted[1]:
                yield line
