# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""The modules' sentences in the words of the role, whose users know its variables and not the modules' options. Pure."""

from __future__ import annotations

import functools
import re
import typing as t

# Set in the environment of a module that the role runs.
ROLE_VARIABLE = "LITEMAAS_MODELS_ROLE"

# Members of a result that are sentences, or lists of them.
_SENTENCES = frozenset(("msg", "message", "reason", "errors", "not_restored"))

_WORDS = [
    (r"(?<!\w)(force|allow_empty|restore): true", r"litemaas_models_\1: true"),
    (
        r"(?<!\w)(litellm_api_key|litellm_database_url|database_url|max_percent|max_count|lock_timeout|ca_path|notify_urls|model_patterns"
        r"|exclude_patterns|retention_days|wait_timeout|force_update|progress_file|keep_hidden)(?!\w)",
        r"litemaas_models_\1",
    ),
    (r"(?<!\w)kubernetes(?=\.(?!core))", "litemaas_models_kubernetes"),
    (r"(?<![\w.])validate_certs(?!\w)", "litemaas_models_verify_ssl"),
    (r"(?<!\w)duplicates(?= to collapse)", "litemaas_models_duplicates"),
    (r"(?<=or give )namespace(?!\w)", "litemaas_models_namespace"),
    (r"^(?=providers has )", "litemaas_models_"),
    (r"^(?=namespace must be)", "litemaas_models_"),
    (r" \(keep_models\)$", ", because the list has it or a step before failed for it"),
]


@functools.cache
def in_our_words(text: str) -> str:
    """A sentence of a module with the role's variables instead of the module's options."""
    for pattern, ours in _WORDS:
        text = re.sub(pattern, ours, text)
    return text


def result_in_our_words(result: t.Any) -> t.Any:
    """A copy of a result with all its sentences in the role's words; names and values stay as they are."""
    if isinstance(result, dict):
        return {name: _told(value) if name in _SENTENCES else result_in_our_words(value) for name, value in result.items()}
    if isinstance(result, list):
        return [result_in_our_words(member) for member in result]
    return result


def _told(value: t.Any) -> t.Any:
    if isinstance(value, list):
        return [_told(member) for member in value]
    return in_our_words(value) if isinstance(value, str) else result_in_our_words(value)
