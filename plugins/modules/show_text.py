#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is documentation only: plugins/action/show_text.py does the work, on the control node.

from __future__ import annotations

DOCUMENTATION = r"""
module: show_text
short_description: Show a text as it is
version_added: 0.1.0
author:
  - LiteMaaS models contributors (@litemaas)
description:
  - Shows a text of one or more lines to people, where M(ansible.builtin.debug) shows it as JSON. The role C(litemaas_models) shows its
    summary with it.
  - Where the callback for standard output is not known to write for people, or the task has C(no_log), the result has the lines instead,
    and the callback shows them in its own way.
  - Signs that a terminal would not print are shown as C(\x1b) and the like.
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
  returned: when they were not shown by the action itself
  type: list
  elements: str
"""
