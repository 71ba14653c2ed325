# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM's models, read: all of them in pages, one by its id, and searches by name. Knows how LiteLLM 1.81 and 1.100 differ in that."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import time
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ProxyError
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import explained
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.pages import (
    Searchable,
    count_in,
    covering,
    deployments_in,
    names_of,
    searchable,
    size_of_page,
    unusual_size,
    why_unfit,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Deployment, Reading
from ansible_collections.litemaas.models.plugins.module_utils._litellm.session import LARGEST_ANSWER
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress

# LiteLLM has no upper limit; a proxy with more models is read in pages, and not for ever.
PAGE_SIZE = 10000
MOST_PAGES = 100
# A list of 20,000 models is about 120 MB.
LARGEST_LIST = LARGEST_ANSWER

LIST = "/v2/model/info"
# Where LiteLLM says this to everybody.
ALIVE_AT = "/health/liveliness"
ALIVE = "I'm alive!"

# LiteLLM hands a search to its database as a LIKE pattern, where this stands for any text. In what it serves it looks for the sign itself.
ALL_SAVED = "%"
# A search for nothing leaves out the database, and nothing of what is served.
ALL_SERVED = " "
# More models than a proxy can load. Pages would not do: LiteLLM asks its database for them without an order.
ANY_NUMBER = 1000000

# LiteLLM 1.81 answers 200 with an empty list for a moment whenever anybody edits a model.
EMPTY_REREADS = 3
EMPTY_REREAD_DELAY = 0.3

# From here on one search for many names costs LiteLLM less than a question for each id.
MANY = 3


class ModelLists:
    """The models of one proxy, to be read."""

    def __init__(self, http: Http, sleep: t.Callable[[float], None] = time.sleep, progress: Progress | None = None) -> None:
        self.http = http
        self.progress = progress or Progress()
        self._sleep = sleep
        # Whether this proxy finds rows by id that are in its database and not in its router; known after the first list.
        self.shows_unserved = False
        # How long its last list was.
        self._listed = 0

    @property
    def finds_unserved(self) -> bool:
        """Whether it finds by their ids what it has saved and does not serve. LiteLLM 1.100 does, unless it serves nothing at all."""
        return self.shows_unserved and self._listed > 0

    def read(self) -> Reading:
        """All deployments that the proxy serves, wildcards not expanded; one request unless the answer is empty."""
        with self.progress.phase("reading LiteLLM's list of models"):
            return self._read()

    def _read(self) -> Reading:
        reading = self._list()
        for _attempt in range(EMPTY_REREADS):
            if reading.deployments:
                break
            self._sleep(EMPTY_REREAD_DELAY)
            self.http.reconnect()
            reading = self._list()
        return reading

    def find(self, model_id: str) -> Deployment | None:
        """The deployment of that id, from the router or, where the proxy can, from its database; None where it is in neither."""
        answer = self.http.get(LIST, modelId=model_id, size=PAGE_SIZE)
        return next((entry for entry in deployments_in(answer) if str(entry["model_info"].get("id")) == model_id), None)

    def find_saved(self, model_ids: t.Mapping[str, str], reading: Reading) -> list[Deployment]:
        """Deployments of these ids (id -> name) that are in LiteLLM's database and that the reading does not show.

        Empty where the proxy cannot tell.
        """
        if not self.shows_unserved or (len(model_ids) >= MANY and self._serves_all(reading, model_ids.values())):
            return []
        wanted = list(model_ids)
        with self.progress.phase("models looked for that LiteLLM does not list", len(wanted)) as phase:
            return [entry for entry in phase.each(map(self.find, wanted)) if entry is not None]

    def _serves_all(self, reading: Reading, names: t.Iterable[str]) -> bool:
        """Whether nothing is saved under these names that the reading does not show, as far as few questions can tell.

        A row that was renamed and is not served escapes this; a create finds it.
        """
        served = searchable(reading.deployments)
        ids = {id_of(entry) for entry in reading.deployments}
        parts = covering(names)
        return parts is not None and all(self._serves_all_with(part, served, ids) for part in parts)

    def _serves_all_with(self, part: str, served: t.Sequence[Searchable], ids: set[str]) -> bool:
        """Whether LiteLLM has no more with this in the name than it serves.

        LiteLLM 1.108 and later look for it in what a served model stands for, too. What is not served comes behind what is, and is
        counted only as far as the page has room: the page goes from behind the one number to behind the other.
        """
        named = sum(any(part in name for name in one.names) for one in served)
        found = sum(any(part in text for text in (*one.names, one.model)) for one in served)
        size = size_of_page(named, found)
        page = named // size + 1
        answer = self.http.get(LIST, search=part, size=size, page=page)
        strange = {id_of(entry) for entry in deployments_in(answer)} - ids
        return (
            count_in(answer, "total_count") in (named, found) and not strange and not why_unfit(answer, self.http.url, page=page, size=size)
        )

    def search(self, text: str, least: int = PAGE_SIZE) -> Reading:
        """What LiteLLM serves or has saved with this text in its name, at most ``least``. Only for a proxy that searches its database.

        Raises ProxyError, also where the answer is one to another question.
        """
        return self._found(search=text, size=unusual_size(least))

    def _found(self, **query: t.Any) -> Reading:
        answer = self.http.get(LIST, **query)
        unfit = why_unfit(answer, self.http.url, page=1, size=query["size"])
        if unfit:
            raise ProxyError(unfit)
        return Reading(deployments_in(answer), count_in(answer, "total_count"))

    def ids_of_name(self, model_name: str) -> list[str]:
        """The ids of the deployments of exactly this name, served or saved. Only for a proxy that searches its database."""
        found = self._found(search=model_name, model=model_name, size=unusual_size(PAGE_SIZE))
        return [id_of(entry) for entry in found.deployments if model_name in names_of(entry)]

    def search_all(self) -> tuple[Reading, Reading]:
        """What is in LiteLLM's database, and what it serves. Only for a proxy that searches its database.

        Either may be less, without an error: ``_proof.completeness.holds_all`` tells.
        """
        return self.search(ALL_SAVED, ANY_NUMBER), self.search(ALL_SERVED, ANY_NUMBER)

    def _list(self) -> Reading:
        size, before = unusual_size(PAGE_SIZE), self.http.received
        try:
            answer = self.http.get(LIST, size=size, page=1)
            deployments = deployments_in(answer)
        except ProxyError as error:
            raise explained(error, self.http.url, self.http.connection.url.origin.name, self._is_litellm) from None
        unfit = why_unfit(answer, self.http.url, page=1, size=size)
        # A proxy that counts its models also filters by id, in its database too (not so on LiteLLM 1.81).
        total, pages = count_in(answer, "total_count"), count_in(answer, "total_pages")
        self.shows_unserved = total is not None
        self._listed = total or len(deployments)
        for page in range(2, min(pages or 1, -(-(total or 0) // size)) + 1):
            if page > MOST_PAGES:
                raise ProxyError(f"LiteLLM at {self.http.url} says that it has {total:,} models, which is impossible")
            answer = self.http.get(LIST, size=size, page=page)
            unfit = unfit or why_unfit(answer, self.http.url, page=page, size=size)
            more = deployments_in(answer)
            if not more:
                break
            deployments += more
            if self.http.received - before > LARGEST_LIST:
                sentence = (
                    "LiteLLM's list of models is longer than {0} MB up to page {1}. Look whether {2} is the address of "
                    "LiteLLM, and which of its models hold long texts"
                )
                raise ProxyError(sentence.format(LARGEST_LIST >> 20, page, self.http.url))
        return Reading(deployments, total, unfit=unfit)

    def _is_litellm(self, url: str) -> bool | None:
        """Whether LiteLLM is at an address; None where nobody answers."""
        answer = self.http.ask_without_key(url, ALIVE_AT)
        return answer and answer.status == 200 and answer.is_json and answer.body == ALIVE
