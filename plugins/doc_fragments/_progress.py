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
      - Whether a run that takes longer than a few seconds says where it is, with counts, rate and what is left, and without any name.
      - Each line is shown while the module runs, on the standard error of the command and in the log of a job. For that the module must run
        on the control node, by the connection plugin P(ansible.builtin.local#connection), without C(become), C(async) and C(no_log).
        Elsewhere give O(progress_file).
    type: bool
    default: true
  progress_file:
    description:
      - File to which these lines are appended, where the module runs. They are then not shown.
      - If it is not there it is made, and readable by its owner only.
      - A file that cannot be written is a warning, and only of a run that had something to write.
    type: path
"""
