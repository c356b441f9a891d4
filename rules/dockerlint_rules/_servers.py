"""Which port a server listens on, from the words that start it.

The defaults are those of each program's own documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.shell.interpreters import base_name
from dockerlint_rules._tables import names


class Server(NamedTuple):
    """What is known of a server: the port that it listens on unless it is told otherwise, None if there is none.

    `verbs` are sub-commands of which one must be there for the program to listen. `port` and `address` are its short
    options for a port and for `host:port`, besides the long ones that are understood for every program.
    """

    default: int | None
    verbs: frozenset[str] = frozenset()
    port: str = ""
    address: str = ""


class Listening(NamedTuple):
    """A port that a command listens on. `at` is the index of the word that says so, `by_default` if that is
    the program itself.
    """

    port: int
    at: int
    program: str
    by_default: bool


#: Programs that listen, by base name.
SERVERS: Mapping[str, Server] = MappingProxyType(
    {
        "alertmanager": Server(9093),
        "apache2-foreground": Server(80),
        "apache2ctl": Server(80),
        "apachectl": Server(80),
        "caddy": Server(80, names("run start file-server reverse-proxy")),
        "catalina.sh": Server(8080, names("run start")),
        "clickhouse-server": Server(8123),
        "consul": Server(8500, names("agent")),
        "daphne": Server(8000, port="-p"),
        "dnsmasq": Server(53, port="-p"),
        "elasticsearch": Server(9200),
        "etcd": Server(2379),
        "flask": Server(5000, names("run"), port="-p"),
        "grafana": Server(3000, names("server")),
        "grafana-server": Server(3000),
        "gunicorn": Server(8000, address="-b"),
        "http-server": Server(8080, port="-p"),
        "http.server": Server(8000),
        "httpd": Server(80),
        "httpd-foreground": Server(80),
        "hugo": Server(1313, names("server serve"), port="-p"),
        "hypercorn": Server(8000, address="-b"),
        "influxd": Server(8086),
        "jekyll": Server(4000, names("serve server s"), port="-P"),
        "json-server": Server(3000, port="-p"),
        "jupyter": Server(8888, names("lab notebook server")),
        "jupyter-lab": Server(8888),
        "jupyter-notebook": Server(8888),
        "lighttpd": Server(80),
        "loki": Server(3100),
        "manage.py": Server(8000, names("runserver")),
        "mariadbd": Server(3306, port="-P"),
        "memcached": Server(11211, port="-p"),
        "minio": Server(9000, names("server")),
        "mkdocs": Server(8000, names("serve"), address="-a"),
        "mongod": Server(27017),
        "mosquitto": Server(1883, port="-p"),
        "mysqld": Server(3306, port="-P"),
        "named": Server(53, port="-p"),
        "nats-server": Server(4222, port="-p"),
        "next": Server(3000, names("start dev"), port="-p"),
        "nginx": Server(80),
        "node_exporter": Server(9100),
        "nuxt": Server(3000, names("start dev"), port="-p"),
        "php": Server(None, names("-S"), address="-S"),
        "php-fpm": Server(9000),
        "postgres": Server(5432, port="-p"),
        "prometheus": Server(9090),
        "puma": Server(9292, port="-p"),
        "rabbitmq-server": Server(5672),
        "rails": Server(3000, names("server s"), port="-p"),
        "redis-server": Server(6379),
        "serve": Server(3000, port="-p", address="-l"),
        "squid": Server(3128),
        "streamlit": Server(8501, names("run")),
        "traefik": Server(80),
        "unicorn": Server(8080, port="-p"),
        "uvicorn": Server(8000),
        "valkey-server": Server(6379),
        "vault": Server(8200, names("server")),
        "waitress-serve": Server(8080),
    }
)

#: Environment variables that say which port a server listens on.
PORT_VARIABLES = names(
    """
    ASPNETCORE_HTTP_PORTS FLASK_RUN_PORT GRADIO_SERVER_PORT HTTP_PORT LISTEN_PORT PORT ROCKET_PORT SERVER_PORT
    STREAMLIT_SERVER_PORT UVICORN_PORT
    """
)

_PORT_OPTIONS = names("--port --http-port --http.port --server.port --listen-port --server-port --web-port --tcp-port")
_ADDRESS_OPTIONS = names(
    """
    --addr --address --bind --bind-address --http-addr --http-address --http.listen-address --listen --listen-address
    --listen-addr --web.listen-address --server.address
    """
)

# Their `--port` is that of the server they talk to.
_CLIENTS = names(
    """
    ab celery curl dockerize locust mongo mongodump mongorestore mongosh mysql mysqladmin mysqldump nc ncat pg_dump
    pg_isready pg_restore pgbench psql redis-cli rsync scp sftp ssh telnet wait-for wait-for-it wait-for-it.sh wget wrk
    """
)
_LOCAL = names("127.0.0.1 localhost ::1 [::1]")
_LAST_PORT = 65535
_PORT = re.compile(r"[0-9]{1,5}")
_ADDRESS = re.compile(r"(?:tcp://|https?://)?(?:(\[[0-9a-fA-F:]*\]|[A-Za-z0-9_.*+-]*):)?([0-9]{1,5})/?")


def listening_port(words: Sequence[str | None]) -> Listening | None:
    """The port that the command listens on: what it is told, else the default of the program if that is known.

    `words` are the program and its arguments, None where a word is not known. Nothing is found if the command only
    listens on the loopback interface, or if the place where a port is told is not known.
    """
    start, program = _program(words)
    if program is None or program in _CLIENTS:
        return None
    server = SERVERS.get(program)
    arguments = words[start + 1 :]
    if server is not None and server.verbs and not server.verbs.intersection(word for word in arguments if word):
        return None
    for at in range(start + 1, len(words)):
        option = _option(words[at], server)
        if option is not None:
            value_at = at if option.value is not None else at + 1
            value = option.value if value_at == at else (*words, None)[value_at]
            port = _port(value, option.is_address)
            return None if port is None else Listening(port, value_at, program, by_default=False)
    if server is None or server.default is None or None in arguments:
        return None
    return Listening(server.default, start, program, by_default=True)


def _program(words: Sequence[str | None]) -> tuple[int, str | None]:
    """The index and the name of the program, behind `python -m` and `python manage.py`."""
    name = base_name(words[0]) if words and words[0] else None
    if name is not None and name.startswith("python"):
        for at, word in enumerate(words[1:], 1):
            if word == "-m":
                return at + 1, words[at + 1] if at + 1 < len(words) else None
            if word is None or not word.startswith("-"):
                return at, None if word is None else base_name(word)
    return 0, name


class _Option(NamedTuple):
    """An option that tells a port; `value` is None where the next word has it."""

    value: str | None
    is_address: bool


def _option(word: str | None, server: Server | None) -> _Option | None:
    if word is None:
        return None
    name, equals, value = word.partition("=")
    is_port = name in _PORT_OPTIONS or (server is not None and name == server.port)
    is_address = name in _ADDRESS_OPTIONS or (server is not None and name == server.address)
    return _Option(value if equals else None, is_address) if is_port or is_address else None


def port_number(text: str) -> int | None:
    """The port that a text names, or None if it is none or leaves the choice to the system (0)."""
    number = int(text) if _PORT.fullmatch(text) else 0
    return number if 0 < number <= _LAST_PORT else None


def _port(value: str | None, is_address: bool) -> int | None:
    if value is None or not is_address:
        return None if value is None else port_number(value)
    match = _ADDRESS.fullmatch(value)
    return None if match is None or match[1] in _LOCAL else port_number(match[2])
