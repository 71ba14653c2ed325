# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs at the same time as other runs, other transactions and people: one order, no deadlock, no duplicate, nothing lost."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

import psycopg2
import pytest

from tests.integration.faulty import Faulty, told
from tests.integration.test_faults_writes import entries, saved
from tests.integration.test_litellm_model import manage
from tests.integration.world import World
from tests.support.forked import Child
from tests.support.postgres_proxy import PostgresFault, SentStatement, at_statement
from tests.support.stack import Stack

ROUNDS = 3
LOCK = "SELECT pg_advisory_xact_lock(1818850405, 1835098483)"


def models_and_people(world: World) -> dict[str, list[str]]:
    """The state without the audit log, which tells the order."""
    return {table: rows for table, rows in world.state().items() if table not in ("audit_logs", "subscription_status_history")}


@pytest.mark.any_litellm
@pytest.mark.postgres
@pytest.mark.parametrize("other", ["sync", "cleanup"])
def test_two_runs_at_once_are_one_after_the_other(faulty: Faulty, other: str) -> None:
    world = faulty.world
    wanted = faulty.run("sync")
    faulty.run(other)
    after = models_and_people(world)
    for _round in range(ROUNDS):
        world.put_back()
        children = [Child(lambda: faulty.run("sync")), Child(lambda: faulty.run(other))]
        answers = [child.answer() for child in children]
        assert not any(answer.get("failed") for answer in answers), answers
        assert models_and_people(world) == after
        if other == "sync":
            # Whoever was second found nothing to do.
            assert sorted(answer["changed"] for answer in answers) == [False, True]
            assert told(max(answers, key=lambda answer: bool(answer["changed"]))) == told(wanted)


@pytest.mark.any_litellm
@pytest.mark.postgres
def test_all_who_wait_for_the_lock_are_told_who_has_it(faulty: Faulty) -> None:
    holder = psycopg2.connect(faulty.direct_url, application_name="somebody else")
    holder.cursor().execute(LOCK)
    before = faulty.world.state()
    children = [Child(lambda: faulty.backend.sync(lock_timeout=1)) for _number in range(4)]
    for child in children:
        answer = child.answer()
        assert answer["failure"]["code"] == "database_locked"
        assert 'application "somebody else"' in answer["msg"]
    assert faulty.world.state() == before
    holder.close()


@pytest.mark.any_litellm
@pytest.mark.postgres
def test_a_real_deadlock_is_got_over(faulty: Faulty) -> None:
    """Somebody holds a subscription and wants the model, while we hold the model and want the subscription."""
    other = psycopg2.connect(faulty.direct_url)
    threads: list[threading.Thread] = []

    def cross(statement: SentStatement) -> None:
        if statement.connection > 1 or "availability = 'unavailable'" not in statement.text:
            return
        other.cursor().execute("UPDATE subscriptions SET used_requests = 7 WHERE model_id = 'goes'")
        threads.append(threading.Thread(target=want_the_model, args=(statement.pid,)))
        threads[0].start()

    def want_the_model(pid: int) -> None:
        end = time.monotonic() + 10
        while not faulty.world.execute(f"SELECT 1 FROM pg_locks WHERE pid = {pid} AND NOT granted") and time.monotonic() < end:
            time.sleep(0.01)
        other.cursor().execute("UPDATE models SET description = 'by hand' WHERE id = 'goes'")
        other.commit()

    answer = faulty.run("sync", lambda statement: PostgresFault.call(cross))
    threads[0].join()
    other.close()
    assert not answer.get("failed"), answer["msg"]
    assert "Another transaction was in the way (deadlock detected)" in answer["log"][0]
    assert answer["unavailable_models"] == 2
    assert faulty.world.execute("SELECT description, availability FROM models WHERE id = 'goes'") == [("by hand", "unavailable")]
    assert faulty.world.execute("SELECT DISTINCT used_requests, status FROM subscriptions WHERE model_id = 'goes'") == [(7, "inactive")]


class Subscriber:
    """Somebody who subscribes to a model, and lets a key use it, while a run is at work; commits ``late_s`` later."""

    def __init__(self, url: str, model: str, late_s: float) -> None:
        self.subscribed = False
        self._late_s = late_s
        self._url = url
        self._model = model
        self._thread = threading.Thread(target=self._subscribe)

    def __call__(self, statement: SentStatement) -> None:
        """Begin, and go on as soon as it is done or waits for us."""
        self._thread.start()
        self._thread.join(0.01 if self._late_s else 0.1)

    def finish(self) -> None:
        self._thread.join()

    def _subscribe(self) -> None:
        connection = psycopg2.connect(self._url)
        # The model may be deleted before we come: then the portal says so.
        gone = contextlib.suppress(psycopg2.errors.ForeignKeyViolation)
        with contextlib.closing(connection), gone, connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO subscriptions (user_id, model_id, status) SELECT id, %s, 'active' FROM users ORDER BY username LIMIT 1",
                [self._model],
            )
            cursor.execute(
                "INSERT INTO api_key_models (api_key_id, model_id) SELECT id, %s FROM api_keys ORDER BY name LIMIT 1", [self._model]
            )
            time.sleep(self._late_s)
            connection.commit()
            self.subscribed = True


@pytest.mark.any_litellm
@pytest.mark.postgres
@pytest.mark.parametrize("operation", ["sync", "cleanup"])
def test_a_subscription_that_comes_at_any_moment_is_not_lost(faulty: Faulty, operation: str) -> None:
    world = faulty.world
    faulty.run(operation)
    statements = len(faulty.proxy.statements)
    outcomes = set()
    for position, late_s in [(position, late_s) for position in range(1, statements + 1) for late_s in (0.0, 0.05)]:
        world.put_back()
        subscriber = Subscriber(faulty.direct_url, "plain", late_s)
        answer = faulty.run(operation, at_statement(position, PostgresFault.call(subscriber)))
        subscriber.finish()
        kept = world.execute("SELECT count(*) FROM subscriptions WHERE model_id = 'plain'")[0][0]
        assert kept == subscriber.subscribed, position
        action = next(line["action"] for line in answer["models"] if line["model_name"] == "plain")
        outcomes.add(action)
        assert all(line["action"] != "failed" for line in answer["models"] if line["model_name"] != "plain"), answer["models"]
        if answer.get("failed"):
            assert "plain: somebody subscribed to it in the meantime. Run again" in answer["msg"], answer["msg"]
            answer = faulty.run(operation)
        assert not answer.get("failed"), (position, answer["msg"])
        assert not faulty.run(operation)["changed"], position
    assert outcomes == ({"retired"} if operation == "sync" else {"retired", "failed", "deleted"})


@pytest.mark.litellm
def test_two_runs_of_litellm_model_make_each_model_once(clean_litellm: Stack) -> None:
    for number in range(2):
        wanted = [dict(entry, model_name=f"round{number}-{entry['model_name']}") for entry in entries(5)]
        children = [Child(lambda wanted=wanted: manage(clean_litellm, wanted)) for _child in range(2)]  # type: ignore[misc]
        for child in children:
            answer: dict[str, Any] = child.answer()
            assert not answer.get("failed"), answer["msg"]
        there = [(name, count) for name, count in saved(clean_litellm) if name.startswith(f"round{number}")]
        assert there == sorted((entry["model_name"], 1) for entry in wanted)
        assert not manage(clean_litellm, wanted)["changed"]
