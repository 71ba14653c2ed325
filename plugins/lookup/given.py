# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The value of a variable that may be given in several ways."""

from __future__ import annotations

DOCUMENTATION = """
name: given
short_description: The effective value of a variable of the role litemaas_models
version_added: 0.1.0
author:
  - LiteMaaS models contributors (@litemaas)
description:
  - Looks for a variable under its own name, under its older names, and in the environment, in the order of the role's documentation.
  - The first name that is set takes precedence. Null means "not set".
  - If the value cannot be resolved, the lookup fails with the variable's name and does not show the value.
options:
  _terms:
    description: Name of a variable of the role.
    type: list
    elements: str
    required: true
  default:
    description: The value to return if the variable is not set in any way.
    type: raw
"""

EXAMPLES = """
- ansible.builtin.debug:
    msg: "{{ lookup('litemaas.models.given', 'litemaas_models_litellm_url') }}"
"""

RETURN = """
_raw:
  description: The value of each variable.
  type: list
  elements: raw
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.litemaas.models.plugins.plugin_utils._models_list import did_you_mean
from ansible_collections.litemaas.models.plugins.plugin_utils._role import OTHERS, options, role_variables
from ansible_collections.litemaas.models.plugins.plugin_utils._variables import Unresolved


class LookupModule(LookupBase):
    """Ansible looks for a class of this name."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[t.Any]:
        """The values of the variables that are named."""
        self.set_options(var_options=variables, direct=kwargs)
        known = [*options(), *OTHERS]
        unknown = [name for name in terms if name not in known]
        if unknown:
            raise AnsibleLookupError(f"The role has no variable {unknown[0]}{did_you_mean(unknown[0], known)}.")
        role = role_variables(self._templar, variables)
        try:
            return [role.value(name, options().get(name, {}).get("default", self.get_option("default"))) for name in terms]
        except Unresolved as error:
            raise AnsibleLookupError(str(error)) from None
