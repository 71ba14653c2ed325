# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a notification holds. How it is sent is in tests/integration/test_notification.py."""

from __future__ import annotations

import collections
import datetime
import json

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._run import notify

NOW = datetime.datetime(2026, 11, 21, 8, 0, tzinfo=datetime.timezone.utc)
BY = {"collection": "litemaas.models", "version": "1.2.3", "user": "somebody"}


def summary(url="https://user:password@litellm.example.com:8443/path?x=1", **result):
    if "models" in result:
        result["counts"] = {"created": 0, **collections.Counter(model["action"] for model in result["models"])}
    return notify.summary("litemaas_orphan_cleanup", result, url, BY, NOW)


def model(name, action):
    return {"model_name": name, "action": action, "reason": "because", "changed_fields": ["rpm"], "subscriptions": 3}


def test_unchanged_models_are_counted_only():
    told = summary(changed=True, models=[model("a", "unchanged"), model("b", "deleted"), model("c", "skipped")])
    assert told["models"] == [{"model_name": "b", "action": "deleted", "reason": "because"}]
    assert told["counts"] == {"unchanged": 1, "deleted": 1, "skipped": 1}
    assert told["text"].endswith("changed something: 1 deleted, 1 skipped, 1 unchanged; b")
    assert told["finished_at"] == "2026-11-21T08:00:00Z"
    assert (told["version"], told["by"]) == ("1.2.3", {"user": "somebody"})


def test_the_line_for_chats_names_a_few():
    told = summary(changed=True, models=[model(f"m{number}", "retired") for number in range(7)])
    assert told["text"].endswith("7 retired; m0, m1, m2, m3, m4 and 2 more")


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("https://hooks.example.com", []),
        ("https://hooks.example.com/notify", ["https://hooks.example.com/notify"]),
        ("https://hooks/a/demo-token", ["https://hooks/a/demo-token", "a/demo-token"]),
        ("https://u:demo-password@hooks", ["https://u:demo-password@hooks", "u:demo-password"]),
    ],
)
def test_what_of_an_address_is_not_shown(url, hidden):
    assert notify.hidden_parts(url) == hidden


def test_only_scheme_and_host_of_the_proxy_are_told():
    assert summary(changed=True)["litellm"] == "https://litellm.example.com:8443"
    assert summary(url=None, changed=True)["litellm"] is None


def test_a_notification_is_bounded():
    models = [model(f"m{number}", "retired") for number in range(700)]
    long = "x" * 5000
    told = summary(
        failed=True,
        msg=long,
        models=models,
        errors=[long] * 600,
        failure={"code": "refused", "message": long, "details": {"affected": models}},
    )
    assert (len(told["models"]), told["more"], told["counts"]) == (500, 200, {"retired": 700})
    assert len(told["errors"]) == 500
    assert {len(told["msg"]), len(told["failure"]["message"]), len(told["errors"][0])} == {2000}
    assert set(told["failure"]) == {"code", "message"}
    assert json.dumps(told)


@pytest.mark.parametrize(
    ("result", "failure"),
    [
        ({"changed": True}, None),
        ({"failed": True, "msg": "1 of 2 models failed"}, {"code": "models_failed", "message": "1 of 2 models failed"}),
        ({"failed": True, "changed": True, "msg": "rpm is larger"}, {"code": "models_failed", "message": "rpm is larger"}),
        ({"failed": True, "msg": "m", "failure": {"code": "refused", "message": "n"}}, {"code": "refused", "message": "n"}),
    ],
)
def test_each_failure_has_a_code(result, failure):
    assert summary(**result)["failure"] == failure


@pytest.mark.parametrize("url", ["https://hooks.example.com/a", " http://hooks:8080 ", "HTTPS://user:password@hooks/x?y=z"])
def test_addresses(url):
    assert notify.receivers([url, "", "  "]) == [url.strip()]


def test_no_addresses():
    assert notify.receivers(None) == []
