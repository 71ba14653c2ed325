# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways in front of a real LiteLLM that lie: nothing is removed whose model LiteLLM has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._proof.source import SEARCHES
from tests.integration.test_proof import Site, codes
from tests.support import gateways
from tests.support.fixtures import MODEL_TABLE
from tests.support.recorder import FaultChooser, Recorder
from tests.support.stack import LITELLM_DATABASE, LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]

# Each with what refuses the removals on LiteLLM 1.100, which tells what it was asked; None: nothing has to.
AGED, HIT = {"Age": "30"}, {"X-Cache": "HIT"}
LIARS: dict[str, tuple[Callable[[], FaultChooser], set[str]]] = {
    "drops the query": (lambda: gateways.without_query, {"wrong_answer", "lookup_failed"}),
    "drops what it does not know": (lambda: gateways.only("page", "size", "model"), {"lookup_failed"}),
    "ignores the search": (lambda: gateways.without("search"), {"lookup_failed"}),
    "caches by path": (lambda: gateways.cache(gateways.by_path), {"wrong_answer", "lookup_failed"}),
    "caches by path, and says so": (lambda: gateways.cache(gateways.by_path, HIT), {"wrong_answer", "cached", "lookup_failed"}),
}
# They keep what the question is told by, so each question is a new one.
HARMLESS: dict[str, Callable[[], FaultChooser]] = {
    "hands all on": lambda: gateways.honest,
    "caches by address": lambda: gateways.cache(gateways.by_url),
    "caches by address, and says so": lambda: gateways.cache(gateways.by_url, AGED),
    "caches by path what it may": lambda: gateways.cache(gateways.by_path, AGED, asked_not_to=False),
    "drops what LiteLLM ignores": lambda: gateways.without("_"),
}


@pytest.fixture
def site(clean_stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Two models that are served, one that is saved and not served, and a row whose model LiteLLM does not have."""
    for name in ("DATABASE_URL", "LITELLM_DATABASE_URL", "LITELLM_API_URL", "LITELLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    site = Site(clean_stack)
    site.has("here", "here too")
    site.save("saved")
    site.row("gone")
    return site


@pytest.fixture
def between(site: Site) -> Iterator[Recorder]:
    """The gateway."""
    with Recorder(site.stack.litellm_url) as recorder:
        yield recorder


def many_orphans(site: Site) -> None:
    """So many that they are searched for at once."""
    site.stack.postgres.sql(
        "INSERT INTO models (id, name, provider, litellm_model_id) "
        f"SELECT 'gone-' || g, 'gone', 'openai', 'no-id-' || g FROM generate_series(1, {SEARCHES}) g",
        LITEMAAS_DATABASE,
    )


@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
@pytest.mark.parametrize("gateway", LIARS)
def test_what_litellm_has_stays_behind_a_gateway_that_lies(site: Site, between: Recorder, gateway: str, many: bool) -> None:
    """A run fills a cache before the model comes that it then does not show."""
    make, reasons = LIARS[gateway]
    between.fault = make()
    site.row("later")
    site.cleanup(check=True, litellm_url=between.url, force=True)
    site.stack.postgres.sql("DELETE FROM models WHERE id = 'later'", LITEMAAS_DATABASE)
    site.save("later")
    if many:
        many_orphans(site)
    if site.searches:
        assert reasons >= set(site.refused(litellm_url=between.url, force=True)) >= {"lookup_failed"}
    elif "cached" in reasons:
        assert site.refused(litellm_url=between.url, force=True) == ["cached"]
    else:
        assert not site.cleanup(litellm_url=between.url, force=True).get("failed")
    assert {"here", "here too", "saved", "later"} <= set(site.rows)


@pytest.mark.parametrize("gateway", HARMLESS)
def test_a_true_orphan_goes_and_what_litellm_has_stays(site: Site, between: Recorder, gateway: str) -> None:
    between.fault = HARMLESS[gateway]()
    site.row("later")
    assert site.cleanup(check=True, litellm_url=between.url, force=True)["deleted"][:1] == ["gone"]
    site.stack.postgres.sql("DELETE FROM models WHERE id = 'later'", LITEMAAS_DATABASE)
    site.save("later")
    between.requests.clear()
    answer = site.cleanup(litellm_url=between.url, force=True)
    assert answer["deleted"] == ["gone"], answer
    assert {"here", "here too", "saved", "later"} <= set(site.rows)
    # A list, the searches, readiness, settings, the second list, the key; LiteLLM 1.81: an empty PATCH for each, and one of no id.
    assert len(between.requests) == (8 if site.searches else 9)


def test_the_info_says_that_a_list_is_not_the_truth(site: Site, between: Recorder) -> None:
    assert site.info(litellm_url=between.url)["complete"]
    for headers, sign in ((AGED, "Age: 30"), (HIT, "X-Cache: HIT"), ({"CF-Cache-Status": "HIT", "Age": "0"}, "CF-Cache-Status: HIT")):
        between.fault = gateways.cache(gateways.by_path, headers)
        site.info(litellm_url=between.url)
        answer = site.info(litellm_url=between.url)
        assert codes(answer["reasons"]) == (["wrong_answer", "cached"] if site.searches else ["cached"])
        assert f"({sign})" in str(answer["reasons"]), answer["reasons"]
    between.fault = gateways.without_query
    assert codes(site.info(litellm_url=between.url)["reasons"]) == (["wrong_answer"] if site.searches else [])


def test_a_name_that_is_no_search_stays(site: Site) -> None:
    """LiteLLM answers a search for blanks as if nothing was searched for."""
    blanks = [" ", "\u00a0", "\t", "\u3000", "\u2028", "two\u0085lines"]
    for number, name in enumerate(blanks):
        site.save(f"blank-{number}")
        site.stack.postgres.sql(f"UPDATE {MODEL_TABLE} SET model_name = '{name}' WHERE model_name = 'blank-{number}'", LITELLM_DATABASE)
        site.stack.postgres.sql(f"UPDATE models SET id = '{name}' WHERE id = 'blank-{number}'", LITEMAAS_DATABASE)
    answer = site.cleanup(force=True)
    assert answer["deleted"] == ["gone"], answer
    assert set(blanks) <= set(site.rows)
    told = " ".join(map(str, answer["warnings"]))
    assert "u2028" in told, told
    assert "give litellm_database_url" in told, told
    if site.searches:
        assert "xa0" in told, told
        site.row("   ")
        assert site.cleanup(litellm_database_url=site.stack.litellm_database_url, force=True)["deleted"] == ["   "]
    assert set(blanks) <= set(site.rows)


def test_a_name_beside_a_row_that_cannot_be_read(site: Site) -> None:
    """One of the searches is by the text alone; a row that LiteLLM cannot read must not hide what it finds there."""
    site.row("gone with a long name")
    site.stack.postgres.sql(
        f"INSERT INTO {MODEL_TABLE} (model_id, model_name, litellm_params, model_info, created_by, updated_by, updated_at) "
        """VALUES ('id-odd', 'saved oddly', '{"model": ["no text"]}', '{}', 'x', 'x', now())""",
        LITELLM_DATABASE,
    )
    try:
        assert set(site.cleanup(force=True)["deleted"]) == {"gone", "gone with a long name"}
    finally:
        site.stack.postgres.sql(f"DELETE FROM {MODEL_TABLE} WHERE model_id = 'id-odd'", LITELLM_DATABASE)
    assert "saved" in site.rows
