# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteMaaS's database behind a proxy that fails, for runs of both modules that write it."""

from __future__ import annotations

import time
from typing import Any

from tests.integration.database import Backend
from tests.integration.world import World, deployments_before, deployments_now
from tests.support.postgres_proxy import FaultChooser, PostgresProxy, SentStatement


class Faulty:
    """LiteMaaS behind a fault proxy, ready for a run that inserts, updates, retires and deletes."""

    OPERATIONS: dict[str, dict[str, Any]] = {
        "sync": {"mark_unavailable": True},
        "cleanup": {},
        "cleanup with subscriptions": {"subscriptions": "delete"},
    }

    def __init__(self, backend: Backend, proxy: PostgresProxy) -> None:
        self.backend = backend
        self.proxy = proxy
        self.direct_url = backend.url
        self.url = backend.url.replace(f":{backend.postgres.port}/", f":{proxy.port}/")
        backend.litellm.entries = deployments_before()
        backend.sync()
        self.world = World(backend.postgres, backend.database)
        self.world.populate()
        self.world.execute("TRUNCATE audit_logs")
        self.world.save()
        backend.litellm.entries = deployments_now()

    def run(self, operation: str, fault: FaultChooser | None = None) -> dict[str, Any]:
        """One run of an operation, through the proxy."""
        self.proxy.clear()
        self.proxy.fault = fault
        run = self.backend.sync if operation == "sync" else self.backend.cleanup
        answer = run(database_url=self.url, retry_delay=0.001, lock_timeout=5, **self.OPERATIONS[operation])
        self.proxy.fault = None
        return answer

    def terminate(self, statement: SentStatement) -> None:
        """Let the server end the connection, as an administrator does."""
        self.world.execute(f"SELECT pg_terminate_backend({statement.pid})")
        while self.world.execute(f"SELECT 1 FROM pg_stat_activity WHERE pid = {statement.pid}"):
            time.sleep(0.001)


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, without what differs from run to run."""
    return {name: value for name, value in answer.items() if name not in ("raw", "synced_at", "invocation", "log", "warnings")}
