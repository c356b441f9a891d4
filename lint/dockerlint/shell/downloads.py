"""What commands download: the URLs of curl, wget and their like, and where what they fetch goes.

The options were checked with curl 7.88 and wget 1.21 (their help); newer ones of curl, and those of aria2, fetch and
PowerShell, are those of their manuals.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.shell.options import Flag, Options, Syntax, names, read_options
from dockerlint.shell.script import Command, Word

_CURL = """
    -A --user-agent -b --cookie -c --cookie-jar -C --continue-at -d --data -D --dump-header -e --referer -E --cert
    -F --form -H --header -K --config -m --max-time -o --output -P --ftp-port -Q --quote -r --range
    -t --telnet-option -T --upload-file -u --user -U --proxy-user -w --write-out -x --proxy -X --request
    -y --speed-time -Y --speed-limit -z --time-cond
    --abstract-unix-socket --alt-svc --aws-sigv4 --cacert --capath --cert-type --ciphers --connect-timeout
    --connect-to --create-file-mode --crlfile --curves --data-ascii --data-binary --data-raw --data-urlencode
    --delegation --dns-interface --dns-ipv4-addr --dns-ipv6-addr --dns-servers --doh-url --ech --egd-file --engine
    --etag-compare --etag-save --expect100-timeout --form-string --ftp-account --ftp-alternative-to-user --ftp-method
    --ftp-ssl-ccc-mode --happy-eyeballs-timeout-ms --haproxy-clientip --hostpubmd5 --hostpubsha256 --hsts --interface
    --ip-tos --ipfs-gateway --json --keepalive-cnt --keepalive-time --key --key-type --krb --libcurl --limit-rate
    --local-port --login-options --mail-auth --mail-from --mail-rcpt --max-filesize --max-redirs --netrc-file
    --noproxy --oauth2-bearer --output-dir --parallel-max --pass --pinnedpubkey --preproxy --proto --proto-default
    --proto-redir --proxy-cacert --proxy-capath --proxy-cert --proxy-cert-type --proxy-ciphers --proxy-crlfile
    --proxy-header --proxy-key --proxy-key-type --proxy-pass --proxy-pinnedpubkey --proxy-service-name
    --proxy-tls13-ciphers --proxy-tlsauthtype --proxy-tlspassword --proxy-tlsuser --proxy1.0 --pubkey --random-file
    --rate --request-target --resolve --retry --retry-delay --retry-max-time --sasl-authzid --service-name --socks4
    --socks4a --socks5 --socks5-gssapi-service --socks5-hostname --stderr --tftp-blksize --tls-max --tls13-ciphers
    --tlsauthtype --tlspassword --tlsuser --trace --trace-ascii --trace-config --unix-socket --url --url-query
    --variable --vlan-priority
"""
_WGET = """
    -a --append-output -A --accept -B --base -D --domains -e --execute -i --input-file -I --include-directories
    -l --level -n -o --output-file -O --output-document -P --directory-prefix -Q --quota -R --reject -t --tries
    -T --timeout -U --user-agent -w --wait -X --exclude-directories
    --accept-regex --bind-address --bind-dns-address --body-data --body-file --ca-certificate --ca-directory
    --certificate --certificate-type --ciphers --compression --config --connect-timeout --crl-file --cut-dirs
    --default-page --dns-servers --dns-timeout --egd-file --exclude-domains --follow-tags --ftp-password --ftp-user
    --header --hsts-file --http-password --http-passwd --http-user --ignore-tags --limit-rate --load-cookies
    --local-encoding --max-redirect --method --password --pinnedpubkey --post-data --post-file --prefer-family
    --preferred-location --private-key --private-key-type --progress --proxy-password --proxy-passwd --proxy-user
    --random-file --read-timeout --referer --regex-type --reject-regex --rejected-log --remote-encoding
    --report-speed --restrict-file-names --retry-on-http-error --save-cookies --secure-protocol --start-pos
    --use-askpass --user --waitretry --warc-dedup --warc-file --warc-header --warc-max-size --warc-tempdir
"""
_ARIA2 = """
    -d --dir -i --input-file -j --max-concurrent-downloads -k --min-split-size -l --log -m --max-tries -o --out
    -s --split -t --timeout -x --max-connection-per-server --all-proxy --ca-certificate --checksum --connect-timeout
    --console-log-level --file-allocation --header --http-passwd --http-user --log-level --lowest-speed-limit
    --max-download-limit --max-overall-download-limit --referer --retry-wait --save-session --summary-interval
    --user-agent
"""
_FETCH = "-B -h -i -N -o -S -T -w --bind-address --ca-cert --ca-path --cert --key --no-proxy --output --timeout"

#: In the order in which the start of a name is made up; PowerShell takes any start that is not ambiguous.
_POWERSHELL = (
    *("-uri", "-outfile", "-method", "-headers", "-body", "-useragent", "-usebasicparsing", "-websession"),
    *("-certificate", "-contenttype", "-credential", "-infile", "-maximumredirection", "-maximumretrycount", "-proxy"),
    *("-passthru", "-retryintervalsec", "-sessionvariable", "-skipcertificatecheck", "-sslprotocol", "-timeoutsec"),
    *("-token", "-transferencoding", "-authentication", "-custommethod", "-form", "-resume", "-verbose"),
)
_POWERSHELL_SWITCHES = names("-usebasicparsing -passthru -skipcertificatecheck -resume -verbose")
_POWERSHELL_SYNTAX = Syntax(valued=frozenset(_POWERSHELL) - _POWERSHELL_SWITCHES, single_dash=True)

_SYNTAX: Mapping[str, Syntax] = MappingProxyType(
    {
        "curl": Syntax(valued=names(_CURL)),
        "wget": Syntax(valued=names(_WGET)),
        "aria2c": Syntax(valued=names(_ARIA2)),
        "fetch": Syntax(valued=names(_FETCH)),
        "invoke-restmethod": _POWERSHELL_SYNTAX,
        "invoke-webrequest": _POWERSHELL_SYNTAX,
    }
)
#: With these nothing is fetched: they send, ask for headers only, or tell about the program.
_FETCHING_NOTHING: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "curl": names(
            "-d --data --data-ascii --data-binary --data-raw --data-urlencode -F --form --form-string --json -h --help"
            " -I --head -M --manual -T --upload-file -V --version"
        ),
        "wget": names("-h --help -V --version --body-data --body-file --post-data --post-file --spider"),
        "aria2c": names("-h --help -v --version --dry-run"),
        "invoke-restmethod": names("-body -form -infile"),
        "invoke-webrequest": names("-body -form -infile"),
    }
)
#: The programs that are known to download.
DOWNLOADERS = frozenset(_SYNTAX)
#: Options that name the file, and the folder, that a download goes to.
_OUTPUTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "curl": names("-o --output -O --remote-name"),
        "wget": names("-O --output-document"),
        "aria2c": names("-o --out"),
        "fetch": names("-o --output"),
        "invoke-restmethod": names("-outfile"),
        "invoke-webrequest": names("-outfile"),
    }
)
_FOLDERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "curl": names("--output-dir"),
        "wget": names("-P --directory-prefix"),
        "aria2c": names("-d --dir"),
    }
)
#: With these the server has a say in the name of the file, or there are more files than URLs.
_NAMED_BY_SERVER = names(
    "-J --remote-header-name --content-disposition --trust-server-names -r --recursive -m --mirror -x"
    " --force-directories"
)
_OF_POWERSHELL = names("invoke-restmethod invoke-webrequest")
#: Tools that put what they fetch out unless they are told otherwise.
_TO_OUTPUT = _OF_POWERSHELL | {"curl"}
_URL_OPTIONS = ("--url", "-uri")
_LIKE_URL = names("-O --remote-name")
_STANDARD_OUTPUT = ("-", "/dev/stdout")
_INTO_FILE = (">", ">>", ">|", "&>", "&>>")


class Sink(Enum):
    """Where a download goes: to a file, or to whatever reads the command's output."""

    FILE = "file"
    OUTPUT = "output"


class Download(NamedTuple):
    """One thing that a command fetches.

    `url` is the word with the URL, which need not be static. `path` is the name of the file as the command is given
    it or makes it of the URL, with `${NAME}` for variables (`Word.template`); None where it goes to no file, or the
    name is not known.
    """

    url: Word
    sink: Sink
    path: str | None = None


class Transfer(NamedTuple):
    """A command that is called to fetch something: the `tool`, its options, and what it fetches.

    `fetches` is False where the options say that nothing is downloaded (`--version`, `--spider`, a form that is sent).
    """

    command: Command
    tool: str
    options: Options
    downloads: tuple[Download, ...]
    fetches: bool = True

    def has(self, *names: str) -> bool:
        """Whether one of the options is given; of wget those of two letters (`-nv`), too."""
        return any(flag_name(flag) in names for flag in self.options.flags)


def flag_name(flag: Flag) -> str:
    """The name of an option; the letter behind wget's `-n` belongs to it."""
    if flag.name == "-n" and flag.value is not None and len(flag.value.text or "") == 1:
        return f"-n{flag.value.text}"
    return flag.name


def transfer_of(command: Command) -> Transfer | None:
    """What a command downloads; None if it is no program for that."""
    tool = command.name
    if tool is None or tool not in _SYNTAX:
        return None
    words = [_full_name(word) for word in command.arguments] if tool in _OF_POWERSHELL else command.arguments
    options = read_options(words, _SYNTAX[tool])
    fetches = not options.has(*_FETCHING_NOTHING.get(tool, ()))
    if tool == "curl" and _method(options) not in ("", "GET"):
        fetches = False
    return Transfer(command, tool, options, tuple(_downloads(command, tool, options)), fetches)


def file_of(url: str, *, with_query: bool = False) -> str:
    """The name of the file that a URL is for: blank if it has none. The scheme may be missing."""
    path = url.partition("#")[0]
    path = path if with_query else path.partition("?")[0]
    return path.rpartition("://")[2].partition("/")[2].rpartition("/")[2]


def _method(options: Options) -> str:
    """The method of an HTTP request as given, in upper case; blank if none is, or it is not static."""
    return next((value.text.upper() for value in options.values("-X", "--request") if value.text), "")


def _full_name(word: Word) -> Word:
    """An option of PowerShell with its whole name in lower case; any other word as it is."""
    if word.text is None or not word.text.startswith("-"):
        return word
    start = word.text.lower()
    name = next((name for name in _POWERSHELL if name.startswith(start)), start)
    return word._replace(text=name, parts=(name,))


def _downloads(command: Command, tool: str, options: Options) -> Iterator[Download]:
    urls = (*options.values(*_URL_OPTIONS), *options.operands)
    named = [flag for flag in options.flags if flag.name in _OUTPUTS[tool]]
    if tool != "curl":
        # One -O is for all URLs.
        named = named[-1:] * len(urls)
    own_names = tool not in _TO_OUTPUT or options.has("--remote-name-all")
    for number, url in enumerate(urls):
        flag = named[number] if number < len(named) else None
        if flag is None and not own_names:
            yield _redirected(command, url)
        elif flag is None or (tool == "curl" and flag.name in _LIKE_URL):
            yield Download(url, Sink.FILE, _in_folder(_name_of(url, tool, options), tool, options))
        else:
            path = None if flag.value is None else flag.value.template
            if path in _STANDARD_OUTPUT:
                yield _redirected(command, url)
            else:
                # wget's -O is not below its -P.
                yield Download(url, Sink.FILE, path if tool == "wget" else _in_folder(path, tool, options))


def _name_of(url: Word, tool: str, options: Options) -> str | None:
    template = url.template
    if template is None or options.has(*_NAMED_BY_SERVER):
        return None
    return file_of(template, with_query=tool == "wget") or None


def _in_folder(name: str | None, tool: str, options: Options) -> str | None:
    folders = [value.template for value in options.values(*_FOLDERS.get(tool, ()))]
    if name is None or not folders:
        return name
    return None if folders[-1] is None else posixpath.join(folders[-1], name)


def _redirected(command: Command, url: Word) -> Download:
    """A download that is written to standard output, which may be a file."""
    for redirect in reversed(command.redirects):
        if redirect.operator in _INTO_FILE and redirect.descriptor in (None, 1) and redirect.target is not None:
            return Download(url, Sink.FILE, redirect.target.template)
    return Download(url, Sink.OUTPUT)
