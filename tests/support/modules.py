# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module's ``main()`` in this process and read its answer, on every ansible-core that the collection supports."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible.module_utils.common.parameters import PASS_VARS


@contextlib.contextmanager
def _module_arguments(arguments: dict[str, Any]) -> Iterator[None]:
    """Hand arguments to the next AnsibleModule."""
    try:
        # ansible-core 2.19 and later
        from ansible.module_utils.testing import patch_module_args
    except ImportError:
        before = basic._ANSIBLE_ARGS
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        try:
            yield
        finally:
            basic._ANSIBLE_ARGS = before
    else:
        with patch_module_args(arguments):
            yield


@contextlib.contextmanager
def _outside_the_controller() -> Iterator[None]:
    """Let warnings go into the answer also where another test has imported Ansible's controller."""
    # ansible-core 2.19 and later
    internal = sys.modules.get("ansible.module_utils._internal")
    before = getattr(internal, "is_controller", None)
    if before:
        internal.is_controller = False  # type: ignore[union-attr]
    try:
        yield
    finally:
        if before:
            internal.is_controller = True  # type: ignore[union-attr]


def run_module(main: Callable[[], None], options: dict[str, Any], check: bool = False, diff: bool = True) -> dict[str, Any]:
    """The module's whole answer as a dictionary; ``failed`` is true where it failed, ``raw`` is the text that it printed."""
    arguments = dict(
        options,
        _ansible_check_mode=check,
        _ansible_diff=diff,
        _ansible_module_name=main.__module__.rsplit(".", 1)[-1],
        _ansible_remote_tmp="/tmp",
        _ansible_keep_remote_files=False,
    )
    # ansible-core 2.21 and later show the options only where they are asked to; earlier ones know no such argument.
    if "inject_invocation" in PASS_VARS:
        arguments["_ansible_inject_invocation"] = True
    # A real module run has a process of its own; here those of the run before would still be there.
    warnings._global_warnings.clear()
    output = io.StringIO()
    with _outside_the_controller(), _module_arguments(arguments), contextlib.redirect_stdout(output), pytest.raises(SystemExit):
        main()
    text = output.getvalue()
    answer: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    answer["raw"] = text
    return answer
