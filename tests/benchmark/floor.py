# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor: one GET of LiteLLM's list, one COPY of the rows that it makes, one merge. Nothing is checked, reported or logged.

``python -m tests.benchmark.floor list|sync|cleanup``, with the servers in the environment. ``list`` is the GET alone.
"""

from __future__ import annotations

import csv
import http.client
import io
import json
import os
import sys
import urllib.parse
from typing import Any

LIST_PATH = "/v2/model/info?size=20000&page=1"

_MERGE = """
INSERT INTO models (id, {columns}) SELECT id, {columns} FROM listed
ON CONFLICT (id) DO UPDATE SET ({columns}) = ROW ({excluded}) WHERE ({current}) IS DISTINCT FROM ({excluded})
"""
_RETIRE = """
WITH gone AS (
    UPDATE models SET availability = 'unavailable'
    WHERE availability <> 'unavailable' AND id NOT IN (SELECT id FROM listed) RETURNING id),
ended AS (UPDATE subscriptions SET status = 'inactive' WHERE status = 'active' AND model_id IN (SELECT id FROM gone)),
freed AS (DELETE FROM api_key_models WHERE model_id IN (SELECT id FROM gone) RETURNING api_key_id)
UPDATE api_keys k SET is_active = false
WHERE k.is_active AND k.id IN (SELECT api_key_id FROM freed) AND NOT EXISTS (
    SELECT 1 FROM api_key_models o WHERE o.api_key_id = k.id AND o.model_id NOT IN (SELECT id FROM gone))
"""


def listed() -> list[dict[str, Any]]:
    """GET LiteLLM's list."""
    address = urllib.parse.urlsplit(os.environ["LITELLM_API_URL"])
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.request("GET", LIST_PATH, headers={"Authorization": f"Bearer {os.environ['LITELLM_API_KEY']}"})
    entries: list[dict[str, Any]] = json.loads(connection.getresponse().read())["data"]
    return entries


def _write(entries: list[dict[str, Any]], merge: str) -> None:
    # Only here, so that "list" does not pay for it.
    import psycopg2

    from tests.support.backend_sync import COLUMNS, written_row
    from tests.support.javascript import sent

    text = io.StringIO()
    rows = csv.writer(text)
    for entry in entries:
        rows.writerow([entry["model_name"], *(sent(value) for value in written_row(entry).values())])
    text.seek(0)
    columns, excluded, current = (", ".join(form.format(column) for column in COLUMNS) for form in ("{0}", "EXCLUDED.{0}", "models.{0}"))
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE listed (LIKE models)")
        cursor.copy_expert(f"COPY listed (id, {', '.join(COLUMNS)}) FROM STDIN (FORMAT csv)", text)
        cursor.execute(merge.format(columns=columns, excluded=excluded, current=current))


def main(what: str) -> None:
    """Do it."""
    entries = listed()
    if what != "list":
        _write(entries, _MERGE if what == "sync" else _RETIRE)


if __name__ == "__main__":
    main(sys.argv[1])
