"""Programs that write no files by themselves, whatever their arguments; what they print may be redirected."""

from __future__ import annotations

from dockerlint.shell.options import names

HARMLESS = names(
    """
        ! : [ [[ (( alias arch awk base64 basename break bzcat caller case cat cksum clear cmp comm command compgen
        continue cut date declare df diff dirname dirs disown du echo egrep env eval exec exit expand export expr
        false fgrep file find fold free gawk getconf getent getopt getopts gpgv grep groups hash head help hexdump
        hostname id jobs jq kill ldd less let local locale ls lsb_release lscpu lsof mapfile mawk md5sum mktemp more nl
        nm nproc numfmt objdump od paste pgrep popd printenv printf ps pushd pwd read readarray readelf readlink
        readonly realpath return rev seq set sha1sum sha224sum sha256sum sha384sum sha512sum shift shopt shuf sleep
        sort source stat strings stty sum sync tac tail test time timeout times tr trap true tty type typeset ulimit
        umask uname uniq unset uptime wait wc which whoami xxd yes zcat cd
        """
)
"""`source` and `.` run files, and `awk` and `find` can write: their callers look closer where it matters. `mktemp`
makes an empty file that nobody looks for.
"""
