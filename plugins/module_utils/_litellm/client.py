# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM's model API: what tells whether a proxy's list is the whole truth, and waiting for what was written.

Knows paths and shapes of LiteLLM 1.81 and 1.100, and tells them apart by what they can do. Decides nothing about models.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import time
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import LiteMaaSError, ProxyError
from ansible_collections.litemaas.models.plugins.module_utils._litellm.lookups import Lookups
from ansible_collections.litemaas.models.plugins.module_utils._litellm.model_writes import NO_SUCH_ID, ModelWrites
from ansible_collections.litemaas.models.plugins.module_utils._litellm.pages import deployments_in
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import AnswerOrError, Deployment, Evidence, Reading
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Phase, Progress

# A fresh proxy shows a write at once; other pods and workers poll every 30 seconds.
WAIT_STEPS = (0.0, 0.2, 0.5, 1.0, 2.0)
AGREEING_READS = 2
# One deployment costs LiteLLM about as much as this many entries of its list (3 to 15 ms each, 0.4 s for a list of 1,000).
ENTRIES_FOR_ONE = 30
# How LiteLLM says that its router does not have an id.
NOT_LOADED = "not found on litellm proxy"


class LiteLLM(ModelWrites, Lookups):
    """The model API of one proxy."""

    def __init__(
        self,
        http: Http,
        sleep: t.Callable[[float], None] = time.sleep,
        clock: t.Callable[[], float] = time.monotonic,
        progress: Progress | None = None,
    ) -> None:
        Lookups.__init__(self, http)
        ModelWrites.__init__(self, http, sleep, progress)
        self._clock = clock

    @property
    def url(self) -> str:
        """Its address."""
        return self.http.url

    def testify(self, reading: Reading, ask_store: bool) -> Evidence:
        """What the proxy says of itself: whether the reading may be taken for the whole truth. Raises nothing: errors are evidence.

        ``ask_store`` also asks a proxy that cannot search its database whether it uses one, by a PATCH that finds nothing.
        """
        loaded = None if reading.deployments else self._answer_or_error(lambda: self.http.get("/model/info"))
        store = self._answer_or_error(lambda: self.patch(NO_SUCH_ID, {})) if ask_store and not reading.searches_database else None
        readiness = self._answer_or_error(lambda: self.http.get("/health/readiness"))
        settings = self._answer_or_error(lambda: self.http.get("/router/settings"))
        again: Reading | LiteMaaSError
        try:
            self.http.reconnect()
            again = self.read() if reading.deployments else self._list()
        except LiteMaaSError as error:
            again = error
        # Last, because LiteLLM 1.100 answers searches with nothing while its database is away, and this with an error.
        key = self._answer_or_error(lambda: self.http.get("/key/info"))
        return Evidence(readiness, settings, key, again, loaded, store, self.http.cached)

    @staticmethod
    def _answer_or_error(ask: t.Callable[[], dict[str, t.Any]]) -> AnswerOrError:
        try:
            return ask()
        except LiteMaaSError as error:
            return error

    def wait(self, missing: t.Callable[[list[Deployment]], list[str]], timeout: float, model_ids: t.Sequence[str]) -> list[str]:
        """Read until ``missing`` names nothing in two reads in a row, each over a new connection.

        ``model_ids`` are those that it looks at: where they are few, only they are read.
        Returns what it named last: the model ids whose write is saved and not served after ``timeout`` seconds.
        """
        with self.progress.phase("waiting until LiteLLM serves what was written", limit=timeout) as phase:
            return self._wait(missing, timeout, model_ids, phase)

    def _wait(
        self, missing: t.Callable[[list[Deployment]], list[str]], timeout: float, model_ids: t.Sequence[str], phase: Phase
    ) -> list[str]:
        end = self._clock() + timeout
        agreeing = 0
        few = len(model_ids) * ENTRIES_FOR_ONE <= self._listed
        delays = list(WAIT_STEPS)
        while True:
            self.http.reconnect()
            unserved = missing(self._served(model_ids) if few else self._list().deployments)
            phase.left = len(unserved)
            agreeing = 0 if unserved else agreeing + 1
            if agreeing == AGREEING_READS:
                return []
            if self._clock() >= end:
                return unserved
            delay = delays.pop(0) if len(delays) > 1 else delays[0]
            self._sleep(0.0 if agreeing else min(delay, max(0.0, end - self._clock())))

    def _served(self, model_ids: t.Sequence[str]) -> list[Deployment]:
        """Those of these deployments that the proxy's router has. Its older list knows ids on every version, and no table."""
        served = []
        for model_id in model_ids:
            try:
                served += deployments_in(self.http.get("/model/info", litellm_model_id=model_id))
            except ProxyError as error:
                if NOT_LOADED not in error.message:
                    raise
        return served
