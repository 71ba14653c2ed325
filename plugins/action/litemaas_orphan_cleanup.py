# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the work of the module of the same name, or runs it."""

from __future__ import annotations

from ansible_collections.litemaas.models.plugins.modules.litemaas_orphan_cleanup import LitemaasOrphanCleanup, argument_spec
from ansible_collections.litemaas.models.plugins.plugin_utils._module_action import ModelsAction


class ActionModule(ModelsAction):
    """Ansible looks for a class of this name."""

    spec = argument_spec
    steps = LitemaasOrphanCleanup
