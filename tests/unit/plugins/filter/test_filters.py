# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The models that a step leaves to the next one, and the results of the steps."""

from __future__ import annotations

import collections

import pytest

from ansible_collections.litemaas.models.plugins.filter import models_list, summary
from ansible_collections.litemaas.models.plugins.plugin_utils import _options, _packed

SKIPPED = {"skipped": True}
OTHERWISE = {"litellm": "no list", "backend": "off", "cleanup": "left"}


def steps(litellm=None, backend=None, cleanup=None):
    given = (("litellm", litellm), ("backend", backend), ("cleanup", cleanup))
    return {name: SKIPPED if step is None else with_counts(step) for name, step in given}


def with_counts(step):
    """What a step returned, with how often each action happened, as the modules have it."""
    counts = collections.Counter({"created": 0, "failed": 0})
    counts.update(model["action"] for model in step.get("models") or ())
    return {**step, "counts": counts} if "models" in step else step


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
            "ran": True, "failed": True, "changed": False, "counts": {"created": 0, "failed": 1},
            "models": [{"model_name": "m", "action": "failed", "reason": "ca_path"}],
            "failure": {"whose": "LiteLLM proxy", "message": "", "reason": ""},
        },
        "backend": {
            "ran": True, "failed": False, "changed": True, "counts": {"created": 0, "failed": 0, "updated": 1},
            "models": [{"model_name": "m", "action": "updated", "reason": "differs in ca_path"}],
        },
        "cleanup": {
            "ran": True, "failed": False, "changed": False, "counts": {"created": 0, "failed": 0}, "models": [], "removed": ["a", "b"],
        },
    }  # fmt: skip


def test_a_cleanup_that_had_nothing_to_look_at_ran():
    assert [summary.result(steps(), False, {}, nothing)["cleanup"]["ran"] for nothing in (False, True)] == [False, True]


def test_a_step_that_failed_without_a_message():
    assert summary.result(steps({"failed": True}), False, {})["problems"] == ["LiteLLM proxy: the step failed without a message"]


def text_of(check_mode=False, seconds=None, discovered=None, **results):
    """The lines of the summary of what steps returned."""
    handed_on = summary.result(steps(**results), check_mode, discovered or {})
    return summary.summary(handed_on, "here: url", OTHERWISE, seconds).split("\n")


def many(number, action="unchanged", name="m{0}", **fields):
    return [{"model_name": name.format(place), "action": action, **fields} for place in range(number)]


def test_summary():
    litellm = [
        {"model_name": "c", "action": "created", "reason": "not in LiteLLM"},
        {"model_name": "u", "action": "unchanged"},
        {"model_name": "x", "action": "deleted", "reason": "state is absent"},
        {"model_name": "d", "action": "updated", "reason": "differs in rpm"},
        {"model_name": "d", "action": "deleted", "reason": "duplicate of 1"},
    ]
    backend = [
        {"model_name": "z", "action": "skipped", "reason": "it belongs to a team"},
        {"model_name": "y", "action": "skipped", "reason": "it belongs to a team"},
        {"model_name": "u", "action": "unchanged"},
        {"model_name": "c", "action": "created", "reason": "LiteLLM has it"},
        {"model_name": "by-hand", "action": "created", "reason": "LiteLLM has it"},
        {"model_name": "x", "action": "skipped"},
    ]
    cleanup = [
        {"model_name": "x", "action": "deleted", "reason": "LiteLLM does not have it: 1 person", "subscriptions": 1},
        {"model_name": "old", "action": "skipped", "reason": "kept as unavailable for its 2 subscriptions", "subscriptions": 2},
        {"model_name": "w", "action": "retired", "reason": "LiteLLM does not have it", "subscriptions": 2},
    ]
    result = {"changed": True, "models": cleanup, "deleted": ["x"], "retired": ["w"]}
    found = {"namespace": "n", "database": 'database "d"'}
    lines = text_of(
        True, 65.2, found, litellm={"changed": True, "models": litellm}, backend={"changed": True, "models": backend}, cleanup=result
    )
    assert lines == [
        'here: url, namespace n, database "d" (check mode: nothing was written)',
        "Would change. LiteLLM: 2 deleted, 1 created, 1 updated, 1 unchanged. "
        "LiteMaaS: 1 deleted, 1 retired, 2 created, 4 skipped, 1 unchanged. 1 min 5 s",
        "People affected",
        "  x: LiteLLM deleted (state is absent); LiteMaaS deleted (LiteLLM does not have it: 1 person)",
        "Changed",
        "  d: LiteLLM updated (differs in rpm), then deleted (duplicate of 1); LiteMaaS unchanged",
        "  w: LiteLLM not in the list; LiteMaaS retired (LiteLLM does not have it)",
        "  by-hand: LiteLLM not in the list; LiteMaaS created",
        "  c: LiteLLM created; LiteMaaS created",
        "Left as they are",
        "  old: kept as unavailable for its 2 subscriptions",
        "  y and z: it belongs to a team",
        "Unchanged: u",
    ]


@pytest.mark.parametrize(
    ("step", "check_mode", "verdict"),
    [
        ({}, False, "Nothing changed"),
        ({}, True, "Nothing to change"),
        ({"changed": True}, False, "Changed"),
        ({"changed": True}, True, "Would change"),
        ({"changed": True, "failed": True, "msg": "no"}, False, "FAILED, see below"),
    ],
)
def test_totals(step, check_mode, verdict):
    counts = "failed" if "failed" in step else "nothing to do"
    assert (
        text_of(check_mode, 0.4, backend=step)[1]
        == f"{verdict}. LiteLLM: no list. LiteMaaS: {counts}. Models that LiteLLM no longer has: left. 0 s"
    )
    assert text_of(check_mode, backend=step)[1].endswith(": left"), "who begins in the middle knows no time"


@pytest.mark.parametrize(
    ("model", "is_affected"),
    [
        ({"action": "retired", "active_subscriptions": 1}, True),
        ({"action": "retired", "api_keys": 1}, True),
        ({"action": "retired", "subscriptions": 1}, False),
        ({"action": "updated", "active_subscriptions": 1}, False),
        ({"action": "deleted"}, False),
    ],
)
def test_people_are_affected_who_lose_something(model, is_affected):
    lines = text_of(cleanup={"changed": True, "models": [{"model_name": "m", **model}], "retired": ["m"]})
    assert lines[2] == ("People affected" if is_affected else "Changed")


def test_rights_that_a_run_would_lack():
    lines = text_of(True, cleanup={"changed": True, "rights_missing": ["INSERT on models", "DELETE on models"]})
    assert lines[-1] == "A run would be refused: the database's user lacks DELETE on models, INSERT on models"


# What a step returns, and how its failures are told in full and in short.
FAILURES = [
    ({"failed": True, "msg": "no"}, ["Cleanup: no"], "Cleanup: no."),
    ({"failed": True}, ["Cleanup: the step failed without a message"], "Cleanup: the step failed without a message."),
    # The role lets no task fail.
    ({"failed": False, "failed_when_result": False, "msg": "no."}, ["Cleanup: no."], "Cleanup: no."),
    (
        {"msg": "1 failed", "models": [
            {"model_name": "a", "action": "failed", "reason": "it is wrong"}, {"model_name": "b", "action": "created"},
        ]},
        ["Cleanup: a: it is wrong"],
        "Cleanup: 1 of 2 models failed: a.",
    ),
    (
        {"msg": "9 failed", "models": [
            *many(12, "failed", reason="no"), *many(2000, "failed", "copy", reason="entries mean the same"),
            *[{"model_name": name, "action": "failed", "reason": f"Model validation failed for {name}: rpm"} for name in ("x", "{0}")],
        ]},
        [
            "Cleanup: m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 and 2 more: no",
            "Cleanup: copy (2,000 times): entries mean the same",
            "Cleanup: Model validation failed for x and {0}: rpm",
        ],
        "Cleanup: 2,014 of 2,014 models failed: m0, m1, m2 and 2,011 more.",
    ),
    # What was kept from removal says nothing that the refusal does not say.
    (
        {
            "msg": "a: wrong; Refused to remove 2", "failure": {"message": "Refused to remove 2", "details": {"reason": "too many"}},
            "models": [
                *many(2, "failed", reason="not removed: too many"), {"model_name": "a", "action": "failed", "reason": "wrong"},
            ],
        },
        ["Cleanup: Refused to remove 2", "Cleanup: a: wrong"],
        "Cleanup: Refused to remove 2.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("step", "told", "short"), FAILURES)
def test_a_failure_is_told_in_full_once_and_in_short(step, told, short):
    handed_on = summary.result(steps(cleanup=step), False, {})
    lines = summary.summary(handed_on, "here", OTHERWISE).split("\n")
    assert lines[lines.index("FAILED") + 1 :] == ["  " + line for line in told]
    assert (handed_on["failed"], summary.in_short(handed_on), summary.in_short(handed_on, "backend")) == (True, short, "")


def test_the_short_form_is_short_whatever_fails():
    step = {"msg": "x" * 5000, "models": many(5000, "failed", "n" * 250 + "{0}", reason="y" * 500)}
    whole = {"msg": "x" * 5000}
    assert len(summary.in_short(summary.result(steps(litellm=step, backend=whole, cleanup=whole), False, {})).encode()) < 1000


def test_a_skipped_step_has_not_failed():
    handed_on = summary.result(steps(cleanup={"skipped": True, "msg": "not in check mode"}), False, {})
    assert (handed_on["failed"], handed_on["cleanup"]["ran"]) == (False, False)


def test_a_name_makes_no_lines_of_its_own():
    assert text_of(backend={"changed": True, "models": [{"model_name": "a\nFAILED", "action": "created"}]})[3:] == [
        "  a\\nFAILED: LiteLLM not touched; LiteMaaS created"
    ]


def test_a_backend_that_cannot_be_used_is_the_backends_problem():
    failed = {"failed": True, "msg": "Cannot connect", "failure": {"code": "database_unreachable"}}
    assert summary.result(steps(failed), False, {})["problems"] == ["LiteMaaS backend: Cannot connect"]
    assert summary.result(steps(cleanup=failed), False, {})["problems"] == ["Cleanup: Cannot connect"]
    assert text_of(litellm=failed)[-1] == "  LiteMaaS backend: Cannot connect"


def test_hidden_models_are_named():
    handed_on = summary.result(steps(backend={"models": [], "hidden_models": ["a", "b"]}), False, {})
    assert handed_on["backend"]["hidden_models"] == ["a", "b"]
    line = "Hidden: a, b: made unavailable by a person, and left so (litemaas_models_keep_hidden)"
    assert line in summary.summary(handed_on, "here", OTHERWISE).split("\n")
    assert "hidden_models" not in summary.result(steps(backend={"hidden_models": []}), False, {})["backend"]


@pytest.mark.parametrize(("number", "line"), [(2, "Unchanged: m0, m1"), (1200, "Unchanged: 1,200 models")])
def test_many_models_to_which_nothing_happens_are_counted(number, line):
    assert text_of(backend={"models": many(number)})[-1] == line


GOOD = {"providers": [], "model_patterns": ["a.*"], "exclude_patterns": [], "max_percent": "30", "max_count": "", "retention_days": 0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, []),
        ({"max_count": "0", "max_percent": 0.5, "retention_days": "1.5"}, []),
        ({"exclude_patterns": ["("]}, ["exclude_patterns has (, which is not a regular expression"]),
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
