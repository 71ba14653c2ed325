# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database is the second witness, and what becomes of a URL that names none."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._proof import witness as _witness
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints

UNREADABLE = "mysql://demo:demo-password-not-real@host/x"
NOBODY = "postgresql://demo:demo-password-not-real@127.0.0.1:9/x"


class FakeRun:
    """What connect() needs of a run."""

    def __init__(self, url):
        self.params = {"litellm_database_url": url}

    def keep_secret(self, *values):
        """Nothing is printed."""


@pytest.mark.parametrize(("option", "variable", "name"), [
    (None, "", None),
    (None, "  ", None),
    ("", UNREADABLE, None),
    (" ", UNREADABLE, None),
    (UNREADABLE, "", "litellm_database_url is no"),
    (None, UNREADABLE, "LITELLM_DATABASE_URL is no"),
    (f" {NOBODY} ", "", "in litellm_database_url, and"),
    (None, NOBODY, "in LITELLM_DATABASE_URL, and"),
])  # fmt: skip
def test_who_is_the_witness(monkeypatch, option, variable, name):
    monkeypatch.setenv("LITELLM_DATABASE_URL", variable)
    run = FakeRun(option)
    endpoint = endpoints.witness(run)
    assert (endpoint is None) is (name is None)
    if endpoint is not None:
        away = _witness.connect(endpoint, run.keep_secret).ask().away
        assert name in away
        assert "demo-password" not in away
        assert "Is the server running" not in away
