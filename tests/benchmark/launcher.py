# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one command and tells what it cost. A program of its own, and a small one.

The kernel counts the memory of the process that starts a command as the command's own, so who holds much must not start it.
Reads ``{"command", "environment", "folder", "input"}`` from stdin. Writes ``{"wall_s", "cpu_s", "peak_mb", "code", "output"}`` to stdout.
"""

import json
import os
import subprocess
import sys
import tempfile
import time


def main() -> None:
    """Run what stdin says; nothing here takes part in what is measured."""
    wanted = json.load(sys.stdin)
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            wanted["command"],
            env=wanted["environment"],
            cwd=wanted["folder"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    cost = {
        "wall_s": wall,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
        "code": os.waitstatus_to_exitcode(status),
        "output": text,
    }
    json.dump(cost, sys.stdout)


if __name__ == "__main__":
    main()
