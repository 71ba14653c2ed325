# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door to the database: what a run's options, its environment or its namespace name, as one transaction. It alone sees the run."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DiscoveryFailed, InputError
from ansible_collections.litemaas.models.plugins.module_utils._postgres.connection import Database, check_driver
from ansible_collections.litemaas.models.plugins.module_utils._postgres.target import DEFAULT_PORT, Target, read_target
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Endpoint, Kind

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run
    from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Installation

# What is about the way to a server, which is another one through a tunnel, or a file where the backend runs.
_NOT_FOR_TUNNELS = ("ssl", "channel_binding", "gssencmode", "hostaddr")
# A server for which these are set may take no other connections. In a tunnel it is the cluster that vouches for the pod.
_TLS_MODES = ("require", "verify-ca", "verify-full")


def connect(run: Run, read_only: bool = False) -> Database:
    """One transaction with the database that the module's options name, or that is found in their namespace.

    Rolled back at the end of the run unless committed. READ ONLY and without the lock where asked for, and always in check mode.
    Registers the password as a secret. Raises InputError, MissingLibrary, DiscoveryFailed, ClusterError, DatabaseUnreachable,
    LockTimeout.
    """
    target = find_target(run)
    check_driver()
    database = Database(target, read_only=run.check_mode or read_only)
    run.resources.callback(database.close)
    with run.progress.phase("waiting for the database, and for another run that writes to it", limit=run.params["lock_timeout"]):
        database.begin(run.params["lock_timeout"])
    return database


def find_target(run: Run) -> Target:
    """What to connect with. What was found in the namespace is reached as the namespace allows it."""
    endpoint = endpoints.database(run)
    if run.installation and endpoint.origin.kind is Kind.FOUND:
        target = _reached(run.installation, endpoint)
        run.installation.tell("database", target.described())
    else:
        target = read_target(endpoint, os.environ)
        if run.installation and run.installation.found_litellm:
            _check_same_installation(run.installation, target)
    run.keep_secret(target.password)
    return target


def _check_same_installation(installation: Installation, target: Target) -> None:
    """Refuse a database that was given beside a LiteLLM that was found, unless it is that of the same backend."""
    theirs = read_target(installation.database_of_backend(), {})
    if target.arguments == theirs.arguments:
        return
    ours, used = (_address(one) for one in (target, theirs))
    if ours[1:] != used[1:] or not installation.same_host(ours[0], used[0]):
        raise DiscoveryFailed(
            f"LiteLLM was looked for in namespace {installation.namespace}, and the {target.described()} that was given is "
            f"not known as that of the backend there ({theirs.described()}). "
            "Leave database_url (DATABASE_URL, PGHOST) out, or give all of litellm_url, litellm_api_key and database_url"
        )


def _address(target: Target) -> tuple[str, str, str]:
    """Host, port and name of a database."""
    arguments = target.arguments
    return str(arguments.get("host") or ""), str(arguments.get("port") or DEFAULT_PORT), str(arguments.get("dbname") or "")


def _reached(installation: Installation, endpoint: Endpoint) -> Target:
    """The database of the backend in a namespace, with a tunnel where it needs one."""
    try:
        target = read_target(endpoint, {})
    except InputError as error:
        raise DiscoveryFailed(error.message) from None
    host, port = _address(target)[:2]
    if "," in host:
        # Several servers, of which libpq picks one: nothing that a Service would do.
        return target
    tls = target.arguments.get("sslmode") in _TLS_MODES
    reached = installation.reach_database(host, int(port), tls)
    if not reached.pod:
        return dataclasses.replace(target, arguments=dict(target.arguments, host=reached.host, port=str(reached.port)))
    arguments = {name: value for name, value in target.arguments.items() if not name.startswith(_NOT_FOR_TUNNELS)}
    arguments.update(host=reached.host, port=str(reached.port))
    if tls:
        arguments["sslmode"] = "require"
    return dataclasses.replace(
        target,
        arguments=arguments,
        pod=f"of pod {reached.pod} (namespace {reached.namespace})",
        problems=reached.problems,
    )
