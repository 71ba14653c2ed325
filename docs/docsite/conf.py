# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx's settings for ``make docs-site``. Nothing here reaches out: the pages are built without a network."""

import re

from docutils import nodes

project = "litemaas.models"
author = "LiteMaaS models contributors"
project_copyright = "2026, " + author
extensions = ["myst_parser", "sphinx_antsibull_ext"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_heading_anchors = 4
html_theme = "sphinx_rtd_theme"
html_title = project
html_show_sphinx = False

# Labels of Ansible's own documentation, to which the pages of plugins refer.
ANSIBLE = "https://docs.ansible.com/ansible/latest/"
LABELS = {
    "action_plugins": "plugins/action",
    "ansible_configuration_settings": "reference_appendices/config",
    "common_return_values": "reference_appendices/common_return_values",
}
OTHER_COLLECTIONS = re.compile(r"ansible_collections\.(?!litemaas\.)(\w+)\.(\w+)\.(\w+)")


def elsewhere(app, env, node, content):
    """Link to Ansible's documentation; a label that is neither there nor here stays a warning, and so an error."""
    target = node["reftarget"]
    other = OTHER_COLLECTIONS.fullmatch(target)
    page = "collections/" + "/".join(other.groups()) if other else LABELS.get(target)
    return nodes.reference("", "", content, internal=False, refuri=f"{ANSIBLE}{page}.html") if page else None


def setup(app):
    """Sphinx calls this."""
    app.connect("missing-reference", elsewhere)
