# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run as an Ansible module, in a process of its own. The only room that knows ``AnsibleModule``."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import copy
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.litemaas.models.plugins.module_utils._run import options, runner

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import ArgumentSpec
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Cluster, Run


class RawModule(AnsibleModule):
    """AnsibleModule that remembers its options as they were given: its own conversion makes a text of a list."""

    params: dict[str, t.Any]
    raw_params: dict[str, t.Any]
    ordinary: set[str]
    # Progress goes into a file, where somebody asks for it.
    show_progress: t.Callable[[str], None] | None = None

    def __init__(self, cluster: Cluster, **arguments: t.Any) -> None:
        self._cluster = cluster
        super().__init__(**arguments)

    def _load_params(self) -> None:
        super()._load_params()
        self.raw_params = copy.deepcopy(self.params)
        secrets = options.secrets_in(self.params, self._cluster, os.environ)
        self.no_log_values.update(secrets.known)
        self.ordinary = secrets.ordinary

    def fail_json(self, msg: str, **details: t.Any) -> t.NoReturn:
        """As Ansible's own. Options that Ansible refuses are shown without secrets, and unknown ones with the nearest known name."""
        unknown = getattr(getattr(self, "validation_result", None), "unsupported_parameters", None) or ()
        msg = options.with_nearest_names(msg, unknown, self.argument_spec)
        if "invocation" not in details:
            refused = options.refused(msg, self.raw_params, self.argument_spec, self.no_log_values)
            self.no_log_values.update(refused.secrets)
            msg, details["invocation"] = refused.message, {"module_args": refused.shown}
        super().fail_json(msg=msg, **details)


def run_module(spec: ArgumentSpec, steps: t.Callable[[Run], runner.Steps], cluster: Cluster) -> t.NoReturn:
    """Build the module, carry its steps out, and let Ansible print the answer. Never returns."""
    module = RawModule(cluster, supports_check_mode=True, **spec.to_kwargs())
    result = runner.answer(module, spec, steps, cluster)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
