# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a deployment is what a spec says, and what an update sends. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.field import Field
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION, FIELDS
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import (
    hmac_key,
    is_known,
    is_of_earlier_version,
    kept_with,
    normal_form,
    of_hmac,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import (
    has_mask,
    is_masked,
    is_shown_as,
    may_be_masked,
    shows_mask,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import CLEARABLE, STICKY_FLAGS
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import json_structure, without_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._common.unreadable import UNREADABLE, looks_encrypted, unreadable
from ansible_collections.litemaas.models.plugins.module_utils._common.values import to_float
from ansible_collections.litemaas.models.plugins.module_utils._litellm.body import (
    NEVER_SHOWN,
    TELL_THE_PROVIDER,
    has_reference,
    is_enriched,
    is_hidden,
    is_reference,
    masked_values,
    opaque_values,
    values_by_path,
    with_defaults,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import (
    INFO_KEY,
    MANAGED_KEY,
    NAME_KEY,
    PARAMS_KEY,
    memory_in,
    memory_of,
    names_kept,
    own_info,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import (
    BY_PATH,
    HIDDEN,
    NAMED_PARAMETERS,
    REVISION_PARAMETER,
    SAVED_ONLY,
    Change,
    Policy,
)


def _digest(value: t.Any) -> str:
    """A short text that differs where the value differs."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def shown_value(name: str, value: t.Any) -> t.Any:
    """A value as a result shows it: secrets are hidden."""
    field = BY_OPTION.get(name)
    return HIDDEN if (field.secret if field else is_hidden(name, value)) else value


class Comparison:
    """Compares one spec with its deployment: declared keys only, because LiteLLM adds, rounds, masks and enriches."""

    def __init__(self, spec: Spec, entry: Deployment, policy: Policy) -> None:
        self.spec = spec
        self.entry = entry
        self.policy = policy
        self.changes: list[Change] = []
        self.params: dict[str, t.Any] = {}
        self.info: dict[str, t.Any] = {}
        self.cleared: list[tuple[str, str]] = []
        self.rename = spec.model_name != entry["model_name"]
        self.remembered = memory_in(entry)

    def compare(self) -> None:
        """Fill changes and what has to be sent."""
        if self.rename:
            self.changes.append(Change("model_name", self.entry["model_name"], self.spec.model_name))
        opaque = opaque_values(self.spec)
        # With replace, presentation that the spec leaves out goes back to its default.
        wanted = values_by_path(with_defaults(self.spec) if self.policy.replace else self.spec.options)
        for path, (field, value) in wanted.items():
            if path[1] not in opaque or path[0] != "litellm_params":
                self._compare_value(path, field, value)
        for name, value in self.spec.extra_params.items():
            if may_be_masked(name, value) and name not in opaque:
                self._compare_masked(name, value)
            elif name not in opaque:
                self._compare_extra(name, value)
        for name, value in sorted(opaque.items()):
            self._compare_opaque(name, value)
        for name, value in self.spec.extra_info.items():
            self._compare_info(name, value)
        if self.policy.replace:
            self._clear_left_out(wanted)
        elif self.spec.without_key and hmac_key("api_key") in self.entry["model_info"]:
            self._clear("api_key", ("litellm_params", "api_key"), secret=True)
        if self.changes:
            self._renew_fingerprints(opaque)
        self._remember()
        if self._writes():
            self._save_prices()

    def _writes(self) -> bool:
        return bool(self.params or self.info or self.cleared or self.rename)

    def _compare_value(self, path: tuple[str, str], field: Field, value: t.Any) -> None:
        have = current_value(self.entry, path)
        if not is_same(field, value, have) or self._is_of_another(path):
            self._set(path, value)
            change = Change(str(field.option), have, value)
            if change not in self.changes:
                self.changes.append(change)

    def _is_of_another(self, path: tuple[str, str]) -> bool:
        """Whether what LiteLLM shows may be what it has of another deployment, so that it is not saved here."""
        said = own_info(self.entry) if is_enriched(path) and id_of(self.entry) in self.policy.sharing else None
        return said is not None and path[1] not in said

    def _compare_extra(self, name: str, value: t.Any) -> None:
        have = self.entry["litellm_params"].get(name)
        if has_mask(have):
            self._compare_opaque(name, value)
        elif not same_value(value, have):
            self._set(("litellm_params", name), value)
            self.changes.append(Change(name, without_secrets(name, have), without_secrets(name, value)))

    def _compare_masked(self, name: str, value: t.Any) -> None:
        """Compare what is no secret by what is shown of it; where that is a mask, by its fingerprint too."""
        have = self.entry["litellm_params"].get(name)
        shown = same_value(value, have) or is_shown_as(value, have)
        if shown and shows_mask(name, have) and self.policy.update_secrets != "on_create":
            shown = is_known(self.entry["model_info"].get(hmac_key(name)), self.policy.admin_key, name, value)
        if not shown:
            self._set(("litellm_params", name), value)
            self._keep_fingerprint(name, value)
            self.changes.append(Change(name, without_secrets(name, have), without_secrets(name, value)))

    def _compare_info(self, name: str, value: t.Any) -> None:
        have = self.entry["model_info"].get(name)
        differs = isinstance(have, bool) is not isinstance(value, bool) or (have != value and not _same_number(value, have))
        if differs or self._is_of_another(("model_info", name)):
            self.info[name] = value
            self.changes.append(Change(name, without_secrets(name, have), without_secrets(name, value)))

    def _shows_another(self, name: str, value: t.Any) -> bool:
        """Whether somebody else changed a secret, by what LiteLLM shows of it: a mask, or all where it takes its name for no secret's."""
        shown = self.entry["litellm_params"].get(name)
        if name in NEVER_SHOWN or shown is None or has_reference(value) or self.entry.get(SAVED_ONLY):
            return False
        if isinstance(value, str) and not isinstance(shown, str):
            # LiteLLM made something else of the text, such as a number.
            return False
        if json_structure(value) is not value and shows_mask(name, shown):
            # The same structure may have been stored as another text.
            return False
        return not is_shown_as(value, shown) and normal_form(shown) != normal_form(value)

    def _compare_opaque(self, name: str, value: t.Any) -> None:
        have = self.entry["model_info"].get(hmac_key(name))
        if self.policy.update_secrets == "on_create" and have != UNREADABLE and not (is_reference(value) and have is None):
            return
        known = is_known(have, self.policy.admin_key, name, value)
        if known and not self._shows_another(name, value) and self.policy.update_secrets != "always":
            return
        self._set(("litellm_params", name), value)
        self._keep_fingerprint(name, value)
        before = "(unknown)" if have is None else HIDDEN
        self.changes.append(Change(name, before, "(secret, sent again)" if known else "(new secret)"))

    def known_secrets(self) -> frozenset[str]:
        """The parameters that LiteLLM does not show and of which it has the spec's value."""
        have, key = self.entry["model_info"], self.policy.admin_key
        hidden = {**opaque_values(self.spec), **masked_values(self.spec)}
        return frozenset(name for name, value in hidden.items() if is_known(have.get(hmac_key(name)), key, name, value))

    def _keep_fingerprint(self, name: str, value: t.Any) -> None:
        have = self.entry["model_info"].get(hmac_key(name))
        self.info[hmac_key(name)] = kept_with(have, self.policy.admin_key, id_of(self.entry), name, value)

    def _renew_fingerprints(self, opaque: dict[str, t.Any]) -> None:
        """Rewrite what earlier versions kept, together with another write only."""
        for name, value in sorted(opaque.items()):
            have = self.entry["model_info"].get(hmac_key(name))
            if hmac_key(name) not in self.info and is_of_earlier_version(have) and is_known(have, self.policy.admin_key, name, value):
                self._keep_fingerprint(name, value)

    def send_params(self) -> None:
        """Send all parameters of the spec, secrets too, different or not."""
        opaque = opaque_values(self.spec)
        self._send_secrets(opaque)
        for path, (_field, value) in values_by_path(self.spec.options).items():
            if path[0] == "litellm_params" and path[1] not in opaque:
                self._set(path, value)
        self.params.update({name: value for name, value in self.spec.extra_params.items() if name not in opaque})

    def _send_secrets(self, opaque: dict[str, t.Any]) -> None:
        for name, value in opaque.items():
            self._set(("litellm_params", name), value)
            self._keep_fingerprint(name, value)

    def secrets_without_value(self, lost: t.Iterable[str]) -> list[str]:
        """Secrets that were saved, or are among what is ``lost``, and that are neither sent nor cleared."""
        params = self.entry["litellm_params"]
        secret = {of_hmac(key) for key in self.entry["model_info"]}.union(name for name in lost if is_hidden(name, params[name]))
        return sorted(secret.difference(self.params, [key for _part, key in self.cleared], [""]))

    def clear_unreadable(self, lost: t.Iterable[str]) -> None:
        """Take out what is ``lost`` and not sent, and show nothing of how it is encrypted."""
        for name in lost:
            if name not in self.params and ("litellm_params", name) not in self.cleared:
                self._clear(BY_PATH.get(("litellm_params", name), name), ("litellm_params", name), secret=False)
        self.changes = [
            dataclasses.replace(change, before=UNREADABLE) if looks_encrypted(change.before) else change for change in self.changes
        ]

    def send_info(self) -> None:
        """Send what the spec says of model_info, different or not: LiteLLM may have something else saved."""
        for (part, key), (_field, value) in values_by_path(with_defaults(self.spec) if self.policy.replace else self.spec.options).items():
            if part == "model_info":
                self.info[key] = value
        self.info.update(self.spec.extra_info)
        self.changes.append(Change("litellm_params", "(saved value differs from the served one)", "(sent again)"))

    def _clear_left_out(self, wanted: t.Container[tuple[str, str]]) -> None:
        given = {**self.spec.extra_params, **self.spec.secret_params}
        for field in FIELDS:
            for path in field.paths:
                # Presentation without a default (restricted_access) is cleared like any other value.
                if path not in wanted and path[1] not in given and self._is_set(field, path):
                    self._clear(str(field.option), path, field.secret)
        for name in sorted(self.remembered[PARAMS_KEY].difference(given, NAMED_PARAMETERS)):
            hidden = hmac_key(name) in self.entry["model_info"]
            if hidden or self.entry["litellm_params"].get(name) is not None:
                self._clear(name, ("litellm_params", name), hidden)
        for name in sorted(self.remembered[INFO_KEY].difference(self.spec.extra_info)):
            if ("model_info", name) not in wanted and self.entry["model_info"].get(name) is not None:
                self._clear(name, ("model_info", name), False)

    def _is_set(self, field: Field, path: tuple[str, str]) -> bool:
        if field.secret:
            return self.entry["model_info"].get(hmac_key(path[1])) is not None
        if is_enriched(path):
            return field.option in self.remembered[MANAGED_KEY]
        if field.free and path[1] not in self.remembered[PARAMS_KEY]:
            return False
        if path[1] in CLEARABLE:
            # What LiteLLM shows in model_info may be its own price list.
            return self.entry["litellm_params"].get(path[1]) is not None
        return current_value(self.entry, path) is not None

    def _clear(self, name: str, path: tuple[str, str], secret: bool) -> None:
        self.cleared.append(path)
        if path[1] in CLEARABLE:
            self.params[path[1]] = None
        change = Change(name, HIDDEN if secret else without_secrets(path[1], current_value(self.entry, path)), None)
        if change not in self.changes:
            self.changes.append(change)

    def _remember(self) -> None:
        """Keep what is remembered true, together with another write; and at once where something may be cleared by it later."""
        for key, names in memory_of(self.spec).items():
            known = names_kept(self.entry["model_info"].get(key))
            new = set(names) - self.remembered[key]
            now = sorted(names if self.policy.replace else self.remembered[key].union(names))
            if now == sorted(known) or not (self._writes() or (self.policy.replace and new)):
                continue
            self.info[key] = now
            if key == MANAGED_KEY:
                self._save_too(new)
            elif key == INFO_KEY:
                self.info.update({name: self.spec.extra_info[name] for name in new})
            if not self.changes:
                self.changes.append(Change(key, sorted(known), now))

    def _save_too(self, options: t.Iterable[str]) -> None:
        """Send what LiteLLM shows already: it may be what it knows of the model, and go with another litellm_model."""
        for (part, key), (_field, value) in values_by_path({option: self.spec.options[option] for option in options}).items():
            if part == "model_info":
                self.info.setdefault(key, value)

    def _save_prices(self) -> None:
        """Send with another write the prices that LiteLLM shows and has not saved here: they may be those of the model so far."""
        for name in sorted(CLEARABLE.intersection(self.spec.options)):
            if self.entry["litellm_params"].get(name) is None:
                self.params[name] = self.spec.options[name]

    def _set(self, path: tuple[str, str], value: t.Any) -> None:
        (self.params if path[0] == "litellm_params" else self.info)[path[1]] = value

    def patch(self) -> Deployment:
        """The body of the PATCH: what differs, and what LiteLLM would lose or ignore without it."""
        body: Deployment = {}
        params = dict(self.params)
        if self.rename:
            self.info[NAME_KEY] = self.spec.model_name
            body["model_name"] = self.spec.model_name
        if self.info and not params and self.policy.revise:
            params[REVISION_PARAMETER] = {"litemaas_revision": _digest(self.info)}
        for flag in STICKY_FLAGS:
            if self.entry["litellm_params"].get(flag) is True:
                params.setdefault(flag, True)
        if params:
            body["litellm_params"] = params
        if self.info:
            body["model_info"] = dict(self.info, id=id_of(self.entry))
        return body

    def at_risk(self) -> set[str]:
        """The parameters that are sent, or that tell the provider and are taken out: LiteLLM may refuse what this makes of the model."""
        return {*self.params, *(key for _part, key in self.cleared if key in TELL_THE_PROVIDER)}

    def reason(self) -> str:
        """Which fields differ."""
        renamed = "; renamed from {0}".format(self.entry["model_name"]) if self.rename else ""
        # What a person gives once may stand in two places, with another value in each.
        fields = dict.fromkeys(change.field for change in self.changes)
        return "differs in {0}{1}".format(", ".join(fields), renamed)


def shown_params(entry: Deployment) -> dict[str, t.Any]:
    """The parameters that LiteLLM shows as they are stored, as far as can be told: no secrets, and no references that we sent."""
    lost = unreadable(entry["litellm_params"])
    return {
        name: value
        for name, value in entry["litellm_params"].items()
        if value is not None and not shows_mask(name, value) and hmac_key(name) not in entry["model_info"]
        if name not in (*NEVER_SHOWN, *lost)
    }


def current_value(entry: Deployment, path: tuple[str, str]) -> t.Any:
    """What LiteLLM shows under a path. Prices come as numbers, as text, or masked in litellm_params and right in model_info."""
    part, key = path
    value = entry[part].get(key)
    if key in CLEARABLE:
        return _number(value) if _number(value) is not None else _number(entry["model_info"].get(key))
    return value


def _number(value: t.Any) -> float | None:
    if value is None or is_masked(value):
        return None
    try:
        return to_float(value)
    except ValueError:
        return None


def is_same(field: Field, wanted: t.Any, have: t.Any) -> bool:
    """Whether a declared value is what LiteLLM shows."""
    if field.type in ("int", "float"):
        return _same_number(wanted, have)
    if field.type == "bool":
        return have is wanted
    if field.compare == "set":
        return _as_set(have) == _as_set(wanted)
    return bool(have == wanted)


def _as_set(value: t.Any) -> set[str]:
    """The texts of a list in which order does not count; an empty one is none."""
    return {str(member) for member in value} if isinstance(value, list) else set()


def same_value(wanted: t.Any, have: t.Any) -> bool:
    """Whether a free value is what LiteLLM shows: it shows some numbers as texts, also within structures."""
    if isinstance(wanted, dict) and isinstance(have, dict):
        return wanted.keys() == have.keys() and all(same_value(wanted[key], have[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(have, list):
        return len(wanted) == len(have) and all(map(same_value, wanted, have))
    return bool(have == wanted) or _same_number(wanted, have)


def _same_number(wanted: t.Any, have: t.Any) -> bool:
    if isinstance(wanted, bool) or isinstance(have, bool):
        return wanted is have
    one, other = _number(wanted), _number(have)
    if one is None or other is None:
        return False
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-15)
