# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m tests.generate`` writes the generated files; with ``--check`` it only says which of them are out of date."""

from __future__ import annotations

import sys

from tests.generate.files import ROOT, generated
from tests.generate.tables import TableError


def main(arguments: list[str]) -> int:
    """Write the files that differ and name them. With ``--check`` write none, and return 1 where one differs."""
    wrong = False
    for name, text in generated():
        if _is(name, text):
            continue
        wrong = True
        if "--check" in arguments:
            print(f'{name} is not what "make generate" writes: run that')
        else:
            (ROOT / name).write_text(text, encoding="utf-8")
            print(f"written: {name}")
    return int(wrong and "--check" in arguments)


def _is(name: str, text: str) -> bool:
    path = ROOT / name
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except TableError as problem:
        sys.exit(f"{problem}")
