// Copyright: (c) 2026, LiteMaaS models contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Lets the Prisma CLI run migrations on its WebAssembly schema engine over node-postgres.
import path from 'node:path'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const pgQuery = require('pg/lib/query')
const { PrismaPg } = require('@prisma/adapter-pg')

const MIGRATIONS_DIRECTORY = process.env.LITELLM_MIGRATIONS_DIR
const PRISMA_URL_PARAMETERS = ['connection_limit', 'pool_timeout', 'schema', 'connect_timeout', 'socket_timeout', 'pgbouncer']
const LONG_TIMER_MS = 5000
// The lock of Prisma's schema engine. LiteLLM (1.105 and later) holds it itself while it migrates, and asks Prisma by a variable not to
// take it. The WebAssembly engine does not know that variable, and would wait for LiteLLM's own lock.
const MIGRATION_LOCK = /\bpg_advisory_lock\(72707369\)/
const IS_LOCKED_BY_LITELLM = Boolean(process.env.PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK)
// Catalogue types (char, name, xid, reg*, their arrays ...) that @prisma/adapter-pg refuses: shown to it as text.
const SHOWN_AS = { 18: 25, 19: 25, 22: 25, 24: 25, 30: 25, 194: 25, 2205: 25, 2206: 25, 1002: 1009, 1003: 1009 }

const describeRow = pgQuery.prototype.handleRowDescription
pgQuery.prototype.handleRowDescription = function (message) {
  for (const field of message.fields) field.dataTypeID = SHOWN_AS[field.dataTypeID] ?? field.dataTypeID
  return describeRow.call(this, message)
}

// The engine leaves the timer of its advisory lock running; it must not keep the process alive.
const setTimer = globalThis.setTimeout
globalThis.setTimeout = (callback, delay, ...rest) => {
  const timer = setTimer(callback, delay, ...rest)
  if (delay >= LONG_TIMER_MS) timer.unref?.()
  return timer
}

function connectionString () {
  const url = new URL(process.env.DATABASE_URL)
  for (const name of PRISMA_URL_PARAMETERS) url.searchParams.delete(name)
  return url.toString()
}

function leaveTheLockToLiteLLM (connection) {
  for (const method of ['executeRaw', 'queryRaw']) {
    const original = connection[method].bind(connection)
    connection[method] = (query) => original(MIGRATION_LOCK.test(query.sql) ? { ...query, sql: 'SELECT 1' } : query)
  }
  return connection
}

// The adapter splits a script at each semicolon, also inside function bodies: send it whole.
function sendScriptsWhole (connection) {
  connection.executeScript = async (script) => {
    try {
      await connection.client.query(script)
    } catch (error) {
      connection.onError(error)
    }
  }
  return connection
}

async function adapter () {
  const factory = new PrismaPg({ connectionString: connectionString(), allowExitOnIdle: true })
  for (const method of ['connect', 'connectToShadowDb']) {
    const original = factory[method].bind(factory)
    factory[method] = async (...args) => {
      const connection = sendScriptsWhole(await original(...args))
      return IS_LOCKED_BY_LITELLM ? leaveTheLockToLiteLLM(connection) : connection
    }
  }
  return factory
}

export default {
  experimental: { adapter: true },
  engine: 'js',
  schema: path.join(MIGRATIONS_DIRECTORY, 'schema.prisma'),
  migrations: { path: path.join(MIGRATIONS_DIRECTORY, 'migrations') },
  adapter,
}
