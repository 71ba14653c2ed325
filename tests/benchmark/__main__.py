# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of ``python -m tests.benchmark``."""

from __future__ import annotations

import os
import sys

from tests.benchmark import tunnel

if __name__ == "__main__":
    sys.exit(tunnel.main(check=os.environ.get("CHECK", "") not in ("", "0", "no", "false")))
