# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan of deployments is made of: the policy, each action, and all of them. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.fields import FIELDS
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import hmac_key
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import CLEARABLE
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import without_secrets
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment, classify, id_of

CREATE = "created"
UPDATE = "updated"
DELETE = "deleted"
UNCHANGED = "unchanged"
FAILED = "failed"
# Parameters that have an option of their own: input_cost_per_token is no secret, whatever its name looks like.
NAMED_PARAMETERS = {key: field for field in FIELDS for part, key in field.paths if part == "litellm_params"}
# Where a value of LiteLLM comes from: what a person calls it.
BY_PATH = {path: str(field.option) for field in FIELDS if field.option for path in field.paths}
# A parameter that LiteLLM stores, compares and never sends to a provider: its router puts the deployment's own model_info in
# its place (litellm/router.py, _update_kwargs_with_deployment; seen on 1.81.0 with two pods).
REVISION_PARAMETER = "model_info"
# In model_info: which entry of its price list LiteLLM shows; and what people set that no price list has.
PRICE_LIST_ENTRY = "key"
# Set on a deployment that is in LiteLLM's database and that its router does not serve.
SAVED_ONLY = "saved_only"
HIDDEN = "(secret)"


@dataclasses.dataclass(frozen=True)
class Policy:
    """How specs are applied.

    ``admin_key`` keys the HMACs. ``revise`` says that the proxy's other pods take over a change of name or model_info only
    together with a change of a parameter (LiteLLM 1.81). ``announce`` says that the proxy goes on serving what it served before an
    update that it cannot serve (later ones): such an update is announced by a write of its own. ``sharing`` are the ids of deployments
    that may show what others say.
    """

    admin_key: str
    update_secrets: str = "on_change"
    duplicates: str = "refuse"
    replace: bool = False
    revise: bool = False
    announce: bool = False
    sharing: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Change:
    """One field that differs. Secrets stand as HIDDEN."""

    field: str
    before: t.Any
    after: t.Any


@dataclasses.dataclass
class Action:
    """What has to happen to one deployment.

    ``kind`` is CREATE, UPDATE, DELETE, UNCHANGED or FAILED. ``body`` is the whole deployment (CREATE) or what to merge
    (UPDATE). ``cleared`` are the paths that an update clears; ``recreate`` says that this takes delete and create where LiteLLM
    does not take parameters out, and ``wanted`` is then the whole deployment. ``awaited`` says that nothing is written and that LiteLLM
    does not serve it yet; ``written`` that something was, whatever became of it; ``unseen`` that it is to be absent, and is not in
    LiteLLM's list.
    ``announced`` says that the update is announced first; ``doubtful`` that an earlier update was announced, and that LiteLLM does not
    show whether it was written.
    ``known_secrets`` are the parameters that LiteLLM does not show and that have the spec's value already. ``unserved`` says more of one
    that is not served. ``unread`` says that LiteLLM cannot read what is saved, so that all that the spec says is saved anew.
    """

    kind: str
    model_name: str
    model_id: str | None = None
    body: Deployment = dataclasses.field(default_factory=dict)
    changes: list[Change] = dataclasses.field(default_factory=list)
    reason: str = ""
    recreate: bool = False
    cleared: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    wanted: Deployment = dataclasses.field(default_factory=dict)
    served: bool | None = None
    position: int = 0
    awaited: bool = False
    written: bool = False
    unseen: bool = False
    announced: bool = False
    doubtful: bool = False
    known_secrets: frozenset[str] = frozenset()
    unserved: str = ""
    unread: bool = False


@dataclasses.dataclass
class Plan:
    """One action for each spec, in the order of the list, and what a person should know before."""

    actions: list[Action] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return any(action.kind in (CREATE, UPDATE, DELETE) for action in self.actions)


@dataclasses.dataclass(frozen=True)
class Permission:
    """A plan that may be carried out.

    ``rights_missing`` are the rights to LiteMaaS's database without which the run would be refused, in check mode.
    """

    plan: Plan
    rights_missing: t.Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of each action, or will in check mode, and what a person should know of it."""

    actions: t.Sequence[Action]
    warnings: t.Sequence[str] = ()
    rights_missing: t.Sequence[str] = ()


def predicted(permission: Permission) -> Outcome:
    """What a run will do that has this permission."""
    return Outcome(permission.plan.actions, permission.plan.warnings, permission.rights_missing)


def describe(entry: Deployment, served: bool) -> dict[str, t.Any]:
    """A deployment as a module result shows it; LiteLLM's many empty members are left out."""
    return {
        "model_name": entry["model_name"],
        "model_id": id_of(entry),
        "model_class": classify(entry),
        "served": served,
        "litellm_params": without_none(_without_secrets(entry)),
        "model_info": without_none({name: _info_without_secrets(name, value) for name, value in entry["model_info"].items()}),
    }


def _without_secrets(entry: Deployment) -> dict[str, t.Any]:
    """Parameters without secrets by their name, and without those that somebody gave as secret_params."""
    params = {name: value for name, value in entry["litellm_params"].items() if hmac_key(name) not in entry["model_info"]}
    return {name: value if name in NAMED_PARAMETERS else without_secrets(name, value) for name, value in params.items()}


def _info_without_secrets(name: str, value: t.Any) -> t.Any:
    """A value of model_info to show. What this collection keeps there is no secret, and ``key`` is LiteLLM's name of the model."""
    return value if name.startswith("litemaas_") or name == "key" else without_secrets(name, value)


def without_none(members: dict[str, t.Any]) -> dict[str, t.Any]:
    """The members that have a value."""
    return {key: value for key, value in members.items() if value is not None}


def without(cleared: t.Iterable[tuple[str, str]]) -> str:
    """The end of a sentence about a deployment that is saved anew."""
    return ", without these values, which the entry does not have: {0}".format(", ".join(sorted({key for _part, key in cleared})))


def removable(action: Action) -> list[str]:
    """What an update is to clear, where all of it is parameters: LiteLLM 1.109.3 and later take these out in place."""
    rest = [(part, key) for part, key in action.cleared if key not in CLEARABLE]
    in_place = not (action.unread or action.doubtful) and all(part == "litellm_params" for part, _key in rest)
    return sorted(key for _part, key in rest) if in_place else []


CANNOT_READ = (
    "LiteLLM cannot read what is saved under {0}: its salt key has changed (LITELLM_SALT_KEY, or the master key if that is not set)"
)
ANOTHER_WAY = "restore the old salt key, or delete the model with state: absent"
