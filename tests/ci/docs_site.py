# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation as a web site: what antsibull-docs makes of the plugins and roles, beside the project's own pages."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.ci.paths import COLLECTION, WORK

SITE = WORK / "docs-site"
SOURCE = SITE / "source"
HTML = SITE / "html"
# Pages that others link to, at the same place as in the repository, so that their links hold.
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "tests/support/README.md")


def prepare(tree: Path) -> None:
    """Lay out what Sphinx reads, anew."""
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.copytree(tree / "docs", SOURCE / "docs", ignore=shutil.ignore_patterns("docsite"))
    shutil.copytree(tree / "docs" / "docsite", SOURCE, dirs_exist_ok=True, ignore=shutil.ignore_patterns("links.yml"))
    for name in PAGES:
        (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / name, SOURCE / name)
    (SOURCE / "collection").mkdir()


def commands() -> list[tuple[str, list[str]]]:
    """Return the commands that make the site, each with its name. A warning is an error."""
    plugins = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    pages = ["sphinx-build", "--fail-on-warning", "--keep-going", "--quiet", "--jobs", "2", "-b", "html"]
    return [
        ("pages of the plugins", [*plugins, "--dest-dir", str(SOURCE / "collection"), COLLECTION]),
        ("docs site", [*pages, "-d", str(SITE / "doctrees"), str(SOURCE), str(HTML)]),
    ]
