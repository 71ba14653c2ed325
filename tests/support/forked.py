# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call in a process of its own, forked from this one: to run two at once, or to kill one in the middle.

What it opens is its own; what was patched here is patched there. No sockets of ours may be used in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import traceback
from collections.abc import Callable
from typing import Any

from tests.support.errors import SupportError


class Child:
    """A running call, whose answer is JSON."""

    def __init__(self, call: Callable[[], Any]) -> None:
        """Fork, and begin the call there."""
        self._output, to_parent = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _run(call, to_parent)
        os.close(to_parent)

    def kill(self) -> None:
        """End the process at once: nothing in it can do anything about it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def answer(self, timeout_s: float = 60) -> Any:
        """Return what the call returned; None if the process was killed. Raises SupportError if it raised or takes too long."""
        text = b""
        try:
            while True:
                if not select.select([self._output], [], [], timeout_s)[0]:
                    raise SupportError(f"the forked call did not end in {timeout_s} s")
                part = os.read(self._output, 65536)
                if not part:
                    break
                text += part
        finally:
            os.close(self._output)
            self.kill()
            os.waitpid(self.pid, 0)
        if not text:
            return None
        outcome = json.loads(text)
        if "raised" in outcome:
            raise SupportError(f"the forked call failed:\n{outcome['raised']}")
        return outcome["returned"]


def _run(call: Callable[[], Any], to_parent: int) -> None:
    """Run the call and end this process without any of the parent's clean-up."""
    try:
        outcome = {"returned": call()}
    except BaseException:
        outcome = {"raised": traceback.format_exc()}
    with os.fdopen(to_parent, "w", encoding="utf-8") as output:
        json.dump(outcome, output)
    os._exit(0)
