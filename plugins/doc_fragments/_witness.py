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
      - URL of LiteLLM's own PostgreSQL database. Set this to check against its table C(LiteLLM_ProxyModelTable) before anything is
        removed. A model in that table counts as existing, whatever the proxy answers.
      - The database is only read, and only if needed. The right to SELECT is enough. If it cannot be read, nothing is removed.
      - The URL may have the same forms as the one of the backend's database, and may name the same database. Requires psycopg2 where the
        module runs.
      - If unset, the environment variable E(LITELLM_DATABASE_URL) is used. An empty string turns the check off, even if the variable is
        set.
      - It is never discovered in O(namespace), because some deployments of LiteMaaS name another database there.
    type: str
"""
