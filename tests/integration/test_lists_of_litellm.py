# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists that the collection has from LiteLLM's source, beside the source of the version at hand. Nothing is started."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.known_providers import KEYLESS, KNOWN_HOSTS, SELF_HOSTED
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import NUMBERS, PRICE, STRUCTURES
from tests.support.litellm import DEFAULT_VERSION, install_litellm

pytestmark = pytest.mark.litellm
# Another name for bedrock, which LiteLLM takes before the slash without having it among its providers.
ALIASES = {"bedrock_converse"}


@pytest.fixture(scope="module")
def source() -> Path:
    """Return the folder of LiteLLM's source."""
    return install_litellm(os.environ.get("LITELLM_VERSION") or DEFAULT_VERSION).site_packages / "litellm"


def _classes(path: Path) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)}


def _parameters(source: Path) -> dict[str, str]:
    """Return the parameters of a deployment that LiteLLM declares, each with its type as it is written there."""
    classes = {**_classes(source / "types" / "utils.py"), **_classes(source / "types" / "router.py")}
    found: dict[str, str] = {}
    left = ["LiteLLM_Params"]
    while left:
        known = classes.get(left.pop())
        for node in known.body if known else ():
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.setdefault(node.target.id, ast.unparse(node.annotation))
        left += [ast.unparse(base) for base in known.bases] if known else []
    assert {"api_key", "rpm", "input_cost_per_token"} <= set(found)
    return found


def test_every_number_and_every_structure_is_known(source: Path) -> None:
    words = {name: set(re.findall(r"\w+", declared.lower())) for name, declared in _parameters(source).items()}
    structures = {name for name, declared in words.items() if declared & {"dict", "list", "mapping"}}
    numbers = {name for name, declared in words.items() if declared & {"int", "float"}} - structures
    assert {name for name in numbers - NUMBERS if not PRICE.fullmatch(name)} == set()
    # A dictionary of numbers hides nothing, and one that may be a text is sent as a text.
    assert {name for name in structures - STRUCTURES if "float" not in words[name] and not {"str", "dict"} <= words[name]} == set()


def test_every_host_that_tells_the_provider_is_known(source: Path) -> None:
    constants = ast.parse((source / "constants.py").read_text(encoding="utf-8"))
    [endpoints] = [node.value for node in constants.body if _assigns(node, "openai_compatible_endpoints")]  # type: ignore[attr-defined]
    logic = (source / "litellm_core_utils" / "get_llm_provider_logic.py").read_text(encoding="utf-8")
    told = {node.value for node in endpoints.elts if isinstance(node, ast.Constant)} & set(re.findall(r'endpoint == "([^"]+)"', logic))
    hosts = {re.sub(r"^https?://", "", endpoint).partition("/")[0] for endpoint in told}
    assert len(hosts) > 15
    assert {host for host in hosts if not any(host == known or host.endswith("." + known) for known in KNOWN_HOSTS)} == set()


def _assigns(node: ast.stmt, name: str) -> bool:
    targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


@pytest.mark.any_litellm
def test_the_lists_name_providers_that_there_are(source: Path) -> None:
    providers = {
        node.value.value
        for node in _classes(source / "types" / "utils.py")["LlmProviders"].body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    assert (KEYLESS | SELF_HOSTED) - providers == ALIASES
