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
      - An empty string counts as unset. If unset, the environment variables E(LITELLM_API_URL) and E(LITELLM_BASE_URL) are used, then
        O(namespace) is searched. One of these must provide it.
    type: str
  litellm_api_key:
    description:
      - Key of a proxy administrator, usually the master key.
      - An empty string counts as unset. If unset, the environment variables E(LITELLM_API_KEY) and E(LITELLM_MASTER_KEY) are used, then
        O(namespace) is searched. One of these must provide it.
    type: str
    aliases: [litellm_master_key]
  validate_certs:
    description:
      - Whether to verify the proxy's TLS certificate. V(false) causes a warning if O(litellm_url) is an https address.
      - Without O(ca_path), the CA certificates come from the file in E(REQUESTS_CA_BUNDLE), or from the Python library requests.
    type: bool
    default: true
  ca_path:
    description:
      - File with CA certificates in PEM format, to verify the proxy's certificate. It takes precedence over E(REQUESTS_CA_BUNDLE).
    type: path
  timeout:
    description:
      - Seconds to wait for the proxy's complete answer. One attempt of a request never takes longer.
    type: int
    default: 30
  retries:
    description:
      - How often to retry a request that is safe to repeat. A create is never repeated blindly; its id makes it safe.
      - A run waits at most 120 seconds for all retries together, and then retries nothing. Each wait is a line in the result's C(log).
      - After 5 failed attempts in a row, no request is sent for 30 seconds, and models that need one fail at once. A proxy that does
        not answer delays a run by at most (O(retries) + 5) times O(timeout), plus 120 seconds.
    type: int
    default: 3
  retry_delay:
    description:
      - Seconds before the first retry. Each further retry waits about twice as long, or as long as the proxy asks for, but at most 30
        seconds.
    type: float
    default: 1.0
requirements:
  - requests >= 2.28
"""
