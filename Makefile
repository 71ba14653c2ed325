# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The first interpreter that starts and is Python 3.11 or later; override with: make test PYTHON=/path/to/python3
PYTHON ?= $(firstword $(foreach name,python3 python3.11 python3.12 python3.13 python3.14,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
CI = @test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed"; exit 1; }; PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m tests.ci
STAGES = lint docs sanity units mutations core-units integration molecule build installed

.DEFAULT_GOAL := help
.PHONY: help test $(STAGES) docs-site format generate changelog tree demo bench clean clean-cache

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

test:  ## Run every stage below; needs Python 3.11+, make, git and the package registries, nothing else
	$(CI) test

lint:  ## Linters: ansible-lint, yamllint, ruff, mypy, change notes, cleanliness
	$(CI) lint

docs:  ## Check the documentation of modules and role, and that generated files are up to date, and build the site
	$(CI) docs

docs-site:  ## Build the documentation as a web site, in .work/docs-site/html
	$(CI) docs-site

sanity:  ## ansible-test sanity with every ansible-core that runs here ("test" runs pylint, compile and import with two of them only)
	$(CI) sanity

units:  ## Unit tests with plain pytest (fast)
	$(CI) units

mutations:  ## Damage each guard of the collection: a test must turn red
	$(CI) mutations

core-units:  ## Unit tests with ansible-test, every supported ansible-core that runs here ("test": all with the lowest and the newest)
	$(CI) core-units

integration:  ## Integration tests against real servers (LITELLM_VERSION=... for one version)
	$(CI) integration

molecule:  ## The role's scenarios against real servers
	$(CI) molecule

build:  ## Build the artefact and check it as Galaxy does
	$(CI) build

installed:  ## Install the artefact into an empty path and run it from there
	$(CI) installed

format:  ## Format the Python sources
	$(CI) format

generate:  ## Write the files that repeat the tables in docs/reference (fields of a model, variables of the role)
	$(CI) generate

changelog:  ## Make the change notes of the version in galaxy.yml, and remove the fragments that are in them
	$(CI) changelog

tree:  ## Refresh the collection tree and print its path, for ANSIBLE_COLLECTIONS_PATH
	$(CI) tree

bench:  ## Measure all and write docs/performance.md (QUICK=1 small sizes only; CHECK=1 fails beyond a target)
	$(CI) exec python -m tests.benchmark

demo:  ## A short demonstration against real servers (KEEP=1 leaves them running)
	$(CI) exec python -m tests.demo

clean:  ## Remove what the stages left in the clone
	rm -rf .work

clean-cache:  ## Remove the environments that the stages share
	rm -rf "$${LITEMAAS_TEST_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/litemaas-models}"
