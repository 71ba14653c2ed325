# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says to people: the text of its summary, each failure once, and not too much of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.integration.playbook import Playbook, Played
from tests.support import litemaas
from tests.support.stack import LITEMAAS_DATABASE

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow]

MODEL = {"litellm_model": "openai/demo", "api_base": "http://demo.example.com/v1", "api_key": "demo-key-not-real"}
ALL_OUTPUT, FATAL_LINE = 20_000, 2_000
# As people run it: the tests show the artefacts as well.
AS_PEOPLE_DO = {"ANSIBLE_SHOW_CUSTOM_STATS": "false"}


def models(*names: str, **fields: Any) -> list[dict[str, Any]]:
    return [{**MODEL, "model_name": name, **fields} for name in names]


def shown(played: Played) -> list[str]:
    """Return the lines of the summary, without the time that the run took."""
    text = played.output.split("Show what was done on both sides]", 1)[1].split("\n", 1)[1].split("\nok: [", 1)[0]
    return re.sub(r"\. (\d+ min )?\d+ s$", "", text, flags=re.MULTILINE).splitlines()


def test_each_model_once_with_both_sides_and_people_first(playbook: Playbook) -> None:
    playbook.run("-e", playbook.models_file(*models("leaves", "changes", "quiet", "stays"))).ok()
    playbook.sql("DELETE FROM models WHERE id = 'config-file-model'")
    seeder = litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE)
    seeder.subscriptions(seeder.users(2), ["leaves"])
    changed = [*models("new", "stays"), *models("changes", rpm=7), *models("leaves", "quiet", state="absent"), *models("wrong", rpm="many")]
    arguments = (
        "-e",
        playbook.models_file(*changed),
        "-e",
        "litemaas_models_exclude_patterns=config-.*",
        "-e",
        "litemaas_models_force=true",
    )
    predicted = playbook.run(*arguments, "--check", environment=AS_PEOPLE_DO)
    done = playbook.run(*arguments, "--diff", environment=AS_PEOPLE_DO)
    url = playbook.stack.litellm_url
    gone = "LiteLLM deleted (state is absent); LiteMaaS"
    expected = [
        "FAILED, see below. LiteLLM: 2 deleted, 1 created, 1 updated, 1 failed, 1 unchanged. "
        "LiteMaaS: 1 deleted, 1 retired, 1 created, 1 updated, 1 unchanged",
        "People affected",
        f"  leaves: {gone} retired (kept for its 2 subscriptions: 2 people; 2 active subscriptions end)",
        "Changed",
        f"  quiet: {gone} deleted (LiteLLM does not have it)",
        "  new: LiteLLM created; LiteMaaS created",
        "  changes: LiteLLM updated (differs in rpm); LiteMaaS updated (differs in rpm)",
        "Unchanged: stays",
        "FAILED",
        "  LiteLLM proxy: Model validation failed for wrong: rpm must be a whole number",
    ]
    for played, mark in ((predicted, " (check mode: nothing was written)"), (done, "")):
        assert played.code != 0
        assert shown(played) == [f"localhost: {url}{mark}", *expected]
        assert played.output.count("rpm must be a whole number") == 1
        fatal = [line for line in played.output.splitlines() if line.startswith("fatal: ")]
        assert [line for line in fatal if "LiteLLM proxy: 1 of 6 models failed: wrong. The summary above says it in full." in line] == fatal
        assert len(fatal) == 1
    # What was done is shown although the step failed.
    assert '+    "new (' in done.output


def test_how_much_is_said(playbook: Playbook) -> None:
    seeder = litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE)
    for hundred in (1, 2):
        seeder.models([f"gone-{hundred}{number:02}" for number in range(100)])
    names = [f"granite-3-8b-instruct-{number:03}" for number in range(199)]
    alone = "litemaas_models_cleanup_orphaned=false"
    runs = {
        "one wrong among 200": ((*models(*names), *models("wrong", rpm="many")), ("--check", "-e", alone)),
        "200 removals": (models("granite"), ("--check",)),
        "2,000 copies": (models("copy") * 2000, ("--check", "-e", alone)),
    }
    said = {}
    for case, (specs, options) in runs.items():
        played = playbook.run("-e", playbook.models_file(*specs), *options, environment=AS_PEOPLE_DO)
        assert played.code != 0
        fatal = [len(line.encode()) for line in played.output.splitlines() if line.startswith("fatal: ")]
        said[case] = (len(played.output.encode()), max(fatal))
    print(said)
    assert {case: (length < ALL_OUTPUT, fatal < FATAL_LINE) for case, (length, fatal) in said.items()} == dict.fromkeys(
        runs, (True, True)
    ), said
