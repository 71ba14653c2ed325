# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the servers, run the playbook twice, show both sides."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.support.errors import SupportError
from tests.support.postgres import INSTALL_DIRECTORIES, install_postgres
from tests.support.stack import LITEMAAS_DATABASE, Stack, stop_stack

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".work" / "demo"
MODELS_FILE = ROOT / "examples" / "models.yml"
PLAYBOOK_TIMEOUT_S = 600

ROWS = """
    SELECT id, name, provider, category, coalesce(context_length::text, ''), coalesce(rpm::text, ''), availability, litellm_model_id
    FROM models ORDER BY id"""


class DemoError(Exception):
    """A step failed. The text says which, and what to do."""


def main() -> int:
    """Run the demonstration and return the exit code."""
    signal.signal(signal.SIGTERM, _end_politely)
    try:
        _demonstrate(keep=os.environ.get("KEEP", "") not in ("", "0", "no", "false"))
    except (DemoError, SupportError) as error:
        print(f"\nThe demonstration stopped. {error}", file=sys.stderr)
        print(f"The logs of the servers are in {_shown(STATE)}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _demonstrate(*, keep: bool) -> None:
    if shutil.which("ansible-playbook") is None:
        raise DemoError("There is no ansible-playbook here. Start the demonstration with: make demo")
    stop_stack(STATE, purge=True)
    _title("1. Start PostgreSQL with the LiteMaaS tables, and a LiteLLM proxy (the first time takes minutes, later seconds)")
    with Stack(STATE) as stack:
        _create_credential(stack)
        _title(f"2. Bring both sides in line with {_shown(MODELS_FILE)}")
        first = _play(stack)
        _title("3. The same again: nothing may change")
        second = _play(stack)
        if second["changed"] != 0:
            raise DemoError("The second run changed something. The summary above says what; please report it.")
        _title("4. Both sides")
        _print_both_sides(stack)
        print(f"\nFirst run: changed={first['changed']}. Second run: changed={second['changed']}.")
        if keep:
            stack.detach()
            _print_how_to_go_on(stack)


def _create_credential(stack: Stack) -> None:
    """Create the credential that a model of the example names: an administrator does so in LiteLLM before."""
    values = {"api_base": "https://example-eu.openai.azure.com", "api_key": "demo-key-not-real"}
    body = {"credential_name": "azure-eu", "credential_info": {}, "credential_values": values}
    status, answer = stack.proxy.request("POST", "/credentials", body)
    if status != 200:
        raise DemoError(f"LiteLLM did not create the credential azure-eu: {status} {answer}")


def _play(stack: Stack) -> dict[str, int]:
    """Run the playbook as a user does, let its output through, and return the numbers of its recap."""
    command = ["ansible-playbook", "playbooks/manage_models.yml", "-i", "localhost,", "-c", "local", "-e", f"@{_shown(MODELS_FILE)}"]
    print(f"$ {shlex.join(command)}\n", flush=True)
    env = {**os.environ, **stack.environ(), "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false", "ANSIBLE_LOCALHOST_WARNING": "false"}
    env["ANSIBLE_PYTHON_INTERPRETER"] = sys.executable
    playing = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: list[str] = []
    killer = signal.signal(signal.SIGALRM, lambda number, frame: playing.kill())
    signal.alarm(PLAYBOOK_TIMEOUT_S)
    try:
        for line in playing.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
        code = playing.wait()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, killer)
        playing.kill()
    if code != 0:
        raise DemoError(
            "The playbook failed; the last message above says why. To look into it, run: make demo KEEP=1"
            if code > 0
            else f"The playbook took more than {PLAYBOOK_TIMEOUT_S} seconds and was ended."
        )
    return _recap(lines)


def _recap(lines: Sequence[str]) -> dict[str, int]:
    for line in reversed(lines):
        numbers = dict(re.findall(r"(\w+)=(\d+)", line))
        if "changed" in numbers:
            return {name: int(number) for name, number in numbers.items()}
    raise DemoError("The playbook ended without a recap.")


def _print_both_sides(stack: Stack) -> None:
    status, answer = stack.proxy.request("GET", "/model/info")
    if status != 200:
        raise DemoError(f"LiteLLM answered {status} to GET /model/info.")
    print("LiteLLM: GET /model/info")
    deployments = [
        [entry["model_name"], entry["litellm_params"].get("model", ""), entry["litellm_params"].get("api_base") or "",
         str(entry["litellm_params"].get("rpm") or ""), "database" if entry["model_info"].get("db_model") else "config file",
         entry["model_info"]["id"]]
        for entry in answer["data"]
    ]  # fmt: skip
    _table(["model_name", "model", "api_base", "rpm", "kept in", "id"], sorted(deployments))
    print("\nLiteMaaS: table models")
    columns = ["id", "name", "provider", "category", "context", "rpm", "availability", "litellm_model_id"]
    _table(columns, stack.postgres.sql(ROWS, LITEMAAS_DATABASE))


def _table(columns: list[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(str(row[index])) for row in (columns, *rows)) for index in range(len(columns))]
    for row in (columns, ["-" * width for width in widths], *rows):
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def _print_how_to_go_on(stack: Stack) -> None:
    psql = shutil.which("psql") or install_postgres() / INSTALL_DIRECTORIES[stack.postgres.version] / "bin" / "psql"
    exports = "\n".join(f"  export {name}={shlex.quote(value)}" for name, value in stack.environ().items())
    print(f"""
The servers are still running. Tell your shell where they are:
{exports}
Look at LiteLLM:
  curl -s -H "Authorization: Bearer $LITELLM_API_KEY" "$LITELLM_API_URL/model/info"
Look at LiteMaaS:
  {psql} "$DATABASE_URL" -c 'SELECT id, provider, availability FROM models'
In this folder, {ROOT}, run the playbook with a file of your own:
  {shutil.which("ansible-playbook")} playbooks/manage_models.yml -e @my-models.yml
End them, in this folder too:
  {sys.executable} -m tests.support down --state {_shown(STATE)} --purge""")


def _title(text: str) -> None:
    print(f"\n=== {text}\n", flush=True)


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _end_politely(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
