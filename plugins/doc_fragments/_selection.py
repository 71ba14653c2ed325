# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  providers:
    description:
      - Only models of these providers, in any case of letters. A model's provider is the one that LiteLLM says or the one that
        LiteMaaS shows.
    type: list
    elements: str
  model_patterns:
    description:
      - Only models whose name one of these regular expressions matches.
      - An expression must match the whole name.
    type: list
    elements: str
  exclude_patterns:
    description:
      - Not the models whose name one of these regular expressions matches, whatever else is selected.
      - An expression must match the whole name.
    type: list
    elements: str
"""
