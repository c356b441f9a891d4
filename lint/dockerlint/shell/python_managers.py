"""The package managers of Python, and conda.

Checked against pip 26.3 and 23.2, pipx 1.18, uv 0.13, poetry 2.5, pdm 2.29 and pipenv 2026.10 (run, or their help);
conda and micromamba by their source.
"""

from __future__ import annotations

from dockerlint.shell.managers import Action, Manager, manager
from dockerlint.shell.options import Syntax

_BOOLEAN_WORDS = frozenset({"y", "yes", "t", "true", "on", "1", "n", "no", "f", "false", "off", "0"})
_PYTHON_PINS = "== ==="
_PYTHON_RANGES = "~= >= <= < > !="
_PIP_VALUED = (
    "-r --requirement -c --constraint --build-constraint -e --editable -t --target -i --index-url --pypi-url"
    " --extra-index-url -f --find-links -d --dest --destination-dir -w --wheel-dir -C --config-settings --prefix"
    " --root --src --source --source-dir --platform --python-version --implementation --abi --no-binary"
    " --only-binary --all-releases --only-final --refresh-package --group --requirements-from-script"
    " --uploaded-prior-to --progress-bar --proxy --retries --resume-retries --timeout --default-timeout --cert"
    " --client-cert --trusted-host --cache-dir --log --log-file --report --upgrade-strategy --exists-action"
    " --keyring-provider --python --root-user-action --use-feature --use-deprecated --format --path --exclude -o"
    " --output -b --build --global-option --install-option --log-dir"
)
_UV_VALUED = (
    "-r --requirements --requirement -c --constraints --constraint -e --editable -b --build-constraints"
    " --build-constraint --overrides --override --excludes --extra --no-extra --group --no-group --only-group -t"
    " --target --prefix --no-binary --only-binary --no-binary-package --no-build-package --python-version"
    " --python-platform --torch-backend --index --default-index -i --index-url --extra-index-url -f --find-links"
    " --index-strategy --keyring-provider -P --upgrade-package --upgrade-group --resolution --prerelease"
    " --prerelease-package --fork-strategy --exclude-newer --exclude-newer-package --no-sources-package"
    " --reinstall-package --refresh-package --link-mode -C --config-setting --config-settings"
    " --config-settings-package --no-build-isolation-package --no-install-package --no-editable-package"
    " --cache-dir -p --python --color --allow-insecure-host --directory --project --config-file --package --script"
    " -m --marker --optional --bounds --rev --tag --branch -w --with --with-requirements --with-editable"
    " --with-executables-from --env-file --prompt -o --output-file --out-dir --format --output-format --cert"
    " --install-dir --mirror --pypy-mirror --annotation-style --no-emit-package --custom-compile-command"
)
_CONDA_VALUED = (
    "-n --name -p --prefix -c --channel -f --file --solver --repodata-fn --platform --subdir --revision --env-spec"
    " --environment-specifier --exclude-newer --format --console"
)


def _like_conda(key: str, names: str, more_valued: str, caches: str) -> Manager:
    return manager(
        key,
        names,
        "language",
        install="install, create, env create, env update",
        upgrade="update, upgrade",
        remove="remove, uninstall, env remove",
        clean="clean",
        valued=_CONDA_VALUED + more_valued,
        yes="-y --yes",
        requirements="-f --file",
        manifest_verbs="env create, env update",
        frozen="--freeze-installed",
        caches=caches,
        cleanings=(("clean", "-a --all -p --packages", "packages"), ("clean", "", "")),
        pins="= ==",
        ranges=">= <= < > !=",
        manifests="environment.yml environment.yaml",
        locks="conda-lock.yml conda-linux-64.lock explicit.txt",
    )


PYTHON_MANAGERS: tuple[Manager, ...] = (
    manager(
        "pip",
        "pip pip2 pip3",
        "language",
        install="install",
        remove="uninstall",
        clean="cache purge, cache remove",
        download="download, wheel",
        valued=_PIP_VALUED,
        # An unambiguous beginning of a long option is enough for pip.
        no_cache="--no-cache-dir --no-cache",
        # Any boolean word switches the cache off, also a false one.
        no_cache_variables={"PIP_NO_CACHE_DIR": _BOOLEAN_WORDS},
        requirements="-r --requirement --requirements-from-script --group",
        projects="-e --editable",
        frozen="--require-hashes",
        caches="all:/root/.cache/pip all:$PIP_CACHE_DIR all:$XDG_CACHE_HOME/pip",
        cache_options="--cache-dir",
        cleanings=(("cache purge", "", "all"), ("cache remove", "", "")),
        pins=_PYTHON_PINS,
        ranges=_PYTHON_RANGES,
        manifests="requirements*.txt constraints*.txt pyproject.toml setup.py setup.cfg",
        locks="pylock.toml pylock.*.toml",
    ),
    manager(
        "pipx",
        "pipx",
        "language",
        install="install, inject, install-all",
        download="run",
        upgrade="upgrade, upgrade-all, reinstall, reinstall-all",
        remove="uninstall, uninject, uninstall-all",
        valued="--python --fetch-python --pip-args --python-args -i --index-url --suffix --preinstall --spec"
        " --with -r --requirement --include-resources-from --upgrade-strategy --app --lock --cooldown --backend"
        " --output",
        no_cache_variables={"PIP_NO_CACHE_DIR": _BOOLEAN_WORDS},
        caches="all:/root/.cache/pip run:/root/.cache/pipx",
        pins="==",
    ),
    manager(
        "uv",
        "uv",
        "language",
        install="pip install, pip sync, sync, add, tool install, python install",
        download="tool run, run",
        update="lock, pip compile",
        upgrade="tool upgrade",
        remove="remove, pip uninstall, tool uninstall",
        clean="cache clean, cache prune, clean",
        build="build",
        valued=_UV_VALUED,
        no_cache="-n --no-cache --no-cache-dir",
        # Unlike pip, uv heeds the value; what is no boolean is an error.
        no_cache_variables={"UV_NO_CACHE": frozenset({"1", "true"})},
        requirements="-r --requirements --requirement --with-requirements",
        projects="-e --editable --with-editable",
        manifest_verbs="sync",
        file_verbs="pip sync",
        frozen="--locked --frozen",
        no_development="--no-dev --no-default-groups --only-group",
        caches="all:/root/.cache/uv all:$UV_CACHE_DIR all:$XDG_CACHE_HOME/uv",
        cache_options="--cache-dir",
        cleanings=(("cache clean", "", "all"), ("clean", "", "all"), ("cache prune", "", "")),
        pins=_PYTHON_PINS,
        ranges=_PYTHON_RANGES,
        manifests="pyproject.toml requirements*.txt .python-version uv.toml",
        locks="uv.lock pylock.toml",
    ),
    manager(
        "uvx",
        "uvx",
        "language",
        bare=Action.DOWNLOAD,
        queries="-V --version -h --help",
        valued=f"{_UV_VALUED} --from",
        no_cache="-n --no-cache --no-cache-dir",
        no_cache_variables={"UV_NO_CACHE": frozenset({"1", "true"})},
        caches="all:/root/.cache/uv all:$UV_CACHE_DIR all:$XDG_CACHE_HOME/uv",
        cache_options="--cache-dir",
        pins=f"{_PYTHON_PINS} @",
        ranges=_PYTHON_RANGES,
    ),
    manager(
        "poetry",
        "poetry",
        "language",
        install="install, sync, add",
        update="lock",
        upgrade="update, self update",
        remove="remove",
        clean="cache clear",
        valued="-E --extras --with --without --only -G --group -C --directory -P --project --optional --python"
        " --platform --markers --source",
        yes="-n --no-interaction",
        no_cache="--no-cache",
        manifest_verbs="install, sync, update",
        frozen_verbs="install, sync",
        no_development="--only --without --no-dev",
        caches="all:/root/.cache/pypoetry/cache all:/root/.cache/pypoetry/artifacts all:$POETRY_CACHE_DIR",
        cleanings=(("cache clear", "--all", "all"), ("cache clear", "", "")),
        pins="== @",
        ranges="^ ~ >= <= < > !=",
        manifests="pyproject.toml poetry.toml",
        locks="poetry.lock",
    ),
    manager(
        "pdm",
        "pdm",
        "language",
        install="install, sync, add",
        update="lock",
        upgrade="update",
        remove="remove",
        clean="cache clear",
        valued="-p --project -L --lockfile -k --skip -G --group --with --without --override -C --config-setting"
        " -e --editable",
        syntax=Syntax(optional=frozenset({"--venv"})),
        projects="-e --editable",
        manifest_verbs="install, sync, update",
        frozen="--frozen-lockfile --no-lock --check",
        frozen_verbs="sync",
        no_development="--prod --production --no-default",
        caches="all:/root/.cache/pdm",
        cleanings=(("cache clear", "", "all"),),
        pins=_PYTHON_PINS,
        ranges=_PYTHON_RANGES,
        manifests="pyproject.toml",
        locks="pdm.lock",
    ),
    manager(
        "pipenv",
        "pipenv",
        "language",
        install="install, sync",
        update="lock",
        upgrade="update, upgrade",
        remove="uninstall, clean",
        flag_verbs={"--clear": Action.CLEAN},
        valued="--python -r --requirements -i --index --pypi-mirror --extra-pip-args --categories --extras"
        " --config-settings --resolver -e --editable",
        no_cache_variables={"PIP_NO_CACHE_DIR": _BOOLEAN_WORDS},
        requirements="-r --requirements",
        projects="-e --editable",
        manifest_verbs="install, sync, update",
        frozen="--deploy --ignore-pipfile",
        frozen_verbs="sync",
        caches="all:/root/.cache/pipenv all:/root/.cache/pip all:$PIPENV_CACHE_DIR",
        cleanings=(("--clear", "", "all"),),
        pins=_PYTHON_PINS,
        ranges=_PYTHON_RANGES,
        manifests="Pipfile",
        locks="Pipfile.lock",
    ),
    _like_conda(
        "conda", "conda mamba", "", "packages:/opt/conda/pkgs packages:/root/.conda/pkgs packages:$CONDA_PKGS_DIRS"
    ),
    _like_conda(
        "micromamba",
        "micromamba",
        "-r --root-prefix --category --log-level --rc-file --ssl-verify --cacert-path --repodata-ttl"
        " --channel-priority --channel-alias --trusted-channels --lock-timeout --safety-checks",
        "packages:$MAMBA_ROOT_PREFIX/pkgs packages:/opt/conda/pkgs",
    ),
)
