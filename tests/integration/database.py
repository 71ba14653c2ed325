# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two modules that write LiteMaaS's tables, on a real PostgreSQL, with a LiteLLM whose answers a test decides."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import NotFound, ProxyError
from ansible_collections.litemaas.models.plugins.module_utils._litellm import connect as litellm_door
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Evidence, Reading
from ansible_collections.litemaas.models.plugins.modules import litemaas_model_sync, litemaas_orphan_cleanup, litemaas_sync_info
from tests.support.modules import run_module
from tests.support.stack import LITEMAAS_DATABASE, Stack

ADMIN_KEY = "demo-admin-key-not-real"


def raise_if_any(error: ProxyError | None) -> None:
    """Raise an error if there is one."""
    if error is not None:
        raise error


class StubLiteLLM:
    """Answers like the real client.

    ``entries`` are the deployments, ``against`` the reasons why they are not proven; ``saved`` are names that are saved and
    not served, ``mute`` is the error where single models cannot be asked for.
    """

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.against: list[dict[str, str]] = []
        self.saved: set[str] = set()
        self.mute: ProxyError | None = None
        self.proofs = 0

    def read(self) -> Reading:
        """Return what there is."""
        return Reading(copy.deepcopy(self.entries))

    def has_id(self, model_id: str, model_name: str) -> bool:
        """Return whether a model is saved."""
        raise_if_any(self.mute)
        return model_name in self.saved

    def testify(self, reading: Reading, ask_store: bool) -> Evidence:
        """Return what a proxy says that is in order, or that it is not ready for the first of ``against``."""
        self.proofs += 1
        readiness = ProxyError(self.against[0]["message"]) if self.against else {"db": "connected"}
        return Evidence(readiness, settings={"current_values": {}}, key=NotFound("no such key"), again=self.read())


class Backend:
    """LiteMaaS's database with the two modules in front of it."""

    def __init__(self, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("DATABASE_URL", "LITELLM_DATABASE_URL", "PGHOST", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPORT"):
            monkeypatch.delenv(name, raising=False)
        self.postgres = stack.postgres
        self.database = LITEMAAS_DATABASE
        self.url = stack.postgres.url(LITEMAAS_DATABASE)
        self.litellm = StubLiteLLM()
        monkeypatch.setattr(litellm_door, "connect", self._connect)

    def _connect(self, run: Any) -> StubLiteLLM:
        run.keep_secret(ADMIN_KEY)
        return self.litellm

    def connect(self) -> Any:
        """Return a connection of the test's own."""
        return psycopg2.connect(self.url)

    def sync(self, check: bool = False, **options: Any) -> dict[str, Any]:
        """Run litemaas_model_sync."""
        return self._run(litemaas_model_sync.main, check, options)

    def cleanup(self, check: bool = False, **options: Any) -> dict[str, Any]:
        """Run litemaas_orphan_cleanup."""
        return self._run(litemaas_orphan_cleanup.main, check, options)

    def info(self, check: bool = False, **options: Any) -> dict[str, Any]:
        """Run litemaas_sync_info."""
        return run_module(litemaas_sync_info.main, {"database_url": self.url, **options}, check=check)

    def _run(self, main: Callable[[], None], check: bool, options: dict[str, Any]) -> dict[str, Any]:
        return run_module(main, {"litellm_url": "http://litellm.example.com", "database_url": self.url, **options}, check=check)

    def predicted_then_done(self, run: Callable[..., dict[str, Any]], **options: Any) -> dict[str, Any]:
        """Run in check mode (nothing may change), then really; both must say the same. Returns the real answer."""
        before = self.dump()
        predicted = run(check=True, **options)
        assert self.dump() == before
        done = run(**options)
        for answer in (predicted, done):
            for name in ("raw", "synced_at", "invocation"):
                answer.pop(name, None)
        assert predicted == done
        return done

    def one(self, sql: str) -> list[str]:
        """Return the first row of a query."""
        return self.postgres.sql(sql, self.database)[0]

    def column(self, sql: str) -> list[str]:
        """Return the first column of a query."""
        return [row[0] for row in self.postgres.sql(sql, self.database)]

    def row(self, name: str) -> dict[str, Any]:
        """Return one row of models."""
        quoted = name.replace("'", "''")
        row: dict[str, Any] = json.loads(self.one(f"SELECT to_jsonb(m) FROM models m WHERE id = '{quoted}'")[0])
        return row

    def dump(self) -> dict[str, list[str]]:
        """Return all rows of all tables that the collection writes."""
        tables = ("models", "subscriptions", "api_keys", "api_key_models", "audit_logs", "subscription_status_history")
        there = self.column("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {table: self.column(f"SELECT to_jsonb(x)::text FROM {table} x ORDER BY 1") for table in tables if table in there}


def entry(
    name: str, model: str = "openai/gpt-4o", model_id: str | None = None, info: dict[str, Any] | None = None, **params: Any
) -> dict[str, Any]:
    """Return one deployment as LiteLLM lists it."""
    return {
        "model_name": name,
        "litellm_params": {"model": model, "use_in_pass_through": False, **params},
        "model_info": {"id": model_id or f"id-{name}", "db_model": True, **(info or {})},
    }
