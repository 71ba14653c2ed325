# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pytest fixtures. Use them by ``pytest_plugins = ["tests.support.fixtures"]`` in the top conftest.py.

* ``postgres_stack`` (session): PostgreSQL with the LiteMaaS tables, without LiteLLM; up in a second.
* ``stack`` (session): the same with LiteLLM of the version in $LITELLM_VERSION (default: the newest).
* ``clean_litellm`` (function): ``stack`` without any database model.
* ``clean_litemaas`` (function): ``postgres_stack`` with empty LiteMaaS tables.
* ``clean_stack`` (function): ``stack`` with both clean.
* ``seeder`` (function): adds rows to the tables of ``clean_litemaas``.
* ``recorder`` (function): a recording pass-through in front of ``clean_litellm``.
* ``older_database_url`` (session): a database with an older backend's tables.
* ``kubernetes_core`` (function): Python and Ansible find the collection kubernetes.core.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator

import pytest

from tests.support import litemaas
from tests.support.errors import SupportError
from tests.support.kubernetes_clients import kubernetes_core as kubernetes_core_path
from tests.support.kubernetes_clients import with_kubernetes_core
from tests.support.litellm import DEFAULT_VERSION, LiteLLMProxy
from tests.support.recorder import Recorder
from tests.support.stack import LITELLM_DATABASE, LITEMAAS_DATABASE, Stack

OLDER_DATABASE = "litemaas_older_db"
MODEL_TABLE = '"LiteLLM_ProxyModelTable"'
SHARED_SERVERS = "LITEMAAS_TEST_SERVERS"
CLEAN_TIMEOUT_S = 60
NUDGE_AFTER_S = 3


@pytest.fixture(scope="session")
def postgres_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start PostgreSQL with the LiteMaaS tables, or take the one whose state directory $LITEMAAS_TEST_SERVERS names."""
    shared = os.environ.get(SHARED_SERVERS)
    if shared:
        yield Stack.attached(shared)
        return
    with Stack(tmp_path_factory.mktemp("postgres"), with_litellm=False) as stack:
        yield stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start PostgreSQL, the LiteMaaS tables and a LiteLLM proxy, or take those of $LITEMAAS_TEST_SERVERS."""
    version = os.environ.get("LITELLM_VERSION") or DEFAULT_VERSION
    shared = os.environ.get(SHARED_SERVERS)
    if shared:
        yield Stack.attached(shared, version)
        return
    with Stack(tmp_path_factory.mktemp("litellm"), version) as running:
        yield running


@pytest.fixture
def clean_litellm(stack: Stack) -> Stack:
    """Return the stack after deleting all database models of LiteLLM by its API."""
    delete_database_models(stack)
    return stack


@pytest.fixture
def clean_litemaas(postgres_stack: Stack) -> Stack:
    """Return the stack without LiteLLM, its LiteMaaS tables empty."""
    litemaas.truncate(postgres_stack.postgres, LITEMAAS_DATABASE)
    return postgres_stack


@pytest.fixture
def clean_stack(clean_litellm: Stack) -> Stack:
    """Return the stack with LiteLLM, without database models, its LiteMaaS tables empty."""
    litemaas.truncate(clean_litellm.postgres, LITEMAAS_DATABASE)
    return clean_litellm


@pytest.fixture
def seeder(clean_litemaas: Stack) -> litemaas.Seeder:
    """Return a seeder for the tables of ``clean_litemaas``."""
    return litemaas.Seeder(clean_litemaas.postgres, LITEMAAS_DATABASE)


@pytest.fixture
def recorder(clean_litellm: Stack) -> Iterator[Recorder]:
    """Return a recording pass-through in front of the clean LiteLLM."""
    with Recorder(clean_litellm.litellm_url) as running:
        yield running


@pytest.fixture(scope="session")
def older_database_url(postgres_stack: Stack) -> str:
    """Return the URL of a database with the tables of an older LiteMaaS backend. A server that is shared keeps it."""
    server = postgres_stack.postgres
    if not server.sql(f"SELECT 1 FROM pg_database WHERE datname = '{OLDER_DATABASE}'"):
        server.create_database(OLDER_DATABASE)
        server.sql(litemaas.schema_sql(older=True), OLDER_DATABASE)
    return server.url(OLDER_DATABASE)


@pytest.fixture
def kubernetes_core(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let this process and its children find kubernetes.core, and nothing of this machine's own clusters."""
    for name in [name for name in os.environ if name.startswith(("K8S_AUTH_", "KUBE"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KUBECONFIG", os.devnull)
    for name, value in with_kubernetes_core(os.environ).items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(kubernetes_core_path()))
    # kubernetes.core keeps what it learned of each address there, and a port may be somebody else's later. pytest's own folder stays.
    tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(prefix="k8s-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield
    # The client remembers its last configuration for the whole process; a module has a process of its own.
    client = sys.modules.get("kubernetes.client")
    if client:
        client.Configuration.set_default(None)


def delete_database_models(stack: Stack) -> None:
    """Delete every model of LiteLLM's table by the API, and wait until the proxy serves none of them."""
    rows = stack.postgres.sql(f"SELECT model_id FROM {MODEL_TABLE}", LITELLM_DATABASE)
    for row in rows:
        status, answer = stack.proxy.request("POST", "/model/delete", {"id": row[0]})
        if status != 200:
            raise SupportError(f"LiteLLM did not delete the model {row[0]}: {status} {answer}")
    deadline = time.monotonic() + CLEAN_TIMEOUT_S
    nudge_at = time.monotonic() + NUDGE_AFTER_S
    while database_models(stack.proxy):
        if time.monotonic() > deadline:
            raise SupportError(f"LiteLLM still serves deleted models after {CLEAN_TIMEOUT_S} s")
        if time.monotonic() > nudge_at:
            nudge(stack.proxy)
            nudge_at = time.monotonic() + NUDGE_AFTER_S
        time.sleep(0.1)


def nudge(proxy: LiteLLMProxy) -> None:
    """Let LiteLLM 1.81 look at its table: it serves the last deleted models until another one is created."""
    body = {"model_name": "nudge", "litellm_params": {"model": "openai/nudge"}, "model_info": {"id": "nudge"}}
    proxy.request("POST", "/model/new", body)
    proxy.request("POST", "/model/delete", {"id": "nudge"})


def database_models(proxy: LiteLLMProxy) -> list[str]:
    """Return the ids of the database models that a proxy serves."""
    status, answer = proxy.request("GET", "/model/info")
    if status != 200:
        raise SupportError(f"LiteLLM did not list its models: {status} {answer}")
    return [model["model_info"]["id"] for model in answer["data"] if model["model_info"].get("db_model")]
