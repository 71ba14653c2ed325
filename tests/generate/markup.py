# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The markup of Ansible's documentation (``O(option)``, ``V(value)``, ``C(code)``, ...) in other forms."""

from __future__ import annotations

import re
from collections.abc import Callable

_MARKUP = re.compile(r"\b(?:[COVMPE]|RV)\(([^()]+)\)")


def to_markdown(text: str) -> str:
    """The text in Markdown, fit for a cell of a table."""
    return _MARKUP.sub(lambda found: " of ".join(f"`{name}`" for name in _names(found.group(1))), text).replace("|", r"\|")


def to_plain(text: str) -> str:
    """The text without any markup."""
    return _MARKUP.sub(lambda found: " of ".join(_names(found.group(1))), text)


def with_options(text: str, rename: Callable[[str], str]) -> str:
    """The text with another name for each ``O(option)`` of the same plugin, which may have a value (``O(option=value)``)."""
    return re.sub(r"\bO\((\w+)(=[^()]+)?\)", lambda found: f"O({rename(found.group(1))}{found.group(2) or ''})", text)


def _names(within: str) -> list[str]:
    """An option and its plugin, of ``plugin#type:option``; else a name by itself."""
    plugin, _hash, rest = within.partition("#")
    option = rest.partition(":")[2]
    return [option, plugin] if option else [plugin]
