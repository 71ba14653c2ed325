# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A model spec: one entry of the user's list, read."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import BACKEND_PARAMETERS

PRESENT = "present"
ABSENT = "absent"

# What a new model needs. An empty text is none, and a message says that it is empty.
NEEDED = ("litellm_model", "api_base", "api_key")


@dataclasses.dataclass(frozen=True)
class Spec:
    """One entry of the user's list, read: ``options`` holds only what was given, by option name, as the field's type."""

    model_name: str
    position: int
    state: str = PRESENT
    options: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    model_id: str | None = None
    extra_params: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    secret_params: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    extra_info: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    # Said by "api_key: false".
    without_key: bool = False
    # Which of NEEDED were given as an empty text.
    empty: frozenset[str] = frozenset()

    @property
    def provider(self) -> str:
        """LiteLLM's provider of the model: custom_llm_provider, or what stands before the first slash of litellm_model."""
        given = self.options.get("custom_llm_provider")
        model = self.options.get("litellm_model", "")
        return str(given or (model.split("/", 1)[0] if "/" in model else ""))

    def variant(self) -> tuple[str, str, str]:
        """What tells one deployment of a model from another, as a rule."""
        return (self.model_name, self.options.get("litellm_model", ""), self.options.get("api_base", ""))

    def parameters(self) -> dict[str, t.Any]:
        """All of LiteLLM's parameters that the spec gives, secrets too, by LiteLLM's names."""
        named = {key: value for option, value in self.options.items() for part, key in BY_OPTION[option].paths if part == "litellm_params"}
        return {**named, **self.extra_params, **self.secret_params}

    def backend(self) -> dict[str, str]:
        """What else tells one deployment from another: those of ``BACKEND_PARAMETERS`` that are given."""
        return backend_of(self.parameters())


def backend_of(parameters: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Those of ``BACKEND_PARAMETERS`` that are given, as text. A provider that the model's own name begins with adds nothing."""
    found = {name: str(parameters[name]) for name in BACKEND_PARAMETERS if parameters.get(name) not in (None, "")}
    if str(parameters.get("model", "")).startswith(found.get("custom_llm_provider", "") + "/"):
        found.pop("custom_llm_provider", None)
    return found
