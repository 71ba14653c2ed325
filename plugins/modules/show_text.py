#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is documentation only: plugins/action/show_text.py does the work, on the control node.

from __future__ import annotations

DOCUMENTATION = r"""
module: show_text
short_description: Show text as it is
version_added: 0.1.0
author:
  - LiteMaaS models contributors (@litemaas)
description:
  - Shows text of one or more lines as it is, where M(ansible.builtin.debug) would show it as JSON. The role C(litemaas_models) uses it for
    its summary.
  - If the callback for standard output is not known to write text for people, or the task has C(no_log), the lines are in the result
    instead, and the callback shows them in its own way.
  - Characters that a terminal cannot print are shown as C(\x1b) and the like.
options:
  text:
    description: The text.
    type: str
    required: true
extends_documentation_fragment:
  - litemaas.models._attributes
  - litemaas.models._attributes.info_module
attributes:
  platform:
    platforms: all
    support: full
"""

EXAMPLES = r"""
- name: Show the summary of the role once more
  litemaas.models.show_text:
    text: "{{ litemaas_models_result | litemaas.models.summary('once more', {'litellm': 'off', 'backend': 'off', 'cleanup': 'off'}) }}"
"""

RETURN = r"""
msg:
  description: The lines.
  returned: when the action did not show them itself
  type: list
  elements: str
"""
