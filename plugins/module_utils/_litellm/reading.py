# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was read of a proxy: all its deployments, and what it says of itself. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import LiteMaaSError, NotFound
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import CONFIG, classify, id_of

# One deployment as the API gives it: {"model_name": ..., "litellm_params": {...}, "model_info": {"id": ..., ...}}.
Deployment = dict[str, t.Any]
Reason = dict[str, str]
# What a server answered, or why it did not.
AnswerOrError = t.Union[dict[str, t.Any], LiteMaaSError]
NOT_TO_THE_QUESTION = (
    "a gateway in front of LiteLLM at {0} does not pass the query on, or answers from a cache (page {1} of size {2} was requested, and "
    "this is page {3} of size {4}): give LiteLLM's own address in litellm_url, or let the gateway pass the query on and cache nothing"
)
# How LiteLLM, and nothing that stands before it, says that it does not have a model.
_NOT_FOUND = ("not found on proxy", "not found in db")


@dataclasses.dataclass
class Reading:
    """One read of all deployments. ``reasons`` say why it is not proven to be the whole truth; proven means none are left.

    ``unfit`` says why the answer is not one to the question that was asked.
    """

    deployments: list[Deployment]
    total: int | None = None
    reasons: list[Reason] = dataclasses.field(default_factory=list)
    proven: bool = False
    unfit: str = ""

    @property
    def complete(self) -> bool:
        """Whether something may be removed on the ground of this reading."""
        return self.proven and not self.reasons

    @property
    def searches_database(self) -> bool:
        """Whether the proxy, asked for one model, also looks into its database: LiteLLM 1.100 does so unless it serves none."""
        return self.total is not None and bool(self.deployments)

    def identities(self, database: bool = True) -> set[tuple[str, str]]:
        """(id, model_name) of each deployment: what two agreeing reads agree in. Without those of its database on wish."""
        return {(id_of(entry), entry["model_name"]) for entry in self.deployments if database or classify(entry) == CONFIG}


@dataclasses.dataclass
class Evidence:
    """What a proxy says of itself and of its caller.

    ``again`` is a second reading over a new connection, ``loaded`` the answer of the older list (asked where the newer one is
    empty), ``store`` that to a PATCH of an id which none has (asked where the proxy cannot search its database; 404 is right).
    ``cached`` is the header by which a cache told that one of the run's answers was its own.
    """

    readiness: AnswerOrError
    settings: AnswerOrError
    key: AnswerOrError
    again: Reading | LiteMaaSError
    loaded: AnswerOrError | None = None
    store: AnswerOrError | None = None
    cached: str = ""

    @property
    def aliases(self) -> frozenset[str]:
        """Names under which the router serves another model, hidden ones too."""
        aliases = self._said_aliases
        return frozenset(aliases) if isinstance(aliases, dict) else frozenset()

    @property
    def has_settings(self) -> bool:
        """Whether the answer about settings is one."""
        return self._said_aliases is None or isinstance(self._said_aliases, dict)

    @property
    def _said_aliases(self) -> t.Any:
        values = None if isinstance(self.settings, LiteMaaSError) else self.settings.get("current_values")
        return values.get("model_group_alias") if isinstance(values, dict) else "no settings"


def says_not_found(error: NotFound) -> bool:
    """Whether a 404 is LiteLLM's own word about a model, not that of a gateway or of a path that is not there."""
    return any(words in error.message for words in _NOT_FOUND)
