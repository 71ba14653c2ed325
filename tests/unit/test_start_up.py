# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run loads nothing heavy that it does not use: Ansible compiles every file that a module imports, in each run."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

PACKAGE = "ansible_collections.litemaas.models.plugins"
MODULE_UTILS = PACKAGE + ".module_utils."

PROGRAM = """
import importlib, json, sys
from ansible.module_utils import basic
name, arguments = sys.argv[1], json.loads(sys.argv[2])
try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
else:
    given = patch_module_args(arguments)
    given.__enter__()
before = set(sys.modules)
try:
    importlib.import_module(name).main()
except SystemExit:
    print(json.dumps(sorted(set(sys.modules) - before)))
"""

CLUSTER = {
    *(f"_cluster.{room}" for room in ("api", "installation", "containers", "services", "routes", "tunnel", "websocket")),
    "_run.termination",
}
DATABASE = {"_postgres.connection", "_litemaas.catalogue", "_proof.witness", "_litemaas.restore", "psycopg2"}
PROXY = {"_litellm.transport", "_litellm.client", "_proof.source", "_litellm.json_stream", "requests", "urllib3"}
# Never, whatever a run does.
NEVER = {"jinja2", "yaml", "kubernetes", "ansible.template"}

# Nobody listens there: a run gets as far as it can without a database.
NO_DATABASE = "postgresql://user:demo-password-not-real@127.0.0.1:1/litemaas_db"

LIST = json.dumps(
    {"data": [{"model_name": "m", "litellm_params": {}, "model_info": {"id": "1"}}], "total_count": 1, "total_pages": 1}
).encode()


class _LiteLLM(http.server.BaseHTTPRequestHandler):
    """Answers everything with a list of one model."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(LIST)))
        self.end_headers()
        self.wfile.write(LIST)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _LiteLLM) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def loaded(module: str, options: dict[str, object]) -> set[str]:
    """What one run imports: names of module_utils without their package, and of packages of others."""
    arguments = dict(options, _ansible_remote_tmp="/tmp", _ansible_keep_remote_files=False, _ansible_check_mode=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LITELLM_", "DATABASE_", "K8S_", "PG"))}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-c", PROGRAM, f"{PACKAGE}.modules.{module}", json.dumps(arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    answer, names = (json.loads(line) for line in done.stdout.splitlines() if line)
    assert "changed" in answer, answer
    return {name.removeprefix(MODULE_UTILS) for name in names}


RUNS = [
    ("litellm_model", {"model_name": "m", "rpm": 1}, CLUSTER | DATABASE | {"_run.notify", "_rows"}, {"requests", "_litellm.apply"}),
    ("litellm_model_info", {}, CLUSTER | DATABASE | {"_run.notify"}, {"requests", "_proof.source"}),
    (
        "litemaas_model_sync",
        {"pull": True, "database_url": NO_DATABASE},
        CLUSTER | {"_run.notify", "_proof.witness"},
        {"requests", "psycopg2"},
    ),
    ("litemaas_orphan_cleanup", {"database_url": NO_DATABASE}, CLUSTER | {"_run.notify", "_proof.witness"}, {"requests", "psycopg2"}),
    ("litemaas_sync_info", {"database_url": NO_DATABASE}, CLUSTER | PROXY | {"_run.notify"}, {"psycopg2", "_litemaas.sync_info"}),
]


@pytest.mark.parametrize(("module", "options", "unused", "used"), RUNS, ids=[run[0] for run in RUNS])
def test_a_run_loads_what_it_uses(url: str, module: str, options: dict[str, object], unused: set[str], used: set[str]) -> None:
    proxy = {} if module == "litemaas_sync_info" else {"litellm_url": url, "litellm_api_key": "demo-key-not-real"}
    names = loaded(module, {**proxy, **options})
    assert names & (unused | NEVER) == set()
    assert used <= names


def test_what_is_asked_for_is_loaded(url: str) -> None:
    """The other side of the same coin: these options need what no other run loads."""
    options = {"litellm_url": url, "litellm_api_key": "demo-key-not-real", "litellm_database_url": NO_DATABASE}
    assert "_proof.witness" in loaded("litellm_model_info", options)
    given = {"model_name": "m", "namespace": "Not-A-Name", "kubernetes": {"context": "c"}, "notify_urls": ["https://chat.invalid/x"]}
    assert CLUSTER | {"_run.notify"} <= loaded("litellm_model", given)
