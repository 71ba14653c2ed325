# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The models that a step leaves to the next one, and the results of the steps."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.filter import models_list, summary
from ansible_collections.litemaas.models.plugins.plugin_utils import _options, _packed

SKIPPED = {"skipped": True}
OTHERWISE = {"litellm": "no list", "backend": "off", "cleanup": "left"}


def steps(litellm=None, backend=None, cleanup=None):
    return {name: SKIPPED if step is None else step for name, step in (("litellm", litellm), ("backend", backend), ("cleanup", cleanup))}


def test_without_failed():
    specs = [{"model_name": "a"}, {"model_name": "b"}, {"rpm": 1}, {"model_name": "b"}, {"model_name": "b", "model_id": "own"}]
    lines = [
        {"position": 1, "action": "unchanged", "model_id": "id-a"},
        {"position": 2, "action": "failed", "model_id": None},
        {"position": 4, "action": "created", "model_id": "id-b"},
        {"position": 4, "action": "deleted", "model_id": "duplicate"},
        {"position": 5, "action": "updated", "model_id": "another"},
    ]
    left = [_packed.unpack(models_list.without_failed(_packed.pack(specs), result)) for result in ({"models": lines}, SKIPPED)]
    # Alone, an entry of several of a name could mean another deployment.
    assert left == [[specs[0], {**specs[3], "model_id": "id-b"}, specs[4]], [specs[0], specs[1], *specs[3:]]]


def test_kept_names():
    """The list's own, and what failed: by its place, where a result hides a name that is also a key."""
    specs = [{"model_name": "a"}, {"model_name": "b", "state": "absent"}, {"rpm": 1}, {"model_name": "c", "state": "absent"}]
    step = {"models": [{"position": 4, "model_name": "****", "action": "failed"}, {"position": 2, "model_name": "b", "action": "deleted"}]}
    other = {"failed": True, "models": [{"model_name": "x", "action": "failed"}, {"model_name": "y", "action": "created"}]}
    assert models_list.kept_names(_packed.pack(specs), step, other) == ["****", "a", "c", "x"]
    assert models_list.kept_names(_packed.pack([]), SKIPPED, SKIPPED) == []


def test_result():
    litellm = {
        "failed": True,
        "msg": "Check ca_path",
        "models": [{"model_name": "m", "action": "failed", "reason": "ca_path", "secret": "x"}],
    }
    backend = {"changed": True, "models": [{"model_name": "m", "action": "updated", "reason": "differs in ca_path"}]}
    cleanup = {"changed": False, "deleted": ["b"], "retired": ["a"], "models": None}
    assert summary.result(steps(litellm, backend, cleanup), True, {"namespace": "n"}) == {
        "check_mode": True,
        "changed": True,
        "failed": True,
        "problems": ["LiteLLM proxy: Check ca_path"],
        "discovered": {"namespace": "n"},
        "litellm": {
            "ran": True, "failed": True, "changed": False,
            "models": [{"model_name": "m", "action": "failed", "reason": "ca_path"}],
        },
        "backend": {
            "ran": True, "failed": False, "changed": True,
            "models": [{"model_name": "m", "action": "updated", "reason": "differs in ca_path"}],
        },
        "cleanup": {"ran": True, "failed": False, "changed": False, "models": [], "removed": ["a", "b"]},
    }  # fmt: skip


def test_a_cleanup_that_had_nothing_to_look_at_ran():
    assert [summary.result(steps(), False, {}, nothing)["cleanup"]["ran"] for nothing in (False, True)] == [False, True]


def test_a_step_that_failed_without_a_message():
    assert summary.result(steps({"failed": True}), False, {})["problems"] == ["LiteLLM proxy: the step failed without a message"]


def test_summary():
    models = [
        {"model_name": "z", "action": "skipped", "reason": "it belongs to a team"},
        {"model_name": "u", "action": "unchanged"},
        {"model_name": "f", "action": "failed", "reason": "missing"},
        {"model_name": "c", "action": "created"},
        {"model_name": "v", "action": "unchanged"},
    ]
    handed_on = summary.result(steps(backend={"changed": True, "models": models}, cleanup={}), True, {"namespace": "n", "database": "d"})
    assert summary.summary(handed_on, "here: url", OTHERWISE) == [
        "here: url, namespace n (check mode: nothing was written)",
        "LiteLLM proxy",
        "  no list",
        "LiteMaaS backend: d",
        "  created    c",
        "  failed     f: missing",
        "  skipped    z: it belongs to a team",
        "  unchanged  u, v",
        "Models that LiteLLM no longer has",
        "  nothing to do",
        "Would change",
    ]


@pytest.mark.parametrize(
    ("step", "check_mode", "ending"),
    [
        ({}, False, ["  nothing to do", "Nothing changed"]),
        ({}, True, ["  nothing to do", "Nothing to change"]),
        ({"changed": True}, False, ["  nothing to do", "Changed"]),
        (
            {"changed": True, "rights_missing": ["INSERT on models", "DELETE on models"]},
            True,
            [
                "  nothing to do",
                "Would change, if the database's user had these rights, without which a run is refused: DELETE on models, INSERT on models",
            ],
        ),
        ({"failed": True, "msg": "no"}, False, ["  failed, see below", "FAILED", "  Cleanup: no"]),
    ],
)
def test_endings(step, check_mode, ending):
    lines = summary.summary(summary.result(steps(cleanup=step), check_mode, {}), "here", OTHERWISE)
    assert lines[6:] == ending


def test_a_backend_that_cannot_be_used_is_the_backends_problem():
    failed = {"failed": True, "msg": "Cannot connect", "failure": {"code": "database_unreachable"}}
    assert summary.result(steps(failed), False, {})["problems"] == ["LiteMaaS backend: Cannot connect"]
    assert summary.result(steps(cleanup=failed), False, {})["problems"] == ["Cleanup: Cannot connect"]


def test_hidden_models_are_named():
    handed_on = summary.result(steps(backend={"models": [], "hidden_models": ["a", "b"]}), False, {})
    assert handed_on["backend"]["hidden_models"] == ["a", "b"]
    lines = summary.summary(handed_on, "here", OTHERWISE)
    assert "  hidden     a, b: made unavailable by a person, and left so (litemaas_models_keep_hidden)" in lines
    assert "hidden_models" not in summary.result(steps(backend={"hidden_models": []}), False, {})["backend"]


@pytest.mark.parametrize(("number", "line"), [(2, "  unchanged  m0, m1"), (1200, "  unchanged  1,200 models")])
def test_many_models_to_which_nothing_happens_are_counted(number, line):
    backend = {"models": [{"model_name": f"m{place}", "action": "unchanged"} for place in range(number)]}
    assert line in summary.summary(summary.result(steps(backend=backend), False, {}), "here", OTHERWISE)


GOOD = {"providers": [], "model_patterns": ["a.*"], "exclude_patterns": [], "max_percent": "30", "max_count": "", "retention_days": 0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, []),
        ({"max_count": "0", "max_percent": 0.5, "retention_days": "1.5"}, []),
        ({"exclude_patterns": ["("]}, ["exclude_patterns has (, which is no regular expression"]),
        ({"max_count": -1}, ["max_count must not be negative"]),
        (
            {"model_patterns": ["["], "max_percent": "nan", "retention_days": -3},
            ["model_patterns has [", "max_percent must be a number from 0", "retention_days must be between 0 and"],
        ),
    ],
)
def test_wrong_options(given, said):
    found = _options.wrong_options({**GOOD, **given})
    assert [sentence[: len(start)] for sentence, start in zip(found, said)] == said
