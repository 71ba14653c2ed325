# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look for what must not be in a public source tree: this machine's paths, registry hosts, keys, generated files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from tests.ci.paths import ROOT
from tests.ci.tree import git, source_names

MAX_BYTES = 600_000

# The patterns are written so that they do not match themselves.
PATTERNS = {
    "a path of the machine it was written on": re.compile(r"(?<![\w.<}])/(?:wor[k]|roo[t])/|(?<![\w.])/home/(?!runner|user)\w+/"),
    "the host of a package registry": re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|file:///op[t]/"),
    "a lock file's download address": re.compile(r'"resolve[d]"\s*:\s*"https?:'),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KE[Y]-----"),
    "a key of a cloud or code host": re.compile(r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|AIza[\w-]{35}|xox[abp]-[\w-]{20,})"),
}
API_KEY = re.compile(r"\bsk-[A-Za-z0-9_-]{16,}")
PRETEND = re.compile(r"example|test|fake|dummy|secret|change|your|master|upstream|admin|demo|xxx|1234|0000|invalid|wrong", re.IGNORECASE)
GENERATED = re.compile(r"(^|/)(__pycache__|node_modules|\.venv|\.work|tests/output|\.ansible)(/|$)|\.(pyc|tar\.gz|whl)$")
TEXTS_OF_OTHERS = ("LICENSE", "LICENSES/")
# By these a playbook finds the collection that it lies in. They lead to three folders and not to the root, which would be a circle.
_ITSELF = "playbooks/collections/ansible_collections/litemaas/models"
LINKS = {f"{_ITSELF}/{folder}": f"../../../../../{folder}" for folder in ("meta", "plugins", "roles")}


def findings() -> Iterator[str]:
    """Yield one line for everything that should not be there."""
    for name in filter(None, git("ls-files", "-z", "--cached", "--ignored", "--exclude-standard").split("\0")):
        yield f"{name}: tracked although .gitignore names it: a models file or an inventory of one's own?"
    for name in source_names():
        path = ROOT / name
        if GENERATED.search(name):
            yield f"{name}: a generated file"
        elif path.is_symlink():
            if LINKS.get(name) != os.readlink(path):
                yield f"{name}: a symbolic link"
        elif path.is_file() and not name.startswith(TEXTS_OF_OTHERS):
            yield from _of_file(name, path.read_bytes())


def _of_file(name: str, content: bytes) -> Iterator[str]:
    if len(content) > MAX_BYTES:
        yield f"{name}: {len(content)} bytes"
    for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), 1):
        for what, pattern in PATTERNS.items():
            if pattern.search(line):
                yield f"{name}:{number}: {what}"
        if any(_looks_real(key) for key in API_KEY.findall(line)):
            yield f"{name}:{number}: a key that looks real"


def _looks_real(key: str) -> bool:
    mixed = re.search("[a-z]", key[3:]) and re.search("[0-9]", key[3:])
    return bool(mixed) and not PRETEND.search(key)
