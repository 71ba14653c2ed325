# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  litellm_database_url:
    description:
      - URL of LiteLLM's own PostgreSQL database, whose table C(LiteLLM_ProxyModelTable) is a second witness of which models there are.
        A model in it is there, whatever the proxy answers.
      - It is only read, in the same forms of URL as the backend's database, and may be the same database. The right to SELECT is enough.
        Needs psycopg2 where the module runs.
      - It is asked only when it is needed. If it cannot be read then, nothing is removed.
      - If it is not given, the environment variable E(LITELLM_DATABASE_URL) is used. If it is empty, there is no second witness, whatever
        the variable says.
      - It is never looked for in O(namespace), because what some deployments of LiteMaaS name there is not LiteLLM's database.
    type: str
"""
