# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases of LiteLLM that nobody should run are known as such, whatever a packager appends to their version."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.advisories import warning


@pytest.mark.parametrize(
    "version", ["1.82.7", "1.82.8", "v1.82.8", "1.82.8-stable", "1.82.8-stable.patch1", "1.82.8+build.3", " 1.107.0\n"]
)
def test_a_compromised_release(version):
    text = warning(version)
    assert "is compromised" in text
    assert "change every secret" in text


@pytest.mark.parametrize("version", ["1.82.6", "1.82.70", "1.82.9", "11.82.7", "1.81.0", "1.110.2", "", "unknown"])
def test_other_releases(version):
    assert warning(version) is None
