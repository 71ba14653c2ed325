# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of the benchmark: a real LiteLLM with N models, one with next to none, a PostgreSQL that waits for its disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import wanted_ids
from tests.benchmark.measure import Addresses
from tests.support import litemaas
from tests.support.errors import SupportError
from tests.support.litellm import ProxyOptions
from tests.support.postgres import quote
from tests.support.stack import LITELLM_DATABASE, LITEMAAS_DATABASE, Stack

# In LiteLLM of the scenarios with orphans there is nothing but the model of its config.yaml and this one, made through the API.
OTHER_MODEL = {"model_name": "other", "litellm_params": {"model": "openai/gpt-4o", "api_key": "demo-key-not-real"}}
EMPTY_PROXY = "litellm-without"
EMPTY_DATABASE = "litellm_without_db"
SUBSCRIPTIONS = 3
KEYS = 2
# A proxy that reads its database again while a run is measured would be measured with it.
_NEVER_S = 86400
_CONFIG = f"""\
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  database_url: os.environ/DATABASE_URL
  store_model_in_db: true
  proxy_config_reload_interval_seconds: {_NEVER_S}
litellm_settings:
  telemetry: false
"""
# Where states of the table models are kept: no schema in which anybody looks for tables.
_KEPT = "kept_by_benchmark"


def specs(count: int, prefix: str = "bench", **changes: Any) -> list[dict[str, Any]]:
    """Return a models file's entries; each has what a real one has."""
    return [
        {
            "model_name": f"{prefix}-{number:05}",
            "litellm_model": "openai/gpt-4o",
            "api_base": "http://127.0.0.1:9/v1",
            "api_key": "demo-key-not-real",
            "description": "A model of the benchmark",
            "provider": "openshift-ai",
            "category": "general",
            "context_length": 128000,
            "rpm": 600,
            "tpm": 200000,
            "supports_function_calling": True,
            **changes,
        }
        for number in range(1, count + 1)
    ]


class Servers:
    """A context manager: everything runs inside of ``with``."""

    def __init__(self, folder: Path, litellm_version: str) -> None:
        """Take a folder for the data and the version of LiteLLM."""
        self.stack = Stack(folder, litellm_version, durable=True, proxy=ProxyOptions(config=_CONFIG))
        self.size = 0
        self._models = 0

    def __enter__(self) -> Servers:
        """Start everything."""
        self.stack.start()
        self._empty = self.stack.start_proxy(
            EMPTY_PROXY, ProxyOptions(version=self.stack.litellm_version, reload_interval_s=_NEVER_S), database=EMPTY_DATABASE
        )
        status, answer = self._empty.request("POST", "/model/new", OTHER_MODEL)
        if status != 200:
            raise SupportError(f"LiteLLM did not take a model: {status} {answer}")
        self.sql(f"CREATE SCHEMA {_KEPT}")
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop everything."""
        self.stack.stop()

    @property
    def full(self) -> Addresses:
        """The servers with all models."""
        return Addresses(self.stack.litellm_url, self.stack.database_url, self.stack.litellm_database_url)

    @property
    def without(self) -> Addresses:
        """The servers whose LiteLLM has two other models only, so that each row is an orphan."""
        return Addresses(self._empty.url, self.stack.database_url, self.stack.postgres.url(EMPTY_DATABASE))

    @property
    def key(self) -> str:
        """The admin key of both proxies."""
        return self.stack.master_key

    def sql(self, statement: str, database: str = LITEMAAS_DATABASE) -> list[list[str]]:
        """Execute SQL."""
        return self.stack.postgres.sql(statement, database)

    # --- LiteLLM ---------------------------------------------------------------------------------------------------------

    def grow(self, size: int, write: Callable[[list[dict[str, Any]]], object]) -> None:
        """Give LiteLLM ``size`` models; never fewer than it had.

        ``write`` creates models through the API, where each costs more the more there are. So only the first and the last are made
        by it; the last one lets the proxy read all others, which are copies of the first one's row.
        """
        wanted = specs(size)
        if self._models == 0:
            write(wanted[:1])
        self._copy(wanted[:-1])
        write(wanted[-1:])
        served = self.request("GET", "/v2/model/info?size=20000&page=1")["data"]
        if len(served) != size:
            raise SupportError(f"LiteLLM serves {len(served)} models and should serve {size}")
        self._models = self.size = size

    def _copy(self, wanted: list[dict[str, Any]]) -> None:
        """Add what is missing as copies of the first row. The encrypted values of a row are good in any other."""
        read, errors = read_specs(wanted)
        if errors:
            raise SupportError(str(errors))
        given = json.dumps([{"id": i, "name": spec["model_name"]} for i, spec in zip(wanted_ids(read), wanted, strict=True)])
        self.sql(
            f"""
            INSERT INTO "LiteLLM_ProxyModelTable"
            SELECT (jsonb_populate_record(first, jsonb_build_object('model_id', given.id, 'model_name', given.name,
                'model_info', first.model_info::jsonb || jsonb_build_object('id', given.id)))).*
            FROM "LiteLLM_ProxyModelTable" AS first, jsonb_to_recordset({quote(given)}::jsonb) AS given(id text, name text)
            WHERE first.model_name = {quote(wanted[0]["model_name"] if wanted else "")}
            ON CONFLICT DO NOTHING""",
            LITELLM_DATABASE,
        )

    def remove(self, prefix: str) -> None:
        """Delete the models whose names begin so."""
        listed = self.request("GET", "/v2/model/info?size=20000&page=1")["data"]
        for entry in listed:
            if entry["model_name"].startswith(prefix):
                self.request("POST", "/model/delete", {"id": entry["model_info"]["id"]})

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the full LiteLLM. Raises SupportError unless it says 200."""
        status, answer = self.stack.proxy.request(method, path, body)
        if status != 200:
            raise SupportError(f"{method} {path}: {status} {str(answer)[:300]}")
        return answer

    # --- LiteMaaS ----------------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """No rows at all."""
        litemaas.truncate(self.stack.postgres, LITEMAAS_DATABASE)
        self._settle()

    def keep(self, name: str) -> None:
        """Keep the rows of models under a name, for ``restore``."""
        self.sql(f'DROP TABLE IF EXISTS {_KEPT}."{name}"; CREATE TABLE {_KEPT}."{name}" AS SELECT * FROM models')

    def restore(self, name: str, change: str = "") -> None:
        """Set the table models back to what was kept, with an SQL ``change`` after it, and nothing in the other tables."""
        litemaas.truncate(self.stack.postgres, LITEMAAS_DATABASE)
        self.sql(f'INSERT INTO models SELECT * FROM {_KEPT}."{name}"; {change}')
        self._settle()

    def orphans(self, size: int) -> None:
        """Rows whose models the LiteLLM of ``without`` lacks, each with three active subscriptions and two active keys."""
        litemaas.truncate(self.stack.postgres, LITEMAAS_DATABASE)
        self.sql(
            f"""
            INSERT INTO models (id, name, provider, availability, litellm_model_id)
                SELECT 'bench-' || n, 'bench-' || n, 'openai', 'available', 'id-' || n FROM generate_series(1, {size}) AS n;
            INSERT INTO users (username, email, oauth_provider, oauth_id)
                SELECT 'user-' || n, 'user-' || n || '@example.com', 'openshift', n::text FROM generate_series(1, {SUBSCRIPTIONS}) AS n;
            INSERT INTO subscriptions (user_id, model_id, status) SELECT u.id, m.id, 'active' FROM users u, models m;
            INSERT INTO api_keys (user_id, name, key_hash, key_prefix, is_active)
                SELECT (SELECT id FROM users WHERE username = 'user-' || k), m.id, 'hash-' || m.id || '-' || k, 'sk-demo', true
                FROM models m, generate_series(1, {KEYS}) AS k;
            INSERT INTO api_key_models (api_key_id, model_id) SELECT id, name FROM api_keys"""
        )
        self._settle()

    def _settle(self) -> None:
        """Let PostgreSQL end what it would else do in the middle of a run."""
        self.sql("ANALYZE")
        self.sql("CHECKPOINT")

    def setting(self, name: str) -> str:
        """Return a setting of PostgreSQL."""
        return self.sql(f"SHOW {name}")[0][0]
