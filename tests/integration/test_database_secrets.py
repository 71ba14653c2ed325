# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database says of values, and what is written into it for good: neither holds a secret."""

from __future__ import annotations

import json

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import may_hold_secret
from tests.integration.database import ADMIN_KEY, Backend, entry
from tests.support import litemaas
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

SECRET = "demo-model-secret-not-real"
ENCRYPTED = "demo-encrypted-key-not-real"


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return Backend(clean_litemaas, monkeypatch)


def test_the_audit_log_holds_no_secret(backend: Backend) -> None:
    backend.litellm.entries = [
        entry("good", api_base=f"https://user:{SECRET}@models.example.com", extra_headers={"X-Api-Key": SECRET}),
        entry(f"name-{SECRET}", rpm=10**12),
        entry(f"new-{SECRET}"),
    ]
    models = [
        {"model_name": "good", "api_key": SECRET},
        {"model_name": f"wrong-{SECRET}", "rpm": SECRET},
        {"model_name": f"long-{SECRET}", "display_name": ADMIN_KEY + "x" * 300},
    ]
    answer = backend.sync(models=models)
    assert answer["failed"]
    assert len(answer["errors"]) >= 2
    (row,) = backend.column("SELECT to_jsonb(a)::text FROM audit_logs a WHERE action = 'MODELS_SYNC'")
    stored = json.loads(row)
    assert (stored["success"], len(stored["metadata"]["errors"])) == (False, len(answer["errors"]))
    assert stored["error_message"]
    for secret in (SECRET, ADMIN_KEY):
        assert secret not in row
        assert secret not in answer["raw"]


def test_rows_that_the_database_refuses_are_not_shown(backend: Backend, seeder: litemaas.Seeder) -> None:
    """PostgreSQL's DETAIL of a violated constraint is the whole row."""
    seeder.models(["held"], encrypted_api_key=ENCRYPTED)
    backend.litellm.entries = [entry("held")]
    backend.postgres.sql(
        "ALTER TABLE models ADD CONSTRAINT no_prose CHECK (description IS NULL OR description NOT LIKE '%prose%')", backend.database
    )
    try:
        answer = backend.sync(models=[{"model_name": "held", "api_key": SECRET, "description": f"prose {SECRET}"}])
    finally:
        backend.postgres.sql("ALTER TABLE models DROP CONSTRAINT no_prose", backend.database)
    assert answer["failed"]
    assert "no_prose" in answer["msg"]
    assert "Failing row contains" not in answer["raw"]
    for secret in (SECRET, ENCRYPTED, backend.url):
        assert secret not in answer["raw"]


@pytest.mark.parametrize(
    "text",
    [
        "sk-abcdefghijklmnopqrstuv", "a sk-abcdefghijklmnopqrstuv", "Bearer abcdefghijkl", "BASIC\tabcdefghijkl", "basic\nabcdefghijkl",
        "postgresql://admin:p@ss@db/x", "x\n\u00e9 redis://:secret-not-real@db", "\\ bearer \"abcdefgh", "ba\u017fic abcdefghijkl",
        "bas\u0131c abcdefghijkl", "https://h/v1?api-key=x-not-real", "https://h/v1?v=1&X-SIG=x", "https://a-token-not-real@h/v1",
        "https://h/v1?api-version=2024-06-01", "https://h/v1?monkey=x", "https://h/v1?%74oken=x",
        "https://h/v1?KEY[0]=x", "https://h/v1?v=1;auth_TOKEN_V2=x",
    ],
)  # fmt: skip
def test_metadata_with_a_secret_is_read_wherever_it_stands(backend: Backend, text: str) -> None:
    """PostgreSQL hands out the metadata of a row where it may hold a secret; what it leaves out holds none."""
    backend.litellm.entries = [entry("m")]
    backend.sync()
    clean = backend.row("m")["metadata"]
    for odd in ({"litellm_model_info": {"a": [{"b": text}]}}, {"litellm_model_info": {}, "other": text}):
        leaks = Redactor().text(text) != text
        assert may_hold_secret(text) >= leaks
        stored = json.dumps(odd).replace("'", "''")
        backend.postgres.sql(f"UPDATE models SET metadata = '{stored}'", backend.database)
        answer = backend.sync()
        assert answer["updated_models"] == int(leaks)
        assert (backend.row("m")["metadata"] == clean) is leaks
