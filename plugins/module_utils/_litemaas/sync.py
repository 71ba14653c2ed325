# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments x model specs x rows -> what has to happen to LiteMaaS's ``models`` table. Pure.

The mapping and the equality are those of the LiteMaaS backend's own sync, so that neither undoes what the other did:

* What JavaScript takes for false (0, the empty text) is written as NULL, the only form that the backend's check takes for
  equal. Only costs are the same whether they are 0 or NULL.
* ``features`` are written in the order in which the backend compares them. It writes them itself in another one, and takes that for a
  difference at its next sync, so it is one here too, whoever is right about the rest of the row.
* Some deployments the backend writes at each of its syncs, whatever the row has, because it compares types too (a limit that is a
  text). With their rows there is no agreement, so only what really differs counts.
* ``metadata`` is never a reason to write, as for the backend: the same model has another one in each of LiteLLM's lists. It
  is written along with another change, and where the one that is there holds a secret.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import ABSENT, Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Targets, id_of, id_of_name
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.cleanup import find_orphans, not_available
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.desired import (
    STAYS_HIDDEN,
    Shown,
    backend_words,
    check_fits,
    read_shown,
    same,
    settles,
    stays,
    wanted_row,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.mapping import (
    COSTS,
    check_metadata,
    deployment_id,
    map_deployment,
    map_metadata,
    provider_of,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.metadata import holds_secret
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import (
    AVAILABLE,
    CREATED,
    FAILED,
    NOT_APPLIED,
    NOT_THERE,
    RETIRED,
    SKIPPED,
    UNAVAILABLE,
    UNCHANGED,
    UPDATED,
    Change,
    Deployment,
    Plan,
    Policy,
    Row,
    Types,
    Usage,
    columns_of,
    live,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Offer, Selection, choose, unmatched


class Sync:
    """Plans one sync.

    ``rows`` are the table's rows by id, ``types`` its columns: one that is not there is not written. ``errors`` are those
    of entries of the list that cannot be used: their models stay as they are. ``codec`` is the encoding of the database.
    """

    def __init__(
        self,
        offer: Offer,
        rows: t.Mapping[str, Row],
        types: Types,
        policy: Policy,
        selection: Selection,
        specs: t.Sequence[Spec] = (),
        errors: t.Sequence[ModelError] = (),
        codec: str = "utf-8",
    ) -> None:
        self.codec = codec
        self.specs: dict[str, list[Spec]] = {}
        for spec in specs:
            if spec.state != ABSENT:
                self.specs.setdefault(spec.model_name, []).append(spec)
        self.errors = errors
        self.offer = offer
        self.rows = rows
        self.types = types
        self.policy = policy
        self.selection = selection
        self.hidden: frozenset[str] = frozenset()
        # What the plan is made of, as it grows.
        self._changes: list[Change] = []
        self._errors: list[str] = []
        self._warnings: list[str] = []
        self._staying_hidden: list[str] = []
        self._total = 0

    def plan(self, usage: t.Mapping[str, Usage], hidden: frozenset[str] = frozenset()) -> Plan:
        """What has to happen, in the order of the models' names; removals last.

        ``usage`` is that of ``missing``; ``hidden`` are those of ``returning()`` that no retirement made unavailable.
        """
        self.hidden = hidden
        unusable = {error.model_name for error in self.errors}
        for error in self.errors:
            self._fail(error.model_name, error)
        for name in sorted((set(self.offer.models) | set(self.specs)) - unusable):
            if name in self.specs or self.policy.pull:
                self._plan_model(name, self.specs.get(name, []))
        for name in sorted(set(self.offer.others) - set(self.specs)) if self.policy.pull else ():
            self._add(Change(name, SKIPPED, self.offer.others[name]))
        for name in self.missing:
            row = self.rows[name]
            hit = usage.get(name, Usage())
            before, restricted = columns_of(row, "availability"), row.get("restricted_access")
            self._add(Change(name, RETIRED, NOT_THERE, {"availability": UNAVAILABLE}, before, hit, restricted))
        orphans = find_orphans(self.offer, self.rows, self.selection)
        self._warnings += unmatched(self.selection, self.offer, self.rows, [spec for specs in self.specs.values() for spec in specs])
        self._warn_of_an_empty_list(orphans)
        return Plan(
            changes=tuple(self._changes),
            errors=tuple(self._errors),
            warnings=tuple(self._warnings),
            total=self._total,
            rows=len(self.rows),
            live=live(self.rows),
            orphans=tuple(orphans),
            hidden=tuple(self._staying_hidden),
        )

    def _warn_of_an_empty_list(self, orphans: t.Sequence[str]) -> None:
        """Say that LiteLLM has nothing, where this run removes no rows and so would not fail for it."""
        available = [name for name in orphans if self.rows[name]["availability"] != UNAVAILABLE]
        silent = self.policy.pull and not self.policy.mark_unavailable and not self.policy.allow_empty
        if silent and self.offer.is_empty and available:
            self._warnings.append(
                "LiteLLM answers that it has no model at all, and LiteMaaS has {0} available: is litellm_url the right proxy, and does "
                "it still have its database?".format(counted(len(available), "model"))
            )

    @functools.cached_property
    def missing(self) -> list[str]:
        """Selected available rows whose model LiteLLM does not have, if this run is to retire them. The list's own never are."""
        if not (self.policy.mark_unavailable and self.policy.pull):
            return []
        named = set(self.specs) | {error.model_name for error in self.errors}
        orphans = find_orphans(self.offer, self.rows, self.selection)
        return [name for name in orphans if name not in named and self.rows[name]["availability"] != UNAVAILABLE]

    def returning(self) -> list[str]:
        """Names that LiteLLM has and whose rows are not available, unless the list wants that."""
        kept = {name for name, specs in self.specs.items() if any(spec.options.get("availability") == UNAVAILABLE for spec in specs)}
        return [name for name in not_available(self.offer, self.rows) if name not in kept]

    def _plan_model(self, name: str, specs: t.Sequence[Spec]) -> None:
        entries = self.offer.models.get(name)
        if not entries:
            self._plan_absent(name, specs)
            return
        if not self.selection.takes_name(name):
            self._skip(name, specs)
            return
        row = self.rows.get(name)
        entry = self._choose(name, entries, specs, row)
        try:
            shown = read_shown(entry, specs)
            given_provider = shown.given.get("provider") or shown.kept.get("provider") or provider_of(entry["litellm_params"])
            if not self.selection.takes(name, provider_of(entry["litellm_params"]), given_provider):
                self._skip(name, specs)
                return
            self._total += 1
            self._plan_row(entry, shown, row)
        except ModelError as error:
            self._fail(name, error)

    def _choose(self, name: str, entries: t.Sequence[Deployment], specs: t.Sequence[Spec], row: Row | None) -> Deployment:
        """The deployment that the row shows: one that the list means, else the one that we made for the name, else the row's own."""
        shown = row.get("litellm_model_id") if row else None
        if len(entries) == 1:
            return entries[0]
        ours = self._meant(specs) if specs else [id_of_name(name)]
        # Of several that the list means the row may show any.
        entry = choose(entries, shown if shown in ours else None, *ours, shown)
        others = sorted(str(deployment_id(other)) for other in entries if deployment_id(other) not in ours)
        if deployment_id(entry) in ours and others:
            self._warnings.append(
                "{0}: LiteLLM has other deployments of it that are not in the list ({1}). Its row shows {2}, and LiteMaaS's own sync "
                "writes the values of the one that LiteLLM lists last. Add the others to the list, give them another name or "
                "delete them".format(name, ", ".join(others), deployment_id(entry))
            )
        elif deployment_id(entry) in ours and specs:
            self._warnings.append(
                "{0}: LiteLLM has several deployments of it ({1}), and LiteMaaS has one row, which shows {2}. LiteMaaS's own sync writes "
                "the values of the one that LiteLLM lists last each time the backend starts, and the next run restores the values of "
                "the list".format(name, ", ".join(sorted(str(deployment_id(one)) for one in entries)), deployment_id(entry))
            )
        return entry

    def _meant(self, specs: t.Sequence[Spec]) -> list[str]:
        """Ids of the deployments that some entries of the list mean, by the rules by which they are changed in LiteLLM."""
        ids = []
        for spec in specs:
            try:
                found = self._targets.find(spec)[0]
            except ModelError:
                found = None
            ids.append(id_of(found) if found else self._targets.new_id(spec))
        return ids

    @functools.cached_property
    def _targets(self) -> Targets:
        """Made only where a name of the list has several deployments."""
        specs = [spec for specs in self.specs.values() for spec in specs]
        return Targets(specs, [entry for entries in self.offer.models.values() for entry in entries])

    def _skip(self, name: str, specs: t.Sequence[Spec]) -> None:
        """Say that a model is not selected, if the list names it."""
        if specs:
            self._add(Change(name, SKIPPED, "it is not selected"))

    def _plan_absent(self, name: str, specs: t.Sequence[Spec]) -> None:
        """A model of the list that LiteLLM does not have."""
        reason = self.offer.others.get(name, NOT_THERE if self.policy.applied else NOT_APPLIED)
        providers = [provider for spec in specs for provider in (spec.provider, spec.options.get("provider"))]
        if not self.selection.takes(name, *providers):
            self._add(Change(name, SKIPPED, "it is not selected"))
        else:
            self._fail(name, ModelError(name, reason))

    def _plan_row(self, entry: Deployment, shown: Shown, row: Row | None) -> None:
        name, mapped = entry["model_name"], map_deployment(entry)
        if self.policy.require_pricing and lacks_pricing(mapped):
            raise ModelError(name, "missing pricing information")
        wanted = wanted_row(mapped, shown, row, self.policy.conflict, backend_words(self.offer.models[name]))
        wanted = {column: value for column, value in wanted.items() if column in self.types}
        check_fits(name, dict(wanted, id=name), self.types, self.codec)
        self._warn(name, wanted, shown, row)
        if row is None:
            self._add(Change(name, CREATED, "LiteLLM has it", self._with_metadata(wanted, entry)))
            return
        stays_hidden = self._stays_hidden(name, wanted, shown)
        if stays_hidden:
            del wanted["availability"]
        self._plan_update(entry, wanted, shown, row)
        if stays_hidden:
            self._staying_hidden.append(name)
            change = self._changes.pop()
            self._add(dataclasses.replace(change, reason=f"{change.reason}; {STAYS_HIDDEN}" if change.reason else STAYS_HIDDEN))

    def _stays_hidden(self, name: str, wanted: Row, shown: Shown) -> bool:
        """Whether a row that a person hid is to stay so; where it is to be shown, that is told."""
        if name not in self.hidden or wanted["availability"] != AVAILABLE:
            return False
        listed = "availability" in shown.given
        if self.policy.keep_hidden and not listed:
            return True
        if self.policy.keep_hidden:
            because = ", because the models file says availability: available. Remove that from its entry to keep it hidden"
        else:
            because = ". Set keep_hidden: true to leave such models hidden"
        self._warnings.append(f"{name}: somebody made it unavailable (it was not retired), and it is available again{because}")
        return False

    def _plan_update(self, entry: Deployment, wanted: Row, shown: Shown, row: Row) -> None:
        """What has to happen to a row that is there."""
        name = entry["model_name"]
        # Of several deployments of a name the backend writes one after the other.
        agreeing = len(self.offer.models[name]) == 1 and settles(entry)
        differing = [column for column in wanted if not same(column, row.get(column), wanted[column], agreeing)]
        stored = row.get("metadata")
        leaks = holds_secret(stored)
        if leaks:
            differing.append("metadata")
        if not differing and not self.policy.force_update:
            check_metadata(entry)
            self._add(Change(name, UNCHANGED))
            return
        if leaks or not stays("metadata", stored, shown, self.policy.conflict):
            wanted = self._with_metadata(wanted, entry)
        else:
            check_metadata(entry)
        before = columns_of(row, *sorted(differing))
        reason = "differs in {0}".format(", ".join(before)) if before else "force_update"
        self._add(Change(name, UPDATED, reason, wanted, before))

    def _with_metadata(self, wanted: Row, entry: Deployment) -> Row:
        """The columns to write with the metadata, which is made for what is written only."""
        return dict(wanted, metadata=map_metadata(entry)) if "metadata" in self.types else wanted

    def _warn(self, name: str, wanted: Row, shown: Shown, row: Row | None) -> None:
        """Say what will not last, and what a write to the table does not do."""
        for column, fixed, shown_as in (("supports_streaming", True, "true"), ("availability", AVAILABLE, AVAILABLE)):
            if wanted.get(column, fixed) != fixed:
                self._warnings.append(f"{name}: LiteMaaS's own sync sets {column} to {shown_as} again whenever it runs")
        if shown.given.get("restricted_access") and row is not None and row.get("restricted_access") is False:
            self._warnings.append(
                f"{name}: restricted_access applies to new subscriptions; active ones stay active. Change it in LiteMaaS's admin pages "
                "to require approval for them again"
            )
        if _has_login(wanted.get("api_base")):
            self._warnings.append(f"{name}: api_base holds a password, and LiteMaaS shows api_base to everybody")

    def _fail(self, name: str, error: ModelError) -> None:
        self._add(Change(name, FAILED, error.reason))
        self._errors.append(error.message)

    def _add(self, change: Change) -> None:
        self._changes.append(change)


def lacks_pricing(mapped: Row) -> bool:
    """Whether a cost is unknown. Embeddings have no output, so no price for it."""
    needed = COSTS[:1] if "embeddings" in (mapped["features"] or ()) else COSTS
    return any(mapped.get(column) is None for column in needed)


def _has_login(address: t.Any) -> bool:
    return isinstance(address, str) and bool(re.search(r"://[^/\s@]*:[^/\s@]+@", address))
