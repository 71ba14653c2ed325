# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are: the clone, its work folder and the cache that all clones of a user share."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".work"
LOGS = WORK / "logs"
RESULTS = WORK / "results"
DIST = WORK / "dist"
INSTALLED = WORK / "installed"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements"

NAMESPACE = "litemaas"
NAME = "models"
COLLECTION = f"{NAMESPACE}.{NAME}"


def digest(*parts: str) -> str:
    """Return a short name for the given texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
