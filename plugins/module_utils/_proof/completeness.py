# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether LiteLLM's answer is the whole truth, and if not, why: one named reason per way in which it can be less. Pure.

``_litellm.client`` and ``_proof.witness`` ask, this decides. A code is stable; its sentence says what a person can do.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted, named
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    AuthenticationFailed,
    LiteMaaSError,
    ModelStoreDisabled,
    NotFound,
    PermissionMissing,
    ProxyUnavailable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import CONFIG, TEAM, classify, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Deployment, Evidence, Reading, Reason, says_not_found

NOT_READY = "not_ready"
DATABASE_AWAY = "database_away"
NOT_ADMIN = "not_admin"
KEY_UNKNOWN = "key_unknown"
STORE_OFF = "store_off"
EMPTY = "empty"
NOT_LOADED = "not_loaded"
EMPTY_BUT_SAVED = "empty_but_saved"
PARTIAL = "partial"
WRONG_ANSWER = "wrong_answer"
CACHED = "cached"
DISAGREEING = "disagreeing"
UNREADABLE = "unreadable"
LOOKUP_FAILED = "lookup_failed"
WITNESS_AWAY = "witness_away"
WITNESS_FOREIGN = "witness_foreign"
WITNESS_BEHIND = "witness_behind"

CODES = (
    NOT_READY,
    DATABASE_AWAY,
    NOT_ADMIN,
    KEY_UNKNOWN,
    STORE_OFF,
    EMPTY,
    NOT_LOADED,
    EMPTY_BUT_SAVED,
    PARTIAL,
    WRONG_ANSWER,
    CACHED,
    DISAGREEING,
    UNREADABLE,
    LOOKUP_FAILED,
    WITNESS_AWAY,
    WITNESS_FOREIGN,
    WITNESS_BEHIND,
)

# What LiteLLM says as long as it has read neither its config nor its database.
COLD = "LLM Model List not loaded"

# A key that may use every model is restricted to none.
ALL_MODELS = "all-proxy-models"
# How many names a sentence holds.
NAMED = 5

_NOT_ALLOWED = (AuthenticationFailed, PermissionMissing)
# What a PATCH of an id which none has may be answered beside "not found": the store is off, the key may not.
_STORE_ANSWERS = (ModelStoreDisabled, *_NOT_ALLOWED)
# Signs of a LIKE pattern as a regular expression. One behind a backslash may stand for itself.
_LIKE = {"%": ".*", "\\": ".*", "_": "."}
# What LiteLLM calls the provider of its agents (A2A).
AGENT = "a2a"


@dataclasses.dataclass(frozen=True)
class Table:
    """LiteLLM's own table of models, the second witness: id of a row -> its names. ``away`` says why it could not be read."""

    names: t.Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    away: str = ""

    @functools.cached_property
    def all_names(self) -> frozenset[str]:
        """The names of all rows."""
        return frozenset(name for names in self.names.values() for name in names)

    @functools.cached_property
    def wildcards(self) -> list[str]:
        """Those of the names that stand for many."""
        return sorted(name for name in self.all_names if "*" in name)


def reason(code: str, message: str) -> Reason:
    """One reason why a reading is not complete."""
    return {"code": code, "message": message}


def judge(reading: Reading, evidence: Evidence, table: Table | None = None) -> Reading:
    """The reading with a verdict: every reason why it may not be the whole truth."""
    witness = table if table is not None and not table.away else None
    reasons = [
        *_against_gateway(reading, evidence),
        *_against_proxy(evidence),
        *_against_key(evidence),
        *_against_list(reading, evidence, witness),
        *_against_second(reading, evidence.again, witness),
        *(_against_witness(reading, evidence.again, table) if table is not None else ()),
    ]
    return dataclasses.replace(reading, reasons=reasons, proven=True)


def _against_gateway(reading: Reading, evidence: Evidence) -> t.Iterator[Reason]:
    """Against what stands between us and the proxy, and answers in its place."""
    again = evidence.again.unfit if isinstance(evidence.again, Reading) else ""
    if reading.unfit or again:
        yield reason(WRONG_ANSWER, reading.unfit or again)
    if evidence.cached:
        yield reason(
            CACHED,
            f"an answer came from a cache in front of LiteLLM ({evidence.cached}), so it may be outdated: do not "
            "cache LiteLLM's API, or give LiteLLM's own address in litellm_url",
        )


def _against_proxy(evidence: Evidence) -> t.Iterator[Reason]:
    if isinstance(evidence.readiness, LiteMaaSError):
        hint = " (often because it cannot reach its own database)" if evidence.readiness.details.get("status") == 503 else ""
        yield reason(NOT_READY, f"LiteLLM is not ready: {evidence.readiness.message}{hint}")
    elif evidence.readiness.get("db") != "connected":
        says = evidence.readiness.get("db")
        yield reason(DATABASE_AWAY, f"LiteLLM's own database is not connected (it says: {says})")
    if isinstance(evidence.store, ModelStoreDisabled):
        yield reason(
            STORE_OFF,
            "LiteLLM does not use the models of its database (STORE_MODEL_IN_DB is not True), so those saved there cannot be seen: "
            "set it, or give litellm_database_url",
        )


def _against_key(evidence: Evidence) -> t.Iterator[Reason]:
    """The list is the same for every key on LiteLLM 1.81 and 1.100, but only an administrator's is sure to show all."""
    key = evidence.key
    limit: str | None = "" if isinstance(key, LiteMaaSError) else _limit(key)
    if any(isinstance(answer, _NOT_ALLOWED) for answer in (evidence.settings, evidence.store, key)):
        limit = "is not a proxy administrator's"
    if limit:
        yield reason(NOT_ADMIN, f"the API key {limit}, so it may not see all models: use LiteLLM's master key")
    elif isinstance(evidence.settings, LiteMaaSError):
        yield reason(KEY_UNKNOWN, f"LiteLLM's settings cannot be read: {evidence.settings.message}")
    elif not evidence.has_settings:
        yield reason(KEY_UNKNOWN, "LiteLLM's settings cannot be read: its answer is not one that LiteLLM gives")
    # The master key is in no table. A 5xx comes of a table that cannot be read.
    if isinstance(key, ProxyUnavailable):
        yield reason(DATABASE_AWAY, f"LiteLLM cannot read its own database: {key.message}")
    elif isinstance(key, LiteMaaSError) and not isinstance(key, (NotFound, *_NOT_ALLOWED)):
        yield reason(KEY_UNKNOWN, f"what the API key may see cannot be read: {key.message}")
    elif limit is None:
        yield reason(KEY_UNKNOWN, "what the API key may see cannot be read: the answer is not one that LiteLLM gives")


def _limit(answer: t.Mapping[str, t.Any]) -> str | None:
    """What a key is restricted to, or the empty text; None where the answer does not tell."""
    info = answer.get("info")
    if not isinstance(info, dict) or not isinstance(info.get("models"), (list, type(None))):
        return None
    models = [str(model) for model in info.get("models") or ()]
    if info.get("team_id"):
        return "belongs to a team"
    return f"is restricted to {named(models, NAMED)}" if models and ALL_MODELS not in models else ""


def _against_list(reading: Reading, evidence: Evidence, witness: Table | None) -> t.Iterator[Reason]:
    if not reading.deployments:
        yield empty()
        if isinstance(evidence.loaded, LiteMaaSError):
            yield _not_loaded(evidence.loaded)
        if witness and witness.names:
            saved = sorted(set().union(*witness.names.values()))
            yield reason(EMPTY_BUT_SAVED, f"LiteLLM answers that it has no model, but its table has {named(saved, NAMED)}")
    if reading.total is not None and reading.total != len(reading.deployments):
        yield reason(PARTIAL, "LiteLLM gave {0} of {1}".format(len(reading.deployments), counted(reading.total, "model")))
    store = evidence.store
    if isinstance(store, NotFound) and not says_not_found(store):
        yield reason(LOOKUP_FAILED, f"LiteLLM does not give its usual answer for a missing model: {store.message}")
    elif isinstance(store, LiteMaaSError) and not isinstance(store, (NotFound, *_STORE_ANSWERS)):
        yield lookup_failed(store)
    elif isinstance(store, dict):
        yield reason(
            LOOKUP_FAILED, "LiteLLM reports a model for an ID that cannot exist; its answers about single models cannot be trusted"
        )


def lookup_failed(error: LiteMaaSError) -> Reason:
    """The reason where single models could not be asked for."""
    return reason(LOOKUP_FAILED, f"LiteLLM cannot look up single models: {error.message}")


def empty() -> Reason:
    """The reason where there is no model at all."""
    return reason(
        EMPTY, "LiteLLM answers that it has no model at all: is litellm_url the right proxy, and does it still have its database?"
    )


def holds_all(saved: Reading, served: Reading, reading: Reading) -> bool:
    """Whether answers about all that LiteLLM has saved and all that it serves are that: they have what the reading has.

    Where the database fails or one of its rows cannot be read, LiteLLM answers as if nothing were saved. That shows only
    where something of the database is served.
    """
    counted = all(answer.total == len(answer.deployments) for answer in (saved, served))
    of_database, known = set(_served(reading)), {id_of(entry) for entry in reading.deployments}
    return counted and bool(of_database) and _has_ids(saved, of_database) and _has_ids(served, known)


def others(reading: Reading, text: str) -> set[str]:
    """Ids of what is served and what a search for a text does not find: an answer that has one of them is not that of a search.

    What is not sure is left out: letters that a LIKE takes for others, names that LiteLLM made for a team, agents, which stand in
    every answer, and what stands for a model with the text in it: LiteLLM 1.108 and later look for it there, too.
    """
    text = text.strip().lower()
    like = re.compile("".join(_LIKE.get(one, re.escape(one)) if one.isascii() else ".*" for one in text), re.DOTALL)
    return {
        id_of(entry)
        for entry in reading.deployments
        if not _is_agent(entry)
        and classify(entry) != TEAM
        and text not in str(entry["litellm_params"].get("model") or "").lower()
        and (text not in entry["model_name"].lower() if classify(entry) == CONFIG else not like.search(entry["model_name"].lower()))
    }


def is_searched(found: Reading, text: str, reading: Reading) -> bool | None:
    """Whether an answer is that of a search for a text, or that of a list; None where both would look alike."""
    strangers = others(reading, text)
    if not strangers:
        return None
    return strangers.isdisjoint(id_of(entry) for entry in found.deployments)


def finds_nothing(found: Reading) -> bool:
    """Whether an answer to a search for a text that nothing has is one."""
    return all(_is_agent(entry) for entry in found.deployments)


def _is_agent(entry: Deployment) -> bool:
    return bool(entry["litellm_params"].get("custom_llm_provider") == AGENT)


def _has_ids(answer: Reading, ids: set[str]) -> bool:
    return ids.issubset(id_of(entry) for entry in answer.deployments)


def _not_loaded(error: LiteMaaSError) -> Reason:
    if COLD in error.message:
        return reason(NOT_LOADED, "LiteLLM has not loaded its models yet: wait until it has, and run again")
    return reason(UNREADABLE, f"LiteLLM's models cannot be read in another way: {error.message}")


def _against_second(reading: Reading, again: Reading | LiteMaaSError, witness: Table | None) -> t.Iterator[Reason]:
    """The table decides about models of the database; two reads have to agree in all others."""
    if isinstance(again, LiteMaaSError):
        yield reason(UNREADABLE, f"LiteLLM's models cannot be read a second time: {again.message}")
        return
    database = witness is None
    differing = sorted({name for _id, name in reading.identities(database) ^ again.identities(database)})
    if differing:
        yield reason(DISAGREEING, f"two reads of LiteLLM's models differ: {named(differing, NAMED)}. Run again in a minute")


def _against_witness(reading: Reading, again: Reading | LiteMaaSError, table: Table) -> t.Iterator[Reason]:
    """A table that lacks what is served is another one, or an old copy: then it proves nothing about what it has not."""
    if table.away:
        yield reason(WITNESS_AWAY, f"LiteLLM's own table of models cannot be read: {table.away}")
        return
    served = _served(reading) if isinstance(again, LiteMaaSError) else {**_served(reading), **_served(again)}
    unknown = sorted({name for model_id, name in served.items() if model_id not in table.names})
    if unknown and not set(served).intersection(table.names):
        yield reason(
            WITNESS_FOREIGN,
            "none of the models that LiteLLM serves from its database is in the table of litellm_database_url: it is another LiteLLM's "
            "database, or a pod of LiteLLM still serves what was deleted (restart it)",
        )
    elif unknown:
        yield reason(
            WITNESS_BEHIND,
            f"LiteLLM serves {named(unknown, NAMED)}, and the table of litellm_database_url does not have it: the table is a copy "
            "that is behind (a standby, "
            "a clone), or that was just deleted. Run again in a minute; LiteLLM 1.81 serves the last model that was deleted until its "
            "pods are restarted or a model is added",
        )


def _served(reading: Reading) -> dict[str, str]:
    """Id -> name of the database models that are served."""
    return {id_of(entry): entry["model_name"] for entry in reading.deployments if classify(entry) != CONFIG}
