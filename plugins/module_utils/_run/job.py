# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who runs this: the collection, the account, and the job of the automation platform."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import os
import pwd
import typing as t

COLLECTION = "litemaas.models"
VERSION = "0.1.0"

# How long one text may be.
LONGEST = 255

# Who started the run: what AAP's runner sets, and AAP's variables, which the role passes on in the environment.
_WHO = (
    ("job_id", ("AWX_JOB_ID", "TOWER_JOB_ID", "JOB_ID")),
    ("job_template", ("AWX_JOB_TEMPLATE_NAME", "TOWER_JOB_TEMPLATE_NAME")),
    ("user", ("AWX_USER_NAME", "TOWER_USER_NAME")),
)


def os_user() -> str:
    """The account that the module runs as; in a container it may have no name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"


def started_by(environment: t.Mapping[str, str]) -> dict[str, str]:
    """Who runs this: ``{"collection", "version", "os_user", "job_id", "job_template", "user"}``; what is not known is left out."""
    known = {"collection": COLLECTION, "version": VERSION, "os_user": os_user()}
    for name, variables in _WHO:
        value = next((environment[variable] for variable in variables if environment.get(variable)), None)
        if value:
            known[name] = shortened(value, LONGEST)
    return known


def shortened(text: str, limit: int) -> str:
    """A text that PostgreSQL can keep, and not too long."""
    kept = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")
    return kept if len(kept) <= limit else kept[: limit - 3] + "..."
