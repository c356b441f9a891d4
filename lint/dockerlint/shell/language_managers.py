"""The package managers of languages other than Python and JavaScript.

Checked against gem 3.6, bundler 2.6, composer 2.8, cargo 1.95, go 1.24 and maven 3.8 (their help). gradle, dotnet,
nuget and the last ones are general knowledge.
"""

from __future__ import annotations

from dockerlint.shell.managers import Action, Manager, manager
from dockerlint.shell.options import Syntax

_GO_VALUED = (
    "-o -C -p -covermode -coverpkg -asmflags -buildmode -compiler -gccgoflags -gcflags -installsuffix -ldflags"
    " -mod -modfile -overlay -pgo -pkgdir -tags -toolexec -exec -run -bench -benchtime -count -cpu -timeout"
    " -parallel -fuzz -fuzztime -skip -shuffle -coverprofile -cpuprofile -memprofile -outputdir -list"
)
_GO_VALUED_LONG = " ".join("-" + option for option in _GO_VALUED.split())
_MAVEN_BUILD = (
    "validate, compile, test-compile, test, package, integration-test, verify, install, deploy, site,"
    " prepare-package, generate-sources, process-resources, dependency:go-offline, dependency:resolve,"
    " dependency:resolve-plugins"
)
_GRADLE_BUILD = (
    "build, assemble, dependencies, bootJar, bootWar, jar, war, test, check, installDist, shadowJar, classes,"
    " compileJava, compileKotlin, publishToMavenLocal, distTar, distZip"
)

LANGUAGE_MANAGERS: tuple[Manager, ...] = (
    manager(
        "gem",
        "gem",
        "language",
        install="install, i",
        upgrade="update",
        remove="uninstall",
        clean="cleanup",
        download="fetch",
        valued="-v --version -i --install-dir -n --bindir -s --source -P --trust-policy -B --bulk-threshold"
        " --platform --build-root --without --config-file",
        syntax=Syntax(
            optional=frozenset({"--document", "-g", "--file", "-p", "--http-proxy", "--target-rbconfig", "--system"})
        ),
        requirements="-g --file",
        caches="packages:$GEM_HOME/cache packages:/usr/local/bundle/cache packages:/usr/local/lib/ruby/gems/*/cache"
        " packages:/var/lib/gems/*/cache"
        " specs:/root/.cache/gem/specs",
        cleanings=(("cleanup", "", ""),),
        pins=":",
        manifests="Gemfile *.gemspec",
    ),
    manager(
        "bundle",
        "bundle bundler",
        "language",
        install="install, add, cache, package",
        upgrade="update",
        remove="remove, clean",
        bare=Action.INSTALL,
        queries="-v --version -h --help",
        valued="-j --jobs --retry --path --gemfile --binstubs --shebang --trust-policy --target-rbconfig -v"
        " --version -g --group -s --source -r --require --git --github --branch --ref --glob --cache-path"
        " --bundler",
        syntax=Syntax(lists=frozenset({"--without", "--with", "--standalone"})),
        manifest_verbs="-, install, cache, package, update",
        frozen="--frozen --deployment",
        no_development="--without",
        caches="packages:/usr/local/bundle/cache packages:$GEM_HOME/cache packages:/root/.bundle/cache"
        " packages:/usr/local/bundle/ruby/*/cache packages:$BUNDLE_PATH/ruby/*/cache"
        " packages:vendor/bundle/ruby/*/cache",
        manifests="Gemfile *.gemspec .ruby-version .bundle/config",
        locks="Gemfile.lock",
    ),
    manager(
        "composer",
        "composer composer.phar",
        "language",
        install="install, i, require, r, create-project, global require",
        upgrade="update, u, upgrade, self-update",
        remove="remove, rm, uninstall, global remove",
        clean="clear-cache, clearcache, cc",
        valued="-d --working-dir --prefer-install --audit-format --apcu-autoloader-prefix --ignore-platform-req"
        " --with -s --stability --repository --repository-url",
        yes="-n --no-interaction",
        no_cache="--no-cache",
        no_cache_variables={"COMPOSER_CACHE_DIR": frozenset({"/dev/null"})},
        manifest_verbs="install, i, update, u, upgrade",
        frozen_verbs="install, i",
        no_development="--no-dev",
        caches="all:/root/.composer/cache all:$COMPOSER_HOME/cache all:/tmp/cache all:/root/.cache/composer"
        " all:$COMPOSER_CACHE_DIR",
        cleanings=tuple((verb, "", "all") for verb in ("clear-cache", "clearcache", "cc")),
        pins=": =",
        ranges=":^ :~ =^ =~",
        manifests="composer.json",
        locks="composer.lock",
    ),
    manager(
        "cargo",
        "cargo",
        "language",
        install="install, add, binstall",
        download="fetch, vendor",
        update="generate-lockfile",
        upgrade="update",
        remove="uninstall, remove",
        clean="clean",
        build="build, b, check, c, test, t, run, r, bench, doc, clippy, chef cook",
        valued="--version --vers --index --registry --git --branch --tag --rev --path --root --message-format --color"
        " --config -Z -C -F --features -j --jobs --profile --target-dir --artifact-dir --manifest-path --exclude",
        syntax=Syntax(optional=frozenset({"-p", "--package", "--bin", "--example", "--test", "--bench", "--target"})),
        projects="--path --git",
        manifest_verbs="fetch, vendor, update, build, b, check, c, test, t, run, r, bench, doc, clippy, chef cook",
        frozen="--locked --frozen",
        caches="downloads:/usr/local/cargo/registry downloads:/usr/local/cargo/git downloads:/root/.cargo/registry"
        " downloads:/root/.cargo/git downloads:$CARGO_HOME/registry downloads:$CARGO_HOME/git build:target",
        cleanings=(("clean", "", "build"),),
        pins="@",
        manifests="Cargo.toml .cargo/config.toml rust-toolchain.toml build.rs",
        locks="Cargo.lock",
    ),
    manager(
        "go",
        "go",
        "language",
        install="install, get, mod tidy, mod vendor, work sync",
        clean="clean",
        download="mod download",
        build="build, test, run, generate, vet",
        # One or two dashes are the same.
        valued=f"{_GO_VALUED} {_GO_VALUED_LONG}",
        syntax=Syntax(single_dash=True),
        manifest_verbs="mod download, mod tidy, mod vendor, work sync, build, test, run, generate, vet",
        frozen="-mod=readonly -mod=vendor",
        frozen_verbs="mod download, build, test, run, vet",
        caches="modules:/go/pkg/mod modules:/root/go/pkg/mod modules:$GOPATH/pkg/mod modules:$GOMODCACHE"
        " build:/root/.cache/go-build build:$GOCACHE",
        cleanings=(
            ("clean", "-modcache --modcache", "modules"),
            ("clean", "-cache --cache", "build"),
            ("clean", "", ""),
        ),
        pins="@",
        manifests="go.mod go.work",
        locks="go.sum go.work.sum",
    ),
    manager(
        "maven",
        "mvn mvnw mvnd",
        "language",
        repeatable=True,
        clean="clean",
        build=_MAVEN_BUILD,
        valued="-b --builder --color -D --define -emp --encrypt-master-password -ep --encrypt-password -f --file"
        " -gs --global-settings -gt --global-toolchains -l --log-file -P --activate-profiles -pl --projects -rf"
        " --resume-from -s --settings -t --toolchains -T --threads",
        syntax=Syntax(single_dash=True, glued=frozenset({"-D", "-P", "-T"})),
        yes="-B --batch-mode",
        manifest_verbs=_MAVEN_BUILD,
        frozen="-o --offline",
        caches="all:/root/.m2/repository",
        cleanings=(("clean", "", ""),),
        manifests="pom.xml .mvn mvnw settings.xml",
    ),
    manager(
        "gradle",
        "gradle gradlew",
        "language",
        repeatable=True,
        clean="clean",
        build=_GRADLE_BUILD,
        valued="-p --project-dir -b --build-file -c --settings-file -g --gradle-user-home -I --init-script -x"
        " --exclude-task -P --project-prop -D --system-prop --console --max-workers --project-cache-dir --tests",
        syntax=Syntax(single_dash=True, glued=frozenset({"-D", "-P"})),
        manifest_verbs=_GRADLE_BUILD,
        frozen="--offline",
        caches="all:/root/.gradle all:/home/gradle/.gradle all:$GRADLE_USER_HOME",
        cleanings=(("clean", "", ""),),
        manifests="build.gradle build.gradle.kts settings.gradle settings.gradle.kts gradle.properties gradle gradlew",
        locks="gradle.lockfile gradle/verification-metadata.xml",
    ),
    manager(
        "dotnet",
        "dotnet",
        "language",
        install="restore, tool install, tool restore, add package, workload install, workload restore",
        remove="tool uninstall, remove package",
        clean="nuget locals, clean",
        build="build, publish, test, run, pack",
        valued="-c --configuration -o --output -r --runtime -f --framework -v --verbosity -s --source"
        " --configfile --version --tool-path --add-source --packages",
        no_cache="--no-cache",
        manifest_verbs="restore, tool restore, workload restore, build, publish, test, run, pack",
        file_verbs="restore, build, publish, test, pack",
        frozen="--locked-mode",
        caches="all:/root/.nuget/packages all:/root/.local/share/NuGet",
        cleanings=(("nuget locals", "--clear -c", "all"), ("clean", "", "")),
        manifests="*.csproj *.fsproj *.vbproj *.sln NuGet.config Directory.*.props global.json",
        locks="packages.lock.json",
    ),
    manager(
        "nuget",
        "nuget nuget.exe",
        "language",
        install="install, restore",
        upgrade="update",
        remove="delete",
        clean="locals",
        # Options begin with one dash and are spelled in full.
        valued="-Version -OutputDirectory -Source -ConfigFile -PackagesDirectory -SolutionDirectory -Framework"
        " -Verbosity",
        syntax=Syntax(single_dash=True),
        manifest_verbs="restore",
        file_verbs="restore",
        frozen="-LockedMode",
        no_cache="-NoCache",
        caches="all:/root/.nuget/packages",
        cleanings=(("locals", "-clear -Clear", "all"),),
        manifests="packages.config *.csproj *.sln NuGet.config",
        locks="packages.lock.json",
    ),
    manager(
        "cpanm",
        "cpanm",
        "language",
        bare=Action.INSTALL,
        queries="-V --version -h --help --info --look",
        valued="-l --local-lib -L --local-lib-contained --from -M --mirror --mirror-index --cpanmetadb --cpanfile"
        " --format --save-dists --uninst-shadows --exclude-vendor --with-feature --without-feature --configure-timeout"
        " --build-timeout --test-timeout",
        no_development="--without-develop --without-test",
        caches="all:/root/.cpanm",
        pins="@",
        ranges="~",
        manifests="cpanfile",
    ),
    manager(
        "luarocks",
        "luarocks",
        "language",
        install="install, make",
        remove="remove",
        caches="all:/root/.cache/luarocks",
        manifests="*.rockspec",
        locks="luarocks.lock",
    ),
    manager(
        "mix",
        "mix",
        "language",
        install="deps.get, archive.install, local.hex, local.rebar",
        upgrade="deps.update",
        build="compile, deps.compile, release",
        manifest_verbs="deps.get, compile, deps.compile, release",
        caches="all:/root/.hex/packages",
        manifests="mix.exs",
        locks="mix.lock",
    ),
    manager(
        "rebar3",
        "rebar3",
        "language",
        install="get-deps",
        upgrade="upgrade",
        build="compile, release",
        manifest_verbs="get-deps, compile, release",
        caches="all:/root/.cache/rebar3",
        manifests="rebar.config",
        locks="rebar.lock",
    ),
    manager(
        "stack",
        "stack",
        "language",
        install="install, setup",
        update="update",
        build="build",
        manifest_verbs="build, setup",
        caches="all:/root/.stack",
        manifests="stack.yaml package.yaml *.cabal",
        locks="stack.yaml.lock",
    ),
    manager(
        "cabal",
        "cabal",
        "language",
        install="install, v2-install",
        update="update, v2-update",
        build="build, v2-build",
        manifest_verbs="build, v2-build",
        caches="all:/root/.cabal/packages",
        manifests="*.cabal cabal.project",
        locks="cabal.project.freeze",
    ),
    manager(
        "sbt",
        "sbt",
        "language",
        repeatable=True,
        build="compile, package, assembly, stage, dist, test, update",
        manifest_verbs="compile, package, assembly, stage, dist, test, update",
        caches="all:/root/.sbt all:/root/.ivy2 all:/root/.cache/coursier",
        manifests="build.sbt project",
    ),
    manager(
        "swift",
        "swift",
        "language",
        install="package resolve",
        build="build, test",
        manifest_verbs="package resolve, build, test",
        manifests="Package.swift",
        locks="Package.resolved",
    ),
    manager(
        "pub",
        "dart flutter",
        "language",
        install="pub get, pub add, pub global activate",
        upgrade="pub upgrade",
        build="compile, build",
        manifest_verbs="pub get",
        frozen="--enforce-lockfile",
        caches="all:/root/.pub-cache",
        manifests="pubspec.yaml",
        locks="pubspec.lock",
    ),
)
