# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of PostgreSQL: connection and transaction."""

from __future__ import annotations

from tests.mutations.mutants import condition, expression, in_file, part
from tests.mutations.suites import CONNECTION, FAULTS, INFO, ODD_ROWS, POSTGRES, RACES, of

GUARDS = [
    *in_file(
        "module_utils/_postgres/connect.py",
        condition("check mode is read-only for the server", "run.check_mode", of(CONNECTION, "check_mode_is_read_only_for_the_server")),
        condition("who asks to read only reads only", "read_only", of(INFO, "nine_statements_and_none_that_writes"), within="database"),
    ),
    *in_file(
        "module_utils/_postgres/connection.py",
        condition(
            "metadata fits the database's encoding",
            "if self.encoding != UTF8: ...",
            of(ODD_ROWS, "a_database_that_is_not_utf8"),
            within="load",
        ),
        condition("one run at a time", "if self.read_only: ...", of(CONNECTION, "the_lock_names_who_holds_it"), removed="True"),
        part(
            "waiting for the lock ends",
            'f"{lock_timeout}s"',
            of(CONNECTION, "waiting_for_a_lock_ends"),
            inverted='f"{lock_timeout * 3600}s"',
        ),
        expression(
            "nothing is kept that was not committed",
            "self._rollback",
            of(RACES, "an_error_between_the_writes_and_the_commit_keeps_nothing"),
            within="close",
            inverted="self._connection.commit",
        ),
        condition(
            "a lost COMMIT is asked about",
            "self._was_committed(transaction)",
            of(FAULTS, "the_outcome_of_a_commit_is_asked_for"),
            removed="False",
            believed="True",
        ),
        expression(
            "what the server says of a lost COMMIT",
            'bool(found[0]["status"] == "committed")',
            of(FAULTS, "the_outcome_of_a_commit_is_asked_for"),
            removed="True",
            inverted='bool(found[0]["status"] != "committed")',
        ),
    ),
    *in_file(
        "module_utils/_postgres/target.py",
        condition(
            "no parameter of a database's address is left out without a word",
            "if wrong: ...",
            of(POSTGRES, "a_misspelt_parameter_is_not_left_out_without_a_word", "a_value_that_cannot_be_is_not_left_out_without_a_word"),
        ),
    ),
]
