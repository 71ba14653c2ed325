# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops a stack when the process that started it is gone, however it ended.

Only that process holds the other end of our standard input. When it ends, even by SIGKILL, the system closes the
pipe. A line in the pipe says instead that there is nothing to guard any more.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.stack import stop_stack


def main() -> None:
    """Wait for the end of standard input, then stop the stack of the state directory in the first argument."""
    if not sys.stdin.readline():
        stop_stack(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
