# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM as the source of which models there are: one list, and a proof of it where something would be removed.

A run that removes nothing sends one request. Whatever fails while the proof is gathered is a reason against removals, never
the end of the run: what is to be added or updated does not depend on it.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import secrets
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import LiteMaaSError, ProxyError
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm import client, cost_map, model_lists, pages, reading
from ansible_collections.litemaas.models.plugins.module_utils._litellm import connect as litellm_door
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planning import plan_models
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Deployment, Reading
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import outcome_of
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Change, Permission, Row
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Offer, matches_wildcard, read_offer
from ansible_collections.litemaas.models.plugins.module_utils._proof import completeness, guard
from ansible_collections.litemaas.models.plugins.module_utils._proof.completeness import Table
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._proof import witness as _witness
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run

SAVED = "LiteLLM has it saved, but does not serve it"
ALIAS = "it is an alias in LiteLLM (model_group_alias)"
SHOWN_ELSEWHERE = "another read of LiteLLM shows it"
CANNOT_ASK = "LiteLLM cannot look it up, because its row has no LiteLLM id (litellm_model_id): give litellm_database_url"
CANNOT_NAME = "LiteLLM cannot look it up, because its name is blank or has a line break: give litellm_database_url"
NOT_SEARCHED = (
    "a search for {0!r} returned models of other names, so a gateway in front of LiteLLM at {1} does not pass the query on, or "
    "answers from a cache: give LiteLLM's own address in litellm_url, or let the gateway pass the query on and cache nothing"
)
# What the progress of a run calls the names that LiteLLM is asked for one by one.
SEARCHED = "models searched for before they are removed"
SAVED_WILDCARD = "LiteLLM has the wildcard {0} saved, but does not serve it"

# How many names are searched for one by one. About so many searches take as long as two lists of all models, however many those are.
SEARCHES = 40


def connect(run: Run) -> Source:
    """The proxy and the second witness that the module's options name. Raises InputError, MissingLibrary."""
    return Source(run, litellm_door.connect(run), _connect_witness(run))


def _connect_witness(run: Run) -> _witness.Witness | None:
    endpoint = endpoints.witness(run)
    if endpoint is None:
        return None
    # The database's library and statements, for which a run that only reads LiteLLM has no other use.
    from ansible_collections.litemaas.models.plugins.module_utils._proof import witness as _witness

    return _witness.connect(endpoint, run.keep_secret)


@dataclasses.dataclass(frozen=True)
class Foreseen:
    """Specs that count as applied to LiteLLM, and how: the options of the module that applies them.

    ``filled`` asks for what LiteLLM will add to them.
    """

    specs: t.Sequence[Spec]
    duplicates: str = "refuse"
    replace: bool = False
    filled: bool = False

    @classmethod
    def read(cls, specs: t.Sequence[Spec], params: t.Mapping[str, t.Any]) -> Foreseen:
        """What the options of the sync say of the step before it."""
        return cls(specs, params["predict_duplicates"], params["predict_replace"], filled=True)


class Source:
    """One proxy. ``reading`` is what it lists."""

    def __init__(self, run: Run, litellm: client.LiteLLM, witness: _witness.Witness | None) -> None:
        self._run = run
        self._witness = witness
        self.litellm = litellm
        self.reading = Reading([])
        # Of the names that are examined: the reading with its verdict, and what LiteLLM has after all.
        self._judged = self.reading
        self._found: dict[str, str] = {}
        self._foreseen: Foreseen | None = None
        # (id, name) of what the specs that are foreseen take away: no sign that LiteLLM will have it.
        self._leaving: frozenset[tuple[str, str]] = frozenset()

    def read(self, foreseen: Foreseen | None = None) -> Offer:
        """What LiteLLM offers; with ``foreseen`` as if these specs were applied to it. Raises ProxyError."""
        self.reading = self.litellm.read()
        self._foreseen = foreseen if foreseen and foreseen.specs else None
        coming = self._after_specs(self.reading.deployments, bool(foreseen and foreseen.filled))
        self._leaving = _holders(self.reading.deployments) - _holders(coming)
        return read_offer(coming)

    def prove(self) -> Reading:
        """The reading with a verdict, for somebody who only wants to know. Sends nothing but GET."""
        return self._judge(self.litellm.testify(self.reading, ask_store=False), self._table())

    def examine(self, names: t.Sequence[str], rows: t.Mapping[str, Row]) -> guard.Proof:
        """Find out all that can be known, without writing, of names that would be removed. Asks nothing where there are none.

        What LiteLLM has after all is found, and so is what it cannot be asked for by the id in its row. Where LiteLLM has no
        model at all, and that is not allowed, nothing is: to keep the rows would hide that the list is empty.
        """
        self._judged, self._found = self.reading, {}
        self._examine(names, rows)
        return guard.Proof(self._judged, dict(self._found))

    def _examine(self, names: t.Sequence[str], rows: t.Mapping[str, Row]) -> None:
        if not names:
            return
        table = self._table()
        failure = None
        evidence: reading.Evidence | None = None
        if self._is_empty:
            evidence = self.litellm.testify(self.reading, ask_store=table is None)
            self._judge(evidence, table)
            if guard.unproven(self._judged, guard.Thresholds.read(self._run.params)):
                return
        if table is not None:
            lasting = self._without_leaving(table)
            self._keep(names, lambda name: _in_table(lasting, name))
        left = self._left(names)
        if self.reading.searches_database:
            failure = self._search(left, table)
            left = self._left(left)
        if not left:
            return
        evidence = evidence or self.litellm.testify(self.reading, ask_store=table is None)
        self._keep(left, lambda name: ALIAS if name in evidence.aliases else "")
        if isinstance(evidence.again, Reading):
            again = read_offer(self._after_specs(evidence.again.deployments))
            self._keep(left, lambda name: SHOWN_ELSEWHERE if again.has(name) is not None else "")
        if self._must_write_to_ask:
            self._keep_unasked(self._left(left), rows)
        self._judge(evidence, table)
        if failure is not None:
            self._judged = dataclasses.replace(self._judged, reasons=[*self._judged.reasons, completeness.lookup_failed(failure)])

    def last_check(self, permission: Permission, rows: t.Mapping[str, Row]) -> Permission:
        """Right before removals: without those of what is saved all the same, where only an (empty) write can tell.

        Without any where LiteLLM cannot be asked.
        """
        if not self._must_write_to_ask:
            return permission
        saved: dict[str, str] = {}
        failure = self._probe(permission.allowed.removals, rows, saved)
        permission = permission.sparing(saved)
        if failure is not None:
            reason = completeness.lookup_failed(failure)
            reading_now = dataclasses.replace(self._judged, reasons=[*self._judged.reasons, reason])
            return permission.refusing(guard.refusal(permission.allowed, "{message} [{code}]".format(**reason), reading_now))
        return permission

    def _probe(self, removals: t.Sequence[Change], rows: t.Mapping[str, Row], saved: dict[str, str]) -> LiteMaaSError | None:
        """Add to ``saved`` which removals would hit a model that is saved. Returns why not all could be asked for."""
        try:
            with self._run.progress.phase(SEARCHED, len(removals)) as phase:
                for change in phase.each(removals):
                    if self.litellm.has_id(rows[change.model_name]["litellm_model_id"], change.model_name):
                        saved[change.model_name] = SAVED
        except LiteMaaSError as error:
            return error
        return None

    def _after_specs(self, deployments: t.Sequence[Deployment], filled: bool = False) -> t.Sequence[Deployment]:
        """Deployments as they will be once the specs that are foreseen are applied; ``filled`` with what LiteLLM will add."""
        if self._foreseen is None:
            return deployments
        foreseen = self._foreseen
        plan = plan_models(self.litellm, foreseen.specs, deployments, duplicates=foreseen.duplicates, replace=foreseen.replace)
        models = self.litellm.cost_map() if filled and cost_map.is_needed(plan, deployments) else None
        if models is None:
            return outcome_of(plan, deployments)
        return cost_map.foresee(plan, deployments, cost_map.CostMap(models, self.litellm.shows_unserved, self.litellm.catalog()))

    def _stays(self, name: str, ids: t.Iterable[str]) -> bool:
        """Whether one of the deployments will still be there under a name."""
        return any((model_id, name) not in self._leaving for model_id in ids)

    def _without_leaving(self, table: Table) -> Table:
        """The table as it will be."""
        rows = {model_id: frozenset(name for name in names if self._stays(name, [model_id])) for model_id, names in table.names.items()}
        return dataclasses.replace(table, names=rows)

    @property
    def _is_empty(self) -> bool:
        """Whether LiteLLM has no model at all, or will have none."""
        return not self._after_specs(self.reading.deployments)

    @property
    def _must_write_to_ask(self) -> bool:
        """Whether only an (empty) write tells what is saved and not served: LiteLLM 1.81 without a witness, or one without models."""
        searches = self.reading.searches_database or (self._will_be_filled and self.reading.total is not None)
        return self._witness is None and not searches

    @property
    def _will_be_filled(self) -> bool:
        """Whether LiteLLM has no model yet, and the specs that are foreseen give it some."""
        return not self.reading.deployments and not self._is_empty

    def _keep_unasked(self, names: t.Sequence[str], rows: t.Mapping[str, Row]) -> None:
        """Keep the rows that have no id to ask with. Some tools write the name into its place."""
        self._keep_untold([name for name in names if rows[name].get("litellm_model_id") in (None, "", name)], CANNOT_ASK)
        # Even an empty change of a model with such a name puts blanks into it.
        self._keep_untold([name for name in self._left(names) if not _is_one_line(name)], CANNOT_NAME)

    def _keep_untold(self, names: t.Sequence[str], why: str) -> None:
        """Keep rows of which LiteLLM cannot tell, and say so."""
        self._keep(names, lambda name: why)
        if names:
            self._run.warn("{0}: not removed, {1}".format(", ".join(name if _is_searched_for(name) else repr(name) for name in names), why))

    def _left(self, names: t.Sequence[str]) -> list[str]:
        return [name for name in names if name not in self._found]

    def _table(self) -> Table | None:
        return self._witness.ask() if self._witness is not None else None

    def _search(self, names: t.Sequence[str], table: Table | None) -> LiteMaaSError | None:
        if table is None or table.away:
            self._keep_untold([name for name in names if not _is_searched_for(name)], CANNOT_NAME)
        names = [name for name in names if _is_searched_for(name)]
        if len(names) == 0:
            return None
        try:
            ids = self._all_ids() if len(names) > SEARCHES else None
            find = self._ask_by_name(names) if ids is None else lambda name: ids.get(name, ())
            with self._run.progress.phase(SEARCHED, len(names)) as phase:
                self._keep(phase.each(names), lambda name: SAVED if self._stays(name, find(name)) else "")
        except LiteMaaSError as error:
            return error
        return None

    def _ask_by_name(self, names: t.Sequence[str]) -> t.Callable[[str], t.Sequence[str]]:
        """What asks LiteLLM for the ids of one of the names. It raises ProxyError.

        One name is asked for in a way that shows whether a search is made at all. The longest is least likely to be part of the name
        of a row that LiteLLM cannot read, which would hide what it finds.
        """
        telling = max(names, key=len)
        return lambda name: self._ids_by_search(name) if name == telling else self.litellm.ids_of_name(name)

    def _ids_by_search(self, name: str) -> list[str]:
        found = self.litellm.search(name)
        self._check_search(found, name)
        return [id_of(entry) for entry in found.deployments if name in pages.names_of(entry)]

    def _check_search(self, found: Reading, text: str) -> None:
        """Raise ProxyError where an answer is not that of a search, as when the text is lost on the way."""
        searched = completeness.is_searched(found, text, self.reading)
        if searched is None:
            text = secrets.token_hex(16)
            searched = completeness.finds_nothing(self.litellm.search(text))
        if not searched:
            raise ProxyError(NOT_SEARCHED.format(text, self.litellm.url))

    def _all_ids(self) -> t.Mapping[str, t.Sequence[str]] | None:
        """The ids of every name that LiteLLM serves or has saved, or None where it does not tell all at once."""
        try:
            saved, served = self.litellm.search_all()
        except ProxyError:
            return None
        if not completeness.holds_all(saved, served, self.reading):
            return None
        known = [*served.deployments, *self.reading.deployments]
        # What it serves under a name with this sign it finds there, and does not look for among what is saved, where it may have
        # another name.
        if any(model_lists.ALL_SAVED in name for entry in known for name in pages.names_of(entry)):
            return None
        self._check_search(saved, model_lists.ALL_SAVED)
        ids: dict[str, list[str]] = {}
        for entry in [*saved.deployments, *known]:
            for name in pages.names_of(entry):
                ids.setdefault(name, []).append(id_of(entry))
        return ids

    def _keep(self, names: t.Iterable[str], why: t.Callable[[str], str]) -> None:
        reasons = {name: why(name) for name in names}
        self._found.update({name: reason for name, reason in reasons.items() if reason})

    def _judge(self, evidence: reading.Evidence, table: Table | None) -> Reading:
        """The reading with its verdict."""
        judged = completeness.judge(self.reading, evidence, table)
        reasons = list(judged.reasons)
        if judged.deployments and self._is_empty:
            reasons.append(completeness.empty())
        if self._will_be_filled:
            reasons = [one for one in reasons if one["code"] != completeness.EMPTY]
        if table is not None and table.away:
            self._run.warn(f"LiteLLM's own table of models cannot be read: {table.away}")
        self._judged = dataclasses.replace(judged, reasons=reasons)
        return self._judged


def _holders(deployments: t.Iterable[Deployment]) -> frozenset[tuple[str, str]]:
    """(id, name) of each deployment, by every name that it has. Of several with one id the last, as in ``foresee``."""
    last = {id_of(entry): entry for entry in deployments}
    return frozenset((model_id, name) for model_id, entry in last.items() for name in pages.names_of(entry))


def _is_one_line(name: str) -> bool:
    """Whether a name has no line break, Unicode's own included. LiteLLM puts blanks behind each on the way to its database."""
    return name.splitlines() == [name]


def _is_searched_for(name: str) -> bool:
    """Whether LiteLLM makes a search for a name, and for that name. A search for blanks is none."""
    return bool(name.strip()) and _is_one_line(name)


def _in_table(table: Table, name: str) -> str:
    """Why a name that LiteLLM's table knows is no orphan, or the empty text."""
    if name in table.all_names:
        return SAVED
    wildcard = next((one for one in table.wildcards if matches_wildcard(one, name)), None)
    return SAVED_WILDCARD.format(wildcard) if wildcard else ""
