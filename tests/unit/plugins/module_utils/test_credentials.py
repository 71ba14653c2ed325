# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which credentials that models name are warned of."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._litellm.credentials import warn_of_missing
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import CREATE, FAILED, UNCHANGED, UPDATE, Action, Plan


class Keeper:
    """A LiteLLM with the credential "team-a", or one that does not tell."""

    def __init__(self, tells=True):
        self.tells = tells
        self.asked = 0

    def credentials(self):
        self.asked += 1
        return ["team-a"] if self.tells else None


def naming(kind, credential):
    return Action(kind, "m", "x", body={"litellm_params": {"litellm_credential_name": credential}})


@pytest.mark.parametrize(
    ("action", "asked", "warned"),
    [
        (naming(CREATE, "other"), 1, True),
        (naming(UPDATE, "other"), 1, True),
        (naming(UPDATE, "team-a"), 1, False),
        (naming(FAILED, "other"), 0, False),
        (naming(UPDATE, None), 0, False),
        (naming(CREATE, "os.environ/CREDENTIAL"), 0, False),
        (Action(UNCHANGED, "m", "x"), 0, False),
    ],
)
def test_a_credential_is_looked_for_where_it_is_new(action, asked, warned):
    plan, litellm = Plan([action]), Keeper()
    warn_of_missing(plan, litellm)
    assert litellm.asked == asked
    assert ["LiteLLM has no credential other: requests" in sentence for sentence in plan.warnings] == [True] * warned


def test_a_litellm_that_does_not_tell_is_no_reason_to_warn():
    plan = Plan([naming(CREATE, "other")])
    warn_of_missing(plan, Keeper(tells=False))
    assert plan.warnings == []
