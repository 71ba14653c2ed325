# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  database_url:
    description:
      - URL of the LiteMaaS backend's PostgreSQL database, as its E(DATABASE_URL) has it.
      - URLs in the form of Node and Prisma work as they are, with C(schema), C(connection_limit), C(pgbouncer),
        C(sslmode=no-verify) and with special characters in the password that are not percent-encoded.
      - If it is neither given nor set in E(DATABASE_URL), libpq's variables E(PGHOST), E(PGPORT), E(PGDATABASE), E(PGUSER)
        and E(PGPASSWORD) hold. If these name no database either, it is looked for in O(namespace).
    type: str
  lock_timeout:
    description:
      - For how many seconds to wait for another run that writes LiteMaaS's models, or for rows that somebody else has locked.
    type: int
    default: 30
requirements:
  - psycopg2 >= 2.9.6, for modules that use the database of LiteMaaS
"""
