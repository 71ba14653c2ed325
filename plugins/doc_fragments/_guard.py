# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  max_percent:
    description:
      - Refuse to remove more than this share of the models, in percent. It is measured from ten models on.
      - What goes from LiteMaaS is measured against all of its models, and against those that are available.
      - What goes from LiteLLM is measured against the names of the models that it has in its database. Those of its config, and those
        of teams, do not count, because they are not this collection's to remove.
    type: float
    default: 30.0
  max_count:
    description:
      - Refuse to remove more than this number of models in one run.
    type: int
  allow_empty:
    description:
      - Whether it may be right that LiteLLM has no model at all. Without this, nothing is removed then, and the last model is not
        taken out of LiteLLM where LiteMaaS has its row.
    type: bool
    default: false
  force:
    description:
      - Lift O(max_percent) and O(max_count). What is not proven to be missing in LiteLLM is never removed, forced or not.
    type: bool
    default: false
"""
