# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a list of models before a module gets to see it, in sentences. Pure."""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import difflib
import re
import typing as t
from collections.abc import Mapping

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import named, of_many
from ansible_collections.litemaas.models.plugins.module_utils._common.model_info import option_of, place_of_parameter
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import model_options

Spec = t.Mapping[str, t.Any]

# So many models or entries are named in one sentence.
NAMED = 3

# What people call a field, as other tools and LiteLLM's own files do.
OTHER_NAMES = {
    "base_url": "api_base",
    "context_window": "context_length",
    "endpoint": "api_base",
    "id": "model_id",
    "key": "api_key",
    "litellm_params": "extra_params",
    "litellm_provider": "custom_llm_provider",
    "max_context_length": "context_length",
    "model_info": "extra_info",
    "name": "model_name",
    "url": "api_base",
}

NO_LIST = "{0} must be a list of models, each with its own fields. examples/models.yml of the collection litemaas.models shows one."
NO_MODEL = "{0} must be a list of models: {1} of it {2} no fields. examples/models.yml of the collection litemaas.models shows one."
UNKNOWN_FIELD = "{0}: {1} is not a field of a model{2}."
FREE_FIELDS = "Parameters that only LiteLLM knows go into extra_params, secrets among them into secret_params."
NOTHING = (
    "There is nothing to do: the list of models is empty, and no models are pulled from LiteLLM. Add models to litemaas_models_list, "
    "or leave litemaas_models_sync_from_litellm and litemaas_models_backend_enabled true."
)


def is_model(value: t.Any) -> bool:
    """Whether something is one model, and not models by their names."""
    return isinstance(value, Mapping) and (not value or any(name in model_options() for name in value))


def structure_problems(specs: t.Any, name: str) -> list[str]:
    """Why something is no list of models. ``name`` is the variable or the option that it came in."""
    if not isinstance(specs, list):
        return [NO_LIST.format(name)]
    wrong = [f"entry {place}" for place, spec in enumerate(specs, 1) if not isinstance(spec, Mapping)]
    return [NO_MODEL.format(name, named(wrong, NAMED), of_many(len(wrong), "has", "have"))] if wrong else []


def unknown_fields(specs: t.Sequence[Spec]) -> list[str]:
    """A sentence for each field that no model has, with the models that have it and the nearest known name."""
    known = sorted(model_options())
    models: dict[str, list[str]] = {}
    for place, spec in enumerate(specs, 1):
        for field in spec:
            if field not in known:
                models.setdefault(str(field), []).append(name_of(spec, place))
    told = [UNKNOWN_FIELD.format(named(models[field], NAMED), field, _field_meant(field, known)) for field in sorted(models)]
    return [*told, FREE_FIELDS] if told else []


def wrong_values(specs: t.Sequence[Spec]) -> list[str]:
    """What the modules would say of the values: each is a failure of its model alone, unless the run ends before them."""
    _specs, errors = read_specs([dict(spec) for spec in specs])
    return [_sentence(error.message) for error in errors]


def name_of(spec: Spec, place: int) -> str:
    """What a model is called in a message."""
    name = spec.get("model_name")
    return name if isinstance(name, str) and name.strip() else f"entry {place} of the list"


def did_you_mean(word: str, known: t.Iterable[str], meant: t.Mapping[str, str] | None = None) -> str:
    """The nearest known name, or what is ``meant`` by it, in brackets; empty where none is near."""
    near = difflib.get_close_matches(_spelt(word), list(known), n=1)
    return f" (did you mean {(meant or {}).get(near[0], near[0])}?)" if near else ""


def _field_meant(word: str, known: t.Sequence[str]) -> str:
    """The field that a name stands for, or is near to, in brackets; empty where there is none."""
    spelt = _spelt(word)
    option = spelt if spelt in known else OTHER_NAMES.get(spelt) or option_of(spelt)
    if option:
        return f" (did you mean {option}?)"
    place = place_of_parameter(spelt)
    return f" (give it {place})" if place else did_you_mean(spelt, known)


def _spelt(word: str) -> str:
    """A name as ours are spelt: ``apiKey`` and ``API-KEY`` are ``api_key``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word.strip()).lower().replace("-", "_").replace(" ", "_")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else text + "."
