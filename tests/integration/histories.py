# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world in which many write LiteMaaS's rows: a models file, the backend's own sync, its admin pages, people with SQL.

PostgreSQL and what the collection does to it are real; LiteLLM is a list of deployments. An operation is the name of a
method of World and its arguments, so a history is plain data. Every run of the collection is checked as it happens, by
rules that know nothing of the collection's own plans.
"""

from __future__ import annotations

import contextlib
import copy
import fnmatch
import itertools
import json
import types
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

import psycopg2

from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect as _cluster_door
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import LiteMaaSError
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm import connect as litellm_door
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import id_of_name
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import plan_deployments
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import outcome_of
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connect as postgres_door
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connection as _postgres
from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Steps, carry_out
from ansible_collections.litemaas.models.plugins.modules import litemaas_model_sync, litemaas_orphan_cleanup
from tests.integration.database import StubLiteLLM
from tests.integration.history_rules import Snapshot, check_cascade, check_cleanup, check_hidden, check_rows
from tests.support.backend_admin import AdminPages
from tests.support.backend_sync import SyncReport, sync_models, written_row
from tests.support.endpoints import database_target

Answer = dict[str, Any]

TABLES = ("models", "subscriptions", "api_keys", "api_key_models", "subscription_status_history", "audit_logs")
IDENTITY = {"api_key_models": "x.api_key_id || '/' || x.model_id"}
USERS = 2

# Column of a row -> the option of a models file that gives it.
PRESENTATION = {
    "name": "display_name", "description": "description", "provider": "provider", "category": "category",
    "supports_streaming": "supports_streaming", "availability": "availability", "restricted_access": "restricted_access",
}  # fmt: skip


class OneConnection(_postgres.Database):
    """The collection's transaction on a connection that stays open: histories are many, and a login takes longer than a run."""

    _seen: ClassVar[dict[Any, _postgres.Tables]] = {}

    def __init__(self, connection: Any, url: str, read_only: bool) -> None:
        self._shared = connection
        super().__init__(database_target(url), read_only)

    def tables(self, names: Iterable[str]) -> _postgres.Tables:
        """Look at the tables once: in this database they stay as they are."""
        if self._shared not in self._seen:
            self._seen[self._shared] = super().tables(names)
        return self._seen[self._shared]

    def _open(self) -> Any:
        self._shared.set_session(readonly=self.read_only, isolation_level="READ COMMITTED")
        return self._shared

    def close(self) -> None:
        """Give up what was not committed and leave the connection open."""
        self._rollback()


class Server:
    """What all histories share: one connection for the collection, one for everybody else, and two users."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.ours = psycopg2.connect(url)
        self.others = psycopg2.connect(url)
        self.others.autocommit = True
        self.users = self.query(
            "INSERT INTO users (username, email, oauth_provider, oauth_id) SELECT u, u || '@example.com', 'openshift', u "
            f"FROM (SELECT 'user-' || n AS u FROM generate_series(1, {USERS}) n) x RETURNING id"
        )
        parts = (
            f"'{table}', (SELECT coalesce(jsonb_object_agg({IDENTITY.get(table, 'x.id')}, to_jsonb(x)), '{{}}') FROM {table} x)"
            for table in TABLES
        )
        self._everything = f"SELECT jsonb_build_object({', '.join(parts)})::text"

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Execute one statement, not as the collection."""
        with self.others.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def snapshot(self) -> Snapshot:
        """Return all rows of all tables by their identity."""
        found: Snapshot = json.loads(self.query(self._everything)[0][0])
        return found

    def clear(self) -> None:
        """Remove everything but the users."""
        self.query("; ".join(f"DELETE FROM {table}" for table in reversed(TABLES)) + "; DELETE FROM models")

    def close(self) -> None:
        """Close both connections."""
        self.ours.close()
        self.others.close()


class World:
    """One LiteMaaS with its LiteLLM. ``conflict`` and ``table_known`` (LITELLM_DATABASE_URL) hold for the whole history."""

    def __init__(self, server: Server, conflict: str, table_known: bool = False, exclude: str | None = None) -> None:
        server.clear()
        self.server = server
        self.conflict = conflict
        self.table_known = table_known
        self.excluded = exclude
        self.litellm = StubLiteLLM()
        self.file: dict[str, dict[str, Any]] = {}
        self.removed: dict[str, dict[str, Any]] = {}
        # Who made a row unavailable: a person by SQL, or a retirement after which nobody touched the row.
        self.hidden: set[str] = set()
        self.retired: set[str] = set()
        self.admin = AdminPages(server.others, self.litellm.entries, self.listing, self.table_names)
        self._ids = (f"id-{number}" for number in itertools.count())

    def play(self, history: list[tuple[str, dict[str, Any]]]) -> None:
        """Let everything happen in order."""
        for name, arguments in history:
            getattr(self, name)(**arguments)
            self._forget_available()

    def _forget_available(self) -> None:
        """Leave out what is available, or no row any more, of those of which is known who hid them."""
        if self.hidden or self.retired:
            found = self.server.query("SELECT id FROM models WHERE availability IS DISTINCT FROM 'available'")
            self.hidden.intersection_update(name for (name,) in found)
            self.retired.intersection_update(name for (name,) in found)

    def _note_retired(self, before: Snapshot, after: Snapshot) -> None:
        """Remember what a run of ours retired: the file hides only what LiteLLM has."""
        old, new = before["models"], after["models"]
        self.retired.update(
            name
            for name in set(old) & set(new)
            if old[name]["availability"] != "unavailable" == new[name]["availability"] and not self.lives(name)
        )
        self._forget_available()

    # --- LiteLLM -----------------------------------------------------------------------------------------------------

    def listing(self) -> list[dict[str, Any]]:
        """What GET /model/info answers: wildcards with two of the models that they stand for."""
        listed = copy.deepcopy(self.litellm.entries)
        for entry in self.litellm.entries:
            if "*" in entry["model_name"]:
                listed += [dict(copy.deepcopy(entry), model_name=entry["model_name"].replace("*", part)) for part in ("one", "two")]
        return listed

    def table_names(self) -> list[str] | None:
        """The names in LiteLLM's table, where the backend looks there."""
        if not self.table_known:
            return None
        return [entry["model_name"] for entry in self.litellm.entries if entry["model_info"]["db_model"]]

    def deploy(self, name: str, params: dict[str, Any], info: dict[str, Any], config: bool = False, team: str | None = None) -> None:
        """A deployment is added in LiteLLM, beside those of its name that are there."""
        entry: dict[str, Any] = {
            "model_name": name,
            "litellm_params": {key: value for key, value in params.items() if value is not None},
            "model_info": {"id": next(self._ids), "db_model": not config, **{k: v for k, v in info.items() if v is not None}},
        }
        if team:
            entry["model_info"].update(team_id="team", team_public_model_name=team)
        self.litellm.entries.append(entry)

    def change(self, name: str, params: dict[str, Any], info: dict[str, Any]) -> None:
        """The first deployment of a name is changed in LiteLLM."""
        for entry in self.deployments(name)[:1]:
            entry["litellm_params"].update({key: value for key, value in params.items() if value is not None})
            entry["model_info"].update({key: value for key, value in info.items() if value is not None})

    def undeploy(self, name: str) -> None:
        """The first deployment of a name is gone from LiteLLM."""
        for entry in self.deployments(name)[:1]:
            self.litellm.entries.remove(entry)
            self.removed[name] = entry

    def redeploy(self, name: str) -> None:
        """What was gone last under a name is back."""
        if name in self.removed:
            self.litellm.entries.append(self.removed.pop(name))

    def deployments(self, name: str) -> list[dict[str, Any]]:
        """LiteLLM's deployments of a name."""
        return [entry for entry in self.litellm.entries if entry["model_name"] == name]

    # --- the models file ---------------------------------------------------------------------------------------------

    def write_file(self, name: str, options: dict[str, Any]) -> None:
        """An entry of the models file is written anew, and applied to LiteLLM."""
        self.file[name] = {"model_name": name, "litellm_model": "openai/from-file", "api_key": "demo-not-real", **options}
        self._apply_file()

    def forget(self, name: str) -> None:
        """An entry leaves the models file; LiteLLM keeps the model."""
        self.file.pop(name, None)

    def withdraw(self, name: str) -> None:
        """The models file says that a model is to be absent."""
        self.file[name] = {"model_name": name, "state": "absent"}
        self._apply_file()

    def _apply_file(self) -> None:
        specs, _errors = read_specs(self.file.values())
        # In place: the admin pages look at the same list.
        plan = plan_deployments(specs, self.litellm.entries, Policy("", update_secrets="on_create"))
        self.litellm.entries[:] = outcome_of(plan, self.litellm.entries)

    def listed(self, name: str) -> dict[str, Any] | None:
        """What the models file says about a model that is to be there."""
        entry = self.file.get(name)
        return None if entry is None or entry.get("state") == "absent" else entry

    # --- people ------------------------------------------------------------------------------------------------------

    def edit(self, name: str, column: str, value: Any) -> None:
        """Somebody edits a row by SQL."""
        self.server.query(f"UPDATE models SET {column} = %s WHERE id = %s", value, name)
        self.retired.discard(name)
        if column == "availability":
            self.hidden.add(name)

    def age(self, name: str) -> None:
        """Forty days pass for a row."""
        self.retired.discard(name)
        self.server.query("SET session_replication_role = replica")
        self.server.query("UPDATE models SET updated_at = updated_at - interval '40 days' WHERE id = %s", name)
        self.server.query("SET session_replication_role = DEFAULT")

    def insert(self, name: str) -> None:
        """Somebody adds a row by SQL."""
        self.server.query("INSERT INTO models (id, name, provider) VALUES (%s, %s, 'somebody') ON CONFLICT DO NOTHING", name, name)

    def subscribe(self, user: int, name: str, status: str = "active") -> None:
        """A user subscribes to a model, or a subscription gets another status."""
        self.server.query(
            "INSERT INTO subscriptions (user_id, model_id, status) SELECT %s, id, %s FROM models WHERE id = %s "
            "ON CONFLICT (user_id, model_id) DO UPDATE SET status = excluded.status", self.server.users[user], status, name,
        )  # fmt: skip

    def make_key(self, user: int, names: list[str], legacy: bool = False) -> None:
        """A user makes a key for some models; an old one hangs on a subscription."""
        owner, key = self.server.users[user], str(uuid.uuid4())
        self.server.query(
            "INSERT INTO api_keys (id, user_id, name, key_hash, key_prefix, is_active, subscription_id) "
            "VALUES (%s, %s, 'k', %s, 'sk-demo', true, (SELECT id FROM subscriptions WHERE %s AND user_id = %s AND model_id = %s))",
            key, owner, key, legacy, owner, names[0] if names else "",
        )  # fmt: skip
        self.server.query("INSERT INTO api_key_models (api_key_id, model_id) SELECT %s, id FROM models WHERE id = ANY (%s)", key, names)

    def admin_create(self, name: str, **values: Any) -> None:
        """Somebody adds a model on the backend's admin page."""
        self.admin.create(name, next(self._ids), **values)

    def admin_update(self, name: str, **values: Any) -> None:
        """Somebody edits a model on the backend's admin page."""
        self.retired.discard(name)
        self.admin.update(name, **values)

    def admin_delete(self, name: str) -> None:
        """Somebody deletes a model on the backend's admin page."""
        self.admin.delete(name)

    def backend(self, force: bool = False) -> SyncReport:
        """The backend runs its own sync."""
        report = sync_models(self.server.others, self.listing(), saved=self.table_names(), force=force)
        self.retired.update(report.retired)
        self._forget_available()
        return report

    # --- the collection ----------------------------------------------------------------------------------------------

    def sync(self, doubted: bool = False, **options: Any) -> Answer:
        """Run litemaas_model_sync as a prediction, for real, and once more."""
        given = {"conflict_resolution": self.conflict, "models": list(self.file.values()), **options}
        before, answer, after = self._predicted_then_done(litemaas_model_sync, litemaas_model_sync.LitemaasModelSync, doubted, given)
        check_rows(self, before, after, given)
        check_hidden(self, before, after, given, answer)
        check_cascade(self, before, after, deletes=False)
        self._note_retired(before, after)
        self._check_quiet(litemaas_model_sync, litemaas_model_sync.LitemaasModelSync, doubted, given, after)
        return answer

    def cleanup(self, doubted: bool = False, **options: Any) -> Answer:
        """Run litemaas_orphan_cleanup as a prediction, for real, and once more."""
        module, steps = litemaas_orphan_cleanup, litemaas_orphan_cleanup.LitemaasOrphanCleanup
        before, answer, after = self._predicted_then_done(module, steps, doubted, options)
        check_cleanup(self, before, after, options)
        check_cascade(self, before, after, deletes=options.get("subscriptions") == "delete")
        self._note_retired(before, after)
        if not options.get("max_count") and not (options.get("retention_days") and answer.get("retired")):
            self._check_quiet(module, steps, doubted, options, after)
        return answer

    def _predicted_then_done(
        self, module: Any, steps: Callable[[Run], Steps], doubted: bool, options: dict[str, Any]
    ) -> tuple[Snapshot, Answer, Snapshot]:
        before = self.server.snapshot()
        predicted = self._run(module, steps, doubted, options, check=True)
        assert self.server.snapshot() == before, "check mode wrote"
        done = self._run(module, steps, doubted, options)
        assert predicted == done, "check mode predicted something else"
        after = self.server.snapshot()
        assert done["changed"] == (seen(done, after) != seen(done, before)), "changed says otherwise"
        return before, done, after

    def _check_quiet(self, module: Any, steps: Callable[[Run], Steps], doubted: bool, options: dict[str, Any], after: Snapshot) -> None:
        if options.get("force_update"):
            return
        again = self._run(module, steps, doubted, options)
        assert again["changed"] is False, f"a second run changes something: {again}"
        assert seen(again, self.server.snapshot()) == seen(again, after), "a quiet run wrote"

    def _run(self, module: Any, steps: Callable[[Run], Steps], doubted: bool, options: dict[str, Any], check: bool = False) -> Answer:
        """Carry a module's steps out, without Ansible around them."""
        self.litellm.against = [{"code": "disagreeing", "message": "two reads differ"}] if doubted else []
        defaults = {name: option.get("default") for name, option in module.argument_spec().to_kwargs()["argument_spec"].items()}
        selection = {"exclude_patterns": [self.excluded]} if self.excluded else {}
        params = {**defaults, **selection, "force": True, **options}
        warnings: list[str] = []
        ansible = types.SimpleNamespace(
            params=params, raw_params=params, check_mode=check, no_log_values=set(), warn=warnings.append, _name=module.__name__
        )
        try:
            answer = carry_out(steps, Run(ansible), _cluster_door)  # type: ignore[arg-type]
        except LiteMaaSError as error:
            answer = {"failed": True, "changed": False, "failure": error.failure()}
        answer.pop("synced_at", None)
        return dict(answer, warnings=warnings)

    # --- what is allowed, in words of its own ------------------------------------------------------------------------

    def lives(self, name: str) -> bool:
        """Whether LiteLLM has a model in any form, so that nothing may take it away."""
        for entry in self.litellm.entries:
            other = entry["model_name"]
            if name in (other, entry["model_info"].get("team_public_model_name")) or ("*" in other and fnmatch.fnmatchcase(name, other)):
                return True
        return False

    def in_table(self, name: str) -> bool:
        """Whether LiteLLM's table has a model of that name."""
        return any(entry["model_info"]["db_model"] for entry in self.deployments(name))

    def contested(self, name: str) -> bool:
        """Whether the backend takes something for a deployment of a model that is none."""
        own = [entry for entry in self.deployments(name) if "*" not in name or entry["model_info"]["db_model"]]
        return len([entry for entry in self.listing() if entry["model_name"] == name]) > len(own)

    def decided_by_us(self, name: str) -> str | None:
        """The id of the one of several deployments that a row has to show: the file's, or the one that we made. None where none is ours."""
        entries = self.deployments(name)
        if len(entries) < 2:
            return None
        listed = self.listed(name)
        # LiteLLM's configuration is not ours to change, so the file means none of that.
        managed = [entry for entry in entries if listed and entry["model_info"].get("db_model")]
        meant = managed if len(managed) == 1 else [entry for entry in managed if is_backend_of(listed or {}, entry["litellm_params"])]
        made = [entry for entry in entries if entry["model_info"]["id"] == id_of_name(name)]
        ours = meant if len(meant) == 1 else made
        return str(ours[0]["model_info"]["id"]) if ours else None

    def selected(self, name: str) -> bool:
        """Whether a run is about a model."""
        return name != self.excluded

    def kept(self, name: str) -> dict[str, Any]:
        """What the models file ever said and LiteLLM keeps, by column."""
        found: dict[str, Any] = {}
        for entry in self.deployments(name):
            info = entry["model_info"]
            found.update({column: info[f"litemaas_{o}"] for column, o in PRESENTATION.items() if info.get(f"litemaas_{o}") is not None})
        return found

    def backends_words(self, name: str, column: str) -> set[Any]:
        """What the backend writes into a column of a model's row, for each of its deployments."""
        return {written_row(entry)[column] for entry in self.deployments(name)}

    def said(self, name: str) -> dict[str, Any]:
        """What the models file says about a row, by column."""
        options = self.listed(name) or {}
        return {column: options[option] for column, option in PRESENTATION.items() if options.get(option) is not None}

    def holds_secret(self, name: str) -> bool:
        """Whether a deployment shows something that must not be stored."""
        return any("extra_headers" in entry["litellm_params"] for entry in self.deployments(name))


def is_backend_of(entry: dict[str, Any], params: dict[str, Any]) -> bool:
    """Whether parameters are those of the backend that an entry of the models file names: the same model at the same address."""
    return (params.get("model"), params.get("api_base") or None) == (entry["litellm_model"], entry.get("api_base") or None)


def seen(answer: Answer, snapshot: Snapshot) -> Snapshot:
    """What a run is judged by: all rows, but without the audit log where it failed, because it notes that there each time."""
    return {table: rows for table, rows in snapshot.items() if table != "audit_logs" or not answer.get("failed")}


@contextlib.contextmanager
def installed(server: Server, monkeypatch: Any) -> Iterator[Callable[..., World]]:
    """Put the shared connection and the world's LiteLLM under the modules; yields what makes a world."""
    current: list[World] = []

    def connect(run: Run, read_only: bool = False) -> OneConnection:
        database = OneConnection(server.ours, server.url, run.check_mode or read_only)
        run.resources.callback(database.close)
        database.begin(run.params["lock_timeout"])
        return database

    def world(*arguments: Any, **options: Any) -> World:
        current[:] = [World(server, *arguments, **options)]
        return current[0]

    with monkeypatch.context() as patch:
        patch.setattr(postgres_door, "connect", connect)
        patch.setattr(litellm_door, "connect", lambda _run: current[0].litellm)
        yield world
