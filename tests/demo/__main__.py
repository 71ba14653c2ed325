# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of ``python -m tests.demo``."""

from __future__ import annotations

import sys

from tests.demo.show import main

if __name__ == "__main__":
    sys.exit(main())
