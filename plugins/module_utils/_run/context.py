# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one run of a module has at hand. Pure: it knows neither Ansible nor a cluster, only what it needs of them."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible.module_utils.common.parameters import remove_values

from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import scalar_texts
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_secrets import secret_values
from ansible_collections.litemaas.models.plugins.module_utils._common.words import ROLE_VARIABLE, Words, given_by
from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import RENAMED
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Installation
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress


class Cluster(t.Protocol):
    """The door to everything that knows a cluster."""

    def secrets_of(self, options: t.Any) -> list[t.Any]:
        """The secrets in the option ``kubernetes``, as it was given."""

    def connect(self, run: Run, again: bool) -> Installation | None:
        """The installation in the namespace that the options name; None where they name none. Raises InputError."""


# Fields of an entry, and of a line of a result, that say which model is meant.
NAME_FIELDS = ("model_name", "model_id", "litellm_model", "display_name", "provider", "category", "credential")


class Host(t.Protocol):
    """What carries a run: an Ansible module, or an action in the controller's own process.

    ``params`` are its options as Ansible read them, ``raw_params`` as they were given. What is in ``no_log_values`` is in no output,
    ``ordinary`` are texts that Ansible takes for secrets and that are none. ``show_progress`` shows a line at once, where that can be.
    """

    params: dict[str, t.Any]
    raw_params: dict[str, t.Any]
    check_mode: bool
    no_log_values: set[str]
    ordinary: set[str]
    show_progress: t.Callable[[str], None] | None
    _name: str

    def warn(self, warning: str) -> None:
        """Show a warning to the person."""


class Run:
    """What one module run has at hand, so that nothing below needs AnsibleModule.

    ``params`` are the module's options, ``resources`` is an ExitStack that closes connections at the end of each attempt,
    ``redactor`` knows every secret of the run.
    """

    def __init__(self, module: Host) -> None:
        self.params: dict[str, t.Any] = module.params
        self.check_mode: bool = module.check_mode
        self.resources = contextlib.ExitStack()
        self.redactor = Redactor()
        self.log_lines: list[str] = []
        self.progress = Progress()
        # What a client learned in the first attempt, for those after it: the client alone knows what that is.
        self.experience: t.Any = None
        # Where to look for what the options do not say, in this attempt; and what was found there, for the result.
        self.installation: Installation | None = None
        self.discovered: dict[str, str] = {}
        self.secrets_of_entries: set[str] = set()
        # Where a person gave the role's variables and not the module's options.
        role = os.environ.get(ROLE_VARIABLE)
        self.words = Words(given_by(role)) if role else None
        self._warned: set[str] = set()
        self.module_name: str = module._name.rsplit(".", 1)[-1]  # pylint: disable=protected-access
        self._module = module

    def entries(self, option: str) -> list[dict[str, t.Any]]:
        """The entries of a list option, each as it was given; its secrets are kept. Empty where the option was not given."""
        entries = self.params[option] or []
        raw = self._module.raw_params.get(option)
        if isinstance(raw, list) and all(isinstance(entry, dict) for entry in raw):
            entries = raw
        secrets = secret_values(entries)
        self.keep_secret(*secrets)
        self.secrets_of_entries.update(scalar_texts(secrets))
        self.redactor.keep(names_of_models(entries))
        return entries

    def one_entry(self) -> dict[str, t.Any]:
        """The options of the module itself as the one entry that they describe; its secrets are kept."""
        entry: dict[str, t.Any] = dict(self._module.raw_params)
        for field, option in RENAMED.items():
            entry[field] = entry.pop(option, None)
        self.keep_secret(*secret_values([entry]))
        self.redactor.keep(names_of_models([entry]))
        return entry

    def warn(self, *sentences: str) -> None:
        """Show warnings to the person, without secrets, and each of them once."""
        for text in map(self._told, sentences):
            if text not in self._warned:
                self._warned.add(text)
                self._module.warn(text)

    def log(self, sentence: str) -> None:
        """Say something that is seen at -v only, as a line of the result's ``log``."""
        self.log_lines.append(self._told(sentence))

    def _told(self, sentence: str) -> str:
        return self.redactor.text(self.words.of(sentence) if self.words is not None else sentence)

    def keep_secret(self, *values: t.Any) -> None:
        """Take values out of everything that this run prints: scalars, or whole structures of them."""
        for text in self.redactor.add(*values):
            self._module.no_log_values.add(text)

    def without_secrets(self, value: t.Any) -> t.Any:
        """A copy of plain data without anything that this run must not print."""
        return remove_values(self.redactor.data(value), self.hidden_by_ansible())

    def hidden_by_ansible(self) -> set[str]:
        """What Ansible itself may take out of every text: no placeholder, number, or part of a name that stays."""
        return {text for text in self._module.no_log_values if not text.isdigit() and not self.redactor.is_kept(text)}


def dictionaries_in(value: t.Any) -> list[dict[str, t.Any]]:
    """The dictionaries of a list; empty where it is no list."""
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def names_of_models(entries: t.Any) -> list[t.Any]:
    """What names models in entries and in lines of a result, which stays readable whatever the secrets are."""
    return [entry.get(name) for entry in dictionaries_in(entries) for name in NAME_FIELDS]
