# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates that would lose a secret are refused before anything is written, and LiteLLM is asked only where one may."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import plan_deployments
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planning import refuse_losses

ENTRY = {"model_name": "m", "litellm_model": "openai/x", "api_base": "https://one.example", "api_key": "not-real"}


class Proxy:
    def __init__(self, removes):
        self.says = removes
        self.asked = 0

    def removes(self):
        self.asked += 1
        return self.says


def planned(proxy, shown, replace=True, **left_out):
    """Of a model that has ``shown`` by hand, and of whose entry parameters were left out; and of one that is new."""
    before = plan_deployments(read_specs([dict(ENTRY, extra_params=left_out)])[0], [], Policy(admin_key="sk-1234")).actions[0].body
    there = dict(before, litellm_params=dict(before["litellm_params"], **shown), model_info=dict(before["model_info"], db_model=True))
    del there["litellm_params"]["api_key"]
    specs = read_specs([ENTRY, dict(ENTRY, model_name="new")])[0]
    plan = plan_deployments(specs, [there], Policy(admin_key="sk-1234", replace=replace))
    refuse_losses(plan, proxy, [there])
    assert plan.actions[1].kind == "created"
    return plan.actions[0]


@pytest.mark.parametrize(("removes", "kind"), [(False, "failed"), (True, "updated"), (None, "updated")])
@pytest.mark.parametrize("shown", [{"azure_ad_token": "az****en"}, {"region_name": "a text"}])
def test_what_making_it_anew_would_lose(removes, kind, shown):
    proxy = Proxy(removes)
    action = planned(proxy, shown, organization="o")
    assert (action.kind, proxy.asked) == (kind, 1)
    assert (
        kind == "updated" or "clearing organization requires a delete and a create, and {0} would be lost".format(*shown) in action.reason
    )


@pytest.mark.parametrize(
    ("shown", "left_out", "replace"),
    [
        ({}, {"organization": "o"}, True),
        ({"max_retries": 3}, {"organization": "o"}, True),
        ({"azure_ad_token": "az****en"}, {"organization": "o"}, False),
        ({"azure_ad_token": "az****en"}, {}, True),
    ],
)
def test_where_nothing_is_lost_nothing_is_asked(shown, left_out, replace):
    proxy = Proxy(False)
    assert planned(proxy, shown, replace, **left_out).kind != "failed"
    assert proxy.asked == 0
