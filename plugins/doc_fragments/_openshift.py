# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  namespace:
    description:
      - The namespace of an OpenShift or Kubernetes cluster in which LiteMaaS runs. What is not given otherwise is looked for there.
      - LiteMaaS's backend is the container that has E(DATABASE_URL) and E(LITELLM_API_URL) (or E(LITELLM_API_BASE)), whatever it is called.
        Its variables, with the Secrets and ConfigMaps that they come from, name the database, the proxy and its key. Secrets are read by
        name and never listed.
      - LiteLLM is the one that the backend uses. Where that is a Service, it is used by its Route, else by its Ingress, else through a
        port-forward to its pod.
      - What is given and what is found must be of one installation. The run fails before anything is changed where O(litellm_url) is given
        and is not known as an address of that LiteLLM, or where O(database_url) is given and is not that backend's.
      - A database in the cluster is used through a port-forward to its pod. PostgreSQL in a pod usually trusts its own host, from where
        such a connection comes, so a connection is no proof of the right password. With C(sslmode=require) or stricter it is
        encrypted up to the pod; certificates are not checked there, because it is the cluster that vouches for the pod.
      - If it is not given, the environment variable E(LITEMAAS_NAMESPACE) is used. Without it no cluster is asked for anything.
    type: str
  kubernetes:
    description:
      - How to sign in to the cluster, with the options of M(kubernetes.core.k8s_info). What is left out is taken from its environment
        variables (E(K8S_AUTH_HOST), E(K8S_AUTH_API_KEY), E(K8S_AUTH_KUBECONFIG) and so on), from E(KUBECONFIG), from
        C(~/.kube/config), or from the pod in which the module runs.
      - With O(kubernetes.kubeconfig) or O(kubernetes.host) none of these variables counts, except those of proxies, so that nothing of
        another cluster is mixed in. With O(kubernetes.context), E(K8S_AUTH_KUBECONFIG) counts too.
      - The rights that are needed are in C(examples/rbac.yml) of the collection.
    type: dict
    suboptions:
      kubeconfig:
        description:
          - Path of a kubeconfig file, or its content, as a dictionary or as text.
        type: raw
      context:
        description:
          - The context of the kubeconfig to use.
        type: str
      host:
        description:
          - Address of the cluster's API, for example V(https://api.cluster.example.com:6443).
        type: str
      api_key:
        description:
          - Token to sign in with.
        type: str
      username:
        description:
          - User for HTTP basic authentication.
        type: str
      password:
        description:
          - Password for HTTP basic authentication.
        type: str
      validate_certs:
        description:
          - Whether to check the certificate of the cluster's API.
        type: bool
      ca_cert:
        description:
          - File with the CA certificate to check the API's certificate with.
        type: path
      client_cert:
        description:
          - File with a client certificate.
        type: path
      client_key:
        description:
          - File with the key of the client certificate.
        type: path
      proxy:
        description:
          - Address of an HTTP proxy on the way to the API.
        type: str
      no_proxy:
        description:
          - Hosts for which no proxy is used, separated by commas.
        type: str
      proxy_headers:
        description:
          - Headers for the proxy.
        type: dict
        suboptions:
          proxy_basic_auth:
            description:
              - User and password for the proxy, separated by a colon.
            type: str
          basic_auth:
            description:
              - User and password for HTTP basic authentication, separated by a colon.
            type: str
          user_agent:
            description:
              - The user agent to show.
            type: str
      impersonate_user:
        description:
          - The user to act as.
        type: str
      impersonate_groups:
        description:
          - The groups to act as a member of.
        type: list
        elements: str
requirements:
  - kubernetes.core and kubernetes >= 24.2.0, if something is looked for in O(namespace)
"""
