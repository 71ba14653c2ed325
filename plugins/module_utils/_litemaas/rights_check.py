# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before anything is written: asks the database which rights a run will lack. They are refused or, in check mode, foreseen."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Permission, Plan

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.catalogue import Catalogue
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.rights import (
    SYNC_RIGHTS,
    USAGE_RIGHTS,
    needed_rights,
    refuse_missing,
)


def check_rights(run: Run, catalogue: Catalogue, later: t.Callable[[], t.Sequence[Plan]], reads_usage: bool) -> list[str]:
    """Raise DatabaseError where a sync, or one of the plans for later, could not be written, or its tables not be read.

    The plans are asked for once it is known that what they are made of can be read. In check mode the rights that are missing only to
    write are returned, with a warning.
    """
    missing = catalogue.missing_for()
    needed = SYNC_RIGHTS | (USAGE_RIGHTS if reads_usage else frozenset())
    unreadable = any(right in needed and right.startswith("SELECT") for right in missing)
    if not unreadable:
        needed = needed.union(*(needed_rights(plan) for plan in later()))
    lacking = [sentence for right, sentence in missing.items() if right in needed]
    if lacking and (unreadable or not run.check_mode):
        refuse_missing(catalogue.database, lacking)
    return _warn_of_rights(run, catalogue, lacking)


def foresee_rights(run: Run, catalogue: Catalogue, permission: Permission) -> list[str]:
    """The rights that doing what is permitted will lack, with a warning. Only check mode asks: a run finds out and is rolled back."""
    return _warn_of_rights(run, catalogue, catalogue.lacking(needed_rights(permission.allowed, bool(permission.refusal))))


def _warn_of_rights(run: Run, catalogue: Catalogue, missing: list[str]) -> list[str]:
    if missing:
        run.warn(
            "A run would be refused: the user of the {0} lacks {1}. The README of the collection litemaas.models lists the rights "
            "that a run needs".format(catalogue.database.target.described(), ", ".join(missing))
        )
    return missing
