# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables as Ansible hands them to a plugin: what a file says, and a templar that knows it."""

from __future__ import annotations

import json
from typing import Any

from ansible import template
from ansible.parsing.dataloader import DataLoader


def host(text: str = "", **given: Any) -> tuple[template.Templar, dict[str, Any]]:
    """Return the templar and the variables of a host, from a file's text in YAML and from these beside it."""
    variables = dict(DataLoader().load(_written(text)) or {}) if text else {}
    variables.update(_written(given))
    return template.Templar(loader=DataLoader(), variables=variables), variables


def unpacked(packed: str) -> Any:
    """Return the list of models as it goes to a module."""
    return json.loads(packed.partition(":")[2])


def _written(value: Any) -> Any:
    """Return what somebody wrote: its texts are templates. Before ansible-core 2.19 each text is one."""
    if isinstance(value, dict):
        return {name: _written(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_written(member) for member in value]
    trust = getattr(template, "trust_as_template", None)
    return trust(value) if trust and isinstance(value, str) else value
