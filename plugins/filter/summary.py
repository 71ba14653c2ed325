# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role hands on of its steps' results, and how it shows them: names, actions and reasons, never a model spec. Pure.

In Python and not in a template: a template takes seconds for thousands of models.
"""

from __future__ import annotations

import typing as t

Result = t.Dict[str, t.Any]

# So many models to which nothing happens are named.
NAMED_UNCHANGED = 50
_SIDES = {"litellm": "LiteLLM proxy", "backend": "LiteMaaS backend", "cleanup": "Cleanup"}
# Actions that are shown one by one, the most wanted first; others come after them.
_SHOWN_FIRST = {
    "litellm": ["created", "updated", "deleted", "failed"],
    "backend": ["created", "updated", "retired", "failed"],
    "cleanup": ["deleted", "retired", "retained", "failed"],
}


def result(steps: t.Mapping[str, Result], check_mode: bool, discovered: t.Mapping[str, t.Any], nothing_orphaned: bool = False) -> Result:
    """The results of the steps ``litellm``, ``backend`` and ``cleanup``, as the role hands them on.

    ``nothing_orphaned`` says that the cleanup was left out because there was nothing that it would look at.
    """
    problems = [
        "{0}: {1}".format(_whose(side, step), step.get("msg") or "the step failed without a message")
        for side, step in steps.items()
        if step.get("failed")
    ]
    sides = {side: _side(step) for side, step in steps.items()}
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


def _whose(side: str, step: Result) -> str:
    """The server that a step's failure is about: before it writes to LiteLLM, the first step looks at the backend's database."""
    code = str((step.get("failure") or {}).get("code"))
    return _SIDES["backend" if side == "litellm" and code.startswith("database") else side]


def _side(step: Result) -> Result:
    side = {
        "ran": not step.get("skipped"),
        "failed": bool(step.get("failed")),
        "changed": bool(step.get("changed")),
        "models": [_model(model) for model in step.get("models") or ()],
    }
    for name in ("rights_missing", "hidden_models"):
        if step.get(name):
            side[name] = list(step[name])
    return side


def _model(model: Result) -> Result:
    return {
        "model_name": model.get("model_name") or "?",
        "action": model.get("action") or "unchanged",
        "reason": model.get("reason") or "",
    }


def summary(handed_on: Result, title: str, otherwise: t.Mapping[str, str]) -> t.List[str]:
    """The result of the role as lines for a person. ``otherwise`` says for each side why it did not run."""
    discovered = handed_on["discovered"]
    database = ": {0}".format(discovered["database"]) if "database" in discovered else ""
    namespace = ", namespace {0}".format(discovered["namespace"]) if discovered else ""
    check_mode = handed_on["check_mode"]
    return [
        title + namespace + (" (check mode: nothing was written)" if check_mode else ""),
        "LiteLLM proxy",
        *_lines(handed_on, "litellm", otherwise),
        "LiteMaaS backend" + database,
        *_lines(handed_on, "backend", otherwise),
        "Models that LiteLLM no longer has",
        *_lines(handed_on, "cleanup", otherwise),
        *_ending(handed_on, check_mode),
    ]


def _lines(handed_on: Result, name: str, otherwise: t.Mapping[str, str]) -> t.List[str]:
    side = handed_on[name]
    if not side["ran"]:
        return ["  " + otherwise[name]]
    by_action: t.Dict[str, t.List[Result]] = {action: [] for action in _SHOWN_FIRST[name]}
    for model in sorted(side["models"], key=lambda one: one["action"]):
        by_action.setdefault(model["action"], []).append(model)
    unchanged = by_action.pop("unchanged", [])
    hidden = side.get("hidden_models")
    lines = ["  {0:<10} {1}".format(action, _told(model)) for action, models in by_action.items() for model in models]
    if hidden:
        lines.append("  hidden     {0}: made unavailable by a person, and left so (litemaas_models_keep_hidden)".format(", ".join(hidden)))
    if unchanged:
        names = [model["model_name"] for model in unchanged]
        lines.append("  unchanged  " + (", ".join(names) if len(names) <= NAMED_UNCHANGED else "{0:,} models".format(len(names))))
    elif not side["models"]:
        lines.append("  failed, see below" if side["failed"] else "  nothing to do")
    return lines


def _told(model: Result) -> str:
    return "{0}: {1}".format(model["model_name"], model["reason"]) if model["reason"] else str(model["model_name"])


def _ending(handed_on: Result, check_mode: bool) -> t.List[str]:
    if handed_on["failed"]:
        return ["FAILED", *("  " + problem for problem in handed_on["problems"])]
    missing = sorted({right for side in _SIDES for right in handed_on[side].get("rights_missing", ())})
    if missing:
        return ["Would change, if the database's user had these rights, without which a run is refused: {0}".format(", ".join(missing))]
    if handed_on["changed"]:
        return ["Would change" if check_mode else "Changed"]
    return ["Nothing to change" if check_mode else "Nothing changed"]


class FilterModule:
    """The filters."""

    def filters(self) -> t.Dict[str, t.Callable[..., t.Any]]:
        """Name -> filter."""
        return {"result": result, "summary": summary}
