#!/bin/sh
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu

usage() {
    cat <<'END'
Usage: sync-models.sh [NAMESPACE] [--check] [--diff] [-v...] [-- OPTIONS OF ansible-playbook]

Brings the models of LiteLLM into the database of LiteMaaS, and cleans up those that LiteLLM no longer has.

NAMESPACE is where LiteMaaS runs: by default $LITEMAAS_NAMESPACE, else "litemaas". What is not given below is
found there, with the kubeconfig that "oc login" wrote or with the K8S_AUTH_* variables.

  --check   write nothing, show what a run would do
  --diff    show what changes, field by field
  -v...     show more, as for ansible-playbook
  --help    show this

Environment, each of them instead of a search, also when it is left over from something else:
  LITELLM_URL, LITELLM_API_URL, LITELLM_BASE_URL   address of the LiteLLM proxy; the first that is set
  LITELLM_MASTER_KEY, LITELLM_API_KEY              its master key, or the key of a proxy administrator
  DATABASE_URL, PGHOST and so on                   the database of the LiteMaaS backend

Exit code: 0 when all went well, 1 when the script could not start, else that of ansible-playbook.
END
}

stop() {
    echo "sync-models.sh: $1" >&2
    exit 1
}

namespace=
flags=
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help)
            usage
            exit 0
            ;;
        --check | -C | --diff | -D | -v | -vv | -vvv | -vvvv) flags="$flags $1" ;;
        --)
            shift
            break
            ;;
        '') stop "NAMESPACE is empty; is a variable not set? Leave it out for \$LITEMAAS_NAMESPACE or \"litemaas\"" ;;
        -*) stop "there is no option $1; --help lists those that there are, and \"--\" passes others on to ansible-playbook" ;;
        *)
            [ -z "$namespace" ] || stop "one namespace at a time: $namespace or $1"
            namespace=$1
            ;;
    esac
    shift
done
namespace=${namespace:-${LITEMAAS_NAMESPACE:-litemaas}}
case $namespace in
    *[!a-z0-9-]*) stop "\"$namespace\" is no name of a namespace" ;;
esac
command -v ansible-playbook >/dev/null || stop "there is no ansible-playbook: install ansible-core, as the README says"

# The role reads secrets from the environment, so none is ever in a file or on a command line.
if [ -n "${LITELLM_URL:-}" ]; then export LITELLM_API_URL="$LITELLM_URL"; fi
if [ -n "${LITELLM_MASTER_KEY:-}" ]; then export LITELLM_API_KEY="$LITELLM_MASTER_KEY"; fi

# Ansible takes a collection from beside a playbook before all others: this file's own, be it installed or a clone.
here=$(CDPATH='' cd -P -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
[ -f "$here/playbooks/manage_models.yml" ] || stop "run it where it lies, in the collection: its playbook is not beside it"
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$folder/collections/ansible_collections/litemaas"
ln -s "$here" "$folder/collections/ansible_collections/litemaas/models"
cp "$here/playbooks/manage_models.yml" "$folder/sync-models.yml"

# The flags are words without blanks, and no flag is no word.
# shellcheck disable=SC2086
ansible-playbook $flags "$folder/sync-models.yml" \
    -e litemaas_models_hosts=localhost \
    -e "ocp4_workload_litemaas_models_namespace=$namespace" \
    -e 'ocp4_workload_litemaas_models_list=[]' \
    -e ocp4_workload_litemaas_models_backend_enabled=true \
    -e ocp4_workload_litemaas_models_sync_from_litellm=true \
    -e ocp4_workload_litemaas_models_cleanup_orphaned=true \
    "$@"
