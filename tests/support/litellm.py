# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An unmodified LiteLLM proxy with database-backed models.

LiteLLM stores its models by prisma-client-py, whose native engines are a download from a host of its own. Here
Prisma's own engines run in their WebAssembly builds on Node instead: ``prisma/engine`` answers queries,
``prisma/migrate`` applies LiteLLM's migrations, ``prisma/cli`` generates the Python client.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support import processes
from tests.support.cache import cached, last_lines, progress, run_tool, write_script
from tests.support.errors import SupportError
from tests.support.locks import lock_text, refuse_compromised
from tests.support.packages import (
    create_venv,
    install_environment,
    install_locked,
    node_directory,
    npm_ci,
    platform_key,
    python_interpreter,
)

# The newest first. Tests run in full with the newest and the oldest of them.
VERSIONS = ("1.110.2", "1.100.5", "1.81.0")
DEFAULT_VERSION = VERSIONS[0]
MASTER_KEY = "sk-test-admin-not-real"
SALT_KEY = "sk-test-salt-not-real"
START_TIMEOUT_S = 300
REQUEST_TIMEOUT_S = 60
V2_RESOLVER = "--use_v2_migration_resolver"
_HERE = Path(__file__).parent
_ENGINE_COMMIT = "393aa359c9ad4a4bb28630fb5613f9c281cde053"
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
_DEFAULT_MODEL_LIST = """\
model_list:
  - model_name: config-file-model
    litellm_params:
      model: openai/gpt-4o-mini
      api_base: http://127.0.0.1:9/v1
      api_key: demo-key-not-real
      rpm: 7
"""


# A provider that LiteLLM has by its configuration alone: it lists it nowhere.
CUSTOM_PROVIDER = "own-llm"
_CUSTOM_HANDLER = """\
import litellm


class OwnLLM(litellm.CustomLLM):
    async def acompletion(self, *arguments, **named):
        return litellm.completion(model="openai/own", messages=[], mock_response="an answer of the custom provider")


handler = OwnLLM()
"""


@dataclasses.dataclass(frozen=True)
class ProxyOptions:
    """How to start one proxy.

    ``database_url`` None starts it without any database. ``config`` is the text of config.yaml; None means one
    config model ``config-file-model`` and the provider ``CUSTOM_PROVIDER``, the empty text no config.yaml at all.
    Without a ``salt_key`` the master key encrypts what LiteLLM saves. ``reload_interval_s`` is the time between two
    reads of the database (LiteLLM's own default: 30 s; 1.81.0 does not know the setting). ``migrated`` says that
    the database has the tables already.
    """

    version: str = DEFAULT_VERSION
    port: int | None = None
    database_url: str | None = None
    workers: int = 1
    config: str | None = None
    store_model_in_db: bool = True
    master_key: str = MASTER_KEY
    salt_key: str | None = SALT_KEY
    reload_interval_s: int | None = None
    extra_env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    extra_arguments: tuple[str, ...] = ()
    migrated: bool = False


# Stands in the place of the client's types.py: 38,000 classes for type checkers that take a third of each start, and that nothing
# reads when the proxy runs.
_NO_TYPES = '''\
"""The types of the generated client, which only type checkers read."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return dict
'''


@dataclasses.dataclass(frozen=True)
class Installation:
    """Where one version of LiteLLM and its Node parts are installed."""

    venv: Path
    prisma: Path
    node: Path

    @property
    def site_packages(self) -> Path:
        """The directory of the installed Python packages."""
        return next((self.venv / "lib").glob("python3*/site-packages"))

    def environment(self) -> dict[str, str]:
        """Return what LiteLLM and Prisma need to find everything, and little else of the caller's environment."""
        inherited = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        search_path = [str(self.venv / "bin"), str(self.node), inherited.get("PATH", os.defpath)]
        return {
            **inherited,
            "PATH": os.pathsep.join(search_path),
            "PRISMA_HOME_DIR": str(self.prisma),
            "PRISMA_BINARY_CACHE_DIR": str(self.prisma / "cli"),
            "PRISMA_QUERY_ENGINE_BINARY": str(self.prisma / "engine" / "query-engine"),
            "PRISMA_SCHEMA_ENGINE_BINARY": str(self.prisma / "engine" / "schema-engine"),
            "PRISMA_CLI_PATH": str(self.prisma / "migrate" / "prisma-cli"),
            "PRISMA_OFFLINE_MODE": "true",
            "PRISMA_ENGINES_CHECKSUM_IGNORE_MISSING": "1",
            "PRISMA_HIDE_UPDATE_MESSAGE": "1",
            "CHECKPOINT_DISABLE": "1",
        }


class LiteLLMProxy:
    """One proxy process (with its workers and query engines), logging to ``directory/proxy.log``."""

    def __init__(self, name: str, directory: Path, options: ProxyOptions) -> None:
        """Take a name for messages and a directory for the log; nothing starts yet."""
        self.name = name
        self.options = options
        self.directory = directory
        self.port = options.port or processes.free_port()
        self.record: processes.ProcessRecord | None = None
        self._installation = install_litellm(options.version)

    @property
    def url(self) -> str:
        """The proxy's base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """The file with everything the proxy wrote."""
        return self.directory / "proxy.log"

    def start(self) -> processes.ProcessRecord:
        """Start the proxy, without waiting; ``wait`` then waits until it is ready."""
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "config.yaml"
        config.write_text(self.options.config or default_config(self.options), encoding="utf-8")
        (self.directory / "own_llm.py").write_text(_CUSTOM_HANDLER, encoding="utf-8")
        config_arguments: list[str | Path] = [] if self.options.config == "" else ["--config", config]
        command: list[str | Path] = [
            self._installation.venv / "bin" / "litellm",
            *config_arguments,
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--num_workers",
            str(self.options.workers),
            *self._migration_arguments(),
            *self.options.extra_arguments,
        ]
        _process, self.record = processes.spawn(self.name, command, log=self.log, env=self._environment(), cwd=self.directory)
        return self.record

    def wait(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until the proxy is ready. Raises SupportError with the end of its log if it does not get there."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._is_ready():
                return
            if self.record is None or not processes.is_running(self.record):
                raise SupportError(self._failure("ended before it was ready"))
            time.sleep(0.1)
        raise SupportError(self._failure(f"was not ready after {timeout_s:.0f} s"))

    def stop(self) -> None:
        """Stop the proxy and all its children."""
        if self.record is not None:
            processes.stop(self.record)

    def request(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> tuple[int, Any]:
        """Call the proxy's API: return the status and the JSON body (text, if it is not JSON).

        Raises OSError if there is no answer.
        """
        data = None if body is None else json.dumps(body).encode("utf-8")
        headers = {"Authorization": f"Bearer {key or self.options.master_key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with _opener().open(request, timeout=REQUEST_TIMEOUT_S) as answer:
                return answer.status, _decoded(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _decoded(error.read())

    def _is_ready(self) -> bool:
        try:
            with _opener().open(f"{self.url}/health/readiness", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _failure(self, what: str) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return (
            f"LiteLLM {self.options.version} ({self.name}) {what}. The end of {self.log}:\n{last_lines(text)}\n"
            "If a package is missing or broken, remove the cache (python -m tests.support status names it) and start again."
        )

    def _migration_arguments(self) -> list[str]:
        """Return the argument for the migration resolver that works without native engines, where there is one."""
        program = self._installation.site_packages / "litellm" / "proxy" / "proxy_cli.py"
        has_resolver = V2_RESOLVER in program.read_text(encoding="utf-8")
        return [V2_RESOLVER] if has_resolver and self.options.database_url else []

    def _environment(self) -> dict[str, str]:
        options = self.options
        environment = {
            **self._installation.environment(),
            "LITELLM_MASTER_KEY": options.master_key,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_TELEMETRY": "False",
            "LITELLM_MODE": "PRODUCTION",
            # uvicorn ends a worker that is silent for 5 s, less than the imports take on a busy machine.
            "TIMEOUT_WORKER_HEALTHCHECK": "120",
            "LITELLM_MIGRATION_DIR": str(self.directory / "migrations"),
            "GITHUB_COPILOT_TOKEN_DIR": str(self.directory / "github_copilot"),
            "STORE_MODEL_IN_DB": str(options.store_model_in_db),
        }
        if options.salt_key is not None:
            environment["LITELLM_SALT_KEY"] = options.salt_key
        if options.database_url:
            environment["DATABASE_URL"] = options.database_url
            environment["DISABLE_SCHEMA_UPDATE"] = str(options.migrated)
        return {**environment, **options.extra_env}


def default_config(options: ProxyOptions) -> str:
    """Return the text of config.yaml for a proxy that got none."""
    general = ["master_key: os.environ/LITELLM_MASTER_KEY"]
    if options.database_url:
        general += ["database_url: os.environ/DATABASE_URL", f"store_model_in_db: {str(options.store_model_in_db).lower()}"]
    if options.reload_interval_s is not None:
        general.append(f"proxy_config_reload_interval_seconds: {options.reload_interval_s}")
    settings = "".join(f"  {line}\n" for line in general)
    custom = f"  custom_provider_map:\n    - {{provider: {CUSTOM_PROVIDER}, custom_handler: own_llm.handler}}\n"
    return f"{_DEFAULT_MODEL_LIST}general_settings:\n{settings}litellm_settings:\n  telemetry: false\n{custom}"


def install_litellm(version: str) -> Installation:
    """Return the installation of one version, made now if the cache has none."""
    refuse_compromised(f"litellm=={version}")
    name = f"litellm-{version}"
    lock = lock_text(name)
    node = node_directory()
    prisma = cached("prisma", _prisma_sources(node), lambda directory: _install_prisma(directory, node))
    interpreter = python_interpreter()
    inputs = [lock, platform_key(interpreter), str(prisma), _NO_TYPES]
    venv = cached(name, inputs, lambda directory: _install_venv(Installation(directory, prisma, node), interpreter, name))
    return Installation(venv, prisma, node)


def _prisma_sources(node: Path) -> list[str]:
    files = sorted(path for path in (_HERE / "prisma").rglob("*") if path.is_file())
    return [str(node), *(path.read_text(encoding="utf-8") for path in files)]


def _install_prisma(directory: Path, node: Path) -> None:
    """Copy the Node sources, install their packages, and write the programs for which Prisma looks."""
    for part in ("engine", "migrate", "cli"):
        progress(f"installing the npm packages of prisma/{part} (once, then cached)")
        shutil.copytree(_HERE / "prisma" / part, directory / part)
        npm_ci(directory / part)
    engine, migrate = directory / "engine", directory / "migrate"
    write_script(engine / "query-engine", _version_answer("query-engine") + f'exec "{node}/node" "{engine}/engine.js" "$@"\n')
    for directory_of_engine in (engine, migrate):
        write_script(directory_of_engine / "schema-engine", _version_answer("schema-engine-cli") + "exit 1\n")
    (migrate / "no-native-engine.so.node").touch()
    write_script(
        migrate / "prisma-cli",
        (
            f'export PRISMA_QUERY_ENGINE_LIBRARY="{migrate}/no-native-engine.so.node"\n'
            f'export PRISMA_SCHEMA_ENGINE_BINARY="{migrate}/schema-engine"\n'
            "unset PRISMA_QUERY_ENGINE_BINARY\n"
            'export LITELLM_MIGRATIONS_DIR="${LITELLM_MIGRATIONS_DIR:-$PWD}"\n'
            'case "$1" in --version|-v) echo "prisma 6.19.0"; exit 0;; esac\n'
            f'exec "{node}/node" "{migrate}/node_modules/prisma/build/index.js" "$@" --config "{migrate}/prisma.config.mjs"\n'
        ),
    )


def _version_answer(program: str) -> str:
    return f'case "$1" in --version|-V) echo "{program} {_ENGINE_COMMIT}"; exit 0;; esac\n'


def _install_venv(installation: Installation, interpreter: Path, lock: str) -> None:
    progress(f"installing {lock} with the proxy's dependencies (once, then cached)")
    create_venv(installation.venv, interpreter)
    python = installation.venv / "bin" / "python"
    install_locked(python, lock)
    progress("generating the Prisma client for Python")
    schema = installation.site_packages / "litellm" / "proxy" / "schema.prisma"
    environment = {**install_environment(), **installation.environment()}
    environment.pop("PRISMA_CLI_PATH")  # the generator needs the CLI of the client's own version
    environment.pop("PRISMA_OFFLINE_MODE")
    run_tool([installation.venv / "bin" / "prisma", "py", "generate", "--type-depth=-1", f"--schema={schema}"], environment)
    (installation.site_packages / "prisma" / "types.py").write_text(_NO_TYPES, encoding="utf-8")
    subprocess.run([str(python), "-m", "compileall", "-q", str(installation.site_packages / "prisma")], check=False)


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener which ignores proxy settings: 127.0.0.1 is never behind one."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", errors="replace")
