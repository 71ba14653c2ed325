# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: releases of LiteLLM that nobody should run, and who says so."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

# A release of LiteLLM -> what is wrong with it, and where that is written.
COMPROMISED: dict[str, tuple[str, str]] = {
    "1.82.7": (
        "somebody else published it; it sends credentials of its machine away whenever the proxy is imported",
        "OSV MAL-2026-2144, github.com/BerriAI/litellm/issues/24512",
    ),
    "1.82.8": (
        "somebody else published it; it sends credentials of its machine away at every start of Python",
        "OSV MAL-2026-2144, github.com/BerriAI/litellm/issues/24512",
    ),
    "1.107.0": ("it is reported as compromised, and its project has taken it back", "it is no longer on PyPI"),
}


def warning(version: str) -> str | None:
    """Return what to tell somebody who runs a release, with its source; None for one that is not known as compromised.

    ``version`` is LiteLLM's own text, such as ``1.82.7``; what packagers append to it (``1.82.8-stable``, ``v1.82.8``) does not count.
    """
    release = version.strip().lstrip("v").partition("-")[0].partition("+")[0]
    if release not in COMPROMISED:
        return None
    what, source = COMPROMISED[release]
    return (
        f"LiteLLM {release} is compromised: {what} ({source}). Stop it, install another release, and change every secret that it could read"
    )
