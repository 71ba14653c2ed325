# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

"""The modules' sentences in the words of the role. Pure."""

from __future__ import annotations

import re

# Modules speak of their options; a user of the role knows its variables.
_WORDS = [
    (r"(?<!\w)(force|allow_empty|restore|keep_hidden): true", r"litemaas_models_\1: true"),
    (
        r"(?<!\w)(litellm_api_key|litellm_database_url|database_url|max_percent|max_count|lock_timeout|ca_path|notify_urls|model_patterns"
        r"|exclude_patterns|retention_days|wait_timeout)(?!\w)",
        r"litemaas_models_\1",
    ),
    (r"(?<!\w)kubernetes(?=\.(kubeconfig|host|api_key|ca_cert|validate_certs))", "litemaas_models_kubernetes"),
    (r"(?<![\w.])validate_certs(?!\w)", "litemaas_models_verify_ssl"),
    (r"(?<!\w)duplicates(?= to collapse)", "litemaas_models_duplicates"),
]


def in_our_words(text: str) -> str:
    """A sentence of a module with the role's variables instead of the module's options."""
    for pattern, ours in _WORDS:
        text = re.sub(pattern, ours, text)
    return text
