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
      - Refuse to remove more than this percentage of the models. The limit applies to ten or more models.
      - Removals from LiteMaaS are compared with all of its models, and with those that are available.
      - Removals from LiteLLM are compared with the names of the models in its database. Models of its config and of teams do not
        count, because this collection never removes them.
    type: float
    default: 30.0
  max_count:
    description:
      - Refuse to remove more than this number of models in one run.
    type: int
  allow_empty:
    description:
      - Accept an empty model list as genuine. With V(false), nothing is removed if LiteLLM has no model, and LiteLLM's last model is
        not deleted while LiteMaaS has its row.
    type: bool
    default: false
  force:
    description:
      - Ignore O(max_percent) and O(max_count). A model that is not proven to be missing in LiteLLM is never removed, even with this.
    type: bool
    default: false
"""
