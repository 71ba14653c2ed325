# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as Ansible runs it: one file with the module, what it imports of Ansible and of the collection, and its arguments.

``python -m tests.benchmark.payload NAME FILE``, with the arguments on stdin: Ansible must be the first to import collections.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.ci.paths import COLLECTION


def build(name: str, options: dict[str, Any], path: Path, *, check: bool = False) -> None:
    """Write the file that Ansible would send to the target and run there, in a process of its own."""
    internal = {
        "_ansible_check_mode": check,
        "_ansible_diff": False,
        "_ansible_module_name": f"{COLLECTION}.{name}",
        "_ansible_remote_tmp": "/tmp",
        "_ansible_keep_remote_files": False,
        "_ansible_tracebacks_for": [],
    }
    words = [sys.executable, "-m", "tests.benchmark.payload", name, str(path)]
    subprocess.run(words, input=json.dumps({**options, **internal}), text=True, check=True)


def _write(name: str, path: Path, arguments: dict[str, Any]) -> None:
    from ansible.executor.module_common import modify_module
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader, module_loader
    from ansible.template import Templar

    init_plugin_loader()
    full_name = f"{COLLECTION}.{name}"
    source = module_loader.find_plugin(full_name)
    built = modify_module(
        module_name=full_name,
        module_path=source,
        module_args=arguments,
        templar=Templar(loader=DataLoader()),
        task_vars={"ansible_python_interpreter": sys.executable},
    )
    path.write_bytes(built.b_module_data)


if __name__ == "__main__":
    _write(sys.argv[1], Path(sys.argv[2]), json.load(sys.stdin))
