# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception which the test support raises on purpose."""

from __future__ import annotations


class SupportError(Exception):
    """A component could not be installed, started or stopped; the text says what to do."""
