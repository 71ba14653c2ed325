# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the names of what is measured, and how much of it."""

from __future__ import annotations

import dataclasses
import os

# The chapters.
MODELS = "litellm_model"
SYNC = "litemaas_model_sync"
CLEANUP = "litemaas_orphan_cleanup"
PLAYBOOK = "playbook"
ROWS = "rows"
DISTANCE = "distance"
WRITES = "writes"
START = "start"
NAMESPACE = "namespace"
# The scenarios.
NEW, NOTHING, ONE, ALL, ORPHANED, CHECK = "all new", "nothing to do", "one changed", "all changed", "all orphaned", "check mode"
PYTHON = "Python alone"
COLD, CREATES, UPDATES = "cold create", "creates", "updates"
# Up to this size everything is counted; beyond it the modules only.
COUNTED = 100


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much is measured. A way is run ``most`` times, and fewer times once it took ``enough_s`` altogether."""

    sizes: tuple[int, ...] = (10, 100, 1000, 5000)
    row_sizes: tuple[int, ...] = (1000, 5000, 10000)
    playbook_scenarios: tuple[str, ...] = (NEW, NOTHING, ONE, ALL, CHECK, ORPHANED)
    scenarios: tuple[str, ...] = (NEW, NOTHING, ONE, ALL, CHECK)
    distances_ms: tuple[float, ...] = (0, 1, 20)
    distance_size: int = 1000
    most: int = 5
    enough_s: float = 10.0
    # A way that is known to take longer than this is not run; its time is computed from a smaller size.
    slow_s: float = float(os.environ.get("BENCH_SLOW_S", "90"))
    # The one run that may take longer: the task loop with this many models, with nothing to do.
    slow_size: int = 1000
    longest_s: float = float(os.environ.get("BENCH_LONGEST_S", "1200"))
    writes: int = 50
    writes_size: int = 1000
