# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  litellm_url:
    description:
      - Address of the LiteLLM proxy, for example V(https://litellm.apps.example.com).
      - Required. An empty text is not given. If it is not given, the environment variables E(LITELLM_API_URL) and
        E(LITELLM_BASE_URL) are used.
    type: str
  litellm_api_key:
    description:
      - Key of a proxy administrator, usually the master key.
      - Required. An empty text is not given. If it is not given, the environment variables E(LITELLM_API_KEY) and
        E(LITELLM_MASTER_KEY) are used.
    type: str
    aliases: [litellm_master_key]
  validate_certs:
    description:
      - Whether to check the proxy's TLS certificate. V(false) shows a warning when O(litellm_url) is an https address.
    type: bool
    default: true
  ca_path:
    description:
      - File with the CA certificates to check the proxy's certificate with.
    type: path
  timeout:
    description:
      - Seconds to wait for an answer of the proxy.
    type: int
    default: 30
  retries:
    description:
      - How often a request is repeated that is safe to repeat. A create is never repeated blindly; it is made safe by its id.
    type: int
    default: 3
  retry_delay:
    description:
      - Seconds before the first repetition. Each further one waits about twice as long, or as long as the proxy asks for.
    type: float
    default: 1.0
requirements:
  - requests >= 2.28
"""
