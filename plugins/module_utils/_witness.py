# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""LiteLLM's own table of models as the second witness: what is in it is there, whatever the proxy answers. Only reads."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils import _postgres
from ansible_collections.litemaas.models.plugins.module_utils._catalogue import LITELLM_TABLE
from ansible_collections.litemaas.models.plugins.module_utils._completeness import Table
from ansible_collections.litemaas.models.plugins.module_utils._errors import DatabaseError, InputError

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run import Run

OPTION = "litellm_database_url"
VARIABLE = "LITELLM_DATABASE_URL"
COLUMNS = ("model_id", "model_name", "model_info")

# How long to wait for a table that somebody changes just now.
LOCK_TIMEOUT_S = 10


def connect(run: Run) -> t.Optional[Witness]:
    """The witness that the module's options name, or None. Connects to nothing yet. Registers the password. Raises InputError."""
    url = run.params.get(OPTION) or os.environ.get(VARIABLE) or ""
    if not url:
        return None
    run.keep_secret(url)
    try:
        target = _postgres.read_target(url, {})
    except InputError as error:
        raise InputError(_own_words(error.message)) from None
    run.keep_secret(target.password)
    _postgres.check_driver()
    return Witness(target)


class Witness:
    """LiteLLM's database, read on demand."""

    def __init__(self, target: _postgres.Target) -> None:
        self._target = target

    def ask(self) -> Table:
        """The table's rows as they are now, over a connection of its own; or why they cannot be read."""
        try:
            database = _postgres.Database(self._target, read_only=True)
            try:
                database.begin(LOCK_TIMEOUT_S)
                return self._read(database)
            finally:
                database.close()
        except DatabaseError as error:
            return Table(away=_own_words(error.message))

    def _read(self, database: _postgres.Database) -> Table:
        columns = database.tables([LITELLM_TABLE]).get(LITELLM_TABLE, {})
        missing = [column for column in COLUMNS if column not in columns]
        if missing:
            lacks = "column {0}".format(", ".join(missing)) if columns else "table {0}".format(LITELLM_TABLE)
            return Table(away="the {0} has no {1}: check {2}".format(self._target.described(), lacks, OPTION))
        rows = database.execute(
            "SELECT model_id, model_name, model_info ->> 'team_public_model_name' AS public_name FROM \"{0}\"".format(LITELLM_TABLE)
        )
        return Table({row["model_id"]: frozenset(name for name in (row["model_name"], row["public_name"]) if name) for row in rows})


def _own_words(message: str) -> str:
    """A message of the connection, which knows the option under its usual name only."""
    return message.replace("database_url", OPTION).replace(". Nothing was changed", "")
