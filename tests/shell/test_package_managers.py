"""What commands do with packages. Facts are the tools' own: their help, their option tables, what they did when run."""

from __future__ import annotations

import pytest

from dockerlint.shell.known_managers import manager_by_name, managers
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import PackageAction, package_actions
from tests.shell.support import script_of, shown


def actions(text: str) -> list[PackageAction]:
    return [action for command in script_of(text).commands for action in package_actions(command)]


def sole_action(text: str) -> PackageAction:
    (action,) = actions(text)
    return action


def packages(text: str) -> list[str]:
    return [shown(word) for action in actions(text) for word in action.packages]


@pytest.mark.parametrize(
    ("text", "manager", "action"),
    [
        ("apt-get install a", "apt-get", Action.INSTALL),
        ("/usr/bin/apt update", "apt-get", Action.UPDATE_INDEX),
        ("apt-get dist-upgrade", "apt-get", Action.UPGRADE),
        ("apt-get purge a", "apt-get", Action.REMOVE),
        ("apt-get --version", "apt-get", Action.OTHER),
        ("aptitude safe-upgrade", "aptitude", Action.UPGRADE),
        ("dpkg -i a.deb", "dpkg", Action.INSTALL),
        ("dpkg --print-architecture", "dpkg", Action.OTHER),
        ("apk add a", "apk", Action.INSTALL),
        ("apk --no-cache upgrade", "apk", Action.UPGRADE),
        ("apk cache purge", "apk", Action.CLEAN),
        ("yum -y localinstall a", "yum", Action.INSTALL),
        ("dnf group install a", "dnf", Action.INSTALL),
        ("dnf5 makecache", "dnf", Action.UPDATE_INDEX),
        ("microdnf update", "microdnf", Action.UPGRADE),
        ("tdnf clean all", "tdnf", Action.CLEAN),
        ("rpm -Uvh a", "rpm", Action.INSTALL),
        ("rpm -qi a", "rpm", Action.OTHER),
        ("rpm --import a", "rpm", Action.OTHER),
        ("zypper --non-interactive ref", "zypper", Action.UPDATE_INDEX),
        ("zypper dup", "zypper", Action.UPGRADE),
        ("pacman -S a", "pacman", Action.INSTALL),
        ("pacman -Sy", "pacman", Action.UPDATE_INDEX),
        ("pacman -Qs a", "pacman", Action.OTHER),
        ("pacman -Ss a", "pacman", Action.OTHER),
        ("pip3.12 install a", "pip", Action.INSTALL),
        ("python3 -m pip install a", "pip", Action.INSTALL),
        ("python -I -X dev -mpip install a", "pip", Action.INSTALL),
        ("python3 -m pip cache purge", "pip", Action.CLEAN),
        ("pip wheel a", "pip", Action.DOWNLOAD),
        ("uv pip install a", "uv", Action.INSTALL),
        ("python -m uv sync", "uv", Action.INSTALL),
        ("uv lock", "uv", Action.UPDATE_INDEX),
        ("pipx install a", "pipx", Action.INSTALL),
        ("uvx a", "uvx", Action.DOWNLOAD),
        ("npx --yes a", "npx", Action.DOWNLOAD),
        ("npx --version", "npx", Action.OTHER),
        ("cpanm --notest a", "cpanm", Action.INSTALL),
        ("cpanm --version", "cpanm", Action.OTHER),
        ("poetry -n install", "poetry", Action.INSTALL),
        ("pdm sync", "pdm", Action.INSTALL),
        ("pipenv --clear", "pipenv", Action.CLEAN),
        ("conda env create -f a.yml", "conda", Action.INSTALL),
        ("mamba clean -afy", "conda", Action.CLEAN),
        ("micromamba install -f a.yml", "micromamba", Action.INSTALL),
        ("npm --prefix a i b", "npm", Action.INSTALL),
        ("npm isntall a", "npm", Action.INSTALL),
        ("npm run install", "npm", Action.OTHER),
        ("yarn", "yarn", Action.INSTALL),
        ("yarn --cwd a --frozen-lockfile", "yarn", Action.INSTALL),
        ("yarn --version", "yarn", Action.OTHER),
        ("yarn build", "yarn", Action.OTHER),
        ("yarn global add a", "yarn", Action.INSTALL),
        ("pnpm --filter a i", "pnpm", Action.INSTALL),
        ("pnpm fetch", "pnpm", Action.DOWNLOAD),
        ("bun pm cache rm", "bun", Action.CLEAN),
        ("gem i a", "gem", Action.INSTALL),
        ("bundle", "bundle", Action.INSTALL),
        ("bundle config set frozen true", "bundle", Action.OTHER),
        ("composer global require a", "composer", Action.INSTALL),
        ("php -d memory_limit=-1 /usr/bin/composer.phar u", "composer", Action.UPGRADE),
        ("cargo +nightly install a", "cargo", Action.INSTALL),
        ("cargo b --release", "cargo", Action.BUILD),
        ("go get a", "go", Action.INSTALL),
        ("go mod download -x", "go", Action.DOWNLOAD),
        ("./mvnw -B clean package", "maven", Action.BUILD),
        ("mvn dependency:go-offline", "maven", Action.BUILD),
        ("mvn clean", "maven", Action.CLEAN),
        ("gradle :app:bootJar -x test", "gradle", Action.BUILD),
        ("gradle --version", "gradle", Action.OTHER),
        ("dotnet tool install a", "dotnet", Action.INSTALL),
        ("dotnet nuget locals all --clear", "dotnet", Action.CLEAN),
        ("nuget restore a.sln", "nuget", Action.INSTALL),
    ],
)
def test_what_a_command_does(text: str, manager: str, action: Action) -> None:
    found = sole_action(text)
    assert (found.manager.key, found.action) == (manager, action)


@pytest.mark.parametrize(
    "text", ["python3 setup.py install", "python -c 'import pip'", "php a.php", "curl a", "$PIP a"]
)
def test_what_is_no_package_manager(text: str) -> None:
    assert actions(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("apt-get -o A::B=c install -y -t stable -qq a=1 'b' c/stable ./d.deb", ["a=1", "b", "c/stable", "./d.deb"]),
        ('apt-get install -q 2 a $B "$C" -- -d', ["a", "<$B>", '<"$C">', "-d"]),
        ("apt-get install --target-release=x -tstable a", ["a"]),
        ("apk add -t .deps -X https://x --repository=y a 'b>1'", ["a", "b>1"]),
        ("yum install -y --enablerepo x --setopt=a=b c-1", ["c-1"]),
        ("zypper -n -R /x in --from r -y a", ["a"]),
        ("zypper in -n -C a", ["a"]),
        ("pacman -Syu --ignore x --noconfirm a", ["a"]),
        ("rpm -i --root /x a.rpm", ["a.rpm"]),
        ("pip install -r a.txt -c b.txt -i https://x -e . 'a[b]==1' --target=d e", ["a[b]==1", "e"]),
        ("uv pip install --system -p 3.12 --index-url x a", ["a"]),
        ("conda install -y -c conda-forge -n base python=3.9", ["python=3.9"]),
        ("npm install -g --registry x --omit dev a@1 @b/c", ["a@1", "@b/c"]),
        ("yarn add -D a --network-timeout 100", ["a"]),
        ("gem install --no-document a -v 1.2 b:3", ["a", "b:3"]),
        ("bundle install --jobs 4 --without a b", []),
        ("composer require --no-dev -d /x a/b:^1", ["a/b:^1"]),
        ("cargo install --git https://x --rev 1", []),
        ("cargo install --locked --version 1 a", ["a"]),
        ("go install -ldflags '-s -w' -tags a b@v1", ["b@v1"]),
        ("go get -u ./...", ["./..."]),
        ("dotnet restore -r linux a.csproj", []),
        ("cpanm --from /mirror a.tar.gz", ["a.tar.gz"]),
        ("gem update --system 3.6.2", []),
        ("npx -p a b c", ["b", "c"]),
        ("uvx --from a b --flag c", ["b", "c"]),
    ],
)
def test_packages_are_operands_and_no_values_of_options(text: str, names: list[str]) -> None:
    assert packages(text) == names


def test_a_word_behind_an_unknown_option_of_npm_is_doubtful() -> None:
    action = sole_action("npm install --unsafe-perm a b --save-dev c")
    assert [word.text for word in action.packages] == ["b", "c"]
    assert [word.text for word in action.doubtful] == ["a"]


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("apt-get install -y a", True),
        ("apt-get --yes install a", True),
        ("apt-get install --assume-yes a", True),
        ("apt-get install -qy a", True),
        ("apt-get install -qq a", True),
        ("apt-get -q install -q a", True),
        ("apt-get install -q=2 a", True),
        ("apt-get install -q 2 a", True),
        ("apt-get -o APT::Get::Assume-Yes=true install a", True),
        ("apt-get install -oapt::get::assume-yes=1 a", True),
        ("apt-get install -o=APT::Get::Assume-Yes=yes a", True),
        ("apt-get install a", False),
        ("apt-get install -q a", False),
        ("apt-get install -q=1 a", False),
        ("apt-get install --force-yes a", False),
        ("apt-get install -y=false a", False),
        ("apt-get install -y --assume-no a", False),
        ("apt-get -o APT::Get::Assume-Yes=false install a", False),
        ("apt -qq install a", False),
        ("yum install -y a", True),
        ("dnf install --assumeyes a", True),
        ("dnf install --setopt=assumeyes=True a", True),
        ("dnf install a", False),
        # The place decides: behind the verb -n is --name.
        ("zypper -n install a", True),
        ("zypper install -y a", True),
        ("zypper install -n a", False),
        ("zypper -y install a", False),
        ("pacman -S --noconfirm a", True),
        ("conda clean -afy", True),
        ("conda install a", False),
    ],
)
def test_whether_questions_are_answered(text: str, answered: bool) -> None:
    assert sole_action(text).assume_yes is answered


@pytest.mark.parametrize(
    ("text", "no_cache"),
    [
        ("apk add --no-cache a", True),
        ("apk --no-cache add a", True),
        ("apk add --cache=no a", True),
        ("apk add a", False),
        ("pip install --no-cache-dir a", True),
        ("pip --no-cache-dir install a", True),
        ("pip install --no-cache a", True),
        # pip takes any boolean word for yes, also a false one; uv heeds the value.
        ("PIP_NO_CACHE_DIR=1 pip install a", True),
        ("PIP_NO_CACHE_DIR=off pip install a", True),
        ("env PIP_NO_CACHE_DIR=1 pip install a", True),
        ("PIP_NO_CACHE_DIR= pip install a", False),
        ("PIP_NO_CACHE=1 pip install a", False),
        ("UV_NO_CACHE=1 uv pip install a", True),
        ("UV_NO_CACHE=0 uv pip install a", False),
        ("uv sync -n", True),
        # Both still fill the cache.
        ("npm install --no-cache a", False),
        ("bun install --no-cache", False),
    ],
)
def test_whether_the_cache_stays_empty(text: str, no_cache: bool) -> None:
    assert sole_action(text).no_cache is no_cache


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("apt-get install --no-install-recommends a", True),
        ("apt-get -o APT::Install-Recommends=false install a", True),
        ("apt-get install -o APT::Install-Recommends=0 a", True),
        ("apt-get install -o 'APT::Install-Recommends=\"false\"' a", True),
        ("apt-get install --install-recommends a", False),
        ("apt-get install a", False),
        ("zypper in --no-recommends a", True),
        ("dnf install --setopt=install_weak_deps=False a", True),
        ("dnf --setopt install_weak_deps=0 install a", True),
        ("dnf install a", False),
    ],
)
def test_whether_weak_dependencies_stay_out(text: str, without: bool) -> None:
    assert sole_action(text).no_recommends is without


@pytest.mark.parametrize(
    ("text", "files", "from_manifest", "frozen", "no_development"),
    [
        ("pip install -r a.txt --requirement=b.txt c", ["a.txt", "--requirement=b.txt"], True, False, False),
        ("pip install --require-hashes -ra.txt", ["-ra.txt"], True, True, False),
        ("pip install .", [], True, False, False),
        ("pip install -e /src", [], True, False, False),
        ("pip install a", [], False, False, False),
        ("uv sync --frozen --no-dev", [], True, True, True),
        ("uv pip sync a.txt", ["a.txt"], True, False, False),
        ("poetry install --only main", [], True, True, True),
        ("poetry add a", [], False, False, False),
        ("pipenv install --deploy", [], True, True, False),
        ("pipenv install a", [], False, False, False),
        ("conda env update -f a.yml", ["a.yml"], True, False, False),
        ("npm install", [], True, False, False),
        ("npm install a", [], False, False, False),
        ("npm ci --omit=dev", [], True, True, True),
        ("npm ci --omit dev", [], True, True, True),
        ("yarn --production=true", [], True, False, True),
        ("yarn install --production=false --immutable", [], True, True, False),
        ("pnpm install --frozen-lockfile -P", [], True, True, True),
        ("bundle install --deployment --without test", [], True, True, True),
        ("composer install --no-dev", [], True, True, True),
        ("composer update", [], True, False, False),
        ("cargo build --locked", [], True, True, False),
        ("cargo install --path .", [], True, False, False),
        ("go build ./...", [], True, True, False),
        ("go install a@v1", [], False, False, False),
        ("mvn -o package", [], True, True, False),
        ("dotnet restore --locked-mode a.csproj", ["a.csproj"], True, True, False),
        ("apt-get install ./a.deb", [], False, False, False),
        ("pip uninstall -y -r a.txt", ["a.txt"], False, False, False),
    ],
)
def test_what_comes_from_manifests(
    text: str, files: list[str], from_manifest: bool, frozen: bool, no_development: bool
) -> None:
    action = sole_action(text)
    assert [word.raw for word in action.requirement_files] == files
    assert (action.from_manifest, action.frozen, action.no_development) == (from_manifest, frozen, no_development)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("apt-get clean", {"archives", "index"}),
        ("apt-get distclean", {"lists", "archives", "index"}),
        ("apt-get autoclean", set()),
        ("apk cache clean", set()),
        ("dnf clean all", {"metadata", "packages"}),
        ("dnf clean packages", {"packages"}),
        ("zypper clean", {"packages"}),
        ("zypper cc --all", {"metadata", "packages"}),
        ("pacman -Scc", {"packages"}),
        # The question's default is no.
        ("pacman -Scc --noconfirm", set()),
        ("pip cache purge", {"all"}),
        ("uv cache prune", set()),
        ("conda clean --all -y", {"packages"}),
        ("conda clean -tipy", {"packages"}),
        ("conda clean -i", set()),
        ("npm cache clean --force", {"all"}),
        # It fails without the option.
        ("npm cache clean", set()),
        ("yarn cache clean", {"all"}),
        ("go clean", set()),
        ("go clean -modcache -cache", {"modules", "build"}),
        ("cargo clean", {"build"}),
        ("composer clear-cache", {"all"}),
        ("dotnet nuget locals all --clear", {"all"}),
        ("dotnet nuget locals all --list", set()),
    ],
)
def test_what_a_cleaning_empties(text: str, kinds: set[str]) -> None:
    action = sole_action(text)
    assert action.action is Action.CLEAN
    assert set(action.empties) == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pacman -Syu git", [Action.UPDATE_INDEX, Action.UPGRADE, Action.INSTALL]),
        ("pacman -Syu", [Action.UPDATE_INDEX, Action.UPGRADE]),
        ("apk add -U a", [Action.UPDATE_INDEX, Action.INSTALL]),
        ("apt-get install --update a", [Action.UPDATE_INDEX, Action.INSTALL]),
    ],
)
def test_some_commands_do_several_things(text: str, expected: list[Action]) -> None:
    found = actions(text)
    assert [action.action for action in found] == expected
    assert [bool(action.packages) for action in found] == [action is Action.INSTALL for action in expected]


def test_wrappers_hide_no_package_manager() -> None:
    text = "sudo -E env A=b apt-get install -y a; su -c 'pip install b' x; xargs apk add < c; sh -c 'npm i d'"
    assert packages(text) == ["a", "b", "d"]
    assert [action.manager.key for action in actions(text)] == ["apt-get", "pip", "apk", "npm"]


def test_the_table_is_consistent() -> None:
    for manager in managers().values():
        assert manager.ecosystem in {"os", "language"}
        assert all(manager_by_name()[name] is manager for name in manager.names)
        verbs = set(manager.verbs) | set(manager.flag_verbs)
        assert manager.manifest_verbs | manager.file_verbs | manager.frozen_verbs <= verbs, manager.key
        assert {cleaning.verb for cleaning in manager.cleanings} <= verbs, manager.key
        kinds = {cache.kind for cache in manager.caches}
        emptied = {kind for cleaning in manager.cleanings for kind in cleaning.empties}
        assert emptied <= kinds | {"packages"}, manager.key
        taking = manager.syntax.valued
        assert not taking & (manager.yes | manager.no_cache | manager.frozen), manager.key
