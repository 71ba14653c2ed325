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
      - The namespace of an OpenShift or Kubernetes cluster in which LiteMaaS runs. Values that are not set elsewhere are discovered there.
      - LiteMaaS's backend is the container that has E(DATABASE_URL) and E(LITELLM_API_URL) (or E(LITELLM_API_BASE)), whatever its name.
        Its variables, with the Secrets and ConfigMaps that they refer to, name the database, the proxy and its key. Secrets are read by
        name and never listed.
      - LiteLLM is the one that the backend uses. If its address is a Service, its Route is used, else its Ingress, else a port-forward
        to its pod.
      - Explicit and discovered values must belong to the same installation. If O(litellm_url) is set and is not an address of that
        LiteLLM, or O(database_url) is set and is not that backend's, the run fails before it changes anything.
      - A database in the cluster is reached through a port-forward to its pod. PostgreSQL in a pod usually trusts connections from its
        own host, and the port-forward is one. A successful connection therefore does not prove that the password is right. With
        C(sslmode=require) or stricter, the connection is encrypted up to the pod. Its certificate is not verified, because the cluster
        identifies the pod.
      - If unset, the environment variable E(LITEMAAS_NAMESPACE) is used. Without either, no cluster is contacted.
    type: str
  kubernetes:
    description:
      - How to sign in to the cluster, with the options of M(kubernetes.core.k8s_info). Missing options are taken from its environment
        variables (E(K8S_AUTH_HOST), E(K8S_AUTH_API_KEY), E(K8S_AUTH_KUBECONFIG) and so on), from E(KUBECONFIG), from
        C(~/.kube/config), or from the pod in which the module runs.
      - With O(kubernetes.kubeconfig) or O(kubernetes.host), these variables are ignored, except those of proxies, so that settings of
        two clusters are never mixed. With O(kubernetes.context), E(K8S_AUTH_KUBECONFIG) is still used.
      - C(examples/rbac.yml) of the collection has the required rights.
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
          - Whether to verify the certificate of the cluster's API.
        type: bool
      ca_cert:
        description:
          - File with the CA certificate, to verify the API's certificate.
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
          - Address of an HTTP proxy for the API.
        type: str
      no_proxy:
        description:
          - Hosts to connect to without the proxy, separated by commas.
        type: str
      proxy_headers:
        description:
          - Headers to send to the proxy.
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
              - The user agent to send.
            type: str
      impersonate_user:
        description:
          - The user to impersonate.
        type: str
      impersonate_groups:
        description:
          - The groups to impersonate.
        type: list
        elements: str
requirements:
  - kubernetes.core and kubernetes >= 24.2.0, for discovery in O(namespace)
"""
