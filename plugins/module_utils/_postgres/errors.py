# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person can do about an error of PostgreSQL. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.environment import parts_of_address, setting_name, wrong_setting
from ansible_collections.litemaas.models.plugins.module_utils._postgres.target import Target

# PostgreSQL's code for a right that is missing.
DENIED = "42501"


def advice_on_connecting(said: str, target: Target, environment: t.Mapping[str, str]) -> str:
    """What to do about a connection that there is not."""
    for pattern, advice, options in _CONNECT_ADVICE:
        if re.search(pattern, said):
            return advice.format(parts_of_address(options, target.given, target.source, environment))
    named = target.given, target.source, environment
    sslmode = setting_name("sslmode", *named) or f"sslmode in {target.source}"
    return wrong_setting(said, *named) or next(
        (advice.format(sslmode) for pattern, advice in _TLS_ADVICE if re.search(pattern, said)), "Check " + target.source
    )


# What is said, what to do, and the parts of the address that it is about.
_CONNECT_ADVICE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"permission denied for database", "Give {0} the right CONNECT to this database", ("user",)),
    (r"password authentication failed|no password supplied", "Check {0}", ("user", "password")),
    (r"role \".*\" does not exist", "Check {0}", ("user",)),
    (r"database \".*\" does not exist", "Check {0}", ("dbname",)),
    (r"could not translate host name|nodename nor servname", "Check {0}", ("host",)),
    (r"[Cc]onnection refused", "Check {0}, and that PostgreSQL runs there and can be reached from here", ("host", "port")),
    (r"timeout expired|timed out", "Check that {0} can be reached from here", ("host", "port")),
    (r"No such file or directory", "Check {0}: the folder of a Unix socket, or a name or an address", ("host",)),
    (r"could not match \d+ port numbers", "Check {0}: one port for all hosts, or one for each", ("host", "port")),
    (r"too many c|remaining connection slots", "Wait until connections are free, and run again", ()),
    (r"starting up|shutting down|in recovery", "Wait until the database is up, and run again", ()),
)
_TLS_ADVICE = (
    (r"does not support SSL", "Check {0}: this server has no TLS"),
    (r"no pg_hba.conf entry", "This server does not let this user in from here, or only with TLS (sslmode=require)"),
    (r"certificate|SSL", "Check {0}, and the authorities in sslrootcert (PGSSLROOTCERT)"),
)
STATE_ADVICE = {
    DENIED: "Give the user of {0} the right to it",
    "25006": "This server accepts no writes: it may be a standby, connect to the primary",
    "23503": "Something was added in the meantime: run again",
    "57014": "It took longer than the server allows (statement_timeout)",
}
