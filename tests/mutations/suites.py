# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests that must notice: their files, and those that belong to several guards."""

from __future__ import annotations

UNIT = "tests/unit/plugins/module_utils/"
GUARD, ROWS, LITELLM = f"{UNIT}test_guard.py", f"{UNIT}test_rows.py", f"{UNIT}test_litellm.py"
COMPLETENESS, SOURCE, RESTORE = f"{UNIT}test_completeness.py", f"{UNIT}test_source.py", f"{UNIT}test_restore.py"
RUN, NOTIFY = f"{UNIT}test_run.py", f"{UNIT}test_notify.py"
HTTP, SPECS, DEPLOYMENTS = f"{UNIT}test_http.py", f"{UNIT}test_specs.py", f"{UNIT}test_deployments.py"
FINGERPRINTS = f"{UNIT}test_fingerprints.py"
IDENTITY, RECONCILE = f"{UNIT}test_identity.py", f"{UNIT}test_reconcile.py"
REMOVALS, UNREADABLE = f"{UNIT}test_removals.py", f"{UNIT}test_unreadable.py"
COST_MAP, PLANNING = f"{UNIT}test_cost_map.py", f"{UNIT}test_planning.py"
REDACT, TLS, POSTGRES = f"{UNIT}test_redact.py", f"{UNIT}test_tls.py", f"{UNIT}test_postgres.py"
SYNC, CLEANUP = "tests/integration/test_database_sync.py", "tests/integration/test_database_cleanup.py"
KEY_PERMISSION = "tests/integration/test_key_permission.py"
CONNECTION, RACES = "tests/integration/test_database_connection.py", "tests/integration/test_database_races.py"
GIVING_BACK, INFO = "tests/integration/test_database_restore.py", "tests/integration/test_sync_info.py"
FAULTS, NOTIFICATION = "tests/integration/test_faults_postgres.py", "tests/integration/test_notification.py"
WITNESS, WHOSE_WITNESS = "tests/integration/test_witness.py", f"{UNIT}test_witness.py"
NAMESPACE = "tests/unit/test_openshift.py"
ADDRESS = f"{UNIT}test_address.py"
KUBERNETES, TUNNEL, ACCESS = f"{UNIT}test_kubernetes.py", f"{UNIT}test_tunnel.py", "tests/integration/test_cluster_access.py"
ODD_ROWS = "tests/integration/test_database_odd_rows.py"
UNFINISHED = "TestSavedAndNotServed::test_"
ROLE, VARIABLES, PACKED = (f"tests/unit/plugins/plugin_utils/test_{name}.py" for name in ("role_variables", "variables", "packed"))
IN_PROCESS = "tests/unit/plugins/plugin_utils/test_in_process.py"
MODEL_INFO, PROVIDERS = f"{UNIT}test_model_info.py", f"{UNIT}test_providers.py"
OUTLOOK = f"{UNIT}test_outlook.py"
FILTERS, SHOW_TEXT = "tests/unit/plugins/filter/test_filters.py", "tests/unit/plugins/action/test_show_text.py"
REPLACE = f"{DEPLOYMENTS}::TestReplace"


def of(file: str, *names: str) -> tuple[str, ...]:
    """Return the ids of some tests of a file."""
    return tuple(f"{file}::test_{name}" for name in names)


VERDICT = of(GUARD, "verdict")
PROOF = of(COMPLETENESS, "reasons")
NO_ORPHAN = of(ROWS, "what_is_no_orphan")
WILDCARD = of(ROWS, "what_a_wildcard_stands_for")
CASCADE = of(SYNC, "the_cascade_hits_only_keys_that_lost_the_model")
CONFLICT = of(
    ROWS, "conflict_resolution", "merge_and_database_wins_fill_what_is_empty", "the_defaults_of_the_list_stay_after_the_row_was_made"
)
BACKEND_QUIET = of(ROWS, "what_only_the_backend_would_take_for_different_is_written_once")
GIVEN_BACK = of(RESTORE, "a_subscription", "a_key", "a_key_comes_back_with_its_owners_subscription")
ONCE = of(LITELLM, "create_is_exactly_once", "a_create_that_did_not_happen_is_an_error")
TOLD_ONCE = of(NOTIFICATION, "a_change_is_told_once_and_quiet_runs_and_check_mode_tell_nothing")
MISPLACED = of(MODEL_INFO, "what_belongs_elsewhere_is_refused_with_its_place")
CREATE = of(SPECS, "what_a_create_needs")
