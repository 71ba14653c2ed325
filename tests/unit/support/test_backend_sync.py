# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend's own sync and ours on one row, by turns: whatever the row was, each finds nothing to do after the other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_COLUMN
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.desired import settles
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.mapping import COSTS, COUNTS
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Policy
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Selection, read_offer
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.sync import Sync
from tests.support.backend_sync import CAPABILITIES, differences, written_row

KINDS = {"str": "character varying(255)", "int": "integer", "float": "numeric(15,10)", "bool": "boolean", "list": "text[]", "dict": "jsonb"}
TYPES = {column: KINDS[field.type] for column, field in BY_COLUMN.items()}
# What the backend writes along with another change, and never looks at.
BLIND = {"name", "provider", "category", "description", "metadata"}
TEN_PLACES = Decimal("0.0000000001")

count = st.sampled_from([None, 0, 1, 4096, 4096.0, "60", ""])
cost = st.sampled_from([None, 0, 0.0, "0.0", 1.5e-07, "1.5e-07", 4.4e-11, 5e-11, 1e-10, 1.00005e-06, 3])
capability = st.sampled_from([None, True, False, "true", "false", "", 1, 0])
params = st.fixed_dictionaries(
    {"model": st.sampled_from(["openai/gpt-4o", "gpt-4o", "openai/", "azure/x/y", None])},
    optional={
        "rpm": count, "tpm": count, "input_cost_per_token": cost, "output_cost_per_token": cost,
        "api_base": st.sampled_from([None, "", "http://one.example.com/v1"]), "custom_llm_provider": st.sampled_from([None, "", "azure"]),
    },
)  # fmt: skip
info = st.fixed_dictionaries(
    {"id": st.sampled_from(["id-1", 5])},
    optional={
        **dict.fromkeys(CAPABILITIES, capability),
        **dict.fromkeys(COSTS, cost), "max_tokens": count, "supports_embeddings": capability, "supports_convert": capability,
        "supports_tokenize": capability, "litemaas_display_name": st.just("Kept"), "litemaas_category": st.just("general"),
        "litemaas_provider": st.just("openshift-ai"),
    },
)  # fmt: skip
edits = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Hand", ""]), "category": st.sampled_from(["Hand", "general", "Language Model", None]),
        "provider": st.sampled_from(["hand", "openshift-ai", ""]), "availability": st.sampled_from(["unavailable", "soon", None]),
        "supports_streaming": st.sampled_from([False, None]), "supports_vision": st.sampled_from([True, False, None]),
        "rpm": st.sampled_from([9, 0, None]), "context_length": st.sampled_from([9, 0, None]), "max_tokens": st.sampled_from([0, 9]),
        "input_cost_per_token": st.sampled_from([Decimal("0.5"), Decimal(0), Decimal("NaN"), None]),
        "features": st.sampled_from([["chat", "vision"], ["tokenize", "chat"], [["chat"], ["vision"]], ["chat", None], ["own"], [], None]),
        "version": st.sampled_from(["2.0", "", None]), "api_base": st.sampled_from(["http://hand.example.com", "", None]),
        "litellm_model_id": st.sampled_from(["gone", "", None]), "backend_model_name": st.sampled_from(["hand", "", None]),
    },
)  # fmt: skip
listed = st.none() | st.fixed_dictionaries({}, optional={"display_name": st.just("Given"), "description": st.just("Given")})


def deployment(params: dict[str, Any], info: dict[str, Any]) -> dict[str, Any]:
    """Return what LiteLLM lists."""
    return {"model_name": "m", "litellm_params": params, "model_info": {"db_model": True, **info}}


def by_the_backend(row: dict[str, Any] | None, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the row after the backend's sync, as PostgreSQL stores what it sends."""
    if row is not None and not differences(row, entry):
        return row
    sent = written_row(entry)
    for column in COUNTS:
        sent[column] = int(sent[column]) if sent[column] not in (None, "") else None
    for column in COSTS:
        sent[column] = Decimal(str(sent[column])).quantize(TEN_PLACES, "ROUND_HALF_UP") if sent[column] not in (None, "") else None
    for column in CAPABILITIES:
        sent[column] = sent[column] in (True, "true")
    sent["litellm_model_id"] = str(sent["litellm_model_id"])
    return {"id": "m", "description": None, "restricted_access": False, **(row or {}), **sent}


def by_ours(row: dict[str, Any] | None, entry: dict[str, Any], policy: Policy, spec: dict[str, Any] | None) -> tuple[Any, dict[str, Any]]:
    """Return the columns that our sync changes, and the row after it."""
    specs, errors = read_specs([{"model_name": "m", **spec}] if spec is not None else [])
    sync = Sync(read_offer([entry]), {} if row is None else {"m": row}, TYPES, policy, Selection(), specs, errors)
    [change] = sync.plan({}).changes
    assert change.action in ("created", "updated", "unchanged"), change.reason
    return set(change.changed), {**(row or {}), **change.columns}


def is_storable(entry: dict[str, Any]) -> bool:
    """Whether PostgreSQL takes what the backend sends: the empty text is no number and no truth value there."""
    info, params = entry["model_info"], entry["litellm_params"]
    numbers = [info.get("max_tokens"), params.get("rpm"), params.get("tpm")]
    return "" not in numbers and not any(info.get(name) == 0 and info.get(name) is not False for name in CAPABILITIES)


@settings(max_examples=400, deadline=None)
@given(
    before=st.builds(deployment, params, info).filter(is_storable), entry=st.builds(deployment, params, info).filter(is_storable),
    edit=edits, theirs=st.booleans(), spec=listed, conflict=st.sampled_from(["litellm_wins", "merge", "database_wins"]),
)  # fmt: skip
def test_neither_undoes_what_the_other_did(
    before: dict[str, Any], entry: dict[str, Any], edit: dict[str, Any], theirs: bool, spec: dict[str, Any] | None, conflict: str
) -> None:
    policy = Policy(conflict=conflict)
    row = by_the_backend(None, before) if theirs else by_ours(None, before, policy, spec)[1]
    row = {**row, **edit}

    # After our run the backend finds nothing, but for what a mode leaves to people by design.
    after_ours = by_ours(row, entry, policy, spec)[1]
    disputed = differences(after_ours, entry) if settles(entry) else set()
    if conflict == "litellm_wins":
        assert not disputed
    elif conflict == "merge":
        assert disputed <= {"supports_streaming"}
        assert "supports_streaming" not in disputed or row["supports_streaming"] is False
    for column in disputed:
        assert after_ours[column] == row[column], "what differs is what was there"
        assert row[column] not in (None, "", []), "and was no way to say nothing"
        assert column not in COUNTS or row[column] != 0
        assert column != "features" or {*map(str, row[column])} != {*written_row(entry)["features"]}, "nor only another order"

    # A second run of ours writes nothing.
    assert by_ours(after_ours, entry, policy, spec)[0] == set()

    # After the backend's sync ours changes only what the backend itself takes for wrong, and the list's own words.
    after_theirs = by_the_backend(after_ours, entry)
    changed, settled = by_ours(after_theirs, entry, policy, spec)
    said = {"name"} if spec and "display_name" in spec else set()
    said |= {"description"} if spec and "description" in spec else set()
    said |= {"name", "provider", "category"} if conflict != "database_wins" else set()
    assert changed <= differences(after_theirs, entry) | said
    if after_theirs is after_ours:
        assert changed == set()

    # And then both are at rest.
    if settles(entry):
        assert not differences(settled, entry)
    assert by_ours(settled, entry, policy, spec)[0] == set()
