"""The package managers of operating systems.

Checked against apt 3.0 and 2.6, aptitude 0.8, dpkg 1.22, dnf 4.23, rpm 4.20, zypper 1.14 and pacman 7.0 (run, or
their help), apk 2.14 and 3.0, dnf 5.4, microdnf 3 and tdnf (their option tables). yum 3, choco, winget and the last
ones are general knowledge.
"""

from __future__ import annotations

from types import MappingProxyType

from dockerlint.shell.managers import Action, Manager, manager
from dockerlint.shell.options import Syntax

_DNF_VALUED = (
    "-c --config --installroot --enableplugin --disableplugin --releasever --releasever-major --releasever-minor"
    " --setopt -R --randomwait -d --debuglevel -e --errorlevel --rpmverbosity --enablerepo --disablerepo --repo"
    " --repoid -x --exclude --excludepkgs --disableexcludes --disableexcludepkgs --repofrompath --color --destdir"
    " --downloaddir --comment --advisory --advisories --bz --bzs --cve --cves --sec-severity --secseverity"
    " --forcearch --disable-plugin --disable-repo --enable-plugin --enable-repo --setvar --arch --urlprotocol"
    " --advisory-severities"
)
_DNF_INSTALL = (
    "install, in, localinstall, install-n, install-na, install-nevra, reinstall, rei, groupinstall, group install,"
    " groups install, grp install, environment install, module install, swap, downgrade, dg, builddep"
)
_DNF_UPGRADE = (
    "upgrade, update, up, upgrade-to, update-to, localupdate, upgrade-minimal, update-minimal, up-min, distro-sync,"
    " distrosync, dsync, distribution-synchronization, group upgrade, groupupdate, module update"
)
_DNF_REMOVE = "remove, rm, erase, autoremove, groupremove, grouperase, group remove, module remove"
_DNF_CLEAN = "clean all, clean packages, clean metadata, clean dbcache, clean expire-cache"
_DNF_CLEANINGS = (
    ("clean all", "", "metadata packages"),
    ("clean packages", "", "packages"),
    ("clean metadata", "", "metadata"),
)
_NO_WEAK_DEPENDENCIES = "--setopt=install_weak_deps=false --setopt=install_weak_deps=0 --setopt=install_weak_deps=no"


def _like_dnf(key: str, names: str, caches: str) -> Manager:
    return manager(
        key,
        names,
        "os",
        install=_DNF_INSTALL,
        update="makecache, mc, check-update, check-upgrade",
        upgrade=_DNF_UPGRADE,
        remove=_DNF_REMOVE,
        clean=_DNF_CLEAN,
        download="download",
        valued=_DNF_VALUED,
        yes="-y --assumeyes --setopt=assumeyes=1 --setopt=assumeyes=true",
        no_recommends=_NO_WEAK_DEPENDENCIES,
        caches=caches,
        cleanings=_DNF_CLEANINGS,
    )


SYSTEM_MANAGERS: tuple[Manager, ...] = (
    manager(
        "apt-get",
        "apt-get apt",
        "os",
        install="install, reinstall, build-dep, satisfy",
        update="update",
        upgrade="upgrade, dist-upgrade, full-upgrade, dselect-upgrade",
        remove="remove, purge, autoremove, auto-remove, autopurge",
        clean="clean, autoclean, auto-clean, distclean, dist-clean",
        download="download, source",
        valued="-t --target-release --default-release -c --config-file -o --option -a --host-architecture -P"
        " --build-profiles -S --snapshot -e --error-on --with-source --solver --planner --comment --cli-version",
        # A number behind -q is a level of quietness, glued or as the next word.
        syntax=Syntax(numeric=frozenset({"-q", "--quiet", "--silent"})),
        yes="-y --yes --assume-yes",
        no_recommends="--no-install-recommends --install-recommends=false --install-recommends=no",
        refresh="-U --update",
        caches="lists:/var/lib/apt/lists archives:/var/cache/apt/archives index:/var/cache/apt/pkgcache.bin"
        " index:/var/cache/apt/srcpkgcache.bin",
        cleanings=(
            ("clean", "", "archives index"),
            ("autoclean", "", ""),
            ("distclean", "", "lists archives index"),
            ("dist-clean", "", "lists archives index"),
        ),
        pins="=",
    ),
    manager(
        "aptitude",
        "aptitude",
        "os",
        install="install, reinstall, build-dep",
        update="update",
        upgrade="safe-upgrade, full-upgrade, upgrade, dist-upgrade",
        remove="remove, purge",
        clean="clean, autoclean",
        download="download",
        valued="-t --target-release -o -F -O -w -S",
        yes="-y --assume-yes",
        no_recommends="-R --without-recommends",
        caches="lists:/var/lib/apt/lists archives:/var/cache/apt/archives",
        cleanings=(("clean", "", "archives"), ("autoclean", "", "")),
        pins="=",
    ),
    manager(
        "dpkg",
        "dpkg",
        "os",
        flag_verbs=MappingProxyType(
            {
                "-i": Action.INSTALL,
                "--install": Action.INSTALL,
                "--unpack": Action.INSTALL,
                "-r": Action.REMOVE,
                "--remove": Action.REMOVE,
                "-P": Action.REMOVE,
                "--purge": Action.REMOVE,
            }
        ),
    ),
    manager(
        "apk",
        "apk",
        "os",
        install="add",
        update="update",
        upgrade="upgrade, fix",
        remove="del",
        clean="cache clean, cache purge",
        download="fetch, cache download",
        valued="-t --virtual -X --repository --repository-config -p --root --arch --cache-dir --cache-max-age"
        " --keys-dir --repositories-file --wait --timeout --progress-fd --preupgrade-depends --uvol-manager"
        " --test-instdb --test-repo --test-world -o --output --built-after --pkgname-spec",
        # Without network there is no index to keep.
        no_cache="--no-cache --cache=no --no-network --network=no",
        refresh="-U --update-cache",
        caches="index:/var/cache/apk packages:/etc/apk/cache",
        cleanings=(("cache purge", "", "packages"), ("cache clean", "", "")),
        pins="= ~ ~= ><",
        ranges="< > >= <= >~ <~",
        manifests="/etc/apk/world",
    ),
    _like_dnf("yum", "yum", "metadata:/var/cache/yum metadata:/var/cache/dnf"),
    _like_dnf(
        "dnf",
        "dnf dnf4 dnf-3 dnf5",
        "metadata:/var/cache/dnf metadata:/var/cache/libdnf5 metadata:/var/cache/yum",
    ),
    manager(
        "microdnf",
        "microdnf",
        "os",
        install="install, reinstall, swap, downgrade, module enable",
        update="makecache",
        upgrade="upgrade, update, distro-sync, dsync",
        remove="remove",
        clean="clean all, clean metadata, clean packages",
        valued="--config --disablerepo --enablerepo --disableplugin --enableplugin --installroot --releasever"
        " --setopt --archlist",
        yes="-y --assumeyes",
        no_recommends=_NO_WEAK_DEPENDENCIES,
        caches="metadata:/var/cache/yum metadata:/var/cache/libdnf5",
        cleanings=_DNF_CLEANINGS,
    ),
    manager(
        "tdnf",
        "tdnf",
        "os",
        install="install, reinstall, downgrade",
        update="makecache, check-update",
        upgrade="upgrade, update, upgrade-to, update-to, distro-sync",
        remove="remove, erase, autoremove, autoerase",
        clean="clean all, clean metadata, clean packages",
        valued="-c --config -d --debuglevel --disableplugin --enableplugin --disablerepo --enablerepo --repo"
        " --repoid --repofromdir --repofrompath --downloaddir --exclude -i --installroot --releasever"
        " --rpmverbosity --rpmdefine --sec-severity --setopt --arch --download-path --metadata-path --file --qf",
        yes="-y --assumeyes",
        no_recommends=_NO_WEAK_DEPENDENCIES,
        caches="metadata:/var/cache/tdnf",
        cleanings=_DNF_CLEANINGS,
    ),
    manager(
        "rpm",
        "rpm",
        "os",
        valued="-r --root --dbpath --prefix --relocate --excludepath -D --define -E --eval --undefine --rcfile"
        " --macros --load --target --queryformat --qf",
        flag_verbs=MappingProxyType(
            {
                "-i": Action.INSTALL,
                "--install": Action.INSTALL,
                "-U": Action.INSTALL,
                "--upgrade": Action.INSTALL,
                "-F": Action.INSTALL,
                "--freshen": Action.INSTALL,
                "--reinstall": Action.INSTALL,
                "-e": Action.REMOVE,
                "--erase": Action.REMOVE,
            }
        ),
        queries="-q --query -V --verify -K --checksig --import -E --eval",
    ),
    manager(
        "zypper",
        "zypper",
        "os",
        install="install, in, source-install, si, install-new-recommends, inr, verify, ve",
        update="refresh, ref",
        upgrade="update, up, dist-upgrade, dup, patch",
        remove="remove, rm",
        clean="clean, cc",
        download="download",
        # The place of a letter decides: behind the verb -n, -C, -R and -D mean other things and take no value.
        valued="-t --type --from -r --repo --download --solver-focus",
        general_valued="-c --config --userdata -s --table-style -D --reposd-dir -C --cache-dir --raw-cache-dir"
        " --solv-cache-dir --pkg-cache-dir -p --plus-repo --plus-content --releasever -R --root --installroot",
        yes="-y --no-confirm",
        general_yes="-n --non-interactive",
        no_recommends="--no-recommends",
        caches="metadata:/var/cache/zypp",
        cleanings=(
            ("clean", "-a --all", "metadata packages"),
            ("clean", "", "packages"),
            ("cc", "-a --all", "metadata packages"),
            ("cc", "", "packages"),
        ),
        pins="=",
        ranges="< <= >= >",
    ),
    manager(
        "pacman",
        "pacman",
        "os",
        valued="-b --dbpath -r --root --arch --assume-installed --cachedir --color --config --gpgdir --hookdir"
        " --ignore --ignoregroup --logfile --overwrite --print-format",
        flag_verbs=MappingProxyType(
            {
                "-S": Action.INSTALL,
                "--sync": Action.INSTALL,
                "-U": Action.INSTALL,
                "--upgrade": Action.INSTALL,
                "-R": Action.REMOVE,
                "--remove": Action.REMOVE,
            }
        ),
        queries="-s --search -i --info -l --list -g --groups -p --print",
        yes="--noconfirm",
        caches="packages:/var/cache/pacman/pkg databases:/var/lib/pacman/sync",
        # With --noconfirm nothing is removed: the question's default is no.
        cleanings=(("-S", "", "packages"), ("--sync", "", "packages")),
    ),
    manager(
        "choco",
        "choco chocolatey",
        "os",
        install="install",
        upgrade="upgrade",
        remove="uninstall",
        valued="-s --source --version --params --package-parameters --ia --install-arguments",
        yes="-y --yes --confirm",
    ),
    manager(
        "winget",
        "winget",
        "os",
        install="install, add",
        upgrade="upgrade",
        valued="--id -v --version -s --source --scope -l --location",
        yes="--accept-package-agreements",
    ),
    manager(
        "xbps",
        "xbps-install",
        "os",
        bare=Action.INSTALL,
        valued="-r --rootdir -R --repository -C --config",
        yes="-y --yes",
    ),
    manager("emerge", "emerge", "os", bare=Action.INSTALL),
    manager("opkg", "opkg", "os", install="install", update="update", upgrade="upgrade", remove="remove"),
    manager(
        "brew",
        "brew",
        "os",
        install="install, reinstall",
        update="update",
        upgrade="upgrade",
        remove="uninstall, remove, rm",
        clean="cleanup",
    ),
    manager("nix", "nix-env", "os", flag_verbs=MappingProxyType({"-i": Action.INSTALL, "--install": Action.INSTALL})),
)
