# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""LiteLLM's model API as resources: list, find, create, patch, delete; and what tells whether a list is the whole truth.

Knows paths and shapes of LiteLLM 1.81 and 1.100, and tells them apart by what they can do. Decides nothing about models.
"""

from __future__ import annotations

import re
import time
import typing as t
from urllib.parse import quote

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    CircuitOpen,
    InputError,
    LiteMaaSError,
    ModelStoreDisabled,
    NotFound,
    PermissionMissing,
    ProxyError,
    ProxyUnavailable,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.given import URL_VARIABLES, given, given_as
from ansible_collections.litemaas.models.plugins.module_utils._common.network import verification
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import address_secrets
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import explained
from ansible_collections.litemaas.models.plugins.module_utils._litellm.answers import NO_ADMIN
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.pages import (
    Searchable,
    chosen,
    count_in,
    covering,
    deployments_in,
    names_of,
    searchable,
    size_of_page,
    why_unfit,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Answer, Deployment, Evidence, Reading, says_not_found
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import LARGEST_ANSWER, Connection, Http, clean_url
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Phase, Progress

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run

KEY_VARIABLES = ("LITELLM_API_KEY", "LITELLM_MASTER_KEY")

# (option, least, most)
LIMITS = (("timeout", 1, 86400), ("retries", 0, 100), ("retry_delay", 0, 3600))

# LiteLLM has no upper limit; a proxy with more models is read in pages, and not for ever.
PAGE_SIZE = 10000
MOST_PAGES = 100
# A list of 20,000 models is about 120 MB.
LARGEST_LIST = LARGEST_ANSWER

LIST = "/v2/model/info"
# Where LiteLLM says this to everybody.
ALIVE_AT, ALIVE = "/health/liveliness", "I'm alive!"

# LiteLLM hands a search to its database as a LIKE pattern, where this stands for any text. In what it serves it looks for the sign itself.
ALL_SAVED = "%"
# A search for nothing leaves out the database, and nothing of what is served.
ALL_SERVED = " "
# More models than a proxy can load. Pages would not do: LiteLLM asks its database for them without an order.
ANY_NUMBER = 1000000

# LiteLLM 1.81 answers 200 with an empty list for a moment whenever anybody edits a model.
EMPTY_REREADS = 3
EMPTY_REREAD_DELAY = 0.3

# A fresh proxy shows a write at once; other pods and workers poll every 30 seconds.
WAIT_STEPS = (0.0, 0.2, 0.5, 1.0, 2.0)
AGREEING_READS = 2

# From here on one search for many names costs LiteLLM less than a question for each id.
MANY = 3
# One deployment costs LiteLLM about as much as this many entries of its list (3 to 15 ms each, 0.4 s for a list of 1,000).
ENTRIES_FOR_ONE = 30

# What LiteLLM knows of models, and its status for a question that it cannot read.
COST_MAP, UNFIT = "/public/litellm_model_cost_map", 422

# How LiteLLM says that it does not know who serves a model.
NOT_MAPPED = "Could not map model"

# Only administrators who may write get as far as LiteLLM's complaint about this body, which cannot be written: it answers 422 to them.
ADMINS_ONLY = "/model_group/make_public"
NO_BODY = {"model_groups": 0}
# How LiteLLM says which routes a key is restricted to, and the groups of routes of which it is known what they have of these.
CREATE_ROUTE, UPDATE_ROUTE, DELETE_ROUTE = "/model/new", "/model/{0}/update", "/model/delete"
_RESTRICTED = re.compile(r"Only allowed to call routes: \[(.*?)\]")
_GROUPS = {"llm_api_routes": (), "info_routes": (), "management_routes": (CREATE_ROUTE, DELETE_ROUTE)}
_VIEWER = "user not allowed to access this route, role="

# An id that no deployment has: a PATCH of it writes nothing, and tells whether the proxy keeps models in its database.
NO_SUCH_ID = "00000000-0000-5000-8000-000000000000"
# How LiteLLM refuses a PATCH of a model of its config.
CONFIG_MODEL = "Cannot edit config-based model"
# How it says that its router does not have an id.
NOT_LOADED = "not found on litellm proxy"
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


def connect(run: Run) -> LiteLLM:
    """The proxy that the module's options name, or that is found in their namespace. Closes with the run.

    Registers its key as a secret. Raises InputError, DiscoveryFailed, ClusterError.
    """
    params = run.params
    timeout, retries, delay = (_within(params, option, least, most) for option, least, most in LIMITS)
    verify = verification(params)
    place = locate(run)
    if verify is False and place.url.lower().startswith("https://"):
        run.warn(f"TLS certificates of {place.url} are not checked (validate_certs is false)")
    problems = run.installation.litellm_problems if run.installation else ()
    connection = Connection(
        place.url, place.key, verify, timeout, int(retries), delay, place.socket_path, problems, place.source, place.namespace
    )

    def tried_again(sentence: str) -> None:
        run.log(sentence)
        run.progress.retries += 1

    http = Http(connection, tried_again, run.experience, run.redactor.text)
    run.experience = http.experience
    run.resources.callback(http.close)
    return LiteLLM(http, progress=run.progress)


class Place(t.NamedTuple):
    """The proxy's address, its key, the Unix socket through which it is reached, if any, and where the address comes from.

    With ``namespace`` it was found there.
    """

    url: str
    key: str
    socket_path: str
    source: str
    namespace: str = ""


def locate(run: Run) -> Place:
    """Where the proxy is. Asks no proxy. Raises as ``connect``."""
    installation = run.installation
    key = given(run.params, "litellm_api_key", KEY_VARIABLES) or (installation.litellm_key() if installation else "")
    _required(key, "litellm_api_key", KEY_VARIABLES)
    run.keep_secret(key)
    if not (key.isascii() and key.isprintable()):
        raise InputError("litellm_api_key has characters that no key has: look for a line break, or a letter that is not ASCII")
    (url, source), socket_path = given_as(run.params, "litellm_url", URL_VARIABLES), ""
    namespace = ""
    if installation and not url:
        url, socket_path = installation.litellm()
        namespace = installation.namespace
    _required(url, "litellm_url", URL_VARIABLES)
    url = clean_url(url, source)
    run.keep_secret(*address_secrets(url))
    return Place(url, key, socket_path, source, namespace)


def _required(value: str, option: str, variables: t.Sequence[str]) -> None:
    """Raise InputError where there is no value."""
    if not value:
        raise InputError(
            f"{option} is required: give the option or set {variables[0]} in the environment, or give namespace, in which it is looked for"
        )


def _within(params: dict[str, t.Any], option: str, least: int, most: int) -> float:
    """A number. Raises InputError where it is none that can be meant."""
    if not least <= params[option] <= most:
        raise InputError(f"{option} must be between {least} and {most}")
    return float(params[option])


class LiteLLM:
    """The model API of one proxy."""

    def __init__(
        self,
        http: Http,
        sleep: t.Callable[[float], None] = time.sleep,
        clock: t.Callable[[], float] = time.monotonic,
        progress: Progress | None = None,
    ) -> None:
        self.http = http
        self.progress = progress or Progress()
        self._sleep = sleep
        self._clock = clock
        # Whether this proxy finds rows by id that are in its database and not in its router; known after the first list.
        self.shows_unserved = False
        # How long its last list was.
        self._listed = 0
        # Whether it takes parameters out of a deployment; None before it was asked.
        self._removes: bool | None = None
        # What it said of a model by name, and, under no name, its providers.
        self._known: dict[str, bool | list[str] | None] = {}
        # Its own list of models, once it was asked for that.
        self._catalog: tuple[dict[str, t.Any] | None, ...] = ()

    @property
    def url(self) -> str:
        """Its address."""
        return self.http.url

    @property
    def finds_unserved(self) -> bool:
        """Whether it finds by their ids what it has saved and does not serve. LiteLLM 1.100 does, unless it serves nothing at all."""
        return self.shows_unserved and self._listed > 0

    # --- reading -----------------------------------------------------------------------------------------------------

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

    def testify(self, reading: Reading, ask_store: bool) -> Evidence:
        """What the proxy says of itself: whether the reading may be taken for the whole truth. Raises nothing: errors are evidence.

        ``ask_store`` also asks a proxy that cannot search its database whether it uses one, by a PATCH that finds nothing.
        """
        loaded = None if reading.deployments else self._say(lambda: self.http.get("/model/info"))
        store = self._say(lambda: self.patch(NO_SUCH_ID, {})) if ask_store and not reading.searches_database else None
        readiness = self._say(lambda: self.http.get("/health/readiness"))
        settings = self._say(lambda: self.http.get("/router/settings"))
        again: Reading | LiteMaaSError
        try:
            self.http.reconnect()
            again = self.read() if reading.deployments else self._list()
        except LiteMaaSError as error:
            again = error
        # Last, because LiteLLM 1.100 answers searches with nothing while its database is away, and this with an error.
        key = self._say(lambda: self.http.get("/key/info"))
        return Evidence(readiness, settings, key, again, loaded, store, self.http.cached)

    @staticmethod
    def _say(ask: t.Callable[[], dict[str, t.Any]]) -> Answer:
        try:
            return ask()
        except LiteMaaSError as error:
            return error

    def find(self, model_id: str) -> Deployment | None:
        """The deployment of that id, from the router or, where the proxy can, from its database; None where it is in neither."""
        answer = self.http.get(LIST, modelId=model_id, size=PAGE_SIZE)
        return next((entry for entry in deployments_in(answer) if str(entry["model_info"].get("id")) == model_id), None)

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
        return self._found(search=text, size=chosen(least))

    def _found(self, **query: t.Any) -> Reading:
        answer = self.http.get(LIST, **query)
        unfit = why_unfit(answer, self.http.url, page=1, size=query["size"])
        if unfit:
            raise ProxyError(unfit)
        return Reading(deployments_in(answer), count_in(answer, "total_count"))

    def ids_of_name(self, model_name: str) -> list[str]:
        """The ids of the deployments of exactly this name, served or saved. Only for a proxy that searches its database."""
        found = self._found(search=model_name, model=model_name, size=chosen(PAGE_SIZE))
        return [id_of(entry) for entry in found.deployments if model_name in names_of(entry)]

    def search_all(self) -> tuple[Reading, Reading]:
        """What is in LiteLLM's database, and what it serves. Only for a proxy that searches its database.

        Either may be less, without an error: ``_proof.completeness.holds_all`` tells.
        """
        return self.search(ALL_SAVED, ANY_NUMBER), self.search(ALL_SERVED, ANY_NUMBER)

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

    def _list(self) -> Reading:
        size, before = chosen(PAGE_SIZE), self.http.received
        try:
            answer = self.http.get(LIST, size=size, page=1)
            deployments = deployments_in(answer)
        except ProxyError as error:
            raise explained(error, self.http.url, self.http.connection.source, self._is_litellm) from None
        unfit = why_unfit(answer, self.http.url, page=1, size=size)
        # A proxy that counts its models also filters by id, in its database too (not so on LiteLLM 1.81).
        total, pages = count_in(answer, "total_count"), count_in(answer, "total_pages")
        self.shows_unserved = total is not None
        self._listed = total or len(deployments)
        for page in range(2, min(pages or 1, -(-(total or 0) // size)) + 1):
            if page > MOST_PAGES:
                raise ProxyError(f"LiteLLM at {self.http.url} says that it has {total:,} models, which cannot be")
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

    def maps(self, model: str) -> bool | None:
        """Whether LiteLLM knows who serves a model of that name, asked once; None where it does not tell."""
        if model not in self._known:
            self._known[model] = self._maps(model)
        return t.cast("bool | None", self._known[model])

    def _maps(self, model: str) -> bool | None:
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
            if error.details.get("status") != UNFIT:
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
            writes = ((creates, CREATE_ROUTE), (updates, UPDATE_ROUTE.format(NO_SUCH_ID)), (deletes, DELETE_ROUTE))
            _obey(error, [route for needed, route in writes if needed])
        except ProxyError:
            pass

    # --- writing -----------------------------------------------------------------------------------------------------

    def create(self, deployment: Deployment, check: Check | None = None) -> Outcome:
        """Create a deployment exactly once, whatever happens to the answer; its model_info.id makes that possible.

        Returns SAVED, or EXISTED where the id was there already (it then has the values of ``deployment``). Where the proxy does not
        find such a one by reading, ``check`` is asked, and may raise. Raises ProxyError where it is certain, or as certain as can be,
        that nothing was saved.
        """
        try:
            self.http.post("/model/new", deployment)
        except ProxyError as error:
            _explain_store(error)
            if not error.ambiguous:
                raise
            return self._settle_create(deployment, error, check)
        return SAVED

    def patch(self, model_id: str, changes: Deployment) -> Deployment:
        """Merge ``changes`` into a deployment. Returns the row as it is stored now (texts of litellm_params encrypted)."""
        path = "/model/{0}/update".format(quote(model_id, safe=""))
        try:
            return self.http.patch(path, changes)
        except ProxyUnavailable as error:
            # An error or a broken answer after the write: the same PATCH once more does no harm and tells.
            try:
                return self._patch_again(path, changes)
            except CircuitOpen:
                raise error from None
        except ProxyError as error:
            _explain_store(error)
            raise

    def _patch_again(self, path: str, changes: Deployment) -> Deployment:
        try:
            return self.http.patch(path, changes)
        except ProxyError as error:
            _explain_store(error)
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
            self.http.post("/model/delete", {"id": model_id})
        except ProxyError as error:
            _explain_store(error)
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
            self.http.post("/model/new", deployment)
        except ProxyError as error:
            if error.ambiguous and (SAVED_UNSERVED in error.message or self.find(deployment["model_info"]["id"])):
                return SAVED
            raise
        return SAVED

    # --- waiting -----------------------------------------------------------------------------------------------------

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


def _obey(error: PermissionMissing, routes: t.Sequence[str]) -> None:
    """Raise the refusal of another request where these are refused too."""
    restricted = _RESTRICTED.search(error.message)
    if restricted:
        allowed = re.findall(r"'([^']*)'", restricted.group(1))
        refused = [route for route in routes if not any(_allows(pattern, route) for pattern in allowed)]
        if refused:
            raise PermissionMissing(
                "Permission denied: the API key may not use {0} of LiteLLM, because it is restricted to {1}. Use the master key, or a "
                "proxy administrator's key that may use /model/*".format(
                    " and ".join(refused).replace(NO_SUCH_ID, "ID"), ", ".join(allowed) or "no route at all"
                ),
                **error.details,
            ) from None
    elif NO_ADMIN in error.message or _VIEWER in error.message:
        raise PermissionMissing(
            "Permission denied: the API key is not a proxy administrator's, so it may not write models (LiteLLM says: {0}). Use the master "
            "key, or the key of a proxy administrator".format(error.details["said"]),
            status=error.details["status"],
        ) from None


def _allows(pattern: str, route: str) -> bool:
    """Whether a route is one that a key is restricted to. A group of routes that nobody knows here is given the benefit of the doubt."""
    if not pattern.startswith("/"):
        return pattern not in _GROUPS or route in _GROUPS[pattern]
    return re.fullmatch(re.escape(pattern).replace("\\*", ".*"), route) is not None


def _explain_store(error: ProxyError) -> None:
    """Turn LiteLLM's several ways to say that it keeps no models in its database into one error."""
    text = error.message
    if "STORE_MODEL_IN_DB" in text or "only supported for DB-stored models" in text or "No DB Connected" in text:
        raise ModelStoreDisabled(
            "LiteLLM keeps no models in its database: set STORE_MODEL_IN_DB=True and DATABASE_URL in its environment "
            "(general_settings.store_model_in_db in its config.yaml) and restart it",
            **error.details,
        ) from None
