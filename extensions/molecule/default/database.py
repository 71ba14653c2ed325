# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds a model that LiteLLM does not have to the database of the scenario (seed), or prints the models (show)."""

from __future__ import annotations

import contextlib
import json
import sys

import psycopg2


def main(url: str, action: str) -> None:
    """Do one of the two."""
    with contextlib.closing(psycopg2.connect(url)) as session, session as connection, connection.cursor() as cursor:
        if action == "seed":
            cursor.execute("INSERT INTO models (id, name, provider) VALUES ('an-orphan', 'an-orphan', 'openai')")
            return
        cursor.execute("SELECT id, description, provider, rpm, availability FROM models")
        columns = [column[0] for column in cursor.description or ()]
        print(json.dumps({row[0]: dict(zip(columns, row)) for row in cursor.fetchall()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
