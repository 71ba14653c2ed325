# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plot of docs/performance.svg. Runs in an environment of its own, which has matplotlib.

``python -m tests.benchmark.plot RESULTS.json PLOT.svg``. The same results make the same file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib
from matplotlib import pyplot

from tests.benchmark import scenarios
from tests.benchmark.results import FLOOR, MODULE, PLAYBOOK, ROW_BY_ROW, TASK_LOOP, Result

# (title, (label, chapter, scenario, way) of each line)
_PANELS = (
    (
        scenarios.NOTHING,
        (
            ("a task for each model", scenarios.PLAYBOOK, scenarios.NOTHING, TASK_LOOP),
            ("this playbook", scenarios.PLAYBOOK, scenarios.NOTHING, PLAYBOOK),
            ("row by row", scenarios.SYNC, scenarios.NOTHING, ROW_BY_ROW),
            ("litemaas_model_sync", scenarios.SYNC, scenarios.NOTHING, MODULE),
            ("litellm_model", scenarios.MODELS, scenarios.NOTHING, MODULE),
            ("floor of a sync", scenarios.SYNC, scenarios.NOTHING, FLOOR),
        ),
    ),
    (
        f"{scenarios.ORPHANED}, 3 subscriptions and 2 keys each",
        (
            ("a task for each model", scenarios.CLEANUP, scenarios.ORPHANED, TASK_LOOP),
            ("this playbook", scenarios.PLAYBOOK, scenarios.ORPHANED, PLAYBOOK),
            ("row by row", scenarios.CLEANUP, scenarios.ORPHANED, ROW_BY_ROW),
            ("litemaas_orphan_cleanup", scenarios.CLEANUP, scenarios.ORPHANED, MODULE),
            ("floor of a cleanup", scenarios.CLEANUP, scenarios.ORPHANED, FLOOR),
        ),
    ),
)
_COLOURS = {TASK_LOOP: "#b2182b", PLAYBOOK: "#1b7837", ROW_BY_ROW: "#e08214", MODULE: "#2166ac", FLOOR: "#777777"}


def draw(found: list[Result], path: Path) -> None:
    """Draw seconds over models, both logarithmic. Open marks are computed, not measured."""
    matplotlib.rcParams.update({"svg.hashsalt": "litemaas", "svg.fonttype": "none", "font.size": 9})
    figure, panels = pyplot.subplots(1, 2, figsize=(11, 4.6), sharey=True)
    for panel, (title, lines) in zip(panels, _PANELS, strict=True):
        for label, *wanted in lines:
            _line(panel, label, sorted((one for one in found if [one.chapter, one.scenario, one.way] == wanted), key=lambda one: one.size))
        panel.set(xscale="log", yscale="log", xlabel="models", title=title)
        panel.grid(True, which="major", color="#dddddd")
        panel.legend(loc="upper left", frameon=False)
    panels[0].set_ylabel("seconds (hollow: computed)")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def _line(panel: pyplot.Axes, label: str, points: list[Result]) -> None:
    if not points:
        return
    colour = _COLOURS[points[0].way]
    dashed = "--" if label == "litellm_model" else "-"
    panel.plot([one.size for one in points], [one.wall_s for one in points], dashed, color=colour, label=label)
    for one in points:
        panel.plot(one.size, one.wall_s, "o", color=colour, markersize=4, markerfacecolor="white" if one.computed_from else colour)


if __name__ == "__main__":
    draw([Result.from_json(data) for data in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["results"]], Path(sys.argv[2]))
