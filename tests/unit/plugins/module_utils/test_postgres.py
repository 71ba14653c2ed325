# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every form of DATABASE_URL, and which tables are LiteMaaS's. Needs no server and no driver."""

from __future__ import annotations

import re

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError, SchemaMismatch
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.catalogue import REQUIRED, check_tables
from ansible_collections.litemaas.models.plugins.module_utils._postgres.target import read_target
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import DATABASE, Kind, resolve
from tests.support.endpoints import database_target

BASE = {"host": "db", "user": "u", "password": "p", "dbname": "d"}

URLS = [
    ("postgresql://u:p@db/d", {}, None),
    ("postgres://u:p@db/d", {}, None),
    ("postgresql+psycopg2://u:p@db/d", {}, None),
    (" 'postgresql://u:p@db/d'\n", {}, None),
    ("postgresql://u:p@db:5433/d", {"port": "5433"}, None),
    ("postgresql://u:p@db:/d", {}, None),
    ("postgresql://u:p@db/d?schema=maas", {}, "maas"),
    ("postgresql://u:p@db/d?schema=public&connection_limit=5&pool_timeout=2&pgbouncer=true&statement_cache_size=0", {}, "public"),
    ("postgresql://u:p@db/d?sslmode=no-verify", {"sslmode": "require"}, None),
    ("postgresql://u:p@db/d?ssl=true", {"sslmode": "require"}, None),
    ("postgresql://u:p@db/d?sslmode=verify-full&sslrootcert=/a%20b.pem", {"sslmode": "verify-full", "sslrootcert": "/a b.pem"}, None),
    ("postgresql://u:p@db/d?sslmode=require&sslaccept=accept_invalid_certs", {"sslmode": "require"}, None),
    ("postgresql://u:p@db/d?sslcert=/ca.pem", {"sslrootcert": "/ca.pem"}, None),
    ("postgresql://u:p@db/d?sslcert=/c.pem&sslkey=/k.pem", {"sslcert": "/c.pem", "sslkey": "/k.pem"}, None),
    ("postgresql://u:p@db/d?connect_timeout=3", {"connect_timeout": 3}, None),
    ("postgresql://u:p@db/d?connect_timeout=-1", {}, None),
    ("postgresql://u:p@db/d?ssl=true&uselibpqcompat=true&max=5&idleTimeoutMillis=9&keepAlive=1", {"sslmode": "require"}, None),
    ("postgresql://u:p@db/d?sslidentity=/p12&sslpassword=x&socket_timeout=3&sslaccept=accept_invalid_certs", {}, None),
    ("postgresql://u:p@db/d?conection_limit=5&statement_timeout=7&timeout=3&mine=1", {}, None),
    ("postgresql://u:p@db/d?application_name=me@home", {}, None),
    ("postgresql://u:p@db/d?host=/var/run/postgresql", {"host": "/var/run/postgresql"}, None),
    ("postgresql://u:p@db/with%20blank", {"dbname": "with blank"}, None),
    ("postgresql://u%40corp:p@db/d", {"user": "u@corp"}, None),
    ("postgresql://u:p@[2001:db8::1]:5433/d", {"host": "2001:db8::1", "port": "5433"}, None),
    ("postgresql://u:p@a:1,b:2/d", {"host": "a,b", "port": "1,2"}, None),
    ("host=db user=u password=p dbname=d", {}, None),
    (r"host=db user=u password='p w\'x' dbname=d unknown=1", {"password": "p w'x"}, None),
]


@pytest.mark.parametrize(("url", "different", "schema"), URLS)
def test_forms_of_a_url(url, different, schema):
    target = read_target(resolve(DATABASE, url, {"PGHOST": "ignored"}), {"PGHOST": "ignored"})
    assert target.arguments == dict(BASE, **different)
    assert target.schema == schema


@pytest.mark.parametrize(
    "password",
    ["p@ss", "p:ss", "p/ss", "p#ss", "p?ss", "p@ss:w/o#r?d", "a@b/c", "s@b/c?d", "s@b/c?d@e/f", "100%", "%zz", "p+s", "[x]", "@", "p&a=b",
     "ü", "p s"],
)  # fmt: skip
@pytest.mark.parametrize("rest", ["db:5432/d", "db:5432/d?schema=s&sslmode=no-verify"])
def test_a_password_that_is_not_percent_encoded(password, rest):
    target = database_target(f"postgresql://u:{password}@{rest}")
    assert (target.password, target.arguments["host"], target.arguments["dbname"]) == (password, "db", "d")


def test_a_password_that_is_percent_encoded():
    assert database_target("postgresql://u:p%40%2F%3A%23@db/d").password == "p@/:#"


def by_variables(environment):
    return read_target(resolve(DATABASE, None, environment), environment)


def test_the_variables_of_libpq():
    target = by_variables({"PGHOST": "db", "PGPORT": "5433", "PGDATABASE": "d", "PGPASSWORD": "p"})
    assert target.arguments == {"host": "db", "port": "5433", "dbname": "d", "password": "p"}
    assert by_variables({"PGSERVICE": "maas"}).arguments == {}
    assert resolve(DATABASE, None, {"PGUSER": "u"}).origin.kind is Kind.MISSING


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:demo-not-real@db/d",
        "jdbc:postgresql://db/d?password=demo-not-real",
        "http://db",
        "demo-not-real",
        "postgresql://u:demo-not-real@db:99999/d",
        "postgresql://u:demo-not-real@db:x/d",
    ],
)
def test_what_is_no_url_is_an_error_without_the_url(url):
    with pytest.raises(InputError) as caught:
        database_target(url)
    assert "demo-not-real" not in caught.value.message


MISSPELT = [
    ("sslmod", "sslmode"),
    ("sslmodr", "sslmode"),
    ("ssl_mode", "sslmode"),
    ("SSLMODE", "sslmode"),
    ("tlsmode", "sslmode"),
    ("sslrootcrt", "sslrootcert"),
    ("sslacept", "sslaccept"),
    ("conect_timeout", "connect_timeout"),
    ("schma", "schema"),
    ("chanel_binding", "channel_binding"),
]


@pytest.mark.parametrize(("name", "meant"), MISSPELT)
@pytest.mark.parametrize("form", ["postgresql://u:p@db/d?pgbouncer=true&{0}={1}", "host=db user=u {0}={1}"])
def test_a_misspelt_parameter_is_not_left_out_without_a_word(name, meant, form):
    with pytest.raises(InputError) as caught:
        database_target(form.format(name, "demo-not-real"))
    said = "{0} in database_url is not a connection parameter of PostgreSQL (did you mean {1}?)"
    assert caught.value.message == said.format(name, meant)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("connect_timeout", "it must be a number of seconds"),
        ("keepalives", "it may be 0 or 1"),
        ("keepalives_idle", "it must be a number of seconds"),
        ("keepalives_interval", "it must be a number of seconds"),
        ("keepalives_count", "it must be a number"),
        ("tcp_user_timeout", "it must be a number of milliseconds"),
        ("sslaccept", "it may be strict or accept_invalid_certs"),
    ],
)
@pytest.mark.parametrize("form", ["postgresql://u:p@db/d?{0}={1}", "host=db user=u {0}={1}"])
def test_a_value_that_cannot_be_is_not_left_out_without_a_word(name, allowed, form):
    with pytest.raises(InputError) as caught:
        database_target(form.format(name, "abc"))
    assert caught.value.message == f"Correct {name} in database_url: {allowed}"


@pytest.mark.parametrize("place", ["127.0.0.1:abc/d", "db:54x2/d", "db:abc", "db:${PORT}/d?schema=s", "[::1]:abc/d"])
@pytest.mark.parametrize("login", ["", "u:demo-not-real@", "u:demo-not-real@x@"])
def test_a_port_that_is_no_number(place, login):
    with pytest.raises(InputError) as caught:
        database_target(f"postgresql://{login}{place}")
    assert caught.value.message.startswith("database_url has a port that is not a number: ")
    assert not re.search("abc|54x2|PORT|demo", caught.value.message)


@pytest.mark.parametrize("url", ["postgresql://u:demo#not@a b/d", "postgresql://u:demo-not-real@::1/d", "postgresql://u:demo@not-real#/d"])
def test_what_is_no_port_is_not_called_one(url):
    with pytest.raises(InputError, match="percent-encode what is special in its user and password"):
        database_target(url)


def test_messages_name_the_target_without_the_password():
    target = database_target("postgresql://u:demo-not-real@db:5433/d")
    assert target.described() == 'database "d" at db:5433'


def tables(**changes):
    present = {table: dict.fromkeys(columns, "text") for table, columns in REQUIRED.items()}
    present.update(changes)
    return {table: columns for table, columns in present.items() if columns is not None}


def test_the_tables_of_litemaas():
    check_tables(tables(), 'database "d" at db')


@pytest.mark.parametrize(
    ("present", "part"),
    [
        ({}, "there is no table models"),
        ({"LiteLLM_ProxyModelTable": {"model_id": "text"}}, "it is LiteLLM's own"),
        (tables(subscriptions=None), "Missing: table subscriptions."),
        (tables(api_keys={"id": "uuid", "user_id": "uuid"}), "Missing: column api_keys.is_active."),
        (tables(models={"id": "text"}), "column models.name, column models.description"),
    ],
)
def test_tables_that_are_not_litemaas(present, part):
    with pytest.raises(SchemaMismatch) as caught:
        check_tables(present, 'database "d" at db')
    assert part in caught.value.message
    assert caught.value.details["missing"]


def test_a_redactor_takes_out_an_encoded_password_too():
    redactor = Redactor()
    redactor.add(database_target("postgresql://u:p%40ss%2Fw@db/d").password)
    assert redactor.text("at p@ss/w or p%40ss%2Fw") == "at ******** or ********"
