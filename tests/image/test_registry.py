"""Registries on the loopback: a real one, and such as answer wrongly."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from dockerlint.image.registry import Registry, RegistryError
from dockerlint.layers.sizes.remembered import Remembered
from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.syntax.image_references import ImageReference
from tests.image.images import OCI_INDEX, OCI_MANIFEST, SmallImage, digest_of, small_image
from tests.servers import Answer, content, dripping, dripping_headers, http_server


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


def facts(url: str, tag: str = "1", platform: str = "linux/arm64", **options: object) -> BaseFacts:
    host = url.removeprefix("http://")
    timeout = options.get("timeout", 2.0)
    assert isinstance(timeout, float)
    return Registry(platform, timeout=timeout).facts(ImageReference(host, "team/app", tag))


class Hub:
    """Serves one image as a registry does. `changes` replace answers by path, `token` makes it ask for one."""

    def __init__(self, image: SmallImage, changes: Mapping[str, Answer] | None = None, token: str = "") -> None:
        self.image = image
        self.changes = changes or {}
        self.token = token
        self.asked: list[tuple[str, str | None]] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((handler.path, handler.headers.get("Authorization")))
        path = handler.path.partition("?")[0].removeprefix("/v2/team/app")
        if path in self.changes:
            self.changes[path](handler)
        elif path == "/token":
            content(json.dumps({"token": self.token}).encode())(handler)
        elif self.token and handler.headers.get("Authorization") != f"Bearer {self.token}":
            host = handler.headers["Host"]
            handler.send_response(401)
            handler.send_header("WWW-Authenticate", f'Bearer realm="http://{host}/token",service="s"')
            handler.end_headers()
        elif path == "/manifests/1":
            content(self.image.index_json)(handler)
        else:
            body = self.image.blobs.get(path.rpartition("/")[2])
            content(body or b"", 200 if body else 404)(handler)


def test_the_configuration_for_the_platform() -> None:
    image = small_image()
    with http_server(Hub(image)) as url:
        found = facts(url)
    assert found.environment == {"ARCH": "arm64"}
    assert found.platforms == ("linux/amd64", "linux/arm64")
    assert found.layer_sizes == (image.layer_size,)
    assert found.source.startswith("registry 127.0.0.1:")


def test_a_token_is_asked_for_once() -> None:
    hub = Hub(small_image(), token="t0ken")
    with http_server(hub) as url:
        assert facts(url).user == "app"
    assert [path for path, _ in hub.asked if path.startswith("/token")] == [
        "/token?service=s&scope=repository%3Ateam%2Fapp%3Apull"
    ]
    assert [login for path, login in hub.asked if path.endswith("/manifests/1")] == [None, "Bearer t0ken"]


def test_what_was_kept_is_not_asked_for_again(tmp_path: Path) -> None:
    now = [time.time()]
    hub = Hub(small_image(), token="t")
    with http_server(hub) as url:

        def looked_up() -> BaseFacts:
            memory = Remembered(str(tmp_path), clock=lambda: now[0])
            return Registry("linux/arm64", memory=memory).facts(
                ImageReference(url.removeprefix("http://"), "team/app", "1")
            )

        found = looked_up()
        hub.asked.clear()
        now[0] += 500
        assert looked_up() == found
        assert hub.asked == []
        # A tag may mean another image by now; all else has a digest.
        now[0] += 500
        assert looked_up() == found
        assert {path.rpartition("/")[2].partition("?")[0] for path, _ in hub.asked} == {"1", "token"}


@pytest.mark.parametrize("change", ["/manifests/1", "digest"])
def test_what_is_of_no_use_is_not_kept(tmp_path: Path, change: str) -> None:
    image = small_image()
    path = f"/manifests/{image.manifests()[1]}" if change == "digest" else change
    hub = Hub(image, {path: content(b"nonsense")})
    memory = Remembered(str(tmp_path))
    with http_server(hub) as url:
        reference = ImageReference(url.removeprefix("http://"), "team/app", "1")
        with pytest.raises(RegistryError):
            Registry("linux/arm64", memory=memory).facts(reference)
        hub.changes = {}
        assert Registry("linux/arm64", memory=memory).facts(reference).environment == {"ARCH": "arm64"}


def test_a_login_of_the_docker_client_is_used(tmp_path: Path) -> None:
    hub = Hub(small_image(), token="t")
    login = base64.b64encode(b"me:secret").decode()
    with http_server(hub) as url:
        auths = {url.removeprefix("http://"): {"auth": login}}
        (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
        facts(url)
    assert [auth for path, auth in hub.asked if path.startswith("/token")] == [f"Basic {login}"]


def test_a_login_does_not_follow_a_redirect() -> None:
    image = small_image()
    other = Hub(image)
    with http_server(other) as elsewhere:

        def away(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(307)
            handler.send_header("Location", elsewhere + handler.path)
            handler.end_headers()

        manifest = json.loads(image.blobs[image.manifests()[1]])
        hub = Hub(image, {f"/blobs/{manifest['config']['digest']}": away}, token="t")
        with http_server(hub) as url:
            assert facts(url).user == "app"
    assert [login for _, login in other.asked] == [None]


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 100_000)


def _loop(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.end_headers()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (content(b"{}"), "names no configuration"),
        (content(b"no"), "is no JSON"),
        (content(b"", 404), "there is no such image"),
        (content(b"", 500), "with status 500"),
        (content(b"", 401), "wants a login"),
        (_endless, "more than 8,000,000 bytes"),
        (dripping, "cannot be asked: timed out"),
        (dripping_headers, "cannot be asked: timed out"),
        (_loop, "status 302"),
        (lambda _: None, "cannot be asked"),
        (lambda _: time.sleep(2), "cannot be asked: timed out"),
    ],
)
def test_what_goes_wrong_is_said(answer: Answer, reason: str) -> None:
    with http_server(Hub(small_image(), {"/manifests/1": answer})) as url, pytest.raises(RegistryError, match=reason):
        facts(url, timeout=0.5)


def test_a_platform_that_is_not_offered() -> None:
    with http_server(Hub(small_image())) as url, pytest.raises(RegistryError, match="no image for linux/s390x"):
        facts(url, platform="linux/s390x")


def test_content_with_another_digest_is_refused() -> None:
    image = small_image()
    wrong = {f"/manifests/{image.manifests()[1]}": content(image.blobs[image.manifests()[0]])}
    with http_server(Hub(image, wrong)) as url, pytest.raises(RegistryError, match="does not have the digest"):
        facts(url)


@contextmanager
def real_registry(folder: Path) -> Iterator[str]:
    """The URL of a registry that keeps its data in a folder."""
    program = shutil.which("docker-registry") or shutil.which("registry")
    if program is None:
        pytest.skip("the program docker-registry is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    url = f"http://127.0.0.1:{port}"
    output = subprocess.DEVNULL
    with subprocess.Popen([program, "serve", str(config)], stdout=output, stderr=output) as process:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def _send(url: str, method: str, data: bytes, media_type: str) -> Mapping[str, str]:
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": media_type})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return dict(answer.headers)


def _push(url: str, image: SmallImage) -> None:
    repository = f"{url}/v2/team/app"
    for digest, data in image.blobs.items():
        if digest not in image.manifests():
            place = _send(f"{repository}/blobs/uploads/", "POST", b"", "application/octet-stream")["Location"]
            _send(f"{place}&digest={digest}", "PUT", data, "application/octet-stream")
    for digest in image.manifests():
        _send(f"{repository}/manifests/{digest}", "PUT", image.blobs[digest], OCI_MANIFEST)
    _send(f"{repository}/manifests/1", "PUT", image.index_json, OCI_INDEX)


def test_a_real_registry(tmp_path: Path) -> None:
    image = small_image()
    with real_registry(tmp_path) as url:
        _push(url, image)
        assert facts(url, platform="linux/amd64").environment == {"ARCH": "amd64"}
        host = url.removeprefix("http://")
        by_digest = ImageReference(host, "team/app", "ignored", digest_of(image.index_json))
        assert Registry("linux/arm64").facts(by_digest).environment == {"ARCH": "arm64"}
        with pytest.raises(RegistryError, match="there is no such image"):
            facts(url, tag="2")
