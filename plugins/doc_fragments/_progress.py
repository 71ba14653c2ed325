# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  progress:
    description:
      - Whether to show progress if a run takes more than a few seconds, as counts, rate and time left. The lines hold no names.
      - The lines go to standard error and to the log of a job while the module runs. This requires that the module runs on the control
        node, with the connection plugin P(ansible.builtin.local#connection) and without C(become), C(async) and C(no_log). Otherwise
        set O(progress_file).
    type: bool
    default: true
  progress_file:
    description:
      - File to which the progress lines are appended instead, where the module runs.
      - The file is created if it does not exist, readable by its owner only.
      - If the file cannot be written, a run that had something to write warns.
    type: path
"""
