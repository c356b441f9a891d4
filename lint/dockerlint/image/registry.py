"""Facts about images from a registry, by the distribution protocol.

Only manifests and configurations are fetched, no layers. Tokens are asked for as a registry demands it; logins are
those of the Docker client's configuration, without its helper programs.
https://github.com/opencontainers/distribution-spec
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import re
import urllib.error
import urllib.parse
from collections.abc import Mapping
from typing import NamedTuple, Protocol
from urllib.request import OpenerDirector

from dockerlint import web
from dockerlint.image.documents import (
    INDEX_TYPES,
    MANIFEST_TYPES,
    MOST_BYTES,
    DocumentError,
    Table,
    chosen,
    config_of,
    facts_of,
    is_index,
    layers_of,
    manifests,
    read_document,
)
from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.syntax.image_references import DEFAULT_DOMAIN, ImageReference
from dockerlint.syntax.invalid import quoted

_HUB = "registry-1.docker.io"
_HUB_LOGIN = "https://index.docker.io/v1/"
_LOCAL = re.compile(r"(?:localhost|127\.[0-9.]+|\[::1\])(?::[0-9]+)?")
_CHALLENGE = re.compile(r'([a-zA-Z_]{1,40})="([^"]{0,2000})"')
_MOST_TOKEN_BYTES = 1_000_000
#: Seconds for which a tag is taken to mean the image that it meant; what has a digest never changes.
_FRESH = 600.0


class RegistryError(Exception):
    """A registry does not give what was asked for; the message says which registry, and why."""


class Memory(Protocol):
    """Keeps what registries have answered between runs of the program."""

    def get(self, key: str, seconds: float | None = None) -> bytes | None:
        """What was kept, unless it is older than some seconds; None if there is nothing."""

    def put(self, key: str, content: bytes) -> None:
        """Keep something, if that is possible."""


class _NoMemory:
    """Keeps nothing."""

    def get(self, key: str, seconds: float | None = None) -> bytes | None:
        """See `Memory`."""
        del key, seconds
        return None

    def put(self, key: str, content: bytes) -> None:
        """See `Memory`."""
        del key, content


NO_MEMORY: Memory = _NoMemory()


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """Asks registries for images of one platform, `os/arch[/variant]`. Each request may take `timeout` seconds.

    `memory` spares requests for what was asked a short time ago, and for what has a digest.
    """

    def __init__(
        self,
        platform: str,
        *,
        timeout: float = 10.0,
        logins: Mapping[str, str] | None = None,
        memory: Memory = NO_MEMORY,
    ) -> None:
        self._platform = platform
        self._memory = memory
        self._timeout = timeout
        self._logins = _logins() if logins is None else logins
        self._tokens: dict[tuple[str, str], str] = {}
        self._opener: OpenerDirector | None = None

    def facts(self, reference: ImageReference) -> BaseFacts:
        """What an image hands down. Raises `RegistryError`."""
        image = reference.resolved()
        platforms: tuple[str, ...] = ()
        try:
            document = self._manifest(image, image.digest or image.tag)
            if is_index(document):
                found = manifests(document)
                platforms = tuple(dict.fromkeys(each.platform for each in found if each.platform))
                entry = chosen(found, self._platform)
                if entry is None:
                    raise RegistryError(f"{quoted(reference.familiar)} has no image for {self._platform}")
                document = self._manifest(image, entry.digest)
            config = config_of(document)
            settings = self._document(image, f"blobs/{config.digest}", (), config.digest)
            sizes = tuple(layer.size for layer in layers_of(document))
            return facts_of(settings, f"registry {image.domain}", layer_sizes=sizes, platforms=platforms)
        except DocumentError as error:
            raise RegistryError(f"{quoted(reference.familiar)}: the registry's answer is of no use: {error}") from error

    def _manifest(self, image: ImageReference, which: str) -> Table:
        accepted = (*INDEX_TYPES, *MANIFEST_TYPES)
        return self._document(image, f"manifests/{which}", accepted, which if ":" in which else "")

    def _document(self, image: ImageReference, what: str, accepted: tuple[str, ...], digest: str) -> Table:
        """A document: what was kept, else what the registry gives. It has the digest, unless that is ""."""
        key = f"{image.domain}/{image.path} {what}"
        kept = self._memory.get(key, None if digest else _FRESH)
        if kept is not None:
            return read_document(kept)
        content = self._get(image, what, accepted)
        if digest:
            _verify(content, digest)
        document = read_document(content)
        self._memory.put(key, content)
        return document

    def _get(self, image: ImageReference, what: str, accepted: tuple[str, ...]) -> bytes:
        host = _HUB if image.domain == DEFAULT_DOMAIN else image.domain
        scheme = "http" if _LOCAL.fullmatch(host) else "https"
        url = f"{scheme}://{host}/v2/{image.path}/{what}"
        headers = {"Accept": ", ".join(accepted)} if accepted else {}
        token = self._tokens.get((host, image.path))
        answer = self._request(url, {**headers, **({"Authorization": token} if token else {})})
        if answer.status == http.client.UNAUTHORIZED:
            token = self._authorization(answer, host, image)
            self._tokens[host, image.path] = token
            answer = self._request(url, {**headers, "Authorization": token})
        if answer.status != http.client.OK:
            raise RegistryError(f"{quoted(image.familiar)}: the registry answers {_meaning(answer.status)}")
        return answer.body

    def _authorization(self, answer: _Answer, host: str, image: ImageReference) -> str:
        """The header that a registry wants to see, as its challenge says."""
        challenge = answer.headers.get("www-authenticate", "")
        login = self._logins.get(_HUB_LOGIN if host == _HUB else host)
        kind, _, rest = challenge.partition(" ")
        if kind.lower() == "basic" and login:
            return f"Basic {login}"
        values = dict(_CHALLENGE.findall(rest))
        realm = values.get("realm", "")
        scheme = urllib.parse.urlsplit(realm).scheme
        plain_allowed = scheme == "http" and _LOCAL.fullmatch(urllib.parse.urlsplit(realm).netloc) is not None
        if kind.lower() != "bearer" or not (scheme == "https" or plain_allowed):
            raise RegistryError(f"{quoted(image.familiar)}: the registry wants a login that is not known here")
        query = {"service": values.get("service", ""), "scope": values.get("scope") or f"repository:{image.path}:pull"}
        url = f"{realm}{'&' if '?' in realm else '?'}{urllib.parse.urlencode(query)}"
        headers = {"Authorization": f"Basic {login}"} if login else {}
        given = self._request(url, headers, _MOST_TOKEN_BYTES)
        document = read_document(given.body) if given.status == http.client.OK else {}
        token = document.get("token") or document.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise RegistryError(f"{quoted(image.familiar)}: the registry gives no token: {_meaning(given.status)}")
        return f"Bearer {token}"

    def _request(self, url: str, headers: Mapping[str, str], most: int = MOST_BYTES) -> _Answer:
        """One GET, with redirects; a login goes to the first host only. Raises `RegistryError`."""
        host = urllib.parse.urlsplit(url).netloc
        request = web.request(url, headers)
        # To make one takes time, and what was kept needs none.
        self._opener = self._opener or web.opener()
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                body = web.body(answer, most + 1, self._timeout)
                status: int = answer.status
                found = {name.lower(): value for name, value in answer.headers.items()}
        except urllib.error.HTTPError as error:
            with error:
                return _Answer(error.code, {name.lower(): value for name, value in error.headers.items()}, b"")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise RegistryError(f"the registry {host} cannot be asked: {web.reason(error)}") from error
        if len(body) > most:
            raise RegistryError(f"the registry {host} answers with more than {most:,} bytes")
        return _Answer(status, found, body)


def _verify(content: bytes, digest: str) -> None:
    """Raise `DocumentError` unless a content has the digest."""
    algorithm, _, wanted = digest.partition(":")
    if algorithm not in ("sha256", "sha512"):
        raise DocumentError(f"the digest {quoted(digest[:80])} is of an unknown kind")
    if hashlib.new(algorithm, content).hexdigest() != wanted:
        raise DocumentError(f"its content does not have the digest {digest[:80]}")


def _meaning(status: int) -> str:
    words = {401: "that a login is needed", 403: "that this is forbidden", 404: "that there is no such image"}
    return words.get(status, f"with status {status}")


def _logins() -> dict[str, str]:
    """The logins in the Docker client's configuration, by registry, as the header wants them."""
    folder = os.environ.get("DOCKER_CONFIG") or os.path.join(os.path.expanduser("~"), ".docker")
    try:
        with open(os.path.join(folder, "config.json"), "rb") as file:
            config = json.loads(file.read(MOST_BYTES))
        entries = config["auths"].items()
    except (OSError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return {}
    return {name: entry["auth"] for name, entry in entries if isinstance(entry, dict) and _is_login(entry.get("auth"))}


def _is_login(value: object) -> bool:
    try:
        return isinstance(value, str) and b":" in base64.b64decode(value, validate=True)
    except ValueError:
        return False
