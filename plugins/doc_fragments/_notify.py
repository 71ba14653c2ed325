# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  notify_urls:
    description:
      - Addresses to notify about a run that changed something or failed. Each receives a summary as a JSON object in a POST request. The
        summary holds no secrets.
      - Check mode and runs without changes send nothing.
      - O(validate_certs) and O(ca_path) apply to these addresses, too. Redirects are not followed.
      - A receiver that cannot be reached causes a warning, never a failure. All receivers together take at most 25 seconds.
    type: list
    elements: str
"""
