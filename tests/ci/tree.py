# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as Ansible wants to see it: a real folder ``.../ansible_collections/litemaas/models``, never a link."""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import os
import shutil
import subprocess
from pathlib import Path

from tests.ci.paths import NAME, NAMESPACE, ROOT, WORK

# Made inside the tree, by the tests and by us; a refresh leaves them alone.
KEPT = ("tests/output", ".git")


def collection_tree(label: str = "main") -> Path:
    """Bring the copy called ``label`` up to date with the clone and return the collection's root in it."""
    target = WORK / "trees" / label / "ansible_collections" / NAMESPACE / NAME
    target.mkdir(parents=True, exist_ok=True)
    with (WORK / "trees" / f"{label}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _own_repository(target)
        wanted = _source_files()
        _remove_vanished(target, wanted)
        for name in wanted:
            _copy(ROOT / name, target / name)
    return target


def collections_path(tree: Path) -> Path:
    """Return what ANSIBLE_COLLECTIONS_PATH and PYTHONPATH need for a tree."""
    return tree.parents[2]


def git(*words: str, folder: Path = ROOT) -> str:
    """Run git in a folder, whatever repository the environment speaks of, and return what it prints."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", *words], cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=True).stdout


def source_names() -> list[str]:
    """Return the tracked files and the new ones that git does not ignore."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return [name for name in dict.fromkeys(listed) if name]


def _source_files() -> list[str]:
    """Return all of them but the links to folders, by which a clone's playbooks find the collection that is the tree itself."""
    return [name for name in source_names() if (ROOT / name).is_file()]


def _own_repository(target: Path) -> None:
    """Make the tree a repository: the tools ask git for its files, and the clone around it would say that all are ignored."""
    if not (target / ".git").is_dir():
        git("init", "--quiet", "--template=", folder=target)


def _remove_vanished(target: Path, wanted: list[str]) -> None:
    keep = set(wanted)
    for folder, subfolders, files in os.walk(target, topdown=True):
        here = Path(folder).relative_to(target)
        subfolders[:] = [name for name in subfolders if (here / name).as_posix() not in KEPT]
        for name in files:
            if (here / name).as_posix() not in keep:
                (target / here / name).unlink()
    for folder, _subfolders, _files in os.walk(target, topdown=False):
        kept = Path(folder).relative_to(target).as_posix().startswith(KEPT)
        if folder != str(target) and not kept and not os.listdir(folder):
            os.rmdir(folder)


def _copy(source: Path, target: Path) -> None:
    if target.is_file() and filecmp.cmp(source, target) and os.access(source, os.X_OK) == os.access(target, os.X_OK):
        return
    if target.is_dir():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):  # an editor may be replacing the file just now
        shutil.copy2(source, target)
