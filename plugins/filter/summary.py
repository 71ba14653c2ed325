# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role hands on of its steps' results, and how it shows them: names, actions and reasons, never a model spec. Pure.

In Python and not in a template: a template takes seconds for thousands of models.
"""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted, listed
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import duration

Result = dict[str, t.Any]

# So many models to which nothing happens are named.
NAMED_UNCHANGED = 50
# So long may a failure be where it is not told in full, and so many models are named there.
SHORT = 150
NAMED_IN_SHORT = 3

_STEPS = {"litellm": "LiteLLM proxy", "backend": "LiteMaaS backend", "cleanup": "Cleanup"}
# What a step is about that did not run.
_LEFT_OUT = {"litellm": "LiteLLM", "backend": "Rows of LiteMaaS", "cleanup": "Models that LiteLLM no longer has"}
# The two sides of a line, and the steps whose work they show.
_SIDES = {"LiteLLM": ("litellm",), "LiteMaaS": ("backend", "cleanup")}
# What a side has of a model that its steps say nothing of.
_NO_LINE = {"LiteLLM": "not in the list", "LiteMaaS": "unchanged"}
# The most wanted first; others come after them.
_ACTIONS = ("deleted", "retired", "created", "updated", "failed")
# Whom a model's removal hits.
_PEOPLE = ("subscriptions", "active_subscriptions", "api_keys", "users")
# Says no more than "created" does.
_NEW = ("not in LiteLLM", "LiteLLM has it")
# The beginning of a reason that holds the name of its model.
_OF_A_NAME = "Model validation failed for "

# --- what the role hands on ----------------------------------------------------------------------------------------------


def result(steps: t.Mapping[str, Result], check_mode: bool, discovered: t.Mapping[str, t.Any], nothing_orphaned: bool = False) -> Result:
    """The results of the steps ``litellm``, ``backend`` and ``cleanup``, as the role hands them on.

    ``nothing_orphaned`` says that the cleanup was left out because there was nothing that it would look at.
    """
    problems = [
        "{0}: {1}".format(_failed_server(name, step), step.get("msg") or "the step failed without a message")
        for name, step in steps.items()
        if _has_failed(step)
    ]
    sides = {name: _state_of_side(name, step) for name, step in steps.items()}
    sides["cleanup"]["ran"] = sides["cleanup"]["ran"] or nothing_orphaned
    # What the cleanup takes from people: not the rows that it leaves as they are.
    cleanup = steps["cleanup"]
    sides["cleanup"]["removed"] = sorted([*(cleanup.get("deleted") or ()), *(cleanup.get("retired") or ())])
    return {
        "check_mode": bool(check_mode),
        "changed": any(side["changed"] for side in sides.values()),
        "failed": bool(problems),
        "problems": problems,
        "discovered": dict(discovered),
        **sides,
    }


def _has_failed(step: Result) -> bool:
    """Whether a step failed. The role lets none of its tasks fail, so that Ansible shows what was done; only a failure has a message."""
    return bool(step.get("failed")) or ("msg" in step and not step.get("skipped"))


def _failed_server(name: str, step: Result) -> str:
    """The server that a step's failure is about: before it writes to LiteLLM, the first step looks at the backend's database."""
    code = str((step.get("failure") or {}).get("code"))
    return _STEPS["backend" if name == "litellm" and code.startswith("database") else name]


def _state_of_side(name: str, step: Result) -> Result:
    side = {
        "ran": not step.get("skipped"),
        "failed": _has_failed(step),
        "changed": bool(step.get("changed")),
        "counts": dict(step.get("counts") or {}),
        "models": [_model(model) for model in step.get("models") or ()],
    }
    for optional in ("rights_missing", "hidden_models"):
        if step.get(optional):
            side[optional] = list(step[optional])
    if side["failed"]:
        side["failure"] = _failure(name, step)
    return side


def _model(model: Result) -> Result:
    return {
        "model_name": model.get("model_name") or "?",
        "action": model.get("action") or "unchanged",
        "reason": model.get("reason") or "",
        **{what: model[what] for what in _PEOPLE if model.get(what)},
    }


def _failure(name: str, step: Result) -> Result:
    """What a step failed with as a whole: the code and message of an error, or no more than the message. Empty where only models failed."""
    failure = step.get("failure") or {}
    models = any(model.get("action") == "failed" for model in step.get("models") or ())
    message = failure.get("message") or ("" if models else step.get("msg") or "the step failed without a message")
    reason = (failure.get("details") or {}).get("reason")
    return {"whose": _failed_server(name, step), "message": message, "reason": f"not removed: {reason}" if reason else ""}


# --- the summary ---------------------------------------------------------------------------------------------------------


def summary(handed_on: Result, title: str, otherwise: t.Mapping[str, str], seconds: t.Any = None) -> str:
    """The result of the role as a text for people. ``otherwise`` says for each step why it did not run."""
    discovered = handed_on["discovered"]
    found = ", namespace {0}".format(discovered["namespace"]) if "namespace" in discovered else ""
    found += ", {0}".format(discovered["database"]) if "database" in discovered else ""
    models = _Models(handed_on)
    lines = [
        title + found + (" (check mode: nothing was written)" if handed_on["check_mode"] else ""),
        _totals(handed_on, otherwise, seconds),
        *_section("People affected", models.lines(models.affected)),
        *_section("Changed", models.lines(models.changed)),
        *_section("Left as they are", _groups(models.left)),
        *_unchanged(models.unchanged),
        *_hidden(handed_on),
        *_rights(handed_on),
        *_section("FAILED", _failures(handed_on)),
    ]
    return "\n".join(line.replace("\n", "\\n") for line in lines)


class _Models:
    """The models of a run by their names, each with what happens to it on both sides."""

    def __init__(self, handed_on: Result) -> None:
        self._ran = {side: any(handed_on[step]["ran"] for step in steps) for side, steps in _SIDES.items()}
        self.of: dict[str, dict[str, list[Result]]] = {side: _by_name(handed_on, steps) for side, steps in _SIDES.items()}
        self.affected: list[str] = []
        self.changed: list[str] = []
        self.unchanged: list[str] = []
        self.left: list[Result] = []
        names = sorted({name for models in self.of.values() for name in models})
        for name in sorted(names, key=self._order):
            happens = [one for models in self.of.values() for one in models.get(name, ())]
            done = [one for one in happens if _is_done(one)]
            if any(_affects_people(one) for one in done):
                self.affected.append(name)
            elif done:
                self.changed.append(name)
            elif all(one["action"] == "unchanged" for one in happens):
                self.unchanged.append(name)
            else:
                self.left += [one for one in happens if one["action"] not in ("unchanged", "failed")]

    def _order(self, name: str) -> int:
        """The place of a model's first action among all actions."""
        actions = {one["action"] for models in self.of.values() for one in models.get(name, ())}
        return min((place for place, action in enumerate(_ACTIONS) if action in actions), default=len(_ACTIONS))

    def lines(self, names: t.Sequence[str]) -> list[str]:
        """A line for each model, with both sides on it."""
        return ["{0}: {1}".format(name, "; ".join(self._actions_on(side, name) for side in _SIDES)) for name in names]

    def _actions_on(self, side: str, name: str) -> str:
        otherwise = _NO_LINE[side] if self._ran[side] else "not touched"
        return "{0} {1}".format(side, ", then ".join(map(_described, self.of[side].get(name, ()))) or otherwise)


def _by_name(handed_on: Result, steps: t.Sequence[str]) -> dict[str, list[Result]]:
    """What happens to each model on a side: what leaves it as it is only where nothing else happens."""
    found: dict[str, list[Result]] = {}
    for step in steps:
        for model in handed_on[step]["models"]:
            found.setdefault(model["model_name"], []).append(model)
    return {name: _telling(models) for name, models in found.items()}


def _telling(models: list[Result]) -> list[Result]:
    """Of what happens to a model on a side, what is worth telling."""
    done = [model for model in models if model["action"] not in ("unchanged", "skipped")]
    skipped = [model for model in models if model["action"] == "skipped"]
    return done or skipped[:1] or models


def _is_done(model: Result) -> bool:
    """Whether something changes."""
    return model["action"] not in ("unchanged", "skipped", "failed")


def _affects_people(model: Result) -> bool:
    """Whether somebody loses something: a deleted model takes subscriptions along that have ended, too."""
    lost = ("subscriptions", "api_keys") if model["action"] == "deleted" else ("active_subscriptions", "api_keys")
    return model["action"] in ("deleted", "retired") and any(model.get(what) for what in lost)


def _described(model: Result) -> str:
    """What happens to a model. Why it failed is told once, at the end."""
    is_plain = model["action"] == "failed" or (model["action"] == "created" and model["reason"] in _NEW)
    reason = "" if is_plain else model["reason"]
    return "{0} ({1})".format(model["action"], reason) if reason else str(model["action"])


def _totals(handed_on: Result, otherwise: t.Mapping[str, str], seconds: t.Any) -> str:
    """What the run comes to: whether anything changes, how often what happens on each side, and how long it took."""
    parts = [_verdict(handed_on)]
    for side, steps in _SIDES.items():
        ran = [step for step in steps if handed_on[step]["ran"]]
        failed = any(handed_on[step]["failed"] for step in steps)
        parts += [f"{side}: {_counts([handed_on[step] for step in ran], failed)}"] if ran else []
        parts += [f"{_LEFT_OUT[step]}: {otherwise[step]}" for step in steps if step not in ran]
    if seconds is not None:
        parts.append(duration(float(seconds)))
    return ". ".join(parts)


def _verdict(handed_on: Result) -> str:
    check_mode = handed_on["check_mode"]
    if handed_on["failed"]:
        return "FAILED, see below"
    if handed_on["changed"]:
        return "Would change" if check_mode else "Changed"
    return "Nothing to change" if check_mode else "Nothing changed"


def _counts(steps: t.Sequence[Result], failed: bool) -> str:
    """How often each action happened in some steps, without those that did not."""
    counts: t.Counter[str] = collections.Counter()
    for step in steps:
        counts.update({action: number for action, number in step["counts"].items() if number})
    order = [*_ACTIONS, *sorted(counts)]
    return ", ".join(f"{counts[action]:,} {action}" for action in sorted(counts, key=order.index)) or (
        "failed" if failed else "nothing to do"
    )


def _section(title: str, lines: t.Sequence[str]) -> list[str]:
    return [title, *("  " + line for line in lines)] if lines else []


def _unchanged(names: t.Sequence[str]) -> list[str]:
    if not names:
        return []
    return ["Unchanged: " + (", ".join(names) if len(names) <= NAMED_UNCHANGED else counted(len(names), "model"))]


def _hidden(handed_on: Result) -> list[str]:
    hidden = handed_on["backend"].get("hidden_models")
    if not hidden:
        return []
    return ["Hidden: {0}: made unavailable by a person, and left so (litemaas_models_keep_hidden)".format(", ".join(hidden))]


def _rights(handed_on: Result) -> list[str]:
    missing = sorted({right for step in _STEPS for right in handed_on[step].get("rights_missing", ())})
    if not missing or handed_on["failed"]:
        return []
    return ["A run would be refused: the database's user lacks {0}".format(", ".join(missing))]


# --- failures ------------------------------------------------------------------------------------------------------------


def _failures(handed_on: Result) -> list[str]:
    """Each failure of a run in full, and once: what several models failed with has all their names before it."""
    lines = []
    for step in _STEPS:
        side = handed_on[step]
        if side["failed"]:
            failure = side["failure"]
            failed = [model for model in side["models"] if model["action"] == "failed" and model["reason"] != failure["reason"]]
            if failure["message"]:
                lines.append("{0}: {1}".format(failure["whose"], failure["message"]))
            lines += ["{0}: {1}".format(failure["whose"], line) for line in _groups(failed)]
    return lines


def _groups(models: t.Sequence[Result]) -> list[str]:
    """A line for each reason, with the names of its models before it."""
    names: dict[tuple[str, str], t.Counter[str]] = {}
    for model in models:
        names.setdefault(_without_name(model), collections.Counter())[model["model_name"]] += 1
    return [f"{start}{listed(list(map(_with_times, counts.items())))}: {reason}" for (start, reason), counts in names.items()]


def _without_name(model: Result) -> tuple[str, str]:
    """What a reason says before and after the name of its model."""
    start = "{0}{1}: ".format(_OF_A_NAME, model["model_name"])
    return (_OF_A_NAME, model["reason"][len(start) :]) if model["reason"].startswith(start) else ("", model["reason"])


def _with_times(counted_name: tuple[str, int]) -> str:
    name, number = counted_name
    return name if number == 1 else "{0} ({1})".format(name, counted(number, "time"))


def in_short(handed_on: Result, *steps: str) -> str:
    """What failed in some steps, or in all: no more than a line holds, whatever the number of models."""
    return " ".join(_shortened(handed_on[step]) for step in steps or _STEPS if handed_on[step]["failed"])


def _shortened(side: Result) -> str:
    """The failure of a step in one sentence."""
    failure = side["failure"]
    failed = [model["model_name"] for model in side["models"] if model["action"] == "failed"]
    if failure["message"]:
        text = failure["message"]
    else:
        text = "{0:,} of {1} failed: {2}".format(len(failed), counted(len(side["models"]), "model"), listed(failed, NAMED_IN_SHORT))
    text = "{0}: {1}".format(failure["whose"], text)
    return text[:SHORT].rstrip(" .") + ("." if len(text) <= SHORT else " ...")


class FilterModule:
    """The filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Name -> filter."""
        return {"result": result, "summary": summary, "in_short": in_short}
