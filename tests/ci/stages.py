# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages: each is a function from a log to an outcome."""

from __future__ import annotations

import functools
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.ci import cleanliness, docs_site
from tests.ci.ansible_test import OLDEST_TARGET, OLDEST_TARGET_CORE, Core, cores, newest_core, prepare
from tests.ci.interpreters import interpreters, version_key
from tests.ci.paths import COLLECTION, DIST, INSTALLED, NAME, NAMESPACE, RESULTS, ROOT, WORK
from tests.ci.results import Outcome, read_junit, read_sanity
from tests.ci.shell import Log, StageError, check, run
from tests.ci.tree import collection_tree, collections_path, source_names
from tests.ci.venvs import activate, ensure, relative
from tests.support.cache import cache_root
from tests.support.litellm import VERSIONS

Stage = Callable[[Log], Outcome]
# In the order in which a full run starts them: what takes longest first.
TARGETS = ("integration", "mutations", "molecule", "sanity", "units", "lint", "core-units", "docs", "build", "installed")
# What the repository has and an artefact has not. All else must be in it: galaxy.yml names what is built.
NOT_BUILT = re.compile(
    r"\.|(Makefile|galaxy\.yml|pyproject\.toml)$|docs/docsite/(conf|index)\.|(changelogs/fragments|extensions|playbooks/collections|tests)/"
)
MADE_BY_GALAXY = {"FILES.json", "MANIFEST.json"}
# What people have lying around in a clone, with keys in it.
STRAYS = (
    ".vault-password", "docs/models.yml", "examples/production-models.yml", "group_vars/all.yml", "inventories/production/hosts.yml",
    "inventory.ini", "models.json", "models.yml", "my-models.yml", "playbooks/group_vars/all.yml", "playbooks/inventory.yml",
    "playbooks/models.yml", "plugins/models.yml", "production_models.yaml", "roles/litemaas_models/files/models.yml",
    "roles/litemaas_models/vars/production.yml",
)  # fmt: skip
GENERATE = ["python", "-m", "tests.generate"]
LIMIT_INTEGRATION = 3000
ALL_UNITS = "tests/unit/plugins/"
# The unit tests of what uses Ansible itself. All others depend on Python only.
UNITS_OF_ANSIBLE = ("tests/unit/plugins/filter/", "tests/unit/plugins/plugin_utils/", "tests/unit/plugins/module_utils/test_run.py")


def main_python() -> str:
    """Return the Python for everything that is not tied to one core: the lowest that is new enough."""
    fitting = [version for version in interpreters() if version_key(version) >= (3, 11)]
    if not fitting:
        raise StageError("Python 3.11 or later is needed")
    return fitting[0]


def runtime(log: Log, path: Path | None = None) -> tuple[Path, dict[str, str]]:
    """Return the environment that has ansible-core and the test tools, and the variables to use the collection in it."""
    venv = ensure(log, "integration", main_python())
    base = path or collections_path(collection_tree())
    home = WORK / "ansible-home"
    home.mkdir(parents=True, exist_ok=True)
    config = home / "ansible.cfg"
    config.touch()
    variables = {
        "ANSIBLE_COLLECTIONS_PATH": str(base),
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(base)]),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        "LITEMAAS_TEST_CACHE": str(cache_root()),
    }
    return venv, activate(venv, **variables)


# --- lint, docs ------------------------------------------------------------------------------------------------------


def lint(log: Log) -> Outcome:
    """Run the linters over sources, content and change notes."""
    venv = ensure(log, "lint", newest_core().python)
    tree = collection_tree("lint")
    base = str(collections_path(tree))
    home = WORK / "ansible-home"
    home.mkdir(parents=True, exist_ok=True)
    env = activate(venv, ANSIBLE_COLLECTIONS_PATH=base, ANSIBLE_HOME=str(home))
    typed = {**env, "MYPYPATH": base, "MYPY_CACHE_DIR": str(WORK / "mypy")}
    sources = [name for name in ("tests/ci", "tests/generate", "tests/support") if (ROOT / name).is_dir()]
    packages = [word for name in ("module_utils", "plugin_utils") for word in ("-p", f"ansible_collections.{COLLECTION}.plugins.{name}")]
    schema = ["check-jsonschema", "--builtin-schema"]
    outcome = _checks(
        log,
        [
            ("ruff check", ["ruff", "check", "--output-format", "concise", "."], ROOT, env),
            ("ruff format", ["ruff", "format", "--check", "--output-format", "concise", "."], ROOT, env),
            ("yamllint", ["yamllint", "--strict", "."], tree, env),
            ("mypy of the tests", ["mypy", *sources], ROOT, typed),
            ("mypy of the collection", ["mypy", *packages], ROOT, typed),
            ("import-linter", ["lint-imports", str(ROOT / ".importlinter")], ROOT, {**env, "PYTHONPATH": base}),
            ("antsibull-changelog", ["antsibull-changelog", "lint"], tree, env),
            ("workflows", [*schema, "vendor.github-workflows", *map(str, (ROOT / ".github" / "workflows").glob("*.yml"))], ROOT, env),
            ("issue forms", [*schema, "vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/bug_report.yml"], ROOT, env),
            ("shellcheck", ["shellcheck", "sync-models.sh", ".ci/run"], ROOT, env),
            ("ansible-lint", ["ansible-lint", "--offline", "--profile", "production", "--nocolor", "-q"], tree, env),
        ],
    )
    found = list(cleanliness.findings())
    for line in found:
        log.write(line)
    outcome.add("cleanliness", not found)
    return outcome


def docs(log: Log) -> Outcome:
    """Check the documentation of the collection and of its plugins, and make the web site of it."""
    tree, env = _documentation(log)
    outcome = _checks(log, [("generated files", [*GENERATE, "--check"], ROOT, _for_generating(env))])
    command = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "--validate-collection-refs=self", "."]
    outcome.merge(_checks(log, [("antsibull-docs", command, tree, env)]))
    outcome.merge(_site(log, tree, env))
    return outcome


def generate(log: Log) -> None:
    """Write the files that repeat the tables of fields and variables."""
    check(log, GENERATE, env=_for_generating(_documentation(log)[1]))


def _for_generating(env: dict[str, str]) -> dict[str, str]:
    """Return the variables with which Python finds the collection in the clone itself, where a generated file has just been written."""
    return {**env, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "playbooks" / "collections")])}


def site(log: Log) -> Outcome:
    """Make the web site alone."""
    return _site(log, *_documentation(log))


def _documentation(log: Log) -> tuple[Path, dict[str, str]]:
    """Return the collection and the variables to document it with."""
    venv = ensure(log, "docs", newest_core().python)
    tree = collection_tree("docs")
    return tree, activate(venv, ANSIBLE_COLLECTIONS_PATH=str(collections_path(tree)), ANSIBLE_HOME=str(WORK / "ansible-home"))


def _site(log: Log, tree: Path, env: dict[str, str]) -> Outcome:
    docs_site.prepare(tree)
    outcome = _checks(log, [(name, command, tree, env) for name, command in docs_site.commands()])
    log.write(f"the site is {relative(docs_site.HTML)}/index.html")
    return outcome


def _checks(log: Log, checks: Sequence[tuple[str, list[str], Path, dict[str, str]]]) -> Outcome:
    outcome = Outcome()
    for name, command, folder, env in checks:
        code, _lines = run(log, command, cwd=folder, env=env)
        outcome.add(name, code == 0)
        log.write(f"{name}: {'passed' if code == 0 else f'FAILED (exit code {code})'}")
    return outcome


# --- ansible-test ----------------------------------------------------------------------------------------------------


def sanity(core: Core, skipped: Sequence[str], log: Log) -> Outcome:
    """Run ansible-test sanity with one core; with one of them also for the oldest Python that modules support."""
    tree, env = prepare(log, core)
    skip = [word for name in skipped for word in ("--skip-test", name)]
    outcome = _sanity(log, tree, env, ["--python", core.python, *skip])
    if core.version == OLDEST_TARGET_CORE and OLDEST_TARGET in interpreters():
        only = ["--test", "compile", "--test", "import"]
        outcome.merge(_sanity(log, tree, env, ["--python", OLDEST_TARGET, *only]))
    return outcome


def _sanity(log: Log, tree: Path, env: dict[str, str], options: list[str]) -> Outcome:
    command = ["ansible-test", "sanity", "--local", "--color", "no", *options]
    code, lines = run(log, command, cwd=tree, env=env)
    outcome = read_sanity(lines)
    if code != 0 and not outcome.failed:
        outcome.add("ansible-test sanity", False)
    return outcome


def core_units(core: Core, paths: Sequence[str], log: Log) -> Outcome:
    """Run unit tests with ansible-test on one core; with one of them all also on the oldest Python that modules support."""
    tree, env = prepare(log, core)
    outcome = _core_units(log, tree, env, ["--local", "--python", core.python, *paths])
    if core.version == OLDEST_TARGET_CORE and OLDEST_TARGET in interpreters():
        outcome.merge(_core_units(log, tree, env, ["--venv", "--python", OLDEST_TARGET, ALL_UNITS]))
    return outcome


def _core_units(log: Log, tree: Path, env: dict[str, str], options: list[str]) -> Outcome:
    results = tree / "tests" / "output" / "junit"
    shutil.rmtree(results, ignore_errors=True)
    code, _lines = run(log, ["ansible-test", "units", "--color", "no", *options], cwd=tree, env=env)
    outcome = read_junit(sorted(results.glob("*.xml")))
    if code != 0 and not outcome.failed:
        outcome.add("ansible-test units", False)
    return outcome


# --- pytest ----------------------------------------------------------------------------------------------------------


def units(log: Log) -> Outcome:
    """Run the unit tests with plain pytest: what developers run."""
    venv, env = runtime(log)
    return _pytest(log, venv, env, "units", ["tests/unit", "-n", "2"])


def mutations(log: Log) -> Outcome:
    """Damage each guard of the collection in turn; a test that must notice has to turn red."""
    venv, env = runtime(log)
    return _pytest(log, venv, env, "mutations", ["tests/mutations", "-n", "2"])


def integration(version: str, log: Log) -> Outcome:
    """Run the integration tests that depend on LiteLLM's version: all with the newest, the oldest and one that is named, else a few."""
    chosen = "each_litellm" if version in litellm_versions()[1:-1] else "not any_litellm"
    return _with_litellm(log, version, f"integration-{version}", f"litellm and not installed and {chosen}")


def integration_with_any_litellm(log: Log) -> Outcome:
    """Run the integration tests that need LiteLLM, and are the same with every version of it."""
    return _with_litellm(log, litellm_versions()[0], "integration-any", "litellm and not installed and any_litellm")


def _with_litellm(log: Log, version: str, name: str, wanted: str) -> Outcome:
    venv, env = runtime(log)
    env["LITELLM_VERSION"] = version
    return _pytest(log, venv, env, name, ["tests/integration", "-m", wanted])


def integration_without_litellm(log: Log) -> Outcome:
    """Run the integration tests that need no LiteLLM: those of the database."""
    venv, env = runtime(log)
    return _pytest(log, venv, env, "integration-database", ["tests/integration", "-m", "not litellm and not installed"])


def _pytest(log: Log, venv: Path, env: dict[str, str], name: str, options: list[str], cwd: Path = ROOT) -> Outcome:
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = RESULTS / f"{name}.xml"
    result.unlink(missing_ok=True)
    command: list[str | Path] = [venv / "bin" / "python", "-m", "pytest", "--color=no", f"--junitxml={result}", *options]
    code, _lines = run(log, command, cwd=cwd, env=env, timeout=LIMIT_INTEGRATION)
    outcome = read_junit([result] if result.exists() else [])
    if code != 0 and not outcome.failed and (outcome.passed or code != 5):
        outcome.add(f"pytest (exit code {code})", False)
    return outcome


# --- molecule --------------------------------------------------------------------------------------------------------


def molecule(log: Log) -> Outcome:
    """Run the role's scenarios against real servers."""
    tree = collection_tree("molecule")
    venv, env = runtime(log, collections_path(tree))
    outcome = Outcome()
    scenarios = sorted(path.parent.name for path in tree.glob("extensions/molecule/*/molecule.yml"))
    for scenario in scenarios:
        command: list[str | Path] = [venv / "bin" / "molecule", "test", "--scenario-name", scenario]
        code, _lines = run(log, command, cwd=tree, env=env)
        outcome.add(f"molecule {scenario}", code == 0)
    return outcome


# --- the artefact ----------------------------------------------------------------------------------------------------


def build(log: Log) -> Outcome:
    """Build the artefact, look into it and let Galaxy's importer judge it."""
    venv, env = runtime(log)
    artefact = _build(log, venv, env)
    outcome = Outcome()
    wrong = list(_wrong_content(artefact))
    for line in wrong:
        log.write(line)
    outcome.add("content of the artefact", not wrong)
    outcome.add("galaxy-importer", _import(log, artefact))
    return outcome


def installed(log: Log) -> Outcome:
    """Install the artefact into an empty path and run it from there."""
    artefact = _build(log, *runtime(log))
    shutil.rmtree(INSTALLED, ignore_errors=True)
    venv, env = runtime(log, INSTALLED)
    check(log, [venv / "bin" / "ansible-galaxy", "collection", "install", "--offline", artefact, "-p", INSTALLED], env=env)
    root = INSTALLED / "ansible_collections" / NAMESPACE / NAME
    modules = sorted(path.stem for path in root.glob("plugins/modules/*.py"))
    playbooks = sorted(path.stem for path in root.glob("playbooks/*.yml"))
    if not modules:
        raise StageError(f"the artefact brought no module to {root}")
    commands = [(f"ansible-doc {name}", ["ansible-doc", "--json", f"{COLLECTION}.{name}"]) for name in modules]
    commands += [(f"syntax of {name}", ["ansible-playbook", "--syntax-check", f"{COLLECTION}.{name}"]) for name in playbooks]
    outcome = Outcome()
    for name, command in commands:
        code, _lines = run(log, command, cwd=INSTALLED, env=env, show=False)
        outcome.add(name, code == 0)
        log.write(f"{name}: {'passed' if code == 0 else 'FAILED'}")
    # What is the same wherever it lies need not be tested twice: "make build" compares the artefact's files with the sources.
    for name, options in (("installed-units", [*UNITS_OF_ANSIBLE, "-n", "2"]), ("installed", ["tests/integration", "-m", "installed"])):
        part = _pytest(log, venv, env, name, options)
        if not part.passed and not part.failed:
            raise StageError(f"no test ran from the installed artefact: pytest {' '.join(options)}")
        outcome.merge(part)
    return outcome


def _build(log: Log, venv: Path, env: dict[str, str]) -> Path:
    """Build the artefact from a copy of the sources, so that nothing a test left behind can get in, with what people leave lying around."""
    target = DIST / log.stage
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    tree = collection_tree(log.stage)
    for name in STRAYS:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("api_key: demo-key-not-real\n", encoding="utf-8")
    galaxy = venv / "bin" / "ansible-galaxy"
    check(log, [galaxy, "collection", "build", "--output-path", target], cwd=tree, env=env)
    artefacts = list(target.glob("*.tar.gz"))
    if len(artefacts) != 1:
        raise StageError(f"expected one artefact in {target}, found {len(artefacts)}")
    return artefacts[0]


def _wrong_content(artefact: Path) -> Iterator[str]:
    """Yield a line for each file that is in an artefact and should not be, and the other way round."""
    with tarfile.open(artefact) as archive:
        there = {member.name.removeprefix("./") for member in archive.getmembers() if not member.isdir()}
    wanted = {name for name in source_names() if (ROOT / name).is_file() and not NOT_BUILT.match(name)} | MADE_BY_GALAXY
    yield from (f"should not be in the artefact: {name}" for name in sorted(there - wanted))
    yield from (f"is not in the artefact, name it in galaxy.yml: {name}" for name in sorted(wanted - there))


def _import(log: Log, artefact: Path) -> bool:
    venv = ensure(log, "importer", main_python())
    config = WORK / "importer.cfg"
    settings = ["RUN_ANSIBLE_TEST = False", "RUN_ANSIBLE_LINT = False", "CHECK_REQUIRED_TAGS = True", "CHECK_CHANGELOG = True"]
    config.write_text("\n".join(["[galaxy-importer]", *settings, ""]), encoding="utf-8")
    env = activate(venv, GALAXY_IMPORTER_CONFIG=str(config), ANSIBLE_HOME=str(WORK / "ansible-home"))
    work = WORK / "importer"
    work.mkdir(parents=True, exist_ok=True)
    code, lines = run(log, [venv / "bin" / "python", "-m", "galaxy_importer.main", artefact], cwd=work, env=env, show=False)
    errors = [line for line in lines if line.startswith(("ERROR", "WARNING"))]
    for line in errors:
        log.write(line)
    return code == 0 and not any(line.startswith("ERROR") for line in errors)


def change_notes(log: Log) -> None:
    """Make the change notes of the version in galaxy.yml from the fragments, which go with it, and the plugins."""
    tree = collection_tree("changelog")
    env = activate(ensure(log, "lint", newest_core().python), ANSIBLE_HOME=str(WORK / "ansible-home"))
    found = re.search(r"^version: (\S+)$", (ROOT / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise StageError("galaxy.yml names no version")
    options = ["--version", found.group(1), "--update-existing", "--reload-plugins"]
    check(log, ["antsibull-changelog", "release", *options], cwd=tree, env=env)
    for name in ("CHANGELOG.md", "changelogs/changelog.yaml"):
        shutil.copyfile(tree / name, ROOT / name)
    for fragment in (ROOT / "changelogs" / "fragments").glob("*.yml"):
        if not (tree / "changelogs" / "fragments" / fragment.name).exists():
            fragment.unlink()


def format_sources(log: Log) -> None:
    """Format the Python sources of the clone and mend what ruff can mend."""
    env = activate(ensure(log, "lint", newest_core().python))
    check(log, ["ruff", "check", "--fix", "--exit-zero", "."], env=env)
    check(log, ["ruff", "format", "."], env=env)


# --- which stages there are ------------------------------------------------------------------------------------------


def litellm_versions() -> tuple[str, ...]:
    """Return the LiteLLM versions to test, the newest first: the one that the caller names, else all."""
    named = os.environ.get("LITELLM_VERSION")
    return (named,) if named else VERSIONS


def stages_of(target: str) -> dict[str, Stage]:
    """Return the stages of a target of the Makefile, longest first."""
    single: dict[str, Stage] = {
        "lint": lint, "docs": docs, "docs-site": site, "units": units, "mutations": mutations, "molecule": molecule, "build": build,
        "installed": installed,
    }  # fmt: skip
    if target in single:
        return {target: single[target]}
    if target == "integration":
        with_litellm: dict[str, Stage] = {
            f"integration-{version}": functools.partial(integration, version) for version in litellm_versions()
        }
        return with_litellm | {"integration-any": integration_with_any_litellm, "integration-database": integration_without_litellm}
    if target == "sanity":
        return {f"sanity-{core.version}": functools.partial(sanity, core, ()) for core in cores()}
    if target == "core-units":
        return {f"units-{core.version}": functools.partial(core_units, core, (ALL_UNITS,)) for core in cores()}
    if target == "test":
        whole = {name: stage for part in TARGETS for name, stage in stages_of(part).items()}
        return whole | _quicker_sanity() | _quicker_units()
    raise StageError(f"there is no target {target}")


def _quicker_sanity() -> dict[str, Stage]:
    """Return sanity for a full run: what takes longest only with the lowest and the newest core ("make sanity": all)."""
    between = cores()[1:-1]
    return {f"sanity-{core.version}": functools.partial(sanity, core, ("pylint", "compile", "import")) for core in between}


def _quicker_units() -> dict[str, Stage]:
    """Return unit tests for a full run: in between only those of what uses Ansible ("make core-units": all).

    All run with the lowest and the newest core, and with the oldest Python that modules support.
    """
    return {f"units-{core.version}": functools.partial(core_units, core, UNITS_OF_ANSIBLE) for core in cores()[1:-1]}
