"""Files whose names say that they hold secrets."""

from __future__ import annotations

import re

_KEY = "a private key"
_STORE = "a store of keys"
_ENVIRONMENT = "a file of local settings"
_LOGIN = "a file of logins"
_CLOUD = "a file of cloud credentials"

#: By the last part of the path, in lower case.
_NAMES = {
    **dict.fromkeys(("id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_rsa"), _KEY),
    **dict.fromkeys((".env", ".envrc"), _ENVIRONMENT),
    **dict.fromkeys((".git-credentials", ".netrc", "_netrc", ".npmrc", ".pgpass", ".pypirc", ".dockercfg"), _LOGIN),
    **dict.fromkeys((".boto", ".s3cfg", "application_default_credentials.json"), _CLOUD),
    ".ssh": "a folder of keys",
    ".gnupg": "a folder of keys",
    ".aws": "a folder of cloud credentials",
    ".azure": "a folder of cloud credentials",
    ".kube": "a folder of cluster credentials",
    "kubeconfig": "a file of cluster credentials",
}

#: By the last two parts of the path.
_PATHS = {
    ".aws/credentials": _CLOUD,
    ".config/gcloud": "a folder of cloud credentials",
    ".docker/config.json": _LOGIN,
    ".kube/config": "a file of cluster credentials",
}

_ENDINGS = {
    **dict.fromkeys((".key", ".pem", ".ppk"), _KEY),
    **dict.fromkeys((".jceks", ".jks", ".kdbx", ".keystore", ".p12", ".pfx"), _STORE),
}

#: Files with such words in their names are shown around, or hold no value yet.
_TEMPLATE = re.compile(r"[._-](?:defaults?|dist|example|sample|schema|template|tmpl|tpl)(?![a-z])")
#: Public keys, certificates and parameters; the keys of those who sign packages end with `.key` as well.
_PUBLIC = re.compile(
    r"(?<![a-z])(?:archive|bundle|ca|cacerts?|cert|certificates?|certs|chain|crt|dh|dhparams?|ffdhe[0-9]+|fullchain|gpg"
    r"|keyring|pub|public|release|repo|root|signing|truststore)(?![a-z])"
)
_PUBLIC_ENDINGS = (".asc", ".cer", ".crt", ".gpg", ".pub")
_TRUSTED_PLACES = (
    "/apt/keyrings",
    "/apt/trusted.gpg.d",
    "/ca-certificates",
    "/rpm-gpg",
    "/share/keyrings",
    "/ssl/certs",
)


def sensitive_kind(path: str) -> str | None:
    """What a file or folder of that path probably holds, if it is secret: `a private key` …; None for any other."""
    parts = path.replace("\\", "/").rstrip("/").lower().split("/")
    name = parts[-1]
    if _TEMPLATE.search(name):
        return None
    kind = _NAMES.get(name) or _PATHS.get("/".join(parts[-2:]))
    if kind is not None:
        return kind
    if name.startswith(".env."):
        return _ENVIRONMENT
    stem, dot, ending = name.rpartition(".")
    kind = _ENDINGS.get(dot + ending)
    return None if kind is None or _PUBLIC.search(stem) else kind


def is_for_trust(path: str) -> bool:
    """Whether a path is one for the keys and certificates of others, which are public."""
    lowered = path.lower()
    return lowered.endswith(_PUBLIC_ENDINGS) or any(place in lowered for place in _TRUSTED_PLACES)
