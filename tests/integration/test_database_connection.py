# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connecting to a real PostgreSQL: wrong URLs, other databases, missing tables, the lock, and what no message may hold."""

from __future__ import annotations

import dataclasses
import socket
import tempfile
import threading
import time
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DatabaseError
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_COLUMN
from ansible_collections.litemaas.models.plugins.module_utils._litellm import model_writes
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Evidence, Reading
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connection as _postgres
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress
from ansible_collections.litemaas.models.plugins.modules import litellm_model
from tests.integration.database import ADMIN_KEY, Backend, StubLiteLLM, entry
from tests.support import litemaas
from tests.support.endpoints import database_target, proxy_connection
from tests.support.forked import Child
from tests.support.litemaas import Seeder
from tests.support.modules import run_module
from tests.support.postgres import PASSWORD
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

WRONG = "demo-wrong:p@ss/not#real"


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    backend = Backend(clean_litemaas, monkeypatch)
    backend.litellm.entries = [entry("m")]
    return backend


def change(*parts: tuple[str, str]) -> Callable[[str], str]:
    def changed(url: str) -> str:
        for before, after in parts:
            url = url.replace(before, after)
        return url

    return changed


URLS = [
    (change((PASSWORD, WRONG)), "database_unreachable", "Check the user and the password"),
    (change((PASSWORD, quote(WRONG, safe=""))), "database_unreachable", "Check the user and the password"),
    (change(("litemaas_admin", "nobody")), "database_unreachable", "Check the user"),
    (change((LITEMAAS_DATABASE, "no_such_db")), "database_unreachable", "Check the database's name"),
    (change(("127.0.0.1", "no-such-host.invalid")), "database_unreachable", "Check the host"),
    (lambda url: url.rpartition(":")[0] + ":1/x", "database_unreachable", "Check the host and the port"),
    (lambda url: url + "?sslmode=require", "database_unreachable", "has no TLS"),
    (lambda url: url + "?schema=elsewhere", "database_schema", "there is no table models"),
    (change((LITEMAAS_DATABASE, "postgres")), "database_schema", "there is no table models"),
    (lambda url: "mysql://u:" + WRONG + "@db/x", "invalid_input", "postgresql://HOST:PORT/DATABASE"),
    (lambda url: url.replace("127.0.0.1", "127.0.0.1:99999:"), "invalid_input", "database_url"),
]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("make", "code", "part"), URLS)
def test_a_wrong_url_is_a_sentence_without_the_password(
    backend: Backend, make: Callable[[str], str], code: str, part: str, check: bool
) -> None:
    url = make(backend.url)
    for run in (backend.sync, backend.cleanup):
        answer = run(check=check, database_url=url)
        assert (answer["failed"], answer["changed"], answer["failure"]["code"]) == (True, False, code)
        assert part in answer["msg"]
        for secret in (PASSWORD, WRONG, quote(WRONG, safe=""), url):
            assert secret not in answer["raw"]


def test_no_url_at_all(backend: Backend) -> None:
    answer = backend.sync(database_url=None)
    assert answer["failure"]["code"] == "invalid_input"
    assert "DATABASE_URL" in answer["msg"]


def test_the_environment(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", backend.url)
    assert backend.sync(check=True, database_url=None)["new_models"] == 1
    monkeypatch.delenv("DATABASE_URL")
    for name, value in (("PGHOST", "127.0.0.1"), ("PGPORT", str(backend.postgres.port)), ("PGDATABASE", LITEMAAS_DATABASE),
                        ("PGUSER", "litemaas_admin"), ("PGPASSWORD", PASSWORD)):  # fmt: skip
        monkeypatch.setenv(name, value)
    assert backend.sync(check=True, database_url="")["new_models"] == 1
    monkeypatch.setenv("PGPASSWORD", WRONG)
    answer = backend.sync(check=True, database_url="")
    assert answer["failure"]["code"] == "database_unreachable"
    assert WRONG not in answer["raw"]


def test_urls_of_node_and_prisma(backend: Backend) -> None:
    parameters = "?schema=public&connection_limit=5&pgbouncer=true&sslmode=prefer&connect_timeout=5"
    assert backend.sync(check=True, database_url=backend.url + parameters)["new_models"] == 1
    unescaped = "demo p@ss:w/o#r?d%"
    backend.postgres.sql(f"CREATE ROLE tricky LOGIN SUPERUSER PASSWORD '{unescaped}'")
    try:
        url = f"postgresql://tricky:{unescaped}@127.0.0.1:{backend.postgres.port}/{LITEMAAS_DATABASE}?schema=public"
        assert backend.sync(database_url=url)["new_models"] == 1
    finally:
        backend.postgres.sql("DROP ROLE tricky")


def test_another_schema(backend: Backend) -> None:
    backend.postgres.create_database("other_schema")
    try:
        backend.postgres.sql(
            'CREATE SCHEMA "ma as"; SET search_path TO "ma as";' + litemaas.schema_sql().replace("public.", ""), "other_schema"
        )
        url = backend.postgres.url("other_schema") + "?schema=ma%20as"
        assert backend.sync(database_url=url)["changed"] is True
        assert backend.sync(database_url=url)["changed"] is False
        assert backend.postgres.sql('SELECT id FROM "ma as".models', "other_schema") == [["m"]]
        assert backend.sync(database_url=backend.postgres.url("other_schema"))["failure"]["code"] == "database_schema"
    finally:
        backend.postgres.drop_database("other_schema")


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        ("DROP TABLE api_key_models", "table api_key_models"),
        ("ALTER TABLE models DROP COLUMN features", "column models.features"),
        ("ALTER TABLE subscriptions DROP COLUMN status CASCADE", "column subscriptions.status"),
        ('DROP TABLE models CASCADE; CREATE TABLE "LiteLLM_ProxyModelTable" (model_id text)', "LiteLLM's own"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_missing_tables_and_columns(backend: Backend, damage: str, part: str, check: bool) -> None:
    backend.postgres.create_database("damaged")
    try:
        backend.postgres.sql(litemaas.schema_sql() + damage, "damaged")
        answer = backend.sync(check=check, database_url=backend.postgres.url("damaged"))
        assert (answer["failed"], answer["failure"]["code"]) == (True, "database_schema")
        assert part in answer["msg"]
    finally:
        backend.postgres.drop_database("damaged")


def test_a_user_who_may_not_write(backend: Backend) -> None:
    backend.postgres.sql(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
    backend.postgres.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", backend.database)
    try:
        url = backend.url.replace("litemaas_admin", "reader")
        answer = backend.sync(database_url=url)
        assert answer["failure"]["code"] == "database_error"
        assert "permission denied" in answer["msg"]
        assert backend.sync(check=True, database_url=url)["new_models"] == 1
    finally:
        backend.postgres.sql("DROP OWNED BY reader; DROP ROLE reader", backend.database)


def hold_lock(backend: Backend) -> object:
    connection = backend.connect()
    cursor = connection.cursor()
    cursor.execute("SET application_name = 'somebody else'")
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (0x6C697465, 0x6D616173))
    return connection


def test_the_lock_names_who_holds_it(backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITEMAAS_PROGRESS_PACE", "0.1")
    connection, progress = hold_lock(backend), tmp_path / "progress"
    try:
        answer = backend.sync(lock_timeout=1, progress_file=str(progress))
        line = "litemaas_model_sync: waiting for the database, and for another run that writes to it, 0 s of at most 1 s"
        assert line in progress.read_text(encoding="utf-8").splitlines()
        assert answer["failure"]["code"] == "database_locked"
        assert 'application "somebody else"' in answer["msg"]
        assert backend.sync(check=True, lock_timeout=1)["new_models"] == 1
    finally:
        connection.close()  # type: ignore[attr-defined]
    assert backend.sync(lock_timeout=1)["new_models"] == 1


def test_waiting_for_a_lock_ends(backend: Backend) -> None:
    database = _postgres.Database(database_target(backend.url))
    database.begin(5)
    assert database.execute("SHOW lock_timeout") == [{"lock_timeout": "5s"}]
    database.close()


def test_a_run_waits_for_the_one_before_it(backend: Backend) -> None:
    connection = hold_lock(backend)
    timer = threading.Timer(1.0, connection.close)  # type: ignore[attr-defined]
    timer.start()
    begun = time.monotonic()
    assert backend.sync(lock_timeout=20)["new_models"] == 1
    assert time.monotonic() - begun > 0.5
    timer.join()


def test_rows_that_somebody_else_has_locked(backend: Backend) -> None:
    backend.sync()
    backend.litellm.entries = [entry("m", rpm=5)]
    connection = backend.connect()
    connection.cursor().execute("UPDATE models SET description = 'x' WHERE id = 'm'")
    try:
        answer = backend.sync(lock_timeout=1)
    finally:
        connection.close()
    assert answer["failure"]["code"] == "database_locked"
    assert "Another transaction holds rows" in answer["msg"]


def test_a_connection_that_breaks(backend: Backend) -> None:
    before = backend.dump()

    def break_it() -> object:
        backend.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'litemaas.models'")
        return type(backend.litellm).read(backend.litellm)

    backend.litellm.read = break_it  # type: ignore[method-assign, assignment]
    answer = backend.sync()
    assert answer["failure"]["code"] == "database_unreachable"
    assert backend.dump() == before


def test_a_machine_that_is_gone_is_noticed(backend: Backend) -> None:
    """PostgreSQL asks a silent client whether it is there after 30 seconds, three times, and not after two hours."""
    database = _postgres.Database(database_target(backend.url))
    database.begin(5)
    names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
    assert [database.execute(f"SHOW {name}")[0][name] for name in names] == ["30", "10", "3"]
    database.close()


def test_check_mode_is_read_only_for_the_server(backend: Backend) -> None:
    with backend.postgres.recorded_statements(backend.database) as statements:
        backend.sync(check=True)
    assert "READ ONLY" in statements[0].text.upper()
    assert not any("advisory" in statement.text for statement in statements)
    assert {statement.application for statement in statements} == {"litemaas.models"}


@pytest.mark.parametrize("value", ["\ud800", {"a": float("nan")}])
def test_what_cannot_be_sent_is_said(backend: Backend, value: object) -> None:
    database = _postgres.Database(database_target(backend.url))
    try:
        with pytest.raises(DatabaseError, match="A value cannot be sent to PostgreSQL") as caught:
            database.load("given", {"one": "text"}, [["good"], [value]])
        assert not caught.value.repeatable
    finally:
        database.close()


def test_what_the_driver_refuses_to_send_is_not_a_broken_connection(backend: Backend) -> None:
    database = _postgres.Database(database_target(backend.url))
    try:
        with pytest.raises(DatabaseError, match="cannot be sent") as caught:
            database.execute("SELECT %(it)s", {"it": object()})
        assert not caught.value.repeatable
        backend.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'litemaas.models'")
        for _attempt in range(2):
            with pytest.raises(DatabaseError) as caught:
                database.execute("SELECT 1")
            assert caught.value.repeatable
    finally:
        database.close()


class Writable(StubLiteLLM):
    """Takes new models and deletes others, and remembers their names."""

    shows_unserved = True
    progress = Progress()
    http = types.SimpleNamespace(connection=proxy_connection("http://litellm.example.com", ADMIN_KEY))

    def __init__(self) -> None:
        super().__init__()
        self.created: list[str] = []
        self.deleted: list[str] = []
        self.aliases: list[str] = []

    def find_saved(self, model_ids: Mapping[str, str], reading: Reading) -> list[dict[str, Any]]:
        """Return what is saved and not served: nothing."""
        return []

    def providers(self) -> None:
        """Know no provider: nothing is refused for it."""

    def catalog(self) -> None:
        """Tell nothing of a list of its own."""

    def check_permission(self, creates: bool, updates: bool, deletes: bool) -> None:
        """Let the key do everything."""

    def create(self, deployment: dict[str, Any], check: Any = None) -> str:
        """Take a new model."""
        self.created.append(deployment["model_name"])
        return model_writes.SAVED

    def testify(self, reading: Reading, ask_store: bool) -> Evidence:
        """Return what a proxy with these aliases says."""
        settings = {"current_values": {"model_group_alias": dict.fromkeys(self.aliases, "m01")}}
        return dataclasses.replace(super().testify(reading, ask_store), settings=settings)

    def delete(self, model_id: str) -> bool:
        """Delete a model."""
        [name] = [one["model_name"] for one in self.entries if one["model_info"]["id"] == model_id]
        self.entries = [one for one in self.entries if one["model_name"] != name]
        self.deleted.append(name)
        return True


def test_litellm_is_changed_only_where_the_backend_can_be(backend: Backend, reader_url: str) -> None:
    backend.litellm = litellm = Writable()
    new = {"model_name": "new", "litellm_model": "openai/gpt-4o", "api_key": "demo-key-not-real"}

    def run(model: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"litellm_url": "http://litellm.example.com", "database_url": backend.url, "check_backend": True, "wait": False}
        return run_module(litellm_model.main, {**given, "models": [model], **options}, check=check)

    nowhere = backend.postgres.url("postgres")
    assert "is not LiteMaaS's" in run(new, database_url=nowhere)["msg"]
    assert "is not LiteMaaS's" in run(new, check=True, database_url=nowhere)["msg"]
    refused = run(new, database_url=reader_url)
    lacks = ["INSERT on models", "UPDATE on models", "INSERT on audit_logs"]
    assert refused["failure"]["details"]["missing"] == lacks
    assert f"lacks {', '.join(lacks)}. The README" in refused["msg"]
    foreseen = run(new, check=True, database_url=reader_url)
    assert ("failed" not in foreseen, foreseen["changed"], foreseen["rights_missing"]) == (True, True, lacks)
    assert f"lacks {', '.join(lacks)}." in foreseen["raw"]
    assert "rights_missing" not in run(new, check=True)
    backend.postgres.sql("REVOKE TEMPORARY ON DATABASE litemaas_db FROM PUBLIC", backend.database)
    try:
        assert run(new, database_url=reader_url)["failure"]["details"]["missing"] == ["TEMPORARY on the database", *lacks]
    finally:
        backend.postgres.sql("GRANT TEMPORARY ON DATABASE litemaas_db TO PUBLIC", backend.database)
    assert litellm.created == []
    assert "failed" not in run({"model_name": "gone", "state": "absent"}, database_url=nowhere), (
        "nothing is written, so nothing is looked at"
    )
    assert (run(new)["changed"], litellm.created) == (True, ["new"])
    assert (run(new, database_url=nowhere, check_backend=False)["changed"], litellm.created) == (True, ["new", "new"])


NEW = {"model_name": "new", "litellm_model": "openai/gpt-4o", "api_key": "demo-key-not-real"}
READ_MODELS = "SELECT ON models"
WRITE_MODELS = "INSERT, UPDATE ON models"
WRITE_AUDIT = "INSERT ON audit_logs"
OTHERS = "SELECT ON subscriptions, api_keys, api_key_models, audit_logs, users"
COLUMNS = [column for column in BY_COLUMN if column not in ("restricted_access", "metadata")]
# What is granted, which rights a run lacks for a new model, and whether check mode can tell what it would do.
RIGHTS = [
    ("nothing at all", [], ["SELECT on models", "INSERT on models", "UPDATE on models", "INSERT on audit_logs"], False),
    ("may only write", [WRITE_MODELS, WRITE_AUDIT], ["SELECT on models"], False),
    ("may read all else", [OTHERS], ["SELECT on models", "INSERT on models", "UPDATE on models", "INSERT on audit_logs"], False),
    ("may only read", [READ_MODELS, OTHERS], ["INSERT on models", "UPDATE on models", "INSERT on audit_logs"], True),
    ("may not update", [READ_MODELS, "INSERT ON models", WRITE_AUDIT], ["UPDATE on models"], True),
    ("may not leave a trace", [READ_MODELS, WRITE_MODELS], ["INSERT on audit_logs"], True),
    (
        "some columns",
        [f"SELECT ({', '.join(COLUMNS)}, updated_at) ON models", WRITE_MODELS, WRITE_AUDIT],
        ["SELECT on models (metadata, restricted_access)"],
        False,
    ),
    (
        "some columns to write",
        [READ_MODELS, f"INSERT ({', '.join(COLUMNS)}) ON models", f"UPDATE ({', '.join(COLUMNS)}) ON models", WRITE_AUDIT],
        ["INSERT on models (metadata, restricted_access)", "UPDATE on models (metadata, restricted_access, updated_at)"],
        True,
    ),
    (
        "all the columns that are used",
        [
            f"SELECT ({', '.join([*BY_COLUMN, 'updated_at'])}), INSERT ({', '.join(BY_COLUMN)}), "
            f"UPDATE ({', '.join([*BY_COLUMN, 'updated_at'])}) ON models",
            "INSERT (action, resource_type, resource_id, old_values, user_agent, success, error_message, metadata) ON audit_logs",
        ],
        [],
        True,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("grants", "lacks", "predicts"), [case[1:] for case in RIGHTS], ids=[case[0] for case in RIGHTS])
def test_exactly_what_is_missing_is_named(backend: Backend, grants: list[str], lacks: list[str], predicts: bool) -> None:
    """By check mode, too, which fails like the run where it cannot read; and with that and no more the sync works."""
    backend.litellm = litellm = Writable()
    backend.postgres.sql(f"CREATE ROLE clerk LOGIN PASSWORD '{PASSWORD}'", backend.database)
    try:
        for grant in grants:
            backend.postgres.sql(f"GRANT {grant} TO clerk", backend.database)
        url = backend.postgres.url(backend.database, user="clerk")
        given = {"litellm_url": "http://litellm.example.com", "database_url": url, "check_backend": True, "wait": False}
        options = {**given, "models": [NEW]}
        predicted, done = [run_module(litellm_model.main, options, check=check) for check in (True, False)]
        assert ("failed" not in predicted) is predicts
        named = predicted.get("rights_missing", []) if predicts else predicted["failure"]["details"]["missing"]
        assert named == lacks
        assert ("failed" not in done, litellm.created) == (not lacks, [] if lacks else ["new"])
        if lacks:
            assert done["failure"]["details"]["missing"] == lacks
            assert f"lacks {', '.join(lacks)}. The README" in done["msg"]
            assert "can be read" not in done["msg"] + predicted["raw"]
        litellm.entries = [entry("new")]
        sync = backend.sync(database_url=url)
        assert ("failed" in sync) is bool(lacks), sync
        if lacks:
            assert all(right in sync["msg"] for right in lacks), sync["msg"]
        else:
            assert sync["new_models"] == 1
    finally:
        backend.postgres.sql("DROP OWNED BY clerk; DROP ROLE clerk", backend.database)


def test_a_schema_or_a_database_that_a_user_may_not_use(backend: Backend) -> None:
    backend.litellm = Writable()
    backend.postgres.sql(f"CREATE ROLE clerk LOGIN PASSWORD '{PASSWORD}'", backend.database)
    url = backend.postgres.url(backend.database, user="clerk")
    options = {"litellm_url": "http://litellm.example.com", "database_url": url, "check_backend": True, "models": [NEW]}
    try:
        backend.postgres.sql("REVOKE USAGE ON SCHEMA public FROM PUBLIC", backend.database)
        for check in (True, False):
            for answer in (run_module(litellm_model.main, options, check=check), backend.sync(check, database_url=url)):
                assert "lacks USAGE on schema public. The README" in answer["msg"]
        backend.postgres.sql("REVOKE CONNECT ON DATABASE litemaas_db FROM PUBLIC", backend.database)
        assert "Give the user in database_url the right CONNECT to this database" in run_module(litellm_model.main, options)["msg"]
    finally:
        backend.postgres.sql("GRANT USAGE ON SCHEMA public TO PUBLIC; GRANT CONNECT ON DATABASE litemaas_db TO PUBLIC", backend.database)
        backend.postgres.sql("DROP ROLE clerk", backend.database)


def test_a_copy_through_a_tunnel_of_the_same_process_ends(clean_litemaas: Stack) -> None:
    """What carries the bytes is a thread of ours, slower than the rows come, and psycopg2 ends a COPY with Python's lock in hand.

    One of these numbers of rows fills what the connection holds.
    """

    def carry(source: socket.socket, target: socket.socket, pause_s: float) -> None:
        while data := source.recv(2048):
            time.sleep(pause_s)
            target.sendall(data)

    def load(rows: int) -> int:
        port = clean_litemaas.postgres.port
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{folder}/.s.PGSQL.{port}")
            listener.listen()

            def tunnel() -> None:
                local, remote = listener.accept()[0], socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=carry, args=(remote, local, 0.0), daemon=True).start()
                carry(local, remote, 0.001)

            threading.Thread(target=tunnel, daemon=True).start()
            target = database_target(clean_litemaas.postgres.url(LITEMAAS_DATABASE))
            database = _postgres.Database(dataclasses.replace(target, arguments={**target.arguments, "host": folder}))
            database.load("given", {"one": "text"}, (["x" * 8000] for _row in range(rows)))
            found = int(database.execute("SELECT count(*) AS number FROM given")[0]["number"])
            database.close()
            return found

    numbers = range(10, 34)
    assert Child(lambda: [load(rows) for rows in numbers]).answer(30) == list(numbers)


def test_what_goes_from_litellm_is_judged_by_the_rows_it_takes(backend: Backend, reader_url: str, seeder: Seeder) -> None:
    """The guard of the cleanup, before the first step of a run deletes anything; and the rights that the cleanup will need."""
    names = [f"m{number:02}" for number in range(13)]
    backend.litellm = litellm = Writable()
    litellm.entries = [entry(name) for name in names]
    backend.sync()
    seeder.subscriptions(seeder.users(2), ["m00"])
    later = {"cleanup": True, "subscriptions": "delete"}

    def run(count: int, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"litellm_url": "http://litellm.example.com", "database_url": backend.url, "check_backend": True, "wait": False}
        models = [{"model_name": name, "state": "absent"} for name in names[:count]]
        return run_module(litellm_model.main, {**given, "models": models, "later_steps": later, **options}, check=check)

    for check in (True, False):
        refused = run(12, check)
        assert refused["failure"]["code"] == "refused"
        assert refused["msg"].startswith("Refused to remove 12 of 13 models: 12 of 13 models are 92 %, more than max_percent 30")
        assert (
            "Nothing was removed from LiteLLM or LiteMaaS. It would affect m00 (leaves LiteLLM, deleted from LiteMaaS: 2 subscriptions, "
            "0 keys, 2 users); " in refused["msg"]
        ), refused["msg"]
        assert len(refused["failure"]["details"]["affected"]) == 12
        assert "without any model" in run(13, check, force=True)["msg"]
        assert "more than max_count 2" in run(3, check, max_count=2)["msg"]
    assert litellm.deleted == []
    # What is gone from LiteLLM already goes with it: the cleanup would refuse afterwards.
    litellm.entries.pop()
    assert "Refused to remove 4 of 13 models" in run(3)["msg"]
    assert run(3, later_steps={"cleanup": False})["counts"]["deleted"] == 3
    assert (litellm.deleted, run(4, check=True, force=True)["changed"]) == (names[:3], True)
    lacks = [
        "INSERT on models", "UPDATE on models", "DELETE on models", "DELETE on subscriptions", "UPDATE on api_keys",
        "DELETE on api_key_models", "INSERT on audit_logs",
    ]  # fmt: skip
    assert run(4, check=True, force=True, database_url=reader_url)["rights_missing"] == lacks
    assert run(4, force=True, database_url=reader_url)["failure"]["details"]["missing"] == lacks
    with backend.postgres.recorded_statements(backend.database) as statements:
        run(4, check=True, force=True)
    # BEGIN, settings, columns, rows, usage, rights, ROLLBACK
    assert len(statements) == 7


def test_200_of_209_models_stay_where_the_list_takes_them_away(backend: Backend) -> None:
    """In LiteLLM and in LiteMaaS, in check mode as in a run; force takes them from both."""
    names = [f"m{number:03}" for number in range(209)]
    backend.litellm = litellm = Writable()
    litellm.entries = [entry(name) for name in names]
    backend.sync()
    options = {"litellm_url": "http://litellm.example.com", "database_url": backend.url, "check_backend": True, "wait": False}
    absent = [{"model_name": name, "state": "absent"} for name in names[:200]]
    run = {**options, "models": absent, "later_steps": {"cleanup": True}}
    before = backend.dump()
    for check in (True, False):
        refused = run_module(litellm_model.main, run, check=check)
        assert refused["failure"]["code"] == "refused"
        assert refused["msg"].startswith(
            "Refused to remove 200 of 209 models: 200 of 209 models are 96 %, more than max_percent 30 (force: true lifts this). "
            "Nothing was removed from LiteLLM or LiteMaaS. It would affect m000 (leaves LiteLLM, deleted from LiteMaaS: 0 sub"
        ), refused["msg"]
        assert [line["model_name"] for line in refused["failure"]["details"]["affected"]] == names[:200]
        assert (litellm.deleted, backend.dump()) == ([], before)
    for check in (True, False):
        assert run_module(litellm_model.main, {**run, "force": True}, check=check)["counts"]["deleted"] == 200
        foreseen = {"models": absent, "predict_models": True} if check else {}
        assert backend.cleanup(check, force=True, **foreseen)["deleted"] == names[:200]
    assert (litellm.deleted, backend.column("SELECT id FROM models ORDER BY id")) == (names[:200], names[200:])


@pytest.mark.parametrize(("duplicates", "goes"), [("refuse", []), ("collapse", ["twice"])])
def test_a_model_that_goes_with_its_duplicates_is_foreseen(backend: Backend, duplicates: str, goes: list[str]) -> None:
    same = {"api_base": "https://twice.example.com/v1"}
    backend.litellm = litellm = Writable()
    litellm.entries = [entry("stays"), entry("twice", model_id="one", **same), entry("twice", model_id="two", **same)]
    backend.sync()
    absent = [{"model_name": "twice", "state": "absent"}]
    answer = backend.cleanup(check=True, force=True, models=absent, predict_models=True, predict_duplicates=duplicates)
    assert answer["deleted"] == goes
    assert run_module(
        litellm_model.main,
        {"litellm_url": "http://litellm.example.com", "models": absent, "duplicates": duplicates, "force": True, "wait": False},
        check=True,
    )["counts"]["deleted"] == 2 * len(goes)


def test_without_the_backend_the_models_of_litellm_are_what_counts(backend: Backend) -> None:
    names = [f"m{number:02}" for number in range(13)]
    backend.litellm = litellm = Writable()
    litellm.entries = [entry(name) for name in names]
    absent = [{"model_name": name, "state": "absent"} for name in names[:4]]
    options = {"litellm_url": "http://litellm.example.com", "models": absent, "wait": False}
    refused = run_module(litellm_model.main, options)
    assert "4 of 13 models are 31 %, more than max_percent 30" in refused["msg"]
    assert "It would affect m00; m01; m02; m03" in refused["msg"]
    assert litellm.deleted == []
    assert run_module(litellm_model.main, {**options, "max_percent": 31})["counts"]["deleted"] == 4


def test_what_litellm_has_without_listing_it_does_not_count(backend: Backend) -> None:
    """Rows of aliases have no model in LiteLLM's list, and the cleanup leaves them alone."""
    names = [f"m{number:02}" for number in range(13)]
    backend.litellm = litellm = Writable()
    litellm.entries = [entry(name) for name in names]
    backend.sync()
    litellm.entries, litellm.aliases = litellm.entries[:10], names[10:]
    options = {"litellm_url": "http://litellm.example.com", "database_url": backend.url, "check_backend": True, "wait": False}
    run = {**options, "models": [{"model_name": "m00", "state": "absent"}], "later_steps": {"cleanup": True}}
    assert run_module(litellm_model.main, {**run, "max_percent": 25})["counts"]["deleted"] == 1
    assert backend.cleanup(max_percent=25)["deleted"] == ["m00"]


def test_litellms_own_table_counts_before_the_first_write_too(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has three models that LiteLLM does not list. An empty option switches it off, whatever the environment says."""
    names = [f"m{number:02}" for number in range(13)]
    backend.litellm = litellm = Writable()
    litellm.entries = [entry(name) for name in names]
    backend.sync()
    litellm.entries = litellm.entries[:10]
    values = ", ".join(f"('id-{name}', '{name}', NULL)" for name in names)
    backend.postgres.sql(
        'CREATE TABLE "LiteLLM_ProxyModelTable" (model_id text, model_name text, model_info jsonb);'
        f'INSERT INTO "LiteLLM_ProxyModelTable" VALUES {values}', backend.database,
    )  # fmt: skip
    options = {"litellm_url": "http://litellm.example.com", "database_url": backend.url, "check_backend": True, "wait": False}
    gone = {**options, "models": [{"model_name": "m00", "state": "absent"}], "later_steps": {"cleanup": True}, "max_percent": 25}
    monkeypatch.setenv("LITELLM_DATABASE_URL", backend.url)
    try:
        assert "Refused to remove 4 of 13 models" in run_module(litellm_model.main, {**gone, "litellm_database_url": ""})["msg"]
        assert run_module(litellm_model.main, {**gone, "litellm_database_url": backend.url}, check=True)["counts"]["deleted"] == 1
        assert run_module(litellm_model.main, gone)["counts"]["deleted"] == 1
    finally:
        backend.postgres.sql('DROP TABLE "LiteLLM_ProxyModelTable"', backend.database)


@pytest.mark.parametrize(
    ("prepared", "run", "lacks"),
    [
        ([], {"which": "sync"}, ["INSERT on models", "UPDATE on models", "INSERT on audit_logs"]),
        (
            ["stays", "goes"],
            {"which": "sync", "mark_unavailable": True},
            [
                "UPDATE on models", "UPDATE on subscriptions", "UPDATE on api_keys", "DELETE on api_key_models", "INSERT on audit_logs",
                "INSERT on subscription_status_history",
            ],
        ),
        (
            ["stays", "goes"],
            {"which": "cleanup"},
            [
                "UPDATE on models", "DELETE on models", "DELETE on subscriptions", "UPDATE on api_keys", "DELETE on api_key_models",
                "INSERT on audit_logs",
            ],
        ),
        (["stays"], {"which": "sync"}, None),
        (["stays"], {"which": "cleanup"}, None),
    ],
)  # fmt: skip
def test_check_mode_says_which_rights_the_run_will_lack(
    backend: Backend, reader_url: str, prepared: list[str], run: dict[str, Any], lacks: list[str] | None
) -> None:
    backend.litellm.entries = [entry(name) for name in prepared]
    backend.sync()
    backend.litellm.entries = [entry("stays")]
    options = {name: value for name, value in run.items() if name != "which"}
    step = getattr(backend, run["which"])
    answer = step(check=True, database_url=reader_url, **options)
    assert (answer.get("rights_missing"), answer["changed"], "failed" in answer) == (lacks, lacks is not None, False)
    assert ("A run would be refused: the user of the database" in answer["raw"]) is bool(lacks)
    before = backend.dump()
    assert ("failed" in step(database_url=reader_url, **options)) is bool(lacks)
    assert backend.dump() == before
    # Each of these rights is needed, and no other: with all of them the run does what was foreseen.
    for right in lacks or []:
        backend.postgres.sql(f"GRANT {right} TO reader", backend.database)
    again = step(database_url=reader_url, **options)
    assert ("failed" not in again, again["changed"]) == (True, lacks is not None)
