# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guards: where each stands in the plugins, its mutants, and which tests must notice. One file for each package."""

from __future__ import annotations

from tests.mutations.guards import cluster, common, litellm, litemaas, plugins, postgres, proof, run

GUARDS = [
    *common.GUARDS,
    *run.GUARDS,
    *cluster.GUARDS,
    *litellm.GUARDS,
    *postgres.GUARDS,
    *litemaas.GUARDS,
    *proof.GUARDS,
    *plugins.GUARDS,
]
