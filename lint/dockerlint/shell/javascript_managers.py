"""The package managers of JavaScript.

Checked against npm 10.9 and 11.19, yarn 1.22 and 4.18, pnpm 12.21 and 8.15 and bun 1.4 (run).
"""

from __future__ import annotations

from dockerlint.shell.managers import Action, Manager, manager
from dockerlint.shell.options import Syntax

_NPM_VALUED = (
    "--access --also --audit-level --auth-type --before --min-release-age --ca --cafile --cache --cache-max"
    " --cache-min -c --call --cert --cidr --cpu --depth --diff --editor --expect-result-count --fetch-retries"
    " --fetch-retry-factor --fetch-retry-maxtimeout --fetch-retry-mintimeout --fetch-timeout --git --globalconfig"
    " --heading --https-proxy --include --init-author-name --init-license --init-module --init-version"
    " --install-strategy --key --libc --local-address -L --location --lockfile-version --loglevel --logs-dir"
    " --logs-max --maxsockets -m --message --node-gyp --node-options --noproxy --omit --only --os --otp --package"
    " --pack-destination -C --prefix --preid --proxy --registry --reg --replace-registry-host --save-prefix"
    " --scope --script-shell --shell --tag --umask --user-agent --userconfig --viewer --which -w --workspace"
    " --allow-directory --allow-file --allow-git --allow-remote --allow-scripts"
)
_NPM_SWITCHES = (
    "--all --allow-same-version --audit --bin-links --color --commit-hooks --dev --dry-run --engine-strict"
    " --foreground-scripts --force --format-package-lock --fund --git-tag-version --global --global-style --help"
    " --if-present --ignore-scripts --include-workspace-root --install-links --json --legacy-bundling"
    " --legacy-peer-deps --link --long --offline --omit-lockfile-registry-resolved --optional --package-lock"
    " --package-lock-only --parseable --prefer-dedupe --prefer-offline --prefer-online --production --progress"
    " --quiet --rebuild-bundle --save --save-bundle --save-dev --save-exact --save-optional --save-peer"
    " --save-prod --shrinkwrap --silent --strict-peer-deps --strict-ssl --timing --update-notifier --usage"
    " --verbose --version --workspaces --workspaces-update --yes"
)
_NPM_INSTALL = "install, add, i, in, ins, inst, insta, instal, isnt, isnta, isntal, isntall"
_NPM_CLEAN_INSTALL = (
    "ci, clean-install, ic, install-clean, isntall-clean, install-ci-test, cit, clean-install-test, sit"
)
_PNPM_VALUED = (
    "-C --dir -F --filter --filter-prod --store-dir --state-dir --modules-dir --virtual-store-dir --lockfile-dir"
    " --registry --reporter --loglevel --network-concurrency --child-concurrency --workspace-concurrency"
    " --hoist-pattern --public-hoist-pattern --node-linker --cpu --os --libc --allow-build --env-file"
    " --npmrc-auth-file --fetch-timeout --user-agent --https-proxy --http-proxy --no-proxy --test-pattern"
    " --changed-files-ignore-pattern --workspace-packages"
)

JAVASCRIPT_MANAGERS: tuple[Manager, ...] = (
    manager(
        "npm",
        "npm",
        "language",
        install=f"{_NPM_INSTALL}, {_NPM_CLEAN_INSTALL}, install-test, it",
        # Packages that are fetched to be run once.
        download="exec, x, init, create, innit",
        upgrade="update, up, upgrade, udpate",
        remove="uninstall, unlink, remove, rm, r, un, prune",
        clean="cache clean, cache rm, cache clear",
        valued=_NPM_VALUED,
        # An unknown long option takes the next word; `--unsafe-perm` was known to older versions only.
        syntax=Syntax(switches=frozenset(_NPM_SWITCHES.split()), greedy=True),
        yes="-y --yes",
        manifest_verbs=f"{_NPM_INSTALL}, {_NPM_CLEAN_INSTALL}, install-test, it, update, up, upgrade, udpate",
        frozen_verbs=_NPM_CLEAN_INSTALL,
        no_development="--omit=dev --production --only=prod --only=production",
        caches="all:/root/.npm/_cacache all:$npm_config_cache all:$NPM_CONFIG_CACHE logs:/root/.npm/_logs"
        " run:/root/.npm/_npx",
        cache_options="--cache",
        # Without --force it fails.
        cleanings=tuple((f"cache {verb}", "-f --force", "all") for verb in ("clean", "rm", "clear")),
        pins="@",
        ranges="@^ @~",
        manifests="package.json .npmrc",
        locks="package-lock.json npm-shrinkwrap.json",
    ),
    manager(
        "yarn",
        "yarn yarnpkg",
        "language",
        install="install, add, global add, workspaces focus",
        download="dlx, create",
        upgrade="upgrade, up, upgrade-interactive, global upgrade",
        remove="remove, global remove",
        clean="cache clean",
        bare=Action.INSTALL,
        queries="-v --version -h --help",
        valued="--cache-folder --preferred-cache-folder --cwd --global-folder --link-folder --modules-folder"
        " --prefix --registry --mutex --network-concurrency --network-timeout --proxy --https-proxy --otp"
        " --use-manifest --use-yarnrc --tag --into --groups --level --depth --mode -p --package",
        manifest_verbs="-, install, workspaces focus, upgrade",
        frozen="--frozen-lockfile --immutable --immutable-cache",
        no_development="--production --prod",
        caches="all:/usr/local/share/.cache/yarn all:/root/.cache/yarn all:/root/.yarn/berry all:$YARN_CACHE_FOLDER",
        cache_options="--cache-folder",
        cleanings=(("cache clean", "", "all"),),
        pins="@",
        ranges="@^ @~",
        manifests="package.json .yarnrc .yarnrc.yml .npmrc .yarn/releases .yarn/plugins .yarn/patches",
        locks="yarn.lock",
    ),
    manager(
        "pnpm",
        "pnpm pn",
        "language",
        install="install, i, add, ci, deploy",
        download="fetch, dlx, create",
        upgrade="update, up, upgrade",
        remove="remove, rm, uninstall, un, prune",
        clean="store prune, cache delete",
        valued=_PNPM_VALUED,
        yes="-y --yes",
        manifest_verbs="install, i, ci, fetch, update, up, upgrade",
        frozen="--frozen-lockfile",
        frozen_verbs="ci",
        no_development="-P --prod",
        caches="store:/root/.local/share/pnpm/store store:$PNPM_HOME/store store:$npm_config_store_dir"
        " metadata:/root/.cache/pnpm state:/root/.local/state/pnpm",
        cache_options="--store-dir",
        # What a node_modules still uses stays in the store.
        cleanings=(("store prune", "", "metadata"),),
        pins="@",
        ranges="@^ @~",
        manifests="package.json pnpm-workspace.yaml .npmrc .pnpmfile.cjs",
        locks="pnpm-lock.yaml",
    ),
    manager(
        "bun",
        "bun",
        "language",
        install="install, i, add, a, ci",
        download="x, create, pm fetch",
        upgrade="update",
        remove="remove, rm",
        clean="pm cache rm, pm cache prune",
        valued="-c --config --ca --cafile --cache-dir --cwd --env-file --backend --registry --concurrent-scripts"
        " --network-concurrency --omit --linker --minimum-release-age --minimum-release-age-excludes --cpu --os"
        " --libc -F --filter --catalog",
        manifest_verbs="install, i, ci, update",
        frozen="--frozen-lockfile",
        frozen_verbs="ci",
        no_development="-p --production --omit=dev",
        caches="all:/root/.bun/install/cache all:$BUN_INSTALL_CACHE_DIR",
        cache_options="--cache-dir",
        cleanings=(("pm cache rm", "", "all"),),
        pins="@",
        ranges="@^ @~",
        manifests="package.json bunfig.toml .npmrc",
        locks="bun.lock bun.lockb",
    ),
    # They run a program, of the project if it has one by that name, else of a package that they fetch.
    manager(
        "npx",
        "npx pnpx bunx",
        "language",
        bare=Action.DOWNLOAD,
        queries="-v --version -h --help",
        valued="-p --package -c --call -w --workspace --registry --prefix --cache --userconfig",
        yes="-y --yes",
        pins="@",
        ranges="@^ @~",
    ),
)
