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
      - An empty text is not given. If it is not given, the environment variables E(LITELLM_API_URL) and
        E(LITELLM_BASE_URL) are used, and then it is looked for in O(namespace). Required in one of these ways.
    type: str
  litellm_api_key:
    description:
      - Key of a proxy administrator, usually the master key.
      - An empty text is not given. If it is not given, the environment variables E(LITELLM_API_KEY) and
        E(LITELLM_MASTER_KEY) are used, and then it is looked for in O(namespace). Required in one of these ways.
    type: str
    aliases: [litellm_master_key]
  validate_certs:
    description:
      - Whether to check the proxy's TLS certificate. V(false) shows a warning when O(litellm_url) is an https address.
      - Without O(ca_path) the authorities are those of the Python library requests, or those in the file that E(REQUESTS_CA_BUNDLE) names.
    type: bool
    default: true
  ca_path:
    description:
      - File with the CA certificates to check the proxy's certificate with, in PEM format. It comes before E(REQUESTS_CA_BUNDLE).
    type: path
  timeout:
    description:
      - Seconds in which the whole answer of the proxy must be there. One try of a request never takes longer.
    type: int
    default: 30
  retries:
    description:
      - How often a request is repeated that is safe to repeat. A create is never repeated blindly; it is made safe by its id.
      - A run waits at most 120 seconds for repetitions, all together. After that, nothing is repeated. Each wait is a line in the
        result's C(log).
      - After 5 failed tries in a row no request is begun for 30 seconds, and what needs one fails at once. So a run loses at most
        (O(retries) + 5) times O(timeout), plus 120 seconds, to a proxy that does not answer.
    type: int
    default: 3
  retry_delay:
    description:
      - Seconds before the first repetition. Each further one waits about twice as long, or as long as the proxy asks for, but not more
        than 30 seconds.
    type: float
    default: 1.0
requirements:
  - requests >= 2.28
"""
