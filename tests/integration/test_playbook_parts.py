# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of the playbook does what its name says, or says why it does nothing: no green nothing, no undefined variable."""

from __future__ import annotations

import pytest

from tests.ci.ansible_test import CORES
from tests.integration.playbook import Playbook
from tests.support import litemaas
from tests.support.stack import LITEMAAS_DATABASE

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow]

LISTED = {
    "model_name": "listed", "litellm_model": "openai/listed", "api_base": "http://listed.example.com/v1", "api_key": "demo-key-not-real",
}  # fmt: skip
NOTHING = "Nothing was done: --tags, --skip-tags or --start-at-task left every step out. The steps' tags are models, sync and cleanup."
# A sync without the step before it.
MISSING = "LiteMaaS backend: listed: LiteLLM does not have it"
LEFT_OUT = "left out by --tags, --skip-tags or --start-at-task"
# How the playbook is run, which of the three steps do their work, what is said, and whether the run fails.
PARTS: list[tuple[list[str], set[str], list[str], bool]] = [
    (["--tags", "models"], {"models"}, [LEFT_OUT], False),
    (["--tags", "sync"], {"sync"}, [LEFT_OUT, MISSING], True),
    (["--tags", "cleanup"], {"cleanup"}, [LEFT_OUT], False),
    (["--skip-tags", "models"], {"sync", "cleanup"}, [LEFT_OUT, MISSING], True),
    (["--skip-tags", "always"], {"models", "sync", "cleanup"}, [], False),
    (["--start-at-task", "Sync the models to the LiteMaaS backend"], {"sync", "cleanup"}, [LEFT_OUT, MISSING], True),
    (["--start-at-task", "Clean up models that LiteLLM no longer has"], {"cleanup"}, [LEFT_OUT], False),
    (["--tags", "snyc"], set(), [NOTHING], True),
    (["--skip-tags", "models,sync,cleanup"], set(), [NOTHING], True),
    (["--start-at-task", "Show what was done on both sides"], set(), [NOTHING], True),
]


# These with the oldest ansible-core, the others with that of the tests.
OLDEST = min(CORES)
ON_THE_OLDEST = (
    ["--tags", "sync"],
    ["--skip-tags", "models"],
    ["--start-at-task", "Clean up models that LiteLLM no longer has"],
    ["--tags", "snyc"],
    ["--start-at-task", "Show what was done on both sides"],
)


@pytest.mark.parametrize(("arguments", "steps", "sentences", "fails"), PARTS, ids=[" ".join(part[0]) for part in PARTS])
def test_a_part(playbook: Playbook, arguments: list[str], steps: set[str], sentences: list[str], fails: bool) -> None:
    """One model of the list is missing in LiteLLM, one of LiteLLM in LiteMaaS, and a row has no model."""
    playbook.add_in_admin_ui("by-hand")
    litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE).models(["gone"])
    core = OLDEST if arguments in ON_THE_OLDEST else ""
    done = playbook.run(*arguments, "-e", playbook.models_file(LISTED), core=core)
    assert (done.code != 0) is fails, done.output
    for sentence in sentences:
        assert sentence in done.output, done.output
    assert "undefined" not in done.output
    assert _done(playbook) == steps


def test_a_part_of_a_run_whose_variables_cannot_be_used(playbook: Playbook) -> None:
    """What the first task would have said is said by whatever runs."""
    litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE).models(["gone"])
    wrong = {"litemaas_models_forse": True, "ocp4_workload_litemaas_models_cleanup_orphaned": "{{ no }}"}
    for part in (["--tags", "cleanup"], ["--skip-tags", "always"], ["--start-at-task", "Clean up models that LiteLLM no longer has"]):
        done = playbook.run(*part, "-e", playbook.models_file(LISTED, **wrong))
        done.failed("litemaas_models_forse (did you mean litemaas_models_force?)", "cannot be resolved: no is undefined.")
    assert _done(playbook) == set()


def _done(playbook: Playbook) -> set[str]:
    """Which of the steps did something."""
    rows = playbook.rows()
    found = {"models": "listed" in playbook.deployments(), "sync": "by-hand" in rows, "cleanup": "gone" not in rows}
    return {step for step, done in found.items() if done}
