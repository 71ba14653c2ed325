# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: which rights to the backend's tables a plan needs. The tables' own room uses it, which `_litemaas.rights_check` asks in turn."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DatabaseError
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import CREATED, DELETED, UPDATED, Plan
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.statements import TEMPORARY
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connection

HISTORY = "subscription_status_history"
USERS = "users"
# What a run may have to do. Check mode only reads.
RIGHTS = {
    "models": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "subscriptions": ("SELECT", "UPDATE", "DELETE"),
    "api_keys": ("SELECT", "UPDATE"),
    "api_key_models": ("SELECT", "INSERT", "DELETE"),
    "audit_logs": ("SELECT", "INSERT"),
    HISTORY: ("INSERT",),
    USERS: ("SELECT",),
}
# What each kind of write needs: a statement needs all its rights, whatever it finds to do.
_AUDIT_RIGHTS = frozenset(("INSERT on audit_logs",))
USAGE_RIGHTS = frozenset(("SELECT on subscriptions", "SELECT on api_keys", "SELECT on api_key_models"))
SYNC_RIGHTS = frozenset(("SELECT on models", "INSERT on models", "UPDATE on models", TEMPORARY)) | _AUDIT_RIGHTS
_CASCADE_RIGHTS = frozenset(("UPDATE on models", "DELETE on api_key_models", "UPDATE on api_keys")) | _AUDIT_RIGHTS
_HISTORY_RIGHTS = frozenset(("UPDATE on subscriptions", "INSERT on " + HISTORY))
_RETIRE_RIGHTS = _CASCADE_RIGHTS | _HISTORY_RIGHTS
_DELETE_RIGHTS = _CASCADE_RIGHTS | frozenset(("DELETE on models", "DELETE on subscriptions"))
_RESTORE_RIGHTS = frozenset(("INSERT on api_key_models", "UPDATE on api_keys")) | _HISTORY_RIGHTS | _AUDIT_RIGHTS


def needed_rights(plan: Plan, refused: bool = False) -> frozenset[str]:
    """The rights to write that carrying a plan out needs; a refusal is written down too."""
    needed: frozenset[str] = _AUDIT_RIGHTS if plan.errors or refused else frozenset()
    if plan.of(CREATED, UPDATED):
        needed |= SYNC_RIGHTS
    if plan.restored:
        needed |= _RESTORE_RIGHTS
    if plan.retiring:
        needed |= _RETIRE_RIGHTS
    if plan.of(DELETED):
        needed |= _DELETE_RIGHTS
    return needed


def refuse_missing(database: connection.Database, missing: list[str]) -> None:
    """Raise DatabaseError that names the rights which the user of the database lacks."""
    raise DatabaseError(
        "The user of the {0} lacks {1}. The README of the collection litemaas.models lists the rights that a run needs. "
        "Nothing was changed".format(database.target.described(), ", ".join(missing)),
        missing=missing,
    )
