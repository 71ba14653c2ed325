# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM's own table of models as the second witness: what is in it is there, whatever the proxy answers. Only reads."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DatabaseError, InputError
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.statements import LITELLM_TABLE
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connection
from ansible_collections.litemaas.models.plugins.module_utils._postgres import target as _target
from ansible_collections.litemaas.models.plugins.module_utils._proof.completeness import Table
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Endpoint

COLUMNS = ("model_id", "model_name", "model_info")

# How long to wait for a table that somebody changes just now.
LOCK_TIMEOUT_S = 10


def connect(endpoint: Endpoint, keep_secret: t.Callable[[str], None]) -> Witness:
    """The witness at a URL. Connects to nothing yet. Registers the password. Raises MissingLibrary.

    A URL that cannot be read is a witness that is away.
    """
    try:
        target = _target.read_target(endpoint, {})
    except InputError as error:
        return Witness(None, error.message)
    keep_secret(target.password)
    connection.check_driver()
    return Witness(target)


class Witness:
    """LiteLLM's database, read on demand. ``unreadable`` is why there is no target."""

    def __init__(self, target: _target.Target | None, unreadable: str = "") -> None:
        self._target = target
        self._unreadable = unreadable

    def ask(self) -> Table:
        """The table's rows as they are now, over a connection of its own; or why they cannot be read."""
        if self._target is None:
            return Table(away=self._unreadable)
        try:
            database = connection.Database(self._target, read_only=True)
            try:
                database.begin(LOCK_TIMEOUT_S)
                # An error instead of an answer that a policy made shorter.
                database.execute("SELECT set_config('row_security', 'off', true)")
                return self._read(database)
            finally:
                database.close()
        except DatabaseError as error:
            return Table(away=error.message.replace(". Nothing was changed", ""))

    def _read(self, database: connection.Database) -> Table:
        columns = database.tables([LITELLM_TABLE]).get(LITELLM_TABLE, {})
        missing = [column for column in COLUMNS if column not in columns]
        if missing:
            lacks = "column {0}".format(", ".join(missing)) if columns else f"table {LITELLM_TABLE}"
            return Table(away=f"the {database.target.described()} has no {lacks}: check {database.target.source}")
        rows = database.execute(
            f"SELECT model_id, model_name, model_info ->> 'team_public_model_name' AS public_name FROM \"{LITELLM_TABLE}\""
        )
        return Table({row["model_id"]: frozenset(name for name in (row["model_name"], row["public_name"]) if name) for row in rows})
