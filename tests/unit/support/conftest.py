# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from tests.support.fixtures import clean_litellm, clean_litemaas, older_database_url, postgres_stack, recorder, seeder, stack

__all__ = ["clean_litellm", "clean_litemaas", "older_database_url", "postgres_stack", "recorder", "seeder", "stack"]
