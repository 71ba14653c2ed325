# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of the cluster: what is found there, and tunnels."""

from __future__ import annotations

from tests.mutations.mutants import condition, expression, in_file, part
from tests.mutations.suites import ACCESS, KUBERNETES, NAMESPACE, TUNNEL, of

GUARDS = [
    *in_file(
        "module_utils/_cluster/api.py",
        expression(
            "a WebSocket runs as who is impersonated",
            '[f"{name}: {value}" for name, value in self._api.default_headers.items()]',
            of(ACCESS, "impersonation_holds_for_both"),
            removed='[f"{name}: {value}" for name, value in ()]',
            inverted='[f"{name}: {value}" for name, value in self._api.default_headers.items() if "Impersonate" not in name]',
        ),
        expression(
            "a certificate that is not trusted is refused",
            '{"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": configuration.ssl_ca_cert or certifi.where()}',
            of(ACCESS, "the_name_in_the_certificate_may_be_another_one", "a_tunnel_checks_the_certificate_too"),
            removed='{"cert_reqs": ssl.CERT_NONE, "check_hostname": False, "ca_certs": configuration.ssl_ca_cert or certifi.where()}',
        ),
        expression(
            "a certificate that is not trusted is refused, whoever is trusted",
            "ssl.CERT_REQUIRED",
            of(ACCESS, "the_name_in_the_certificate_may_be_another_one", "a_tunnel_checks_the_certificate_too"),
            removed="ssl.CERT_NONE if configuration.ssl_ca_cert else ssl.CERT_REQUIRED",
        ),
        part(
            "credentials are not taken to another server",
            "redirect_limit=0",
            of(ACCESS, "credentials_are_not_taken_to_another_server"),
            inverted="redirect_limit=1",
        ),
        part(
            "another server's answers are not the cluster's",
            "redirect=False",
            of(ACCESS, "credentials_are_not_taken_to_another_server"),
            inverted="redirect=True",
        ),
        condition(
            "what an older library hands over is no connection",
            "opened.getstatus() != _SWITCHED",
            of(ACCESS, "an_older_library_hands_a_redirect_over_as_a_connection"),
        ),
    ),
    *in_file(
        "module_utils/_cluster/api_errors.py",
        part(
            "no token in a message",
            "message = redactor.text(message)",
            of(KUBERNETES, "another_failure_says_what_the_cluster_says_and_no_secret"),
            inverted="message = redactor.text(message) and message",
        ),
    ),
    *in_file(
        "module_utils/_cluster/authentication.py",
        expression(
            "a cluster that is given is not mixed with another one's variables",
            "_without_variables(_overruled(options))",
            of(ACCESS, "what_is_given_overrules_the_environment"),
            removed="contextlib.nullcontext()",
        ),
    ),
    *in_file(
        "module_utils/_cluster/kubeconfig.py",
        part(
            "what is not known to be harmless in a kubeconfig is a secret",
            "[] if place in _HARMLESS else [value]",
            of(KUBERNETES, "nothing_of_a_kubeconfig_can_be_seen_whatever_its_shape", "what_is_harmless_in_a_kubeconfig_is_seen"),
            inverted="[] if place not in _HARMLESS else [value]",
        ),
    ),
    *in_file(
        "module_utils/_cluster/containers.py",
        condition(
            "two installations in a namespace are not mixed up",
            "len(who) > 1",
            of(NAMESPACE, "two_backends_that_do_not_agree", "two_backends_that_agree"),
            inverted="len(who) == 1",
        ),
    ),
    *in_file(
        "module_utils/_cluster/objects.py",
        condition("a pod of a job is no backend", '"Job" not in owners', of(NAMESPACE, "a_pod_of_a_job_is_no_backend")),
    ),
    *in_file(
        "module_utils/_cluster/routes.py",
        condition("only a router's word makes a Route an address", "_admitted(entry)", of(NAMESPACE, "routes")),
    ),
    *in_file(
        "module_utils/_cluster/services.py",
        condition(
            "a Service that is gone is no host of our own network",
            "if inside: raise DiscoveryFailed(...)",
            of(NAMESPACE, "a_service_that_is_gone_is_no_host_outside", "a_database_outside"),
        ),
        condition("the backend's own host is not ours", "host in LOOPBACK", of(NAMESPACE, "a_database_beside_the_backend")),
        expression(
            "only a pod that is ready is connected to",
            "(pod for pod in pods if is_ready(pod))",
            of(NAMESPACE, "the_first_ready_pod", "no_ready_pod"),
            removed="pods",
            inverted="(pod for pod in pods if not is_ready(pod))",
        ),
    ),
    *in_file(
        "module_utils/_cluster/installation.py",
        part("the key that is found is a secret", "self._run.keep_secret(key)", of(NAMESPACE, "everything_is_found")),
        part("the URL that is found is a secret", "self._run.keep_secret(url)", of(NAMESPACE, "everything_is_found")),
    ),
    *in_file(
        "module_utils/_cluster/tunnel.py",
        condition(
            "a port of this host is for this account alone",
            "_from_this_account(local)",
            of(TUNNEL, "a_port_is_for_this_account_alone"),
            removed="True",
        ),
        expression(
            "nothing goes through where the system does not tell whose it is",
            "return False",
            of(TUNNEL, "a_system_that_does_not_tell_whose_a_connection_is"),
            within="_from_this_account",
            inverted="return True",
        ),
        expression(
            "nothing goes through where the system fails to tell whose it is",
            "OSError",
            of(TUNNEL, "a_system_that_does_not_tell_whose_a_connection_is"),
            within="_from_this_account",
            removed="ZeroDivisionError",
        ),
    ),
]
