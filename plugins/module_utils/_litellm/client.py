# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM's model API: one proxy, its connection, what tells whether its list is the whole truth, and waiting for what was written.

Knows paths and shapes of LiteLLM 1.81 and 1.100, and tells them apart by what they can do. Decides nothing about models.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError, LiteMaaSError, ProxyError
from ansible_collections.litemaas.models.plugins.module_utils._common.network import verification
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import address_secrets
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import clean_url
from ansible_collections.litemaas.models.plugins.module_utils._litellm.lookups import Lookups
from ansible_collections.litemaas.models.plugins.module_utils._litellm.model_writes import NO_SUCH_ID, ModelWrites
from ansible_collections.litemaas.models.plugins.module_utils._litellm.pages import deployments_in
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import AnswerOrError, Deployment, Evidence, Reading
from ansible_collections.litemaas.models.plugins.module_utils._litellm.session import Connection
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Phase, Progress

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run


# (option, least, most)
LIMITS = (("timeout", 1, 86400), ("retries", 0, 100), ("retry_delay", 0, 3600))

# A fresh proxy shows a write at once; other pods and workers poll every 30 seconds.
WAIT_STEPS = (0.0, 0.2, 0.5, 1.0, 2.0)
AGREEING_READS = 2
# One deployment costs LiteLLM about as much as this many entries of its list (3 to 15 ms each, 0.4 s for a list of 1,000).
ENTRIES_FOR_ONE = 30
# How LiteLLM says that its router does not have an id.
NOT_LOADED = "not found on litellm proxy"


def connect(run: Run) -> LiteLLM:
    """The proxy that the module's options name, or that is found in their namespace. Closes with the run.

    Registers its key as a secret. Raises InputError, DiscoveryFailed, ClusterError.
    """
    params = run.params
    timeout, retries, delay = (_within(params, option, least, most) for option, least, most in LIMITS)
    verify = verification(params)
    proxy = locate(run)
    if verify is False and proxy.url.value.lower().startswith("https://"):
        run.warn(f"TLS certificates of {proxy.url.value} are not checked (validate_certs is false)")
    connection = Connection(proxy.url, proxy.key, verify, timeout, int(retries), delay)

    def tried_again(sentence: str) -> None:
        run.log(sentence)
        run.progress.retries += 1

    http = Http(connection, tried_again, run.experience, run.redactor.text)
    run.experience = http.experience
    run.resources.callback(http.close)
    return LiteLLM(http, progress=run.progress)


def locate(run: Run) -> endpoints.Proxy:
    """Where the proxy is, and its key. Asks no proxy. Raises as ``connect``."""
    found = endpoints.proxy(run)
    if not (found.key.value.isascii() and found.key.value.isprintable()):
        raise InputError(
            f"{found.key.origin.name} has characters that a key cannot have: check for a line break or a character that is not ASCII"
        )
    url = dataclasses.replace(found.url, value=clean_url(found.url))
    run.keep_secret(*address_secrets(url.value))
    return dataclasses.replace(found, url=url)


def _within(params: dict[str, t.Any], option: str, least: int, most: int) -> float:
    """A number. Raises InputError where it is none that can be meant."""
    if not least <= params[option] <= most:
        raise InputError(f"{option} must be between {least} and {most}")
    return float(params[option])


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
