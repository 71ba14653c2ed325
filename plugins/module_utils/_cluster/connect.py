# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door to the cluster. What knows one is imported where a run turns out to need it: Ansible compiles each imported file in each run."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import NAMESPACE, given

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run
    from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Installation


def secrets_of(options: t.Any) -> list[t.Any]:
    """The secrets in the option ``kubernetes``, as it was given."""
    if options is None:
        return []
    from ansible_collections.litemaas.models.plugins.module_utils._cluster import kubeconfig

    return kubeconfig.secrets_of(options)


def connect(run: Run, again: bool = False) -> Installation | None:
    """The installation in the namespace that the options name; None where they name none. Asks for nothing yet. Raises InputError.

    ``again``: the run was begun before and lost its connection.
    """
    namespace = given(run.params, NAMESPACE).value
    if not namespace:
        return None
    from ansible_collections.litemaas.models.plugins.module_utils._cluster import installation

    return installation.installation(run, namespace, again)
