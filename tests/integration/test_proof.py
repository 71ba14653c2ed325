# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is removed unless LiteLLM's answer is the whole truth: real proxies that know less than there is, and lists cut short."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._litellm import model_lists
from ansible_collections.litemaas.models.plugins.module_utils._proof.source import SEARCHES
from ansible_collections.litemaas.models.plugins.modules import (
    litellm_model,
    litellm_model_info,
    litemaas_model_sync,
    litemaas_orphan_cleanup,
)
from tests.support import litemaas
from tests.support.fixtures import MODEL_TABLE, database_models, delete_database_models
from tests.support.litellm import LiteLLMProxy, ProxyOptions
from tests.support.modules import run_module
from tests.support.recorder import Fault, RecordedRequest, Recorder
from tests.support.stack import LITELLM_DATABASE, LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]

CONFIG_MODEL = "config-file-model"
# How long a pod may take to see what another one wrote: it looks every 30 seconds.
POLL_S = 60
ROUTER = f"""\
model_list:
  - model_name: {CONFIG_MODEL}
    litellm_params: {{model: openai/gpt-4o-mini, api_base: "http://127.0.0.1:9/v1", api_key: demo-key-not-real}}
  - model_name: "wild/*"
    litellm_params: {{model: "openai/*", api_base: "http://127.0.0.1:9/v1", api_key: demo-key-not-real}}
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  store_model_in_db: true
  model_list_healthy_only: true
  background_health_checks: true
  health_check_interval: 1
router_settings:
  model_group_alias:
    open-alias: {CONFIG_MODEL}
    hidden-alias: {{model: {CONFIG_MODEL}, hidden: true}}
"""
EMPTY_DATABASE = "litellm_empty_db"
EMPTY = """\
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  store_model_in_db: true
"""
# A name as a LiteLLM with another salt key encrypted it.
FOREIGN_TEXT = "A2T72xjGXkFQEmsh6KLQdASYezdb56IA_7DBxrgesemUeuPHzyCnlmNexISCg-AJhQmPizs="


class Site:
    """Both servers, and rows of LiteMaaS."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.proxy = stack.proxy

    def has(self, *names: str) -> None:
        """Make models in LiteLLM, each with a row in LiteMaaS."""
        for name in names:
            self.create(name)
            self.row(name)

    def create(self, name: str, model: str = "openai/demo", **info: Any) -> None:
        body = {
            "model_name": name,
            "litellm_params": {"model": model, "api_base": "http://127.0.0.1:9/v1", "api_key": "demo-key-not-real"},
            "model_info": {"id": f"id-{name}", **info},
        }
        status, answer = self.proxy.request("POST", "/model/new", body)
        assert status == 200, answer

    def save(self, name: str) -> None:
        """A model in LiteLLM's table that it cannot decrypt, so it does not serve it; with a row in LiteMaaS."""
        self.stack.postgres.sql(
            f"INSERT INTO {MODEL_TABLE} (model_id, model_name, litellm_params, model_info, created_by, updated_by, updated_at) "
            f"""VALUES ('id-{name}', '{name}', '{{"model": "{FOREIGN_TEXT}"}}', '{{"id": "id-{name}"}}', 'x', 'x', now())""",
            LITELLM_DATABASE,
        )
        self.row(name)

    def row(self, name: str, model_id: str | None = None) -> None:
        """A row in LiteMaaS."""
        self.stack.postgres.sql(
            f"INSERT INTO models (id, name, provider, litellm_model_id) "
            f"VALUES ('{name}', '{name}', 'openai', '{model_id or f'id-{name}'}')",
            LITEMAAS_DATABASE,
        )

    @property
    def rows(self) -> dict[str, str]:
        """Name -> availability of all rows."""
        return {row[0]: row[1] for row in self.stack.postgres.sql("SELECT id, availability FROM models ORDER BY id", LITEMAAS_DATABASE)}

    @property
    def searches(self) -> bool:
        """Whether this LiteLLM, asked for a model, also looks into its database."""
        return self.proxy.options.version != "1.81.0"

    def options(self, **options: Any) -> dict[str, Any]:
        servers = {"litellm_url": self.stack.litellm_url, "litellm_api_key": self.stack.master_key, "database_url": self.stack.database_url}
        return {**servers, "retries": 0, **options}

    def cleanup(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_module(litemaas_orphan_cleanup.main, self.options(**options), check)

    def sync(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_module(litemaas_model_sync.main, self.options(**{"mark_unavailable": True, **options}), check)

    def info(self, **options: Any) -> dict[str, Any]:
        options = self.options(**options)
        del options["database_url"]
        return run_module(litellm_model_info.main, options)

    def refused(self, **options: Any) -> list[str]:
        """Run the cleanup in check mode and for real: both refuse alike and change nothing. Returns the codes of the reasons."""
        before = self.rows
        answers = [self.cleanup(check=check, **options) for check in (True, False)]
        for answer in answers:
            assert answer.get("failed"), answer
            assert answer["failure"]["code"] == "refused", answer
        assert self.rows == before
        one, other = (answer["failure"]["details"] for answer in answers)
        assert one["affected"] == other["affected"]
        assert codes(one["reasons"]) == codes(other["reasons"])
        return codes(other["reasons"])


def codes(reasons: list[dict[str, str]]) -> list[str]:
    assert all(reason["message"] for reason in reasons)
    return [reason["code"] for reason in reasons]


@pytest.fixture(autouse=True)
def no_servers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "LITELLM_DATABASE_URL", "LITELLM_API_URL", "LITELLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def site(clean_stack: Stack) -> Site:
    """A config model and a database model on both sides, and a row whose model LiteLLM does not have."""
    site = Site(clean_stack)
    site.row(CONFIG_MODEL, "id-of-config")
    site.has("here")
    site.row("gone")
    return site


@pytest.fixture
def between(site: Site) -> Iterator[Recorder]:
    """What stands between the modules and LiteLLM."""
    with Recorder(site.stack.litellm_url) as recorder:
        yield recorder


@pytest.fixture(scope="module")
def pods(stack: Stack) -> Iterator[dict[str, LiteLLMProxy]]:
    """Further proxies: with aliases, without the models of its database, with neither a database nor a config, with nothing in either."""
    version = stack.proxy.options.version
    # What other tests left a pod would serve for half a minute.
    delete_database_models(stack)
    site = Site(stack)
    site.create("early")
    started = {
        "router": stack.start_proxy("router", ProxyOptions(version=version, config=ROUTER), wait=False),
        "storeless": stack.start_proxy("storeless", ProxyOptions(version=version, store_model_in_db=False), wait=False),
        "cold": stack.start_proxy("cold", ProxyOptions(version=version, config=""), database=None, wait=False),
        "empty": stack.start_proxy("empty", ProxyOptions(version=version, config=EMPTY), database=EMPTY_DATABASE, wait=False),
    }
    for name, proxy in started.items():
        stack.wait_for(proxy, {"cold": None, "empty": EMPTY_DATABASE}.get(name, LITELLM_DATABASE))
    yield started
    for name in started:
        stack.stop_proxy(name)


# --- several pods --------------------------------------------------------------------------------------------------------


def test_a_pod_that_serves_what_was_deleted(pods: dict[str, LiteLLMProxy], stack: Stack) -> None:
    """The pod reads its database every 30 seconds: what it has just read, and is deleted then, it serves for a while."""
    site = Site(stack)
    litemaas.truncate(stack.postgres, LITEMAAS_DATABASE)
    site.row("gone")
    site.create("deleted-early")
    deadline = time.monotonic() + POLL_S
    while "id-deleted-early" not in database_models(pods["router"]):
        assert time.monotonic() < deadline, "the pod does not read its database"
        time.sleep(0.5)
    status, _answer = site.proxy.request("POST", "/model/delete", {"id": "id-deleted-early"})
    assert status == 200
    options = {"litellm_url": pods["router"].url, "litellm_database_url": stack.litellm_database_url}
    assert site.refused(**options) == ["witness_behind"]
    assert "LiteLLM serves deleted-early" in site.cleanup(**options)["msg"]


def test_a_pod_that_does_not_know_a_new_model(pods: dict[str, LiteLLMProxy], site: Site) -> None:
    site.has("new")
    url = pods["router"].url
    for options in ({}, {"litellm_database_url": site.stack.litellm_database_url}):
        answer = site.cleanup(litellm_url=url, exclude_patterns=["gone"], **options)
        assert not answer.get("failed"), answer
        assert {"here", "new"} <= set(site.rows)


def test_aliases_and_wildcards_are_no_orphans_and_hidden_unhealthy_models_are_listed(pods: dict[str, LiteLLMProxy], site: Site) -> None:
    for name in ("open-alias", "hidden-alias", "wild/one"):
        site.row(name)
    answer = site.cleanup(litellm_url=pods["router"].url)
    assert answer["deleted"] == ["gone"], answer
    assert {"open-alias", "hidden-alias", "wild/one", CONFIG_MODEL, "here"} == set(site.rows)
    reasons = {model["model_name"]: model["reason"] for model in answer["models"] if model["action"] == "skipped"}
    assert "alias" in reasons["open-alias"]
    assert "alias" in reasons["hidden-alias"]
    assert site.sync(litellm_url=pods["router"].url)["unavailable_models"] == 0
    assert set(site.rows.values()) == {"available"}


def test_a_proxy_that_does_not_use_the_models_of_its_database(pods: dict[str, LiteLLMProxy], site: Site) -> None:
    site.row(CONFIG_MODEL + "-2")
    options = {"litellm_url": pods["storeless"].url, "exclude_patterns": [CONFIG_MODEL + ".*"]}
    if site.searches:
        assert site.cleanup(**options)["deleted"] == ["gone"]
    else:
        assert site.refused(**options) == ["store_off"]
        assert site.cleanup(litellm_database_url=site.stack.litellm_database_url, **options)["deleted"] == ["gone"]
    assert "here" in site.rows


def test_a_proxy_that_has_loaded_nothing(pods: dict[str, LiteLLMProxy], site: Site) -> None:
    reasons = site.refused(litellm_url=pods["cold"].url, allow_empty=True, force=True)
    assert {"not_loaded", "empty", "database_away"} <= set(reasons)


@pytest.mark.parametrize("ids", ["NULL", "''", "id", "CASE id WHEN 'gone' THEN id ELSE 'id-' || id END"])
def test_an_empty_litellm_is_a_failure_whatever_the_rows_have(
    pods: dict[str, LiteLLMProxy], site: Site, ids: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LiteLLM cannot be asked for a row without an id. That keeps the row, and is no reason to be silent about an empty list."""
    # This proxy has no models after a while either.
    monkeypatch.setattr(model_lists, "EMPTY_REREAD_DELAY", 0.01)
    site.stack.postgres.sql(f"UPDATE models SET litellm_model_id = {ids}", LITEMAAS_DATABASE)
    empty, before = {"litellm_url": pods["empty"].url}, site.rows
    own, other = site.stack.postgres.url(EMPTY_DATABASE), site.stack.litellm_database_url
    for options in ({}, {"force": True}, {"strategy": "mark_unavailable"}, {"litellm_database_url": own}):
        assert site.refused(**empty, **options) == ["empty"], options
    assert site.refused(**empty, litellm_database_url=other) == ["empty", "empty_but_saved"]
    assert site.refused(**empty, litellm_database_url=other, model_patterns=["here"]) == ["empty", "empty_but_saved"]
    for options in ({}, {"force": True}, {"litellm_database_url": own}):
        for check in (True, False):
            answer = site.sync(check, **empty, **options)
            assert (answer.get("failed"), answer["changed"], codes(answer["failure"]["details"]["reasons"])) == (True, False, ["empty"])
            assert "LiteLLM answers that it has no model at all" in answer["msg"]
            assert sorted(line["model_name"] for line in answer["affected"]) == sorted(before)
    for check in (True, False):
        answer = site.sync(check, mark_unavailable=False, **empty)
        assert (answer.get("failed"), answer["changed"]) == (None, False)
        assert "no model at all, and LiteMaaS has 3 models available" in str(answer["warnings"])
    assert site.rows == before


def test_an_empty_litellm_that_is_said_to_be_right(pods: dict[str, LiteLLMProxy], site: Site) -> None:
    """Rows that cannot be asked for stay all the same; without a row there is nothing to say."""
    site.stack.postgres.sql("UPDATE models SET litellm_model_id = NULL WHERE id <> 'gone'", LITEMAAS_DATABASE)
    empty = {"litellm_url": pods["empty"].url, "allow_empty": True}
    assert not site.sync(check=True, **empty).get("failed")
    answer = site.cleanup(**empty)
    assert (answer.get("failed"), answer["deleted"]) == (None, ["gone"])
    assert "its row has no LiteLLM id" in str(answer["warnings"])
    litemaas.truncate(site.stack.postgres, LITEMAAS_DATABASE)
    for run in (site.sync, site.cleanup):
        answer = run(litellm_url=pods["empty"].url)
        assert (answer.get("failed"), answer["changed"], answer.get("warnings", [])) == (None, False, [])


def test_the_first_models_of_a_litellm_are_predicted(pods: dict[str, LiteLLMProxy], site: Site) -> None:
    """Check mode knows that the list will not be empty, where the models of the file make it so. The last one with this pod."""
    entry = {"model_name": "new", "litellm_model": "openai/x", "api_base": "http://127.0.0.1:9/v1", "api_key": "demo-key-not-real"}
    options = {"litellm_url": pods["empty"].url, "models": [entry], "predict_models": True}
    predicted = site.sync(check=True, **options)
    given = site.options(litellm_url=pods["empty"].url, models=[entry])
    del given["database_url"]
    assert not run_module(litellm_model.main, given).get("failed")
    done = site.sync(**options)
    assert (predicted.get("failed"), done.get("failed")) == (None, None)
    assert [model["action"] for model in predicted["models"]] == [model["action"] for model in done["models"]]
    assert done["unavailable_models"] == 3


# --- one proxy -----------------------------------------------------------------------------------------------------------


@pytest.mark.each_litellm
def test_a_quiet_run_asks_once(site: Site, between: Recorder) -> None:
    options = {"litellm_url": between.url, "litellm_database_url": site.stack.litellm_database_url}
    assert site.sync(**options)["unavailable_models"] == 1
    assert site.cleanup(**options)["deleted"] == ["gone"]
    for run in (site.sync, site.cleanup):
        between.clear()
        with site.stack.postgres.recorded_statements(LITELLM_DATABASE) as statements:
            assert run(**options)["changed"] is False
        assert [request.path.split("?")[0] for request in between.requests] == ["/v2/model/info"]
        assert [statement for statement in statements if statement.application == "litemaas.models"] == []


def test_an_orphan_whose_name_is_part_of_what_a_model_stands_for(site: Site) -> None:
    """LiteLLM 1.108 and later find that model by the orphan's name."""
    site.create("ours", model="openai/gone-3-large")
    for options in ({}, {"litellm_database_url": site.stack.litellm_database_url}):
        assert site.cleanup(True, **options)["deleted"] == ["gone"], options
    assert site.cleanup()["deleted"] == ["gone"]


def test_a_check_mode_run_writes_nothing_to_litellm(site: Site, between: Recorder) -> None:
    site.save("saved")
    before = site.stack.postgres.sql(f"SELECT * FROM {MODEL_TABLE} ORDER BY model_id", LITELLM_DATABASE)
    assert site.cleanup(check=True, litellm_url=between.url)["changed"] is True
    patched = [request.path for request in between.requests if request.method != "GET"]
    assert patched == ([] if site.searches else ["/model/00000000-0000-5000-8000-000000000000/update"])
    assert site.stack.postgres.sql(f"SELECT * FROM {MODEL_TABLE} ORDER BY model_id", LITELLM_DATABASE) == before


def test_what_litellm_cannot_decrypt_is_no_orphan(site: Site, between: Recorder) -> None:
    """Rows of LiteMaaS whose model LiteLLM has saved, under an id that the row knows or (1.100) under its name only."""
    site.save("saved")
    answer = site.cleanup(litellm_url=between.url)
    assert answer["deleted"] == ["gone"], answer
    [skipped] = [model for model in answer["models"] if model["action"] == "skipped"]
    assert (skipped["model_name"], skipped["reason"]) == ("saved", "LiteLLM has it saved, but does not serve it")
    assert bool(between.calls("PATCH", "/model/id-saved")) is not site.searches
    if site.searches:
        site.stack.postgres.sql("UPDATE models SET litellm_model_id = 'saved' WHERE id = 'saved'", LITEMAAS_DATABASE)
        assert site.cleanup()["changed"] is False
    assert set(site.rows) == {CONFIG_MODEL, "here", "saved"}


@pytest.mark.each_litellm
def test_the_verdict_rests_on_what_can_be_read(site: Site) -> None:
    """4 of 12 rows seem to be orphans, more than 30 %, and two of them are saved: check mode and a run say the same."""
    for number in range(6):
        site.row(f"more-{number}")
        site.create(f"more-{number}")
    site.save("saved-1")
    site.save("saved-2")
    site.row("gone-2")
    if site.searches:
        assert not site.cleanup(check=True).get("failed")
        assert site.cleanup()["deleted"] == ["gone", "gone-2"]
    else:
        assert site.refused() == []
        assert site.cleanup(check=True, force=True)["deleted"] == ["gone", "gone-2", "saved-1", "saved-2"]
        assert site.cleanup(force=True)["deleted"] == ["gone", "gone-2"]
    assert {"saved-1", "saved-2"} <= set(site.rows)


def keys(proxy: LiteLLMProxy) -> dict[str, str]:
    """One key per kind of person."""

    def made(path: str, **body: Any) -> dict[str, Any]:
        status, answer = proxy.request("POST", path, body)
        assert status == 200, answer
        return dict(answer)

    people = {role: made("/user/new", user_role=role) for role in ("proxy_admin", "proxy_admin_viewer", "internal_user")}
    team = made("/team/new", models=["here"])["team_id"]
    return {
        **{role: person["key"] for role, person in people.items()},
        "restricted admin": made("/key/generate", models=["here"], user_id=people["proxy_admin"]["user_id"])["key"],
        "restricted": made("/key/generate", models=["here"])["key"],
        "of a team": made("/key/generate", team_id=team)["key"],
    }


def test_only_an_administrator_sees_all(site: Site) -> None:
    allowed = {"proxy_admin"} | ({"proxy_admin_viewer"} if site.searches else set())
    whole = [model["model_id"] for model in site.info()["models"]]
    assert site.info()["complete"]
    for kind, key in keys(site.proxy).items():
        shown = site.info(litellm_api_key=key)
        assert codes(shown["reasons"]) == ([] if kind in allowed else ["not_admin"]), kind
        assert [model["model_id"] for model in shown["models"]] == whole, kind
        if kind.startswith("restricted"):
            assert "not_admin" in site.refused(litellm_api_key=key, force=True)


def test_a_database_that_goes_away_on_the_way(site: Site, between: Recorder) -> None:
    """LiteLLM 1.100 then answers every search with nothing, as for a model that is gone."""
    postgres = site.stack.postgres

    def after_the_list(request: RecordedRequest) -> None:
        if request.number == 2:
            postgres.sql(f"ALTER DATABASE {LITELLM_DATABASE} ALLOW_CONNECTIONS false")
            postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{LITELLM_DATABASE}'")

    between.fault = after_the_list
    site.save("saved")
    try:
        answer = site.cleanup(litellm_url=between.url)
        assert "database_away" in codes(answer["failure"]["details"]["reasons"])
    finally:
        postgres.sql(f"ALTER DATABASE {LITELLM_DATABASE} ALLOW_CONNECTIONS true")
    assert set(site.rows) >= {"saved", "gone", "here"}


def test_an_empty_list_is_not_the_truth(site: Site, between: Recorder) -> None:
    between.fault = lists(lambda rows: [])
    assert site.refused(litellm_url=between.url, force=True) == ["empty"]
    witnessed = {"litellm_url": between.url, "litellm_database_url": site.stack.litellm_database_url}
    assert site.refused(allow_empty=True, force=True, **witnessed) == ["empty", "empty_but_saved"]
    answer = site.cleanup(litellm_url=between.url, allow_empty=True)
    assert "here" in site.rows, "saved, so kept even where an empty LiteLLM is said to be right"
    assert set(answer["deleted"]) == {"gone", CONFIG_MODEL}


@pytest.mark.each_litellm
def test_many_orphans_are_searched_for_at_once(site: Site, between: Recorder) -> None:
    """What is saved and not served is found, and what a list lacks; one by one where a row that nobody can read hides the others."""
    postgres, number = site.stack.postgres, SEARCHES + 1

    def orphans() -> None:
        postgres.sql(
            "INSERT INTO models (id, name, provider, litellm_model_id) "
            f"SELECT 'gone-' || g, 'gone', 'openai', 'no-id-' || g FROM generate_series(1, {number}) g",
            LITEMAAS_DATABASE,
        )

    def asked() -> tuple[int, int, int]:
        """How many searches, other reads and writes."""
        reads = [request.path for request in between.requests if request.method == "GET"]
        searches = [path for path in reads if "search=" in path]
        return len(searches), len(reads) - len(searches), len(between.requests) - len(reads)

    site.save("50 %_saved")
    orphans()
    between.fault = lists(lambda rows: [row for row in rows if row["model_name"] != CONFIG_MODEL])
    answer = site.cleanup(litellm_url=between.url, force=True, exclude_patterns=[] if site.searches else [CONFIG_MODEL])
    assert len(answer["deleted"]) == number + 1, answer
    # A third search shows that LiteLLM makes them: without its config's model nothing else does.
    assert asked() == ((3, 5, 0) if site.searches else (0, 5, number + 3))
    assert set(site.rows) == {CONFIG_MODEL, "here", "50 %_saved"}
    if site.searches:
        postgres.sql(
            f"INSERT INTO {MODEL_TABLE} (model_id, model_name, litellm_params, model_info, created_by, updated_by, updated_at) "
            """VALUES ('id-odd', 'odd', '{"model": ["no text"]}', '{}', 'x', 'x', now())""",
            LITELLM_DATABASE,
        )
        orphans()
        between.clear()
        try:
            answer = site.cleanup(litellm_url=between.url, force=True)
        finally:
            postgres.sql(f"DELETE FROM {MODEL_TABLE} WHERE model_id = 'id-odd'", LITELLM_DATABASE)
        assert len(answer["deleted"]) == number, answer
        assert asked() == (2 + number + 1, 5, 0)
        assert set(site.rows) == {CONFIG_MODEL, "here", "50 %_saved"}


def lists(change: Callable[[list[Any]], list[Any]]) -> Callable[[RecordedRequest], Fault | None]:
    """Spoil every list, not the searches: what a cache or a gateway in front of LiteLLM would do."""

    def changed(body: dict[str, Any]) -> dict[str, Any]:
        rows = change(body["data"])
        counted = {"total_count": len(rows)} if "total_count" in body else {}
        return {**body, "data": rows, **counted}

    def choose(request: RecordedRequest) -> Fault | None:
        return Fault.transform(changed) if request.path.startswith("/v2/model/info") and "search=" not in request.path else None

    return choose


@pytest.mark.parametrize("witnessed", [False, True])
def test_half_of_a_list(site: Site, between: Recorder, witnessed: bool) -> None:
    """The same half each time, with a count that is right for it."""
    site.has("here-2")
    config = next(model["model_id"] for model in site.info()["models"] if model["model_name"] == CONFIG_MODEL)
    site.stack.postgres.sql(f"UPDATE models SET litellm_model_id = '{config}' WHERE id = '{CONFIG_MODEL}'", LITEMAAS_DATABASE)
    between.fault = lists(lambda rows: [row for row in rows if row["model_name"] == "here"])
    options = {"litellm_database_url": site.stack.litellm_database_url} if witnessed else {}
    answer = site.cleanup(litellm_url=between.url, **options)
    assert "gone" in answer["deleted"], answer
    # With a witness LiteLLM 1.81 is not asked for what is not in the table, so a config model is known by the list alone.
    lost = {CONFIG_MODEL} if witnessed and not site.searches else set()
    assert set(site.rows) == {CONFIG_MODEL, "here", "here-2"} - lost


def test_a_stale_list(site: Site, between: Recorder) -> None:
    _status, old = site.proxy.request("GET", "/v2/model/info?size=10000")
    site.has("newer")
    between.fault = lists(lambda rows: list(old["data"]))
    assert site.cleanup(litellm_url=between.url)["deleted"] == ["gone"]
    assert "newer" in site.rows


def test_lists_that_differ(site: Site, between: Recorder) -> None:
    """Pods that do not agree. The table decides about its own models, never about those of a config."""
    with_table = {"litellm_url": between.url, "litellm_database_url": site.stack.litellm_database_url, "force": True}

    def hiding(*names: str) -> None:
        """The first list lacks the first name, and so on."""
        order = iter(names * 2)

        def hide(rows: list[Any]) -> list[Any]:
            hidden = next(order)
            return [row for row in rows if row["model_name"] != hidden]

        between.fault = lists(hide)

    hiding("", "here")
    assert site.refused(litellm_url=between.url) == ["disagreeing"]
    hiding("", CONFIG_MODEL)
    assert site.refused(**with_table) == ["disagreeing"]
    hiding("", "here")
    assert site.cleanup(**with_table)["deleted"] == ["gone"]


def test_somebody_edits_models_all_the_time(site: Site) -> None:
    """LiteLLM 1.81 answers 200 with an empty list in between; the rows of its models stay, whatever may be removed."""
    names = [f"edited-{number}" for number in range(12)]
    site.has(*names)
    stop = threading.Event()

    def edit() -> None:
        while not stop.is_set():
            site.proxy.request("PATCH", "/model/id-edited-0/update", {"litellm_params": {"rpm": 5}, "model_info": {"id": "id-edited-0"}})

    writer = threading.Thread(target=edit)
    writer.start()
    try:
        for _number in range(6):
            site.cleanup(allow_empty=True, force=True)
    finally:
        stop.set()
        writer.join()
    assert set(site.rows) - {"gone"} == {CONFIG_MODEL, "here", *names}
    site.cleanup()
    assert "gone" not in site.rows


# --- the second witness --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["its own database", "the backend's database"])
def test_a_witness(site: Site, between: Recorder, place: str) -> None:
    site.save("saved")
    postgres, database = site.stack.postgres, LITELLM_DATABASE
    if place == "the backend's database":
        database = LITEMAAS_DATABASE
        copy = postgres.dump(LITELLM_DATABASE, '--table="LiteLLM_ProxyModelTable"')
        postgres.sql(copy, LITEMAAS_DATABASE)
    try:
        answer = site.cleanup(litellm_url=between.url, litellm_database_url=postgres.url(database))
    finally:
        if database == LITEMAAS_DATABASE:
            postgres.sql(f"DROP TABLE {MODEL_TABLE}", LITEMAAS_DATABASE)
    assert answer["deleted"] == ["gone"], answer
    assert "saved" in site.rows
    assert between.calls("PATCH") == [], "a witness spares the empty writes"
    assert "demo-password-not-real" not in answer["raw"]


@pytest.mark.any_litellm
def test_a_witness_that_may_only_read(site: Site) -> None:
    """Nor does it see a part only: a policy that hides rows is an error."""
    postgres = site.stack.postgres
    postgres.sql("CREATE ROLE demo_reader LOGIN PASSWORD 'demo-reader-not-real'")
    url = postgres.url(LITELLM_DATABASE, user="demo_reader", password="demo-reader-not-real")
    try:
        assert site.refused(litellm_database_url=url) == ["witness_away"]
        answer = site.cleanup(litellm_database_url=url)
        assert "permission denied" in answer["msg"]
        assert "litellm_database_url" in answer["msg"]
        postgres.sql(f"GRANT SELECT ON {MODEL_TABLE} TO demo_reader", LITELLM_DATABASE)
        postgres.sql(f"ALTER TABLE {MODEL_TABLE} ENABLE ROW LEVEL SECURITY", LITELLM_DATABASE)
        postgres.sql(f"CREATE POLICY demo ON {MODEL_TABLE} USING (model_id = 'id-here')", LITELLM_DATABASE)
        assert site.refused(litellm_database_url=url) == ["witness_away"]
        postgres.sql(f"DROP POLICY demo ON {MODEL_TABLE}", LITELLM_DATABASE)
        postgres.sql(f"ALTER TABLE {MODEL_TABLE} DISABLE ROW LEVEL SECURITY", LITELLM_DATABASE)
        answer = site.cleanup(litellm_database_url=url)
        assert answer["deleted"] == ["gone"], answer
        assert "demo-reader-not-real" not in answer["raw"]
    finally:
        postgres.sql(f"DROP POLICY IF EXISTS demo ON {MODEL_TABLE}", LITELLM_DATABASE)
        postgres.sql(f"ALTER TABLE {MODEL_TABLE} DISABLE ROW LEVEL SECURITY", LITELLM_DATABASE)
        postgres.sql("DROP OWNED BY demo_reader", LITELLM_DATABASE)
        postgres.sql("DROP ROLE demo_reader")


@pytest.mark.any_litellm
@pytest.mark.parametrize("what", ["no server", "no table"])
def test_a_witness_that_is_away_holds_up_removals_only(site: Site, what: str) -> None:
    url = site.stack.postgres.url(LITEMAAS_DATABASE)
    if what == "no server":
        url = url.replace(f":{site.stack.postgres.port}/", ":9/")
    site.create("new")
    answer = site.sync(litellm_database_url=url)
    assert codes(answer["failure"]["details"]["reasons"]) == ["witness_away"]
    assert ("no table LiteLLM_ProxyModelTable" if what == "no table" else "127.0.0.1:9") in answer["failure"]["message"]
    assert answer["raw"].count("LiteLLM's own table of models cannot be read") > answer["msg"].count("table of models"), "a warning too"
    assert answer["new_models"] == 1
    assert [line["model_name"] for line in answer["affected"]] == ["gone"]
    assert site.rows["gone"] == "available"
    assert site.info(litellm_database_url=url)["reasons"][0]["code"] == "witness_away"
    assert "demo-password-not-real" not in answer["raw"]


@pytest.mark.any_litellm
def test_the_table_of_another_litellm(site: Site) -> None:
    postgres = site.stack.postgres
    postgres.create_database("foreign_db")
    postgres.sql(
        f"CREATE TABLE {MODEL_TABLE} (model_id text, model_name text, model_info jsonb);INSERT INTO {MODEL_TABLE} VALUES ('x', 'x', null)",
        "foreign_db",
    )
    try:
        assert site.refused(litellm_database_url=postgres.url("foreign_db")) == ["witness_foreign"]
    finally:
        postgres.drop_database("foreign_db")


@pytest.mark.any_litellm
def test_whom_a_removal_hits_is_told_in_check_mode_and_by_a_refusal(site: Site) -> None:
    seeder = litemaas.Seeder(site.stack.postgres, LITEMAAS_DATABASE)
    people = seeder.users(2)
    seeder.subscriptions(people, ["gone"])
    seeder.api_keys(people[:1], ["gone"])
    hit = {"model_name": "gone", "action": "retired", "subscriptions": 2, "active_subscriptions": 2, "api_keys": 1, "users": 2}
    refused = site.sync(max_count=0)
    assert refused["affected"] == refused["failure"]["details"]["affected"] == [hit]
    assert site.cleanup(max_count=0)["failure"]["details"]["affected"] == [hit]
    assert site.sync(check=True)["affected"] == site.sync()["affected"] == [hit]


@pytest.mark.any_litellm
def test_a_malformed_url_is_a_witness_that_is_away(site: Site) -> None:
    options = {"litellm_database_url": "mysql://demo:demo-password-not-real@host/x"}
    assert site.refused(**options) == ["witness_away"]
    answer = site.cleanup(**options)
    assert "litellm_database_url is not a PostgreSQL URL" in answer["msg"]
    assert "[witness_away]" in answer["msg"]
    assert "demo-password-not-real" not in answer["raw"]
