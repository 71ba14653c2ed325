# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM's models, written: create exactly once, patch, delete; and what only a write that changes nothing tells."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import time
import typing as t
from urllib.parse import quote

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    CircuitOpen,
    ModelStoreDisabled,
    NotFound,
    ProxyError,
    ProxyUnavailable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.key_rights import CREATE_ROUTE, DELETE_ROUTE, UPDATE_ROUTE
from ansible_collections.litemaas.models.plugins.module_utils._litellm.model_lists import ModelLists
from ansible_collections.litemaas.models.plugins.module_utils._litellm.pages import names_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Deployment, says_not_found
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress

# An id that no deployment has: a PATCH of it writes nothing, and tells whether the proxy keeps models in its database.
NO_SUCH_ID = "00000000-0000-5000-8000-000000000000"
# How LiteLLM refuses a PATCH of a model of its config.
CONFIG_MODEL = "Cannot edit config-based model"
# What takes parameters out of a deployment, and how LiteLLM refuses to take out the one that no deployment is without.
REMOVAL = "litellm_params_to_remove"
REMOVES = "cannot be removed"
# How LiteLLM 1.100 answers a write that it has saved and does not serve.
SAVED_UNSERVED = "saved to the database"

Outcome = str
SAVED = "saved"
EXISTED = "existed"
# Raises an error where a deployment may not be written over what is stored under its id.
Check = t.Callable[[Deployment, Deployment], None]


class ModelWrites(ModelLists):
    """The models of one proxy, to be read and written."""

    def __init__(self, http: Http, sleep: t.Callable[[float], None] = time.sleep, progress: Progress | None = None) -> None:
        super().__init__(http, sleep, progress)
        # Whether it takes parameters out of a deployment; None before it was asked.
        self._removes: bool | None = None

    def create(self, deployment: Deployment, check: Check | None = None) -> Outcome:
        """Create a deployment exactly once, whatever happens to the answer; its model_info.id makes that possible.

        Returns SAVED, or EXISTED where the id was there already (it then has the values of ``deployment``). Where the proxy does not
        find such a one by reading, ``check`` is asked, and may raise. Raises ProxyError where it is certain, or as certain as can be,
        that nothing was saved.
        """
        try:
            self.http.post(CREATE_ROUTE, deployment)
        except ProxyError as error:
            explain_store(error)
            if not error.ambiguous:
                raise
            return self._settle_create(deployment, error, check)
        return SAVED

    def patch(self, model_id: str, changes: Deployment) -> Deployment:
        """Merge ``changes`` into a deployment. Returns the row as it is stored now (texts of litellm_params encrypted)."""
        path = UPDATE_ROUTE.format(quote(model_id, safe=""))
        try:
            return self.http.patch(path, changes)
        except ProxyUnavailable as error:
            # An error or a broken answer after the write: the same PATCH once more does no harm and tells.
            try:
                return self._patch_again(path, changes)
            except CircuitOpen:
                raise error from None
        except ProxyError as error:
            explain_store(error)
            raise

    def _patch_again(self, path: str, changes: Deployment) -> Deployment:
        try:
            return self.http.patch(path, changes)
        except ProxyError as error:
            explain_store(error)
            raise

    def delete(self, model_id: str) -> bool:
        """Delete a deployment. False where it was gone already."""
        try:
            self._post_delete(model_id)
        except NotFound:
            return False
        except ProxyError as error:
            if not error.ambiguous:
                raise
            # Deleting twice is harmless: the second answer tells what became of the first.
            try:
                self._post_delete(model_id)
            except NotFound:
                return True
            except ProxyError:
                raise error from None
        return True

    def _post_delete(self, model_id: str) -> None:
        try:
            self.http.post(DELETE_ROUTE, {"id": model_id})
        except ProxyError as error:
            explain_store(error)
            if "not found in db" in error.message:
                raise NotFound(error.message, **error.details) from None
            raise

    def _settle_create(self, deployment: Deployment, error: ProxyError, check: Check | None) -> Outcome:
        """What became of a create whose answer was lost or a 5xx.

        LiteLLM answers a second create under one id with the same 500 as for a database that is away, but a PATCH knows the
        saved row, also one that is not served, and says 404 where there is none.
        """
        model_id = deployment["model_info"]["id"]
        if SAVED_UNSERVED in error.message:
            return SAVED
        try:
            if check and not self.shows_unserved:
                check(deployment, self.patch(model_id, {}))
            stored = self.patch(model_id, deployment)
        except NotFound:
            return self._create_again(deployment)
        except ProxyError as second:
            if SAVED_UNSERVED in second.message:
                return EXISTED
            raise error from second
        # LiteLLM 1.100 answers an empty change of what it does not serve with an error, so it tells only now what was there.
        if check and self.shows_unserved and not self.finds_unserved:
            check(deployment, stored)
        return EXISTED

    def _create_again(self, deployment: Deployment) -> Outcome:
        """Nothing was saved: one more try, whose outcome is read in the same way."""
        try:
            self.http.post(CREATE_ROUTE, deployment)
        except ProxyError as error:
            if error.ambiguous and (SAVED_UNSERVED in error.message or self.find(deployment["model_info"]["id"])):
                return SAVED
            raise
        return SAVED

    def stored(self, model_id: str) -> Deployment:
        """The deployment as it is in LiteLLM's database: texts of litellm_params encrypted, secrets' names included.

        Of one that it does not serve LiteLLM 1.100 tells neither; then it is as LiteLLM shows it. Raises ProxyError.
        """
        return self._stored(model_id, {})

    def stored_unless_it_removes(self, model_id: str) -> Deployment | None:
        """None where LiteLLM takes parameters out of a deployment (1.109.3 and later), else the deployment as ``stored``.

        Asked once, by the one removal that it refuses. Earlier versions ignore that. Raises ProxyError.
        """
        if self._removes:
            return None
        changes = {REMOVAL: ["model"]} if self._removes is None else {}
        try:
            stored = self._stored(model_id, changes)
        except ProxyError as error:
            if not changes or REMOVES not in error.message:
                raise
            self._removes = True
            return None
        self._removes = False
        return stored

    def removes(self) -> bool | None:
        """Whether LiteLLM takes parameters out of a deployment; None where it does not tell. Asked once, of an id that nothing has."""
        if self._removes is None:
            try:
                self.patch(NO_SUCH_ID, {REMOVAL: ["model"]})
            except ProxyError as error:
                if REMOVES in error.message:
                    self._removes = True
                elif isinstance(error, NotFound) and says_not_found(error):
                    self._removes = False
        return self._removes

    def _stored(self, model_id: str, changes: Deployment) -> Deployment:
        try:
            return self.patch(model_id, changes)
        except ProxyError as error:
            found = self.find(model_id) if SAVED_UNSERVED in error.message else None
            if found is None:
                raise
            return found

    def has_id(self, model_id: str, model_name: str) -> bool:
        """Whether a deployment of this id is saved under this name, or in the config. Asks by an empty PATCH, which writes nothing new."""
        try:
            saved = self.patch(model_id, {})
        except NotFound as error:
            if not says_not_found(error):
                raise
            return False
        except ProxyError as error:
            if CONFIG_MODEL in error.message:
                return True
            # Anything else tells nothing, and nothing may be removed on that ground.
            raise
        if not isinstance(saved.get("model_name"), str):
            raise ProxyError(f"LiteLLM's answer to an empty change of {model_id} holds no model")
        return model_name in names_of(saved)


def explain_store(error: ProxyError) -> None:
    """Turn LiteLLM's several ways to say that it keeps no models in its database into one error."""
    text = error.message
    if "STORE_MODEL_IN_DB" in text or "only supported for DB-stored models" in text or "No DB Connected" in text:
        raise ModelStoreDisabled(
            "LiteLLM keeps no models in its database: set STORE_MODEL_IN_DB=True and DATABASE_URL in its environment "
            "(general_settings.store_model_in_db in its config.yaml) and restart it",
            **error.details,
        ) from None
