# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Row by row over one connection, as the backend's own sync works: per model a SELECT, a comparison, an INSERT or an UPDATE.

A model that is gone costs its cascade, up to seven statements.
``python -m tests.benchmark.row_by_row``, with the servers in the environment.
"""

from __future__ import annotations

import contextlib
import os
import sys

import psycopg2

from tests.benchmark.floor import listed
from tests.support.backend_sync import sync_models


def main() -> int:
    """Do one sync."""
    with contextlib.closing(psycopg2.connect(os.environ["DATABASE_URL"])) as connection:
        report = sync_models(connection, listed())
    print(f"{report.new} new, {report.updated} updated, {len(report.retired)} retired")
    print("\n".join(report.errors[:3]))
    return 1 if report.errors else 0


if __name__ == "__main__":
    sys.exit(main())
