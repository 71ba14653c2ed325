# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows where a run is. The lines go to stderr: what a callback prints to stdout may be meant for a program."""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import typing as t

from ansible import constants
from ansible.utils.display import Display

# How often the file is looked at.
LOOK_S = 0.5

display = Display()


def show_line(host: str, line: str) -> None:
    """Show a line about the run for an inventory host."""
    display.display(f"{host}: {line}", stderr=True)


@contextlib.contextmanager
def lines_shown(host: str) -> t.Iterator[str]:
    """The path of an empty file; what is appended to it within the ``with`` is shown, line by line. Then it is gone.

    A module that a task's ``timeout`` leaves behind cannot make the file anew, because it is in a folder of its own.
    """
    # Ansible removes it at its end, however it ends.
    around = constants.DEFAULT_LOCAL_TMP  # type: ignore[attr-defined]
    temporary = tempfile.TemporaryDirectory(prefix="progress-", dir=around, ignore_cleanup_errors=True)
    with temporary as folder, open(os.path.join(folder, "lines"), "x+", encoding="utf-8") as lines:
        ended = threading.Event()
        reader = threading.Thread(target=_show, args=(lines, host, ended), name="progress", daemon=True)
        reader.start()
        try:
            yield lines.name
        finally:
            ended.set()
            reader.join()


def _show(lines: t.TextIO, host: str, ended: threading.Event) -> None:
    last = False
    while not last:
        last = ended.wait(LOOK_S)
        for line in lines:
            show_line(host, line.rstrip("\n"))
