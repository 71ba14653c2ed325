# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of the collection: one small tree, each with a stable code and a sentence to act on."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

# So many failures of models stand in a message; all are in the result.
TOLD = 10


def first_of_many(sentences: t.Sequence[str]) -> str:
    """Failures as one message: the first of them, and how many more there are."""
    more = len(sentences) - TOLD
    return "; ".join(sentences[:TOLD]) + (f"; and {more:,} more" if more > 0 else "")


class LiteMaaSError(Exception):
    """Base of every expected failure.

    ``message`` is a sentence that a person can act on and holds no secret. ``code`` is stable: playbooks may test it as
    ``result.failure.code``. ``details`` is plain data (affected models, HTTP status, column names) that goes into the result.
    """

    code = "error"

    def __init__(self, message: str, **details: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def add(self, text: str, before: str = "") -> None:
        """Say more in the message, at its end and maybe at its beginning."""
        self.message = before + self.message + text
        self.args = (self.message,)

    def failure(self) -> dict[str, t.Any]:
        """The error as a module result shows it: ``{code, message, details}``."""
        return {"code": self.code, "message": self.message, "details": self.details}


class InputError(LiteMaaSError):
    """An option that cannot be right, found before anything was asked of a server."""

    code = "invalid_input"


class MissingLibrary(LiteMaaSError):
    """A Python library that this run needs is not installed where the module runs."""

    code = "missing_library"


class ModelError(LiteMaaSError):
    """One model spec or one deployment cannot be used. Other models go on."""

    code = "invalid_model"

    def __init__(self, model_name: str, reason: str, **details: t.Any) -> None:
        super().__init__(f"Model validation failed for {model_name}: {reason}", **details)
        self.model_name = model_name
        self.reason = reason


class ModelConflict(ModelError):
    """A model spec is right in itself and cannot be applied to what LiteLLM has. Its message stands beside the model's name."""

    code = "model_conflict"

    def __init__(self, model_name: str, reason: str, **details: t.Any) -> None:
        super().__init__(model_name, reason, **details)
        self.message = reason


class ProxyError(LiteMaaSError):
    """LiteLLM answered with something other than what was asked for.

    ``ambiguous`` is true where the request may have been carried out all the same. ``foreign`` says in a few words what was answered,
    where that may not be LiteLLM's; ``leads_to`` is the address to which a redirect leads.
    """

    code = "litellm_error"
    ambiguous = False
    foreign = ""
    leads_to = ""


class WrongAddress(ProxyError):
    """What answers is not LiteLLM, or LiteLLM is at another address."""

    code = "litellm_wrong_address"


class ProxyUnreachable(ProxyError):
    """No answer: refused, no such host, TLS, or the connection broke."""

    code = "litellm_unreachable"
    ambiguous = True


class ProxyTimeout(ProxyError):
    """No answer in time."""

    code = "litellm_timeout"
    ambiguous = True


class ProxyUnavailable(ProxyError):
    """A 5xx or a page instead of JSON: of the proxy itself or of what stands before it."""

    code = "litellm_unavailable"
    ambiguous = True


class AuthenticationFailed(ProxyError):
    """401: the key is not known to the proxy."""

    code = "litellm_authentication"


class PermissionMissing(ProxyError):
    """403: the key is known and may not do this."""

    code = "litellm_permission"


class NotFound(ProxyError):
    """What was named is not there."""

    code = "litellm_not_found"


class ModelStoreDisabled(ProxyError):
    """The proxy keeps no models in its database (``store_model_in_db``), so it cannot be written to."""

    code = "litellm_store_disabled"


class CircuitOpen(ProxyError):
    """Too many failures in a row: the rest of the run's calls are not made."""

    code = "litellm_circuit_open"


class DatabaseError(LiteMaaSError):
    """PostgreSQL refused or failed. The transaction was rolled back.

    ``repeatable`` is true where the reason was something else that went on at the time, so that the whole run may be done again.
    """

    code = "database_error"
    repeatable = False


class TransactionAborted(DatabaseError):
    """PostgreSQL ended the transaction in favour of another one: a deadlock, or a serialization failure."""

    repeatable = True


class DatabaseUnreachable(DatabaseError):
    """No connection: host, port, TLS, user, password or database name."""

    code = "database_unreachable"


class ConnectionBroke(DatabaseUnreachable):
    """The connection was there and broke, and nothing was committed."""

    repeatable = True


class SchemaMismatch(DatabaseError):
    """The database is not LiteMaaS's, or a table or column that is needed is not there."""

    code = "database_schema"


class LockTimeout(DatabaseError):
    """Another run holds the lock."""

    code = "database_locked"


class ClusterError(LiteMaaSError):
    """The cluster's API failed, or its credentials are of no use."""

    code = "cluster_error"


class ClusterUnreachable(ClusterError):
    """No answer: refused, no such host, TLS, a proxy in between, or nothing in time."""

    code = "cluster_unreachable"


class ClusterRefused(ClusterError):
    """401: the cluster does not accept the credentials."""

    code = "cluster_authentication"


class RightMissing(ClusterError):
    """403: a right is missing. ``details`` has ``verb``, ``resource``, ``name`` and ``namespace``, the last two maybe None."""

    code = "cluster_right_missing"


class NotInCluster(ClusterError):
    """404: no such object, or the cluster does not know the kind. ``details`` has ``resource`` and ``name``, which may be None."""

    code = "cluster_not_found"


class DiscoveryFailed(LiteMaaSError):
    """What is not given cannot be found in the namespace. Nothing was changed."""

    code = "discovery_failed"


class NotReady(DiscoveryFailed):
    """What is looked for is there, and none of its pods takes connections at the moment."""


class Refused(LiteMaaSError):
    """The guard refused what the plan would remove. ``details["affected"]`` names each one. Nothing was changed."""

    code = "refused"
