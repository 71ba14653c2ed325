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
      - URL of the LiteMaaS backend's PostgreSQL database, as in its E(DATABASE_URL).
      - URLs in the form of Node and Prisma work as they are, with C(schema), C(connection_limit), C(pgbouncer),
        C(sslmode=no-verify) and with special characters in the password that are not percent-encoded.
      - If unset, the environment variable E(DATABASE_URL) is used, then libpq's variables E(PGHOST), E(PGPORT), E(PGDATABASE),
        E(PGUSER) and E(PGPASSWORD). If these do not name a database, it is discovered in O(namespace).
    type: str
  lock_timeout:
    description:
      - How many seconds to wait for another run that writes LiteMaaS's models, or for locked rows.
    type: int
    default: 30
requirements:
  - psycopg2 >= 2.9.6, for modules that use the database of LiteMaaS
"""
