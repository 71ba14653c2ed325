# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SQL statements: each of them does its work for all rows at once."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

# Tells LiteLLM's database from others.
LITELLM_TABLE = "LiteLLM_ProxyModelTable"
# A sync makes a temporary table of what it writes.
TEMPORARY = "TEMPORARY on the database"
AUDIT_TYPES = {
    "action": "text",
    "resource_type": "text",
    "resource_id": "text",
    "old_values": "jsonb",
    "user_agent": "text",
    "success": "boolean",
    "error_message": "text",
    "metadata": "jsonb",
}
# Rights that the user has neither to a table nor to all columns that are needed of it; "columns" where it has them to some.
MISSING = """
SELECT n."right" || ' on ' || n.name AS missing,
    CASE WHEN cardinality(lacking.columns) < jsonb_array_length(n.columns) THEN lacking.columns END AS columns, place
FROM (SELECT item ->> 'name' AS name, item ->> 'right' AS "right", item -> 'columns' AS columns, place
        FROM jsonb_array_elements(%(needed)s::jsonb) WITH ORDINALITY AS given(item, place)) AS n
CROSS JOIN LATERAL (
    SELECT array_agg(c.name ORDER BY c.place) AS columns
    FROM jsonb_array_elements_text(n.columns) WITH ORDINALITY AS c(name, place)
    WHERE NOT has_column_privilege(n.name, c.name, n."right")) AS lacking
WHERE NOT has_table_privilege(n.name, n."right") AND (n.columns = '[]' OR lacking.columns IS NOT NULL)
UNION ALL SELECT %(temporary)s, NULL, 0 WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')
ORDER BY place
"""
# The table that holds the rows to be written while they are written; with its schema, because another may have a table of its name.
GIVEN = "pg_temp.litemaas_models_given"
METADATA = """
(CASE WHEN metadata::text ~* %(suspect)s OR jsonb_typeof(metadata::jsonb) <> 'object' THEN metadata::jsonb
    ELSE jsonb_set(metadata::jsonb, '{litellm_model_info}', '{}', false) END)::text AS metadata"""
# PostgreSQL has times that Python has not: before the year 1, after 9999, and without end.
UPDATED_AT = "CASE WHEN updated_at > '0001-01-03' AND updated_at < '9999-12-30' THEN updated_at END AS updated_at"
MERGE = """
WITH added AS (
    INSERT INTO models (id, {columns}) SELECT id, {columns} FROM {given} WHERE is_new ON CONFLICT (id) DO NOTHING RETURNING id),
changed AS (
    UPDATE models m SET {written}, updated_at = CURRENT_TIMESTAMP FROM {given} given WHERE m.id = given.id AND NOT given.is_new
    RETURNING m.id)
SELECT id FROM added UNION ALL SELECT id FROM changed
"""
# One row for each model with the ids of its keys, and one for each of these keys with all its models.
USAGE = """
WITH named AS MATERIALIZED (SELECT unnest(%(names)s::text[]) AS id),
subscribed AS (
    SELECT s.model_id, count(*) AS number, count(*) FILTER (WHERE s.status = 'active') AS active,
        array_agg(DISTINCT s.user_id::text) AS people
    FROM named JOIN subscriptions s ON s.model_id = named.id GROUP BY s.model_id),
used AS MATERIALIZED (
    SELECT a.model_id, k.id AS key FROM named JOIN api_key_models a ON a.model_id = named.id JOIN api_keys k ON k.id = a.api_key_id{tied}),
of_model AS (SELECT model_id, array_agg(key::text ORDER BY key) AS things FROM used GROUP BY model_id),
of_key AS (
    SELECT o.api_key_id, array_agg(o.model_id::text) AS things
    FROM (SELECT DISTINCT key FROM used) u JOIN api_key_models o ON o.api_key_id = u.key GROUP BY o.api_key_id)
SELECT 'model' AS kind, named.id, coalesce(s.number, 0) AS subscriptions, coalesce(s.active, 0) AS active_subscriptions, NULL AS active,
    s.people, m.things
FROM named LEFT JOIN subscribed s ON s.model_id = named.id LEFT JOIN of_model m ON m.model_id = named.id
UNION ALL
SELECT 'key', k.id::text, 0, 0, coalesce(k.is_active, false), ARRAY[k.user_id::text], o.things
FROM (SELECT DISTINCT key FROM used) u JOIN api_keys k ON k.id = u.key LEFT JOIN of_key o ON o.api_key_id = k.id
"""
# Older backends tie a key to a subscription.
TIED = """
    UNION SELECT s.model_id, k.id FROM named JOIN subscriptions s ON s.model_id = named.id JOIN api_keys k ON k.subscription_id = s.id"""
# Within one statement every part sees the tables as they were before it, so associations that "freed" removes are left out by name.
KEYS_OFF = """
stopped AS (
    UPDATE api_keys k SET is_active = false
    WHERE k.is_active AND k.id IN (SELECT api_key_id FROM freed UNION ALL SELECT unnest(%(detached)s::uuid[]))
        AND NOT EXISTS (SELECT 1 FROM api_key_models o WHERE o.api_key_id = k.id
            AND NOT EXISTS (SELECT 1 FROM gone WHERE gone.id = o.model_id))
    RETURNING k.id)
SELECT 'model' AS kind, id AS model, NULL AS identifier FROM gone
UNION ALL SELECT 'subscription', model_id, id::text FROM ended
UNION ALL SELECT 'association', model_id, api_key_id::text FROM freed
UNION ALL SELECT 'key', NULL, id::text FROM stopped
UNION ALL SELECT 'unsubscribed', f.model_id, f.api_key_id::text FROM freed f JOIN api_keys k ON k.id = f.api_key_id
    WHERE NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.user_id = k.user_id AND s.model_id = f.model_id)
"""
WRITE_HISTORY = """
noted AS (
    INSERT INTO subscription_status_history (subscription_id, old_status, new_status, reason)
    SELECT id, '{old}', '{new}', %(reason)s FROM ended),
"""
RETIRE = """
WITH gone AS (
    UPDATE models SET availability = 'unavailable', updated_at = CURRENT_TIMESTAMP
    WHERE id = ANY (%(names)s) AND availability IS DISTINCT FROM 'unavailable' RETURNING id),
ended AS (
    UPDATE subscriptions SET status = 'inactive'{subscription}
    WHERE model_id IN (SELECT id FROM gone) AND status = 'active' RETURNING id, model_id),
{history}
freed AS (DELETE FROM api_key_models WHERE model_id IN (SELECT id FROM gone) RETURNING api_key_id, model_id),
{keys_off}
"""
# Older backends tie a key to a subscription, and PostgreSQL deletes it with that.
DETACH = """
UPDATE api_keys k SET subscription_id = NULL FROM subscriptions s
WHERE s.id = k.subscription_id AND s.model_id = ANY (%(names)s)
RETURNING 'detached' AS kind, s.model_id AS model, k.id::text AS identifier
"""
DELETE = """
WITH target AS (
    SELECT m.id FROM models m
    WHERE m.id = ANY (%(names)s) AND (%(subscriptions)s OR NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.model_id = m.id))),
ended AS (DELETE FROM subscriptions WHERE model_id IN (SELECT id FROM target) RETURNING id, model_id),
freed AS (DELETE FROM api_key_models WHERE model_id IN (SELECT id FROM target) RETURNING api_key_id, model_id),
gone AS (DELETE FROM models WHERE id IN (SELECT id FROM target) RETURNING id),
{keys_off}
"""
# A record with a time that no record can have, or none, is none. Nor can a number of this size be a count.
DATED = "a.created_at > '2000-01-01' AND a.created_at < '9000-01-01'"
ABSURD = """'$.** ? (@.type() == "number" && (@ > 1000000000000 || @ < -1000000000000))'"""
UUID = "'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"
# "ours" is what this collection wrote; only it names what was taken. What the backend's own sync made inactive has the time of its
# record. "switched" is when a key was last switched off by us, for whichever model; "moments" are the times of all cascades. What
# the records name is compared as uuid, so that primary keys are used; each part is made once, however many records there are.
# What is there already is left out: of old records that is most.
TAKEN = """
WITH logged AS (
    SELECT a.id, a.resource_id, a.action, a.created_at, a.metadata, a.metadata -> 'by' ->> 'collection' = 'litemaas.models' AS ours,
        max(a.created_at) FILTER (WHERE a.action = %(restored)s) OVER (PARTITION BY a.resource_id) AS restored_at
    FROM audit_logs a
    WHERE a.resource_type = 'MODEL' AND a.action = ANY (%(removals)s || %(restored)s::text) AND {dated}{failed}
        AND a.resource_id IS NOT NULL AND (%(names)s::text[] IS NULL OR a.resource_id = ANY (%(names)s::text[]))),
removed AS MATERIALIZED (
    SELECT id, resource_id AS model, action, created_at, coalesce(ours, false) AS ours,
        CASE jsonb_typeof(metadata -> 'restrictedAccess') WHEN 'boolean' THEN (metadata ->> 'restrictedAccess')::boolean END AS restricted,
        CASE WHEN NOT jsonb_path_exists(metadata -> 'cascadeStatistics', {absurd}) THEN metadata -> 'cascadeStatistics' END AS counts,
        CASE WHEN ours AND jsonb_typeof(metadata -> 'subscriptions') = 'array'
            THEN metadata -> 'subscriptions' ELSE '[]' END AS subscriptions,
        CASE WHEN ours AND jsonb_typeof(metadata -> 'apiKeys') = 'array' THEN metadata -> 'apiKeys' ELSE '[]' END AS keys,
        CASE WHEN ours AND jsonb_typeof(metadata -> 'apiKeysWithoutSubscription') = 'array'
            THEN metadata -> 'apiKeysWithoutSubscription' ELSE '[]' END AS unsubscribed
    FROM logged WHERE action <> %(restored)s AND (restored_at IS NULL OR created_at > restored_at)),
moments AS MATERIALIZED (
    SELECT DISTINCT a.created_at FROM audit_logs a
    WHERE a.resource_type = 'MODEL' AND a.action = ANY (%(removals)s || %(restored)s::text) AND {dated}{failed}
        AND a.created_at >= (SELECT min(created_at) FROM removed)),
switched AS MATERIALIZED (
    SELECT key.id, max(a.created_at) AS at
    FROM audit_logs a CROSS JOIN LATERAL jsonb_array_elements_text(
        CASE jsonb_typeof(a.metadata -> 'apiKeysDeactivated') WHEN 'array' THEN a.metadata -> 'apiKeysDeactivated' ELSE '[]' END
    ) AS key(id)
    WHERE a.resource_type = 'MODEL' AND a.action = ANY (%(removals)s) AND {dated}{failed}
        AND a.metadata -> 'by' ->> 'collection' = 'litemaas.models' AND a.created_at >= (SELECT min(created_at) FROM removed WHERE ours)
    GROUP BY key.id),
unsubscribed AS MATERIALIZED (
    SELECT DISTINCT r.id AS record, item.id FROM removed r CROSS JOIN LATERAL jsonb_array_elements_text(r.unsubscribed) AS item(id)),
subscriptions_taken AS MATERIALIZED (
    SELECT hit.record, jsonb_agg(jsonb_build_object(
            'id', hit.id, 'status', s.status, 'version', {subscription_changed}, 'same_row', {subscription_changed} = hit.created_at,
            'same_status', {status_changed} = hit.created_at, 'owner_off', {subscriber_off},
            'expired', coalesce({subscription_expires} <= CURRENT_TIMESTAMP, false)) ORDER BY hit.id) AS things
    FROM (
        SELECT r.id AS record, r.model, r.created_at, item.id, CASE WHEN item.id ~ {uuid} THEN item.id::uuid END AS uuid
        FROM removed r CROSS JOIN LATERAL jsonb_array_elements_text(r.subscriptions) AS item(id)
        UNION ALL
        SELECT r.id, r.model, r.created_at, s.id::text, s.id FROM removed r JOIN subscriptions s
            ON s.model_id = r.model AND s.status = 'inactive' AND {subscription_changed} = r.created_at
        WHERE NOT r.ours) AS hit
    LEFT JOIN subscriptions s ON s.id = hit.uuid AND s.model_id = hit.model
    WHERE s.status IS DISTINCT FROM 'active'
    GROUP BY hit.record),
keys_taken AS MATERIALIZED (
    SELECT hit.record, jsonb_agg(jsonb_build_object(
            'id', hit.id, 'exists', k.id IS NOT NULL, 'active', coalesce(k.is_active, false), 'version', {key_changed},
            'same_row', coalesce({key_changed} = switched.at, false), 'switched_off', switched.id IS NOT NULL,
            'untouched', coalesce({key_changed} <= hit.created_at, false) OR moments.created_at IS NOT NULL,
            'revoked', {key_revoked} IS NOT NULL, 'expired', coalesce({key_expires} <= CURRENT_TIMESTAMP, false),
            'owner_off', {key_owner_off}, 'has', has.api_key_id IS NOT NULL, 'unsubscribed', unsubscribed.id IS NOT NULL,
            'subscription', s.id, 'subscription_status', s.status) ORDER BY hit.id) AS things
    FROM (
        SELECT r.id AS record, r.model, r.created_at, item.id, CASE WHEN item.id ~ {uuid} THEN item.id::uuid END AS uuid
        FROM removed r CROSS JOIN LATERAL jsonb_array_elements_text(r.keys) AS item(id)) AS hit
    LEFT JOIN api_keys k ON k.id = hit.uuid
    LEFT JOIN api_key_models has ON has.api_key_id = k.id AND has.model_id = hit.model
    LEFT JOIN subscriptions s ON s.user_id = k.user_id AND s.model_id = hit.model
    LEFT JOIN switched ON switched.id = hit.id AND switched.at >= hit.created_at
    LEFT JOIN moments ON moments.created_at = {key_changed}
    LEFT JOIN unsubscribed ON unsubscribed.record = hit.record AND unsubscribed.id = hit.id
    WHERE has.api_key_id IS NULL OR NOT coalesce(k.is_active, false)
    GROUP BY hit.record)
SELECT r.model AS model_name, r.id::text AS audit_id, r.action, r.created_at AS at, r.ours, r.restricted, r.counts,
    coalesce(subscriptions_taken.things, '[]') AS subscriptions, coalesce(keys_taken.things, '[]') AS keys
FROM removed r
LEFT JOIN subscriptions_taken ON subscriptions_taken.record = r.id
LEFT JOIN keys_taken ON keys_taken.record = r.id
ORDER BY r.model, r.created_at DESC, audit_id
"""
# What a person changed after the plan was made is seen here: a key gets a model only with its owner's subscription, active already
# or in this statement. "free" are keys that had the model without one.
RESTORE = """
WITH ended AS (
    UPDATE subscriptions s SET status = 'active'{subscription}
    FROM jsonb_to_recordset(%(subscriptions)s::jsonb) AS given(id uuid, version timestamptz), models m
    WHERE s.id = given.id AND s.status = 'inactive' AND {subscription_changed} IS NOT DISTINCT FROM given.version
        AND m.id = s.model_id AND m.availability = 'available' AND NOT {subscriber_off}
    RETURNING s.id, s.model_id, s.user_id),
{history}
given_back AS (
    INSERT INTO api_key_models (api_key_id, model_id)
    SELECT k.id, m.id FROM jsonb_to_recordset(%(associations)s::jsonb) AS given(key uuid, model text, free boolean)
    JOIN api_keys k ON k.id = given.key JOIN models m ON m.id = given.model AND m.availability = 'available'
    LEFT JOIN subscriptions s ON s.user_id = k.user_id AND s.model_id = m.id
    LEFT JOIN ended e ON e.id = s.id
    WHERE (s.status = 'active' OR e.id IS NOT NULL OR (s.id IS NULL AND given.free))
        AND {key_revoked} IS NULL AND coalesce({key_expires} > CURRENT_TIMESTAMP, true) AND NOT {key_owner_off}
    ON CONFLICT DO NOTHING RETURNING api_key_id, model_id),
started AS (
    UPDATE api_keys k SET is_active = true
    FROM jsonb_to_recordset(%(keys)s::jsonb) AS given(id uuid, version timestamptz)
    WHERE k.id = given.id AND NOT k.is_active AND {key_changed} IS NOT DISTINCT FROM given.version AND NOT {key_owner_off}
        AND (k.id IN (SELECT api_key_id FROM given_back) OR EXISTS (
            SELECT 1 FROM api_key_models o JOIN models m ON m.id = o.model_id WHERE o.api_key_id = k.id AND m.availability = 'available'))
    RETURNING k.id)
SELECT 'subscription' AS kind, model_id AS model, id::text AS identifier FROM ended
UNION ALL SELECT 'association', model_id, api_key_id::text FROM given_back
UNION ALL SELECT 'key', NULL, id::text FROM started
"""
LOG = """
WITH known AS (
    SELECT a.id, a.action, a.created_at FROM audit_logs a
    WHERE a.resource_type = 'MODEL' AND a.action = ANY (%(actions)s) AND {dated}),
chosen AS (
    (SELECT id FROM known ORDER BY created_at DESC, id LIMIT %(limit)s)
    UNION
    (SELECT id FROM known WHERE action = %(latest)s ORDER BY created_at DESC, id LIMIT 1))
SELECT a.id::text AS id, a.action, a.resource_id AS model_name, {success} AS success, a.created_at AS at, {error} AS error,
    (SELECT coalesce(jsonb_object_agg(field.key, field.value), '{{}}')
        FROM jsonb_each(CASE jsonb_typeof(a.metadata) WHEN 'object' THEN a.metadata ELSE '{{}}' END) AS field
        WHERE field.key = ANY (%(fields)s) AND NOT jsonb_path_exists(field.value, {absurd})) AS metadata
FROM audit_logs a JOIN chosen USING (id)
ORDER BY a.created_at DESC, a.id
"""
OVERVIEW = """
SELECT s.subscriptions, s.active_subscriptions, k.api_keys, k.active_api_keys, k.without_models, u.on_unavailable
FROM (SELECT count(*) AS subscriptions, count(*) FILTER (WHERE status = 'active') AS active_subscriptions FROM subscriptions) AS s,
    (SELECT count(*) AS api_keys, count(*) FILTER (WHERE is_active) AS active_api_keys,
            count(*) FILTER (WHERE is_active AND NOT EXISTS (SELECT 1 FROM api_key_models o WHERE o.api_key_id = a.id)) AS without_models
        FROM api_keys a) AS k,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('model_name', hit.id, 'active_subscriptions', hit.number) ORDER BY hit.id), '[]')
            AS on_unavailable
        FROM (
            SELECT m.id, count(*) AS number FROM models m JOIN subscriptions o ON o.model_id = m.id
            WHERE m.availability = 'unavailable' AND o.status = 'active' GROUP BY m.id) AS hit) AS u
"""
