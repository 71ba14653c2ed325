# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All variables of the role, read once."""

from __future__ import annotations

DOCUMENTATION = """
name: role_variables
short_description: All variables of the role litemaas_models
version_added: 0.1.0
author:
  - LiteMaaS models contributors (@litemaas)
description:
  - Reads all variables of the role C(litemaas_models), with the types that their author gave them, and describes what is wrong with them.
  - For the role's own tasks. The result holds secrets, so a task that keeps it needs C(no_log).
options:
  _terms:
    description: Not used.
    type: list
    elements: str
  strict:
    description: Fail with the problems instead of returning them.
    type: bool
    default: true
"""

EXAMPLES = """
- ansible.builtin.set_fact:
    given: "{{ lookup('litemaas.models.role_variables', strict=false) }}"
  no_log: true
"""

RETURN = """
_raw:
  description: One dictionary with the value of each variable by its name without prefix, and C(problems).
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.litemaas.models.plugins.plugin_utils._role import role_variables


class LookupModule(LookupBase):
    """Ansible looks for a class of this name."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[t.Any]:
        """One dictionary."""
        self.set_options(var_options=variables, direct=kwargs)
        found = role_variables(self._templar, variables).read()
        if found["problems"] and self.get_option("strict"):
            raise AnsibleLookupError(" ".join(found["problems"]))
        return [found]
