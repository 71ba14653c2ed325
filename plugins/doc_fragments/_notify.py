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
      - Addresses that get the summary of a run that changed something or failed, as a JSON object in a POST request. It holds no secrets.
      - Not in check mode, and not after a run that changed nothing.
      - Certificates are checked as O(validate_certs) and O(ca_path) say. Redirects are not followed.
      - A receiver that cannot be reached is a warning, never a failure. All receivers together take at most 25 seconds.
    type: list
    elements: str
"""
