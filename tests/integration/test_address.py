# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong addresses of a real LiteLLM: what the message says, and that a path by itself is no mistake."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.modules import litellm_model, litellm_model_info
from tests.support.modules import run_module
from tests.support.recorder import Answer, Fault, RecordedRequest, Recorder
from tests.support.stack import Stack

pytestmark = pytest.mark.litellm

# What LiteLLM answers there: 404 in JSON, its own page with 404 (1.100, below /ui), and what stands beside it.
OF_LITELLM = {
    "/ui": "HTTP 404",
    "/ui/": "HTTP 404",
    "/ui/login": "HTTP 404",
    "/v1/models": "HTTP 404: Not Found",
    "/v1/chat/completions": "HTTP 404: Not Found",
    "/litellm": "HTTP 404: Not Found",
    "/health": "HTTP 404: Not Found",
    "/health/liveliness": "HTTP 404: Not Found",
    "/v2/model/info": "HTTP 404: Not Found",
    "/openai/v1/models": "HTTP",  # its own error, for it has no key of OpenAI's
    "/gemini": "HTTP 401",  # it takes another header there
    "/bedrock": "HTTP 400",
    "/mcp": "HTTP 406",
}
# What 1.110 never answers.
SILENT = ("/mcp",)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LITELLM_API_URL", "LITELLM_BASE_URL", "LITELLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def published(stack: Stack) -> Iterator[str]:
    """LiteLLM below a path of its own (1.81 and 1.100 answer without it, too)."""
    options = dataclasses.replace(stack.proxy.options, port=None, extra_env={"SERVER_ROOT_PATH": "/litellm"})
    yield stack.start_proxy("published", options).url
    stack.stop_proxy("published")


def info(stack: Stack, url: str, **options: Any) -> dict[str, Any]:
    connection = {"litellm_url": url, "litellm_api_key": stack.master_key, "retries": 1, "retry_delay": 0.01}
    answer = run_module(litellm_model_info.main, {**connection, **options})
    assert stack.master_key not in answer["raw"]
    assert "Traceback" not in answer["raw"]
    return answer


def wrong(stack: Stack, url: str, **options: Any) -> str:
    answer = info(stack, url, **options)
    assert answer["failure"]["code"] == "litellm_wrong_address", answer
    return str(answer["msg"])


@pytest.mark.parametrize("path", OF_LITELLM)
def test_an_address_of_something_else_of_litellm(clean_litellm: Stack, path: str) -> None:
    url = clean_litellm.litellm_url
    silent = path in SILENT and clean_litellm.litellm_version not in ("1.81.0", "1.100.5")
    message = wrong(clean_litellm, url + path, **({"timeout": 3, "retries": 0} if silent else {}))
    assert message.startswith(f"No LiteLLM is at {url}{path.rstrip('/')} ({'no answer' if silent else OF_LITELLM[path]}")
    assert message.endswith(f"but there is one at {url}: drop {path.rstrip('/')} from litellm_url")


@pytest.mark.any_litellm
def test_what_is_understood_all_the_same(clean_litellm: Stack) -> None:
    for ending in ("", "/", "/v1", "/v1/"):
        assert not info(clean_litellm, clean_litellm.litellm_url + ending).get("failed"), ending
    for ending in ("/ui/?page=models", "/#models"):
        assert (
            "must be an address alone, like https://HOST: drop what begins with ? or #"
            in info(clean_litellm, clean_litellm.litellm_url + ending)["msg"]
        )


@pytest.mark.any_litellm
def test_the_variable_that_names_it(clean_litellm: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LITELLM_BASE_URL", "LITELLM_API_URL"):
        monkeypatch.setenv(name, clean_litellm.litellm_url + "/ui")
        assert wrong(clean_litellm, "").endswith(f"drop /ui from {name}")
        monkeypatch.setenv(name, "litellm.example.com")
        assert info(clean_litellm, "")["msg"] == f"{name} must start with http:// or https://"


def test_a_path_under_which_litellm_is_published(clean_litellm: Stack, published: str) -> None:
    entry = {
        "model_name": "below",
        "litellm_model": "openai/x",
        "api_base": "https://s.apps.example.com/v1",
        "api_key": "demo-key-not-real",
    }
    for state, action in (("present", "created"), ("absent", "deleted")):
        options = {"litellm_url": published + "/litellm", "litellm_api_key": clean_litellm.master_key, "models": [dict(entry, state=state)]}
        assert run_module(litellm_model.main, options)["models"][0]["action"] == action
    assert wrong(clean_litellm, published + "/litellm/ui").endswith(f"one at {published}/litellm: drop /ui from litellm_url")
    assert "drop /v1/models from" in wrong(clean_litellm, published + "/litellm/v1/models")
    assert "drop /nonesuch from" in wrong(clean_litellm, published + "/nonesuch")
    # LiteLLM's own errors are LiteLLM's there.
    answer = info(clean_litellm, published + "/litellm", litellm_api_key="sk-wrong-not-real")
    assert answer["failure"]["code"] == "litellm_authentication", answer


PAGE = Fault(forward=False, answer=Answer(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"))


def to(location: str, status: int = 302) -> Fault:
    return Fault(forward=False, answer=Answer(status, {"Location": location}, b""))


def below(prefix: str) -> Callable[[RecordedRequest], Fault]:
    """A gateway that publishes LiteLLM under a path alone."""

    def choose(request: RecordedRequest) -> Fault:
        if request.path.startswith(prefix + "/"):
            return Fault(path=request.path.removeprefix(prefix))
        return Fault.status(404, {"error": "Not Found"}, forward=False)

    return choose


@pytest.mark.any_litellm
def test_behind_a_gateway_that_publishes_it_under_a_path(clean_litellm: Stack, recorder: Recorder) -> None:
    recorder.fault = below("/ai/litellm")
    assert not info(clean_litellm, recorder.url + "/ai/litellm").get("failed")
    assert wrong(clean_litellm, recorder.url + "/ai/litellm/ui").endswith(f"one at {recorder.url}/ai/litellm: drop /ui from litellm_url")
    message = wrong(clean_litellm, recorder.url)
    assert message.startswith(f"No LiteLLM is at {recorder.url} (HTTP 404: Not Found). Check litellm_url: ")
    assert "with the path under which LiteLLM is published" in message
    assert "drop" not in wrong(clean_litellm, recorder.url + "/ai")


# what stands there instead of LiteLLM, what the message says of it
OTHERS: dict[str, tuple[Fault, str]] = {
    "a page": (PAGE, "(something other than JSON (text/html))"),
    "a page to sign in": (
        to("https://sso.example.com/login?next=%2F"),
        "a redirect to https://sso.example.com/login. If LiteLLM is there, and not",
    ),
    "a page that is not there": (
        Fault(forward=False, answer=Answer(404, {"Content-Type": "text/html"}, b"<html>")),
        "(HTTP 404: an answer that is not JSON",
    ),
    "another API": (Fault.status(200, {"object": "list", "models": []}, forward=False), "(an answer without a list of models)"),
    "LiteMaaS's backend": (
        Fault.status(404, {"message": "Route GET:/v2/model/info not found", "error": "Not Found", "statusCode": 404}, forward=False),
        "(HTTP 404: Not Found)",
    ),
    "a login of its own": (
        Fault(forward=False, answer=Answer(401, {"Content-Type": "text/html"}, b"<html>")),
        "(HTTP 401: an answer that is not JSON",
    ),
    "a wall": (Fault(forward=False, answer=Answer(403, {"Content-Type": "text/html"}, b"<html>")), "(HTTP 403: an answer that is not JSON"),
    "no HTTP method": (
        Fault(forward=False, answer=Answer(405, {"Content-Type": "text/plain"}, b"no")),
        "(HTTP 405: an answer that is not JSON",
    ),
}


@pytest.mark.any_litellm
@pytest.mark.parametrize("other", OTHERS)
def test_another_service(clean_litellm: Stack, recorder: Recorder, other: str) -> None:
    fault, sentence = OTHERS[other]
    recorder.fault = lambda request: fault
    message = wrong(clean_litellm, recorder.url)
    assert recorder.url in message
    assert sentence in message
    assert "as litellm_url" in message or "Check litellm_url" in message


@pytest.mark.any_litellm
def test_redirects(clean_litellm: Stack, recorder: Recorder) -> None:
    url = recorder.url
    # A gateway that wants a slash at the end of everything, one that leads back, and one that leads from the page to the proxy.
    recorder.fault = lambda request: to(url + request.path.split("?")[0] + "/")
    assert "which is the same address: the server in front of it is misconfigured" in wrong(clean_litellm, url)
    recorder.fault = lambda request: None if "/ui" not in request.path else to(request.path.replace("/ui", "/ui/start", 1))
    assert wrong(clean_litellm, url + "/ui").endswith(f"answers with a redirect to {url}/ui/start: give {url} as litellm_url")
    recorder.fault = lambda request: to(request.path.replace("/v2", "/login/v2"))
    assert wrong(clean_litellm, url).endswith(f"redirect to {url}/login, where no LiteLLM is. Check litellm_url")
    # TLS: nobody answers at the address that is right, as far as this test can tell.
    secure = url.replace("http:", "https:")
    recorder.fault = lambda request: to(secure + request.path, 308)
    assert wrong(clean_litellm, url).endswith(f"redirect to {secure}: give {secure} as litellm_url")
    assert all("Authorization" not in request.headers for request in recorder.calls(path="/health"))


def test_litellms_own_errors_are_litellms(clean_litellm: Stack, recorder: Recorder) -> None:
    not_found = Fault.status(404, {"detail": "Not Found"}, forward=False)
    recorder.fault = lambda request: not_found if "/v2/model/info" in request.path else None
    assert wrong_list(clean_litellm, recorder) == (
        f"LiteLLM is at {recorder.url} and has no list of models there (HTTP 404: Not Found): it is older than 1.81, or what stands "
        "before it blocks that path"
    )
    recorder.fault = lambda request: PAGE if "/v2/model/info" in request.path else None
    assert wrong_list(clean_litellm, recorder) == f"LiteLLM at {recorder.url} answered with something other than JSON (text/html)"
    # A path that is held back later is no model that is gone.
    entry = {"model_name": "held", "litellm_model": "openai/x", "api_base": "https://s.apps.example.com/v1", "api_key": "demo-key-not-real"}
    options = {"litellm_url": recorder.url, "litellm_api_key": clean_litellm.master_key}
    recorder.fault = None
    assert run_module(litellm_model.main, {**options, "models": [entry]})["models"][0]["action"] == "created"
    recorder.fault = lambda request: not_found if request.method == "POST" else None
    answer = run_module(litellm_model.main, {**options, "models": [dict(entry, state="absent")]})
    assert answer["models"][0]["action"] == "failed"
    assert f"LiteLLM at {recorder.url} does not know POST /model/delete (HTTP 404: Not Found)" in answer["msg"]


def wrong_list(stack: Stack, recorder: Recorder) -> str:
    answer = info(stack, recorder.url)
    assert answer["failed"]
    return str(answer["msg"])
