"""The forms of credentials. Samples are put together here, so that none stands in the repository."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint_rules._credentials import credentials, looks_random
from tests.rules.support import Case, lint

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
HEX = DIGITS + "abcdef"
ALPHANUMERIC = LETTERS + LETTERS.upper() + DIGITS


def made(alphabet: str, length: int) -> str:
    """Random text, the same in each run."""
    return "".join(random.Random(f"{alphabet}{length}").choices(alphabet, k=length))


# Lengths and alphabets are those of the services' own documentation.
SAMPLES = {
    "a Databricks token": "dapi" + made(HEX, 32),
    "a DigitalOcean token": "dop_v1_" + made(HEX, 64),
    "a Docker access token": "dckr_pat_" + made(ALPHANUMERIC, 27),
    "a GitHub token": "ghp_" + made(ALPHANUMERIC, 36),
    "a GitLab token": "glpat-" + made(ALPHANUMERIC, 20),
    "a Google API key": "AIza" + made(ALPHANUMERIC, 35),
    "a Hugging Face token": "hf_" + made(ALPHANUMERIC, 34),
    "a PyPI token": "pypi-AgEIcHlwaS5vcmc" + made(ALPHANUMERIC, 120),
    "a SendGrid key": f"SG.{made(ALPHANUMERIC, 22)}.{made(ALPHANUMERIC, 43)}",
    "a Slack token": f"xoxb-{made(DIGITS, 11)}-{made(DIGITS, 12)}-{made(ALPHANUMERIC, 24)}",
    "a Slack webhook": "https://hooks.slack.com/services/"
    + "/".join(("T" + made(DIGITS, 8), "B" + made(DIGITS, 9), made(ALPHANUMERIC, 24))),
    "a Stripe key": "sk_live_" + made(ALPHANUMERIC, 24),
    "a Vault token": "hvs." + made(ALPHANUMERIC, 90),
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----\\n" + made(ALPHANUMERIC, 64),
    "an AWS access key": "AKIA" + made(LETTERS.upper() + "234567", 16),
    "an Anthropic API key": "sk-ant-api03-" + made(ALPHANUMERIC, 95),
    "an Azure storage key": f"AccountKey={made(ALPHANUMERIC + '+/', 86)}==",
    "an OpenAI API key": f"sk-{made(ALPHANUMERIC, 20)}T3BlbkFJ{made(LETTERS, 20)}",
    "an age secret key": "AGE-SECRET-KEY-1" + made(LETTERS.upper() + DIGITS, 58),
    "an npm token": "npm_" + made(ALPHANUMERIC, 36),
}


@pytest.mark.parametrize("what", SAMPLES)
@pytest.mark.parametrize("around", ["{}", "TOKEN={}", 'x "{}" y', "https://user:{}@example.com/", "\n{}\n"])
def test_a_credential_is_found_wherever_it_stands(what: str, around: str) -> None:
    text = around.format(SAMPLES[what])
    (found,) = credentials(text)
    assert found.what == what
    assert text[found.start : found.end] == SAMPLES[what]
    assert len(found.shown) < len(SAMPLES[what]) / 2


@pytest.mark.parametrize("sample", [*SAMPLES.values(), made(ALPHANUMERIC, 30)])
@pytest.mark.parametrize("instruction", ["ENV API_TOKEN={}", 'ARG API_TOKEN="{}"', "RUN export API_TOKEN={} && make"])
def test_no_message_shows_a_secret(instruction: str, sample: str, tmp_path: Path) -> None:
    case = Case(f"FROM scratch\n{instruction.format(sample)}\n")
    source, findings = lint(case, "DL7002", tmp_path)
    assert findings
    for finding in findings:
        assert source.slice(finding.span).strip('"') in sample
        assert sample[-8:] not in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "ghp_" + "x" * 36,
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + made(ALPHANUMERIC, 20),
        "my" + SAMPLES["a GitHub token"],
        SAMPLES["an npm token"] + "0",
        "npm_config_strict_ssl",
        "sk-learn",
        "-----BEGIN CERTIFICATE-----\\n" + made(ALPHANUMERIC, 64),
        "grep -q 'BEGIN RSA PRIVATE KEY' key.pem",
        "sed '/-----BEGIN PRIVATE KEY-----/d' key.pem",
        "sha256:" + made(HEX, 64),
    ],
)
def test_no_credential(text: str) -> None:
    assert list(credentials(text)) == []


@pytest.mark.parametrize(
    "value", [made(ALPHANUMERIC, 24), made(HEX, 32), "prefix-" + made(HEX, 40), made(ALPHANUMERIC + "+/", 40) + "=="]
)
def test_random_values(value: str) -> None:
    assert looks_random(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "change-me-please-1234",
        "correct-horse-battery-staple",
        "keycloak-openid-2",
        "/run/secrets/9f2c41d8a07b4e6f9d1c3a58",
        "https://example.org/9f2c41d8a07b4e6f9d1c3a58",
        "123e4567-e89b-12d3-a456-426614174000",
        "sha256:" + "9f2c41d8a07b4e6f9d1c3a58" * 2,
        "aaaaaaaaaaaaaaaaaaaa1",
        "1.2.3-rc.1+build.20250101",
        "application/vnd.example.manifest.v2",
    ],
)
def test_values_with_order(value: str) -> None:
    assert not looks_random(value)


@given(st.text() | st.text("ghp_eyJ.-AKIA sk01\\n"))
def test_any_text_can_be_searched(text: str) -> None:
    for found in credentials(text):
        assert 0 <= found.start < found.end <= len(text)
    looks_random(text)


@pytest.mark.parametrize(
    "part", ["eyJ", "ghp_", "eyJaaaaaaaaaa.", "AccountKey=", "-----BEGIN ", "-----BEGIN A ", "glc_aa/", "a", "xapp-1-"]
)
def test_a_long_text_takes_no_long_time(part: str) -> None:
    start = time.perf_counter()
    list(credentials(part * 50_000))
    assert time.perf_counter() - start < 2
