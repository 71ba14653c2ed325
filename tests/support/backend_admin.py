# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model pages of the LiteMaaS backend for administrators: what they do to LiteLLM, to a row, and to who uses it.

Written from a description of its behaviour. Each edit changes LiteLLM first and then runs the backend's forced sync of
everything; what LiteLLM has no place for goes straight into the row.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from typing import Any

from tests.support.backend_sync import sync_models

# Option of the page -> where LiteLLM keeps it.
IN_PARAMS = ("api_base", "tpm", "rpm", "input_cost_per_token", "output_cost_per_token")
IN_INFO = ("max_tokens", "supports_vision", "supports_function_calling", "supports_parallel_function_calling", "supports_tool_choice")
IN_ROW = ("description", "restricted_access", "encrypted_api_key")


class AdminPages:
    """``deployments`` are LiteLLM's and are changed in place; ``listing`` gives what its list answers, ``saved`` its table's names."""

    def __init__(
        self,
        connection: Any,
        deployments: list[dict[str, Any]],
        listing: Callable[[], list[dict[str, Any]]],
        saved: Callable[[], Collection[str] | None] = lambda: None,
    ) -> None:
        """Take a psycopg2 connection, which gets autocommit."""
        self._connection = connection
        self._deployments = deployments
        self._listing = listing
        self._saved = saved
        connection.autocommit = True

    def create(self, name: str, model_id: str, backend_model_name: str | None = None, **values: Any) -> None:
        """Add a model: to LiteLLM, then a forced sync."""
        deployment: dict[str, Any] = {
            "model_name": name,
            "litellm_params": {"model": f"openai/{backend_model_name or name}"},
            "model_info": {"id": model_id, "db_model": True},
        }
        _edit(deployment, values)
        self._deployments.append(deployment)
        self._sync()
        self._write_row(name, values)

    def update(self, name: str, model_name: str | None = None, backend_model_name: str | None = None, **values: Any) -> None:
        """Edit the model that a row shows.

        A new ``model_name`` is a new row, and the old one goes with its cascade. A name without a backend name sets
        LiteLLM's model to ``openai/<model_name>``.
        """
        deployment = self._shown(name)
        if deployment is None:
            return
        edited = copy.deepcopy(deployment)
        if backend_model_name or model_name:
            edited["litellm_params"]["model"] = f"openai/{backend_model_name or model_name}"
        edited["model_name"] = model_name or name
        _edit(edited, values)
        self._deployments[self._deployments.index(deployment)] = edited
        if values.get("restricted_access"):
            self._approve_anew(name)
        self._sync()
        self._write_row(edited["model_name"], values)

    def delete(self, name: str) -> None:
        """Delete the one deployment that the row names, the model's subscriptions and the row."""
        deployment = self._shown(name)
        if deployment is not None:
            self._deployments.remove(deployment)
        self._execute("DELETE FROM subscriptions WHERE model_id = %s", name)
        self._execute("DELETE FROM models WHERE id = %s", name)

    def _shown(self, name: str) -> dict[str, Any] | None:
        """Return the database deployment that the row of a model names."""
        rows = self._execute("SELECT litellm_model_id FROM models WHERE id = %s", name)
        shown = [entry for entry in self._deployments if entry["model_info"].get("db_model") and [(entry["model_info"]["id"],)] == rows]
        return shown[0] if shown else None

    def _approve_anew(self, name: str) -> None:
        """Access becomes restricted: whoever has the model waits for approval."""
        waiting = self._execute(
            "UPDATE subscriptions SET status = 'pending', status_changed_at = CURRENT_TIMESTAMP "
            "WHERE model_id = %s AND status = 'active' RETURNING id", name,
        )  # fmt: skip
        for (subscription,) in waiting:
            self._execute(
                "INSERT INTO subscription_status_history (subscription_id, old_status, new_status) VALUES (%s, 'active', 'pending')",
                subscription,
            )

    def _sync(self) -> None:
        sync_models(self._connection, self._listing(), saved=self._saved(), force=True)

    def _write_row(self, name: str, values: dict[str, Any]) -> None:
        for column in IN_ROW:
            if column in values:
                self._execute(f"UPDATE models SET {column} = %s WHERE id = %s", values[column], name)

    def _execute(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []


def _edit(deployment: dict[str, Any], values: dict[str, Any]) -> None:
    for part, names in (("litellm_params", IN_PARAMS), ("model_info", IN_INFO)):
        deployment[part].update({name: values[name] for name in names if name in values})
