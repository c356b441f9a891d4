"""Names of variables that hold secrets, as BuildKit tells them: by the parts between underscores."""

from __future__ import annotations

#: A name with one of these parts is that of a secret.
SECRET_PARTS = frozenset(
    {
        "apikey",
        "auth",
        "credential",
        "credentials",
        "key",
        "passwd",
        "password",
        "pword",
        "secret",
        "token",
    }
)

#: A name with one of these parts is none, whatever else it says.
HARMLESS_PARTS = frozenset({"file", "public", "version"})

#: A name that ends with one of these parts tells where a secret is or what belongs to it, rather than the secret.
ATTRIBUTE_PARTS = frozenset(
    {
        "algorithm",
        "dir",
        "directory",
        "enabled",
        "endpoint",
        "expiry",
        "format",
        "header",
        "host",
        "id",
        "issuer",
        "length",
        "lifetime",
        "method",
        "mode",
        "name",
        "path",
        "policy",
        "provider",
        "realm",
        "scope",
        "server",
        "size",
        "timeout",
        "ttl",
        "type",
        "uri",
        "url",
        "user",
        "username",
    }
)

#: A name with one of these in it, whatever stands around it, is that of a secret for hadolint.
_HADOLINT_WORDS = ("api_key", "client_key", "password", "private", "secret", "token", "username")
_HADOLINT_NAMES = frozenset({"aws_access_key_id", "ci_deploy_user"})

#: Keys that are published on purpose: those that signatures are checked with.
PUBLIC_KEYS = frozenset({"gpg", "pgp", "signing"})


def names_secret(name: str) -> bool:
    """Whether BuildKit takes the name for that of a secret (SecretsUsedInArgOrEnv)."""
    parts = name.lower().split("_")
    return not SECRET_PARTS.isdisjoint(parts) and HARMLESS_PARTS.isdisjoint(parts)


def names_secret_for_hadolint(name: str) -> bool:
    """Whether hadolint takes the name for that of a secret, as its findings show."""
    lowered = name.lower()
    return lowered in _HADOLINT_NAMES or any(word in lowered for word in _HADOLINT_WORDS)


def names_attribute(name: str) -> bool:
    """Whether a name that speaks of a secret is rather that of its place, its size, or a public key."""
    parts = name.lower().split("_")
    return parts[-1] in ATTRIBUTE_PARTS or not PUBLIC_KEYS.isdisjoint(parts)
