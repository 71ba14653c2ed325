# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What LiteLLM says of other things than its models: providers, credentials, prices, and whether a key may write."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import PermissionMissing, ProxyError
from ansible_collections.litemaas.models.plugins.module_utils._litellm.key_rights import (
    CREATE_ROUTE,
    DELETE_ROUTE,
    UPDATE_ROUTE,
    refuse_like,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http

# What LiteLLM knows of models, and its status for a question that it cannot read.
COST_MAP = "/public/litellm_model_cost_map"
_UNFIT = 422

# How LiteLLM says that it does not know who serves a model.
NOT_MAPPED = "Could not map model"

# Only administrators who may write get as far as LiteLLM's complaint about this body, which cannot be written: it answers 422 to them.
ADMINS_ONLY = "/model_group/make_public"
NO_BODY = {"model_groups": 0}


class Lookups:
    """What one proxy says of other things than its models. Each answer is asked for once."""

    def __init__(self, http: Http) -> None:
        self.http = http
        # Whether its list counts models, as newer versions do.
        self.shows_unserved = False
        # What it said of a model by name, and, under no name, its providers.
        self._known: dict[str, bool | list[str] | None] = {}
        # Its own list of models, once it was asked for that.
        self._catalog: tuple[dict[str, t.Any] | None, ...] = ()

    def providers(self) -> list[str] | None:
        """The providers that LiteLLM names, asked once; None where it does not tell."""
        if "" not in self._known:
            self._known[""] = self._providers()
        return t.cast("list[str] | None", self._known[""])

    def _providers(self) -> list[str] | None:
        try:
            return [str(name) for name in self.http.get_list("/public/providers")] or None
        except ProxyError:
            return None

    def knows_provider_of(self, model: str) -> bool | None:
        """Whether LiteLLM knows who serves a model of that name, asked once; None where it does not tell."""
        if model not in self._known:
            self._known[model] = self._ask_for_provider_of(model)
        return t.cast("bool | None", self._known[model])

    def _ask_for_provider_of(self, model: str) -> bool | None:
        try:
            self.http.get("/utils/supported_openai_params", model=model)
        except ProxyError as error:
            return False if NOT_MAPPED in error.message else None
        return True

    def credentials(self) -> list[str] | None:
        """The names of the credentials that LiteLLM keeps; None where it does not tell."""
        try:
            rows = self.http.get("/credentials").get("credentials")
        except ProxyError:
            return None
        if not isinstance(rows, list) or not all(isinstance(row, dict) and "credential_name" in row for row in rows):
            return None
        return [str(row["credential_name"]) for row in rows]

    def cost_map(self) -> dict[str, t.Any] | None:
        """What LiteLLM knows of models by their names, with what deployments put there; None where it does not tell."""
        try:
            return self.http.get(COST_MAP)
        except ProxyError:
            return None

    def catalog(self) -> dict[str, t.Any] | None:
        """What LiteLLM knows of models without what deployments put there, asked once; None where it does not keep that apart.

        LiteLLM 1.110 refuses an answer to its question that is none, and earlier ones do not have that question.
        """
        if not self._catalog:
            self._catalog = (self._read_catalog(),)
        return self._catalog[0]

    def _read_catalog(self) -> dict[str, t.Any] | None:
        if not self.shows_unserved:
            return None
        try:
            self.http.get(COST_MAP, catalog_only="neither")
        except ProxyError as error:
            if error.details.get("status") != _UNFIT:
                return None
        else:
            return None
        try:
            return self.http.get(COST_MAP, catalog_only="true")
        except ProxyError:
            return None

    def check_permission(self, creates: bool, updates: bool, deletes: bool) -> None:
        """Raise PermissionMissing where LiteLLM says that the key may not do all of this. Writes nothing.

        Any other answer tells nothing.
        """
        try:
            self.http.post(ADMINS_ONLY, NO_BODY)
        except PermissionMissing as error:
            writes = ((creates, CREATE_ROUTE), (updates, UPDATE_ROUTE.format("ID")), (deletes, DELETE_ROUTE))
            refuse_like(error, [route for needed, route in writes if needed])
        except ProxyError:
            pass
