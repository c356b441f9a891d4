"""Credentials by their form: the tokens and keys that services give out, and values too random to be anything else.

The forms are those that the services document for their own secret scanners. A token begins where a run of letters,
digits and `_.-` begins, and each run is looked at once, so the work is linear in the length of the text.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple


class Credential(NamedTuple):
    """A credential in a text: what it is, where, and the part of it that may be shown since all of its kind have it."""

    what: str
    start: int
    end: int
    shown: str


class _Form(NamedTuple):
    """Credentials that begin with one of the prefixes and go on with what the pattern fits."""

    what: str
    prefixes: tuple[str, ...]
    rest: str


_FORMS = (
    _Form("an Anthropic API key", ("sk-ant-",), r"[A-Za-z0-9_-]{40,}"),
    _Form("an Artifactory API key", ("AKCp",), r"[A-Za-z0-9]{69}"),
    _Form("an Atlassian token", ("ATATT3",), r"[A-Za-z0-9_-]{60,}"),
    _Form("an AWS access key", ("AKIA", "ASIA"), r"[A-Z2-7]{16}"),
    _Form("a Databricks token", ("dapi",), r"[0-9a-f]{32}(?:-[0-9])?"),
    _Form("a DigitalOcean token", ("doo_v1_", "dop_v1_", "dor_v1_"), r"[0-9a-f]{64}"),
    _Form("a Docker access token", ("dckr_pat_", "dckr_oat_"), r"[A-Za-z0-9_-]{20,}"),
    _Form("a Doppler token", ("dp.pt.", "dp.st."), r"[A-Za-z0-9_.-]{40,}"),
    _Form("a GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"[A-Za-z0-9]{36,255}"),
    _Form("a GitHub token", ("github_pat_",), r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _Form(
        "a GitLab token",
        ("glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glsoat-", "gloas-", "glimt-", "glagent-"),
        r"[A-Za-z0-9_.-]{20,}",
    ),
    _Form("a Google API key", ("AIza",), r"[A-Za-z0-9_-]{35}"),
    _Form("a Google client secret", ("GOCSPX-",), r"[A-Za-z0-9_-]{28}"),
    _Form("a Grafana token", ("glsa_",), r"[A-Za-z0-9]{32}_[0-9a-fA-F]{8}"),
    _Form("a Hugging Face token", ("hf_",), r"[A-Za-z0-9]{34}"),
    _Form("a JSON web token", ("eyJ",), r"[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    _Form("a Linear API key", ("lin_api_",), r"[A-Za-z0-9]{40}"),
    _Form("a New Relic key", ("NRAK-",), r"[A-Z0-9]{27}"),
    _Form("an npm token", ("npm_",), r"[A-Za-z0-9]{36}"),
    _Form("a NuGet key", ("oy2",), r"[a-z0-9]{43}"),
    _Form("an OpenAI API key", ("sk-proj-", "sk-svcacct-", "sk-admin-"), r"[A-Za-z0-9_-]{40,}"),
    _Form("an OpenAI API key", ("sk-",), r"[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    _Form("a PlanetScale token", ("pscale_tkn_", "pscale_pw_", "pscale_oauth_"), r"[A-Za-z0-9_.-]{30,}"),
    _Form("a Postman key", ("PMAK-",), r"[0-9a-f]{24}-[0-9a-f]{34}"),
    _Form("a PyPI token", ("pypi-AgE",), r"[A-Za-z0-9_-]{50,}"),
    _Form("a RubyGems key", ("rubygems_",), r"[0-9a-f]{48}"),
    _Form("a SendGrid key", ("SG.",), r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    _Form("a Sentry token", ("sntryu_",), r"[0-9a-f]{64}"),
    _Form("a Shopify token", ("shpat_", "shpca_", "shppa_", "shpss_"), r"[0-9a-fA-F]{32}"),
    _Form("a Slack token", ("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"), r"[A-Za-z0-9-]{10,}"),
    _Form("a Slack token", ("xapp-",), r"[0-9]-[A-Z0-9]{5,}-[0-9]{5,}-[a-z0-9]{20,}"),
    _Form("a Stripe key", ("sk_live_", "rk_live_"), r"[A-Za-z0-9]{20,}"),
    _Form("a Supabase token", ("sbp_",), r"[0-9a-f]{40}"),
    _Form("a Tailscale key", ("tskey-auth-", "tskey-api-", "tskey-client-"), r"[A-Za-z0-9-]{20,}"),
    _Form("a Vault token", ("hvs.", "hvb.", "hvr."), r"[A-Za-z0-9_-]{24,}"),
    _Form("an age secret key", ("AGE-SECRET-KEY-1",), r"[0-9A-Z]{58}"),
)

#: A run of characters of which tokens are made; none is shorter than its prefix.
_RUN = re.compile(r"[A-Za-z0-9_.-]{4,}")
_RUN_END = r"(?![A-Za-z0-9_])"

#: These do not begin where a run begins.
_ANYWHERE = (
    _Form("an Azure storage key", ("AccountKey=",), r"[A-Za-z0-9+/]{86}=="),
    _Form(
        "a Slack webhook",
        ("https://hooks.slack.com/services/",),
        r"T[A-Z0-9]{6,16}/B[A-Z0-9]{6,16}/[A-Za-z0-9]{20,40}",
    ),
    _Form(
        "a private key",
        ("-----BEGIN ",),
        # Line ends may be written as such, as `\n`, or behind a continuation.
        r"(?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|[\s\\\"'+]){1,8}[A-Za-z0-9+/]{20,80}",
    ),
)
_PLACEHOLDER = re.compile(
    r"example|change|your|placeholder|dummy|sample|fake|replace|insert|x{4}|\*{3}|0{6}|1234567|abcdef|<|\{\{|%\w",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_RANDOM_PART = re.compile(r"[A-Za-z0-9]{16,}")
_LONGEST_RANDOM = 512
_LEAST_ENTROPY = 3.0  # bits for each character; 16 random hexadecimal digits have 3.3 on average


def credentials(text: str) -> Iterator[Credential]:
    """The credentials in a text, by offsets into it, other than obvious placeholders; not in order."""
    # Most files have none of the prefixes, and need not be looked at run by run.
    by_start = _by_start() if any(prefix in text for prefix in _prefixes()) else {}
    for run in _RUN.finditer(text) if by_start else ():
        for form in by_start.get(run.group()[:3], ()):
            found = _read(form, text, run.start(), _RUN_END)
            if found is not None:
                yield found
                break
    for form in _ANYWHERE:
        at = text.find(form.prefixes[0])
        while at >= 0:
            found = _read(form, text, at)
            if found is not None:
                yield found
            at = text.find(form.prefixes[0], at + len(form.prefixes[0]))


def _read(form: _Form, text: str, at: int, end: str = "") -> Credential | None:
    match = _pattern(form, end).match(text, at)
    if match is None or is_placeholder(match.group()):
        return None
    shown = next(prefix for prefix in form.prefixes if text.startswith(prefix, at))
    return Credential(form.what, at, match.end(), shown)


def is_placeholder(value: str) -> bool:
    """Whether a value only shows where a real one goes."""
    return _PLACEHOLDER.search(value) is not None or len(set(value)) < 6


def looks_random(value: str) -> bool:
    """Whether a value was made by a machine to be unknown: long, of letters and digits, and without order.

    Words joined by dashes, paths, URLs, UUIDs, digests with their algorithm and placeholders do not.
    """
    if len(value) > _LONGEST_RANDOM or value[:1] in "/.~" or "://" in value or is_placeholder(value):
        return False
    if _UUID.fullmatch(value) or value.startswith(("sha1:", "sha256:", "sha512:", "md5:")):
        return False
    return any(_is_mixed(part) and _entropy(part) >= _LEAST_ENTROPY for part in _RANDOM_PART.findall(value))


def _is_mixed(part: str) -> bool:
    return any(char.isdigit() for char in part) and any(char.isalpha() for char in part)


def _entropy(part: str) -> float:
    """Shannon's entropy of the characters, in bits for each."""
    counts = Counter(part).values()
    return -sum(count / len(part) * math.log2(count / len(part)) for count in counts)


@cache
def _prefixes() -> tuple[str, ...]:
    return tuple(prefix for form in _FORMS for prefix in form.prefixes)


@cache
def _by_start() -> dict[str, tuple[_Form, ...]]:
    """The forms by the first three characters, which all prefixes have."""
    found: dict[str, tuple[_Form, ...]] = {}
    for form in _FORMS:
        for start in dict.fromkeys(prefix[:3] for prefix in form.prefixes):
            found[start] = (*found.get(start, ()), form)
    return found


@cache
def _pattern(form: _Form, end: str) -> re.Pattern[str]:
    prefixes = "|".join(re.escape(prefix) for prefix in form.prefixes)
    return re.compile(rf"(?:{prefixes})(?:{form.rest}){end}")
