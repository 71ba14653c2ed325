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
      - Select only models of these providers. Case does not matter. A model matches by its provider in LiteLLM or in LiteMaaS.
    type: list
    elements: str
  model_patterns:
    description:
      - Select only models whose name matches one of these regular expressions.
      - An expression must match the whole name.
    type: list
    elements: str
  exclude_patterns:
    description:
      - Exclude models whose name matches one of these regular expressions, even if other options select them.
      - An expression must match the whole name.
    type: list
    elements: str
"""
