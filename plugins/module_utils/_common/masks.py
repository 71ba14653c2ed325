# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what LiteLLM shows instead of a secret, and whether a value is that."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t

# LiteLLM masks texts under a name that has one of these, secret or not (1.81.0 to 1.110: litellm/litellm_core_utils/
# sensitive_data_masker.py). It cuts names at _ and - only, and newer versions leave costs out.
_MASKED_SEGMENTS = frozenset(
    [
        "access",
        "auth",
        "authorization",
        "certificate",
        "certificates",
        "cookie",
        "credential",
        "credentials",
        "fingerprint",
        "key",
        "password",
        "passwords",
        "private",
        "secret",
        "secrets",
        "tenancy",
        "token",
    ]
)
# A longer text keeps its first and last four characters.
LONGEST_ALL_MASKED = 8
MOST_KEPT = 8
_MASKED_TEXT = re.compile(r"(?s).{4}\*+.{4}|\*{1,8}|.*\*{4}.*")
# What LiteLLM shows instead of a secret, of which nobody can make the secret.
_MASK = re.compile(r"(?s).{0,4}\*{4,}.{0,4}")


def is_masked(value: t.Any) -> bool:
    """Whether a value is what LiteLLM shows instead of a secret (``sk-a****6789``), and so never the secret itself."""
    return isinstance(value, str) and "****" in value


def is_mask(value: t.Any) -> bool:
    """Whether a value is nothing but a mask, of which nobody can make the secret."""
    return isinstance(value, str) and _MASK.fullmatch(value) is not None


def has_mask(value: t.Any) -> bool:
    """Whether something in a value is masked."""
    if isinstance(value, dict):
        return any(has_mask(member) for member in value.values())
    if isinstance(value, list):
        return any(has_mask(member) for member in value)
    return is_masked(value)


def may_be_masked(name: str, value: t.Any) -> bool:
    """Whether some version of LiteLLM shows a mask of something in a parameter, by its name and whether it is a secret or not."""
    if isinstance(value, dict):
        return any(may_be_masked(str(key), member) for key, member in value.items())
    if isinstance(value, list):
        return any(may_be_masked(name, member) for member in value if isinstance(member, (str, dict, list)))
    segments = name.lower().replace("-", "_").split("_")
    return bool(_MASKED_SEGMENTS.intersection(segments)) and ("cost" not in segments or len(str(value)) > LONGEST_ALL_MASKED)


def shows_mask(name: str, value: t.Any) -> bool:
    """Whether something in a parameter that LiteLLM shows is a mask."""
    if isinstance(value, dict):
        return any(shows_mask(str(key), member) for key, member in value.items())
    if isinstance(value, list):
        return any(shows_mask(name, member) for member in value)
    return is_masked(value) or (isinstance(value, str) and may_be_masked(name, value) and _MASKED_TEXT.fullmatch(value) is not None)


def is_shown_as(value: t.Any, shown: t.Any) -> bool:
    """Whether LiteLLM may show this of a value: the value, its text, or a mask of that, with any number of stars."""
    if isinstance(value, dict) and isinstance(shown, dict):
        return value.keys() == shown.keys() and all(is_shown_as(member, shown[key]) for key, member in value.items())
    if isinstance(value, list) and isinstance(shown, list):
        return len(value) == len(shown) and all(map(is_shown_as, value, shown))
    if not isinstance(shown, str) or isinstance(value, (dict, list)):
        return bool(value == shown) and isinstance(value, bool) is isinstance(shown, bool)
    texts = {str(value), str(float(value))} if isinstance(value, (int, float)) and not isinstance(value, bool) else {str(value)}
    return shown in texts or any(_is_mask_of(shown, text) for text in texts)


def _is_mask_of(shown: str, text: str) -> bool:
    """Whether this is the text with stars in its middle. A text may have stars of its own, so each way to cut it is tried."""
    lengths = range(min(MOST_KEPT, len(text)) + 1)
    return any(
        len(shown) > before + after
        and shown[:before] == text[:before]
        and shown[len(shown) - after :] == text[len(text) - after :]
        and set(shown[before : len(shown) - after]) == {"*"}
        for before in lengths
        for after in lengths
        if before + after <= len(text)
    )
