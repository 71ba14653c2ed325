# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the test servers consist of is locked with hashes, and nothing that is known as compromised is installed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.advisories import COMPROMISED
from tests.support.errors import SupportError
from tests.support.litellm import VERSIONS, install_litellm
from tests.support.locks import REQUIREMENTS, lock_file, lock_names, lock_text, refuse_compromised

ROOT = Path(__file__).parents[3]
PACKAGE = re.compile(r"^[\w.\[\]-]+==\S+(?: ; .*?)?((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE)


@pytest.mark.parametrize("name", lock_names())
def test_every_package_has_hashes(name: str) -> None:
    text = lock_text(name)
    assert all(hashes for hashes in PACKAGE.findall(text))
    assert len(PACKAGE.findall(text)) == len(re.findall("^[^# ]", text, re.MULTILINE)) > 0


@pytest.mark.parametrize("name", lock_names())
def test_a_lock_has_what_is_wanted(name: str) -> None:
    """Who edits the requirements and forgets the lock is told."""
    locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", lock_text(name), re.MULTILINE))
    wanted = re.findall(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+)", (REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8"), re.MULTILINE)
    assert wanted
    assert {package: locked.get(package) for package, _version in wanted} == dict(wanted)


def test_every_version_is_locked() -> None:
    assert {f"litellm-{version}" for version in VERSIONS} <= set(lock_names())
    assert {path.stem for path in REQUIREMENTS.glob("*.txt")} == set(lock_names())


@pytest.mark.parametrize("part", ["cli", "engine", "migrate"])
def test_npm_packages_have_hashes(part: str) -> None:
    packages = json.loads((ROOT / "tests" / "support" / "prisma" / part / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    locked = {name: package for name, package in packages.items() if name}
    assert locked
    assert all(package["integrity"].startswith("sha512-") for package in locked.values())


@pytest.mark.parametrize("version", sorted(COMPROMISED))
def test_a_compromised_release_is_refused(version: str) -> None:
    for requirements in (
        f"litellm=={version}",
        f"six==1.17.0\nlitellm[proxy] == {version} \\\n",
        f"LiteLLM=={version} ; python_version > '3'",
    ):
        with pytest.raises(SupportError, match=f"LiteLLM {version} is compromised"):
            refuse_compromised(requirements)
    with pytest.raises(SupportError, match="is compromised"):
        install_litellm(version)


def test_a_version_without_a_lock_names_those_that_have_one() -> None:
    with pytest.raises(SupportError, match=r"litellm-1\.2\.3 has no lock file .*litellm-1\.81\.0"):
        lock_file("litellm-1.2.3")


def test_the_page_on_security_has_the_table() -> None:
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    rows = [tuple(row) for row in re.findall(r"^\| (\d\S+) \| (.+) \| (.+) \|$", page, re.MULTILINE)]
    assert rows == [(version, *why) for version, why in COMPROMISED.items()]
