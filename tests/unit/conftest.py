# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all unit tests share, under plain pytest and under ansible-test (which does not read pyproject.toml)."""

from __future__ import annotations

import hypothesis
import pytest

# A busy machine draws its examples slowly, and that says nothing about the code.
hypothesis.settings.register_profile("busy", suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None)
hypothesis.settings.load_profile("busy")

# Seconds. The slowest takes a few.
TIME_LIMIT = 120
MARKERS = ("any_litellm", "each_litellm", "installed", "litellm", "postgres", "slow")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for name in MARKERS:
        config.addinivalue_line("markers", f"{name}: see pyproject.toml")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test a time limit, where pytest-timeout is installed."""
    if config.pluginmanager.hasplugin("timeout"):
        for item in items:
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(TIME_LIMIT))
