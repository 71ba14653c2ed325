# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module of the same name, with its progress shown."""

from __future__ import annotations

from ansible_collections.litemaas.models.plugins.plugin_utils._progress import ProgressAction


class ActionModule(ProgressAction):
    """Ansible looks for a class of this name."""
