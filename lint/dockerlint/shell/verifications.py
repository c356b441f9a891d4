"""Which commands hold files against a checksum or a signature."""

from __future__ import annotations

from dockerlint.shell.options import NO_VALUES, names, read_options
from dockerlint.shell.script import Command, ScopeKind

#: Programs that work out checksums.
SUM_TOOLS = names(
    "sha1sum sha224sum sha256sum sha384sum sha512sum sha3sum shasum md5sum b2sum b3sum cksum rhash sha256 sha512"
)

_CHECKING = ("-c", "--check")
_GPG = names("gpg gpg1 gpg2 sq")
_VERIFIERS = names("gpgv gpgv2 gpgv-static minisign rsign signify signify-openbsd sqv get-filehash")
#: Words of scripts in other languages that work out a checksum.
_HASHING = ("hash_file(", "hashlib", "createHash", "Digest::SHA")
_INTERPRETERS = names("node perl php python python2 python3 ruby")
#: Programs that verify by one of their sub-commands.
_VERBS = {
    "certutil": ("-hashfile",),
    "cosign": ("verify", "verify-blob", "verify-attestation", "verify-blob-attestation"),
    "gh": ("attestation",),
    "git": ("verify-commit", "verify-tag"),
    "notation": ("verify",),
    "openssl": ("dgst", "cms", "smime", "pkeyutl", "sha1", "sha256", "sha512"),
    "sigstore": ("verify",),
    "slsa-verifier": ("verify-artifact", "verify-image", "verify-npm-package"),
    "uvx": ("sigstore",),
}


def verifies(command: Command) -> bool:
    """Whether the command verifies files, or works out a checksum that something is compared with."""
    name = command.name
    if name is None:
        return False
    if name in SUM_TOOLS:
        options = read_options(command.arguments, NO_VALUES)
        return options.has(*_CHECKING) or _is_compared(command)
    if name in _GPG:
        words = {word.text for word in command.arguments}
        return not words.isdisjoint({"--verify", "verify", "--decrypt", "-d"})
    if name in _VERIFIERS:
        return True
    if name in ("rpm", "rpmkeys"):
        return read_options(command.arguments, NO_VALUES).has("-K", "--checksig")
    if name in _VERBS:
        return any(word.text in _VERBS[name] for word in command.arguments[:2])
    if name == "aria2c":
        return any(word.prefix.startswith("--checksum") for word in command.arguments)
    if name == "jarsigner":
        return any(word.text == "-verify" for word in command.arguments)
    return name in _INTERPRETERS and any(part in word.raw for word in command.arguments for part in _HASHING)


def _is_compared(command: Command) -> bool:
    """Whether a checksum goes on to something that can compare it: another command, a test, a variable."""
    if any(scope.kind is ScopeKind.SUBSTITUTION for scope in command.scope.outward()):
        return True
    return any(stage < pipeline.length - 1 for pipeline, stage in command.pipelines())
