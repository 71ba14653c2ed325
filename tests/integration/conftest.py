# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests against real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.database import Backend
from tests.integration.faulty import Faulty
from tests.integration.playbook import Playbook
from tests.support.kubernetes_api import KubernetesApi
from tests.support.postgres import PASSWORD
from tests.support.postgres_proxy import PostgresProxy
from tests.support.recorder import Fault, Recorder
from tests.support.stack import Stack

pytest_plugins = ["tests.support.fixtures"]


@pytest.fixture
def playbook(clean_stack: Stack, tmp_path: Path) -> Playbook:
    """Return the playbook of the clone, with clean servers in its environment."""
    return Playbook(clean_stack, tmp_path)


@pytest.fixture
def unquestioned(recorder: Recorder) -> Recorder:
    """LiteLLM behind something that lets no questions about providers through, so that nothing is refused before it is written."""
    recorder.fault = lambda request: Fault.status(404) if request.path.startswith(("/public/", "/utils/")) else None
    return recorder


@pytest.fixture
def api(kubernetes_core: None, tmp_path: Path) -> Iterator[KubernetesApi]:
    """Return a Kubernetes API of OpenShift's without any object, and without any user."""
    folder = tmp_path / "kubernetes"
    folder.mkdir()
    with KubernetesApi(folder) as running:
        yield running


@pytest.fixture
def reader_url(backend: Backend) -> Iterator[str]:
    """The database for a user that may only SELECT."""
    backend.postgres.sql(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
    tables = "models, subscriptions, api_keys, api_key_models, audit_logs, users"
    backend.postgres.sql(f"GRANT SELECT ON {tables} TO reader", backend.database)
    yield backend.url.replace("litemaas_admin", "reader")
    backend.postgres.sql("DROP OWNED BY reader; DROP ROLE reader", backend.database)


@pytest.fixture
def faulty(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    with PostgresProxy(clean_litemaas.postgres.port) as proxy:
        faulty = Faulty(Backend(clean_litemaas, monkeypatch), proxy)
        yield faulty
        faulty.world.close()
