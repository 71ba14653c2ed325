// Copyright: (c) 2026, LiteMaaS models contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
'use strict'
// Stands in for Prisma's native query engine: the same engine in the WebAssembly build that @prisma/client ships,
// over node-postgres, behind the part of the native program's HTTP interface that prisma-client-py uses.
// Started as: node engine.js -p PORT --enable-metrics --enable-raw-queries
const fs = require('fs')
const http = require('http')
const os = require('os')
const path = require('path')
const pg = require('pg')
const pgQuery = require('pg/lib/query')
const { PrismaPg } = require('@prisma/adapter-pg')
const { bindAdapter } = require('@prisma/driver-adapter-utils')
const { translate, readSchema } = require('./gql2json')

process.title = 'query-engine-wasm'

const TRACE_HEADERS = '{}'
const DEFAULT_POOL_TIMEOUT_S = 10
const PARENT_CHECK_MS = 2000
// Parameters of a Prisma connection URL that node-postgres does not know.
const PRISMA_URL_PARAMETERS = [
  'schema', 'connection_limit', 'pool_timeout', 'connect_timeout', 'socket_timeout', 'pgbouncer',
  'statement_cache_size', 'sslaccept', 'sslidentity', 'sslpassword', 'single_use_connections',
]
// Catalogue types (char, name, xid, reg*, their arrays ...) that @prisma/adapter-pg refuses: shown to it as text.
const SHOWN_AS = { 18: 25, 19: 25, 22: 25, 24: 25, 30: 25, 194: 25, 2205: 25, 2206: 25, 2278: 25, 1002: 1009, 1003: 1009 }
const CONNECTION_LOST_CODES = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT'])
const CONNECTION_LOST_TEXT = /timeout exceeded when trying to connect|Connection terminated|terminating connection/

const datamodel = fs.readFileSync(process.env.PRISMA_DML_PATH, 'utf8')
const models = readSchema(datamodel)
const database = readDatabaseUrl()
const pool = new pg.Pool({
  connectionString: database.url, max: database.connectionLimit, connectionTimeoutMillis: database.poolTimeoutMs,
})
pool.on('error', () => {}) // an idle connection that ends is not an error of any request

showCatalogueTypesAsText()
const adapter = bindAdapter(new PrismaPg(pool, { schema: database.schema }))
const engine = createEngine()

function readDatabaseUrl () {
  const source = (/^datasource\s+(\w+)/m.exec(datamodel) || [])[1]
  let text = process.env.DATABASE_URL
  for (const override of JSON.parse(process.env.OVERWRITE_DATASOURCES || '[]')) {
    if (override.url && (!override.name || override.name === source)) text = override.url
  }
  const url = new URL(text)
  const parameters = url.searchParams
  const schema = parameters.get('schema') || 'public'
  const connectionLimit = Number(parameters.get('connection_limit')) || os.cpus().length * 2 + 1
  const poolTimeoutMs = 1000 * (Number(parameters.get('pool_timeout')) || DEFAULT_POOL_TIMEOUT_S)
  for (const name of PRISMA_URL_PARAMETERS) parameters.delete(name)
  return { url: url.toString(), host: url.hostname, port: Number(url.port || 5432), schema, connectionLimit, poolTimeoutMs }
}

function showCatalogueTypesAsText () {
  const original = pgQuery.prototype.handleRowDescription
  pgQuery.prototype.handleRowDescription = function (message) {
    for (const field of message.fields) field.dataTypeID = SHOWN_AS[field.dataTypeID] ?? field.dataTypeID
    return original.call(this, message)
  }
}

function createEngine () {
  const runtime = path.join(path.dirname(require.resolve('@prisma/client/package.json')), 'runtime')
  const bindings = require(path.join(runtime, 'query_engine_bg.postgresql.js'))
  const code = new WebAssembly.Module(fs.readFileSync(path.join(runtime, 'query_engine_bg.postgresql.wasm')))
  bindings.__wbg_set_wasm(new WebAssembly.Instance(code, { './query_engine_bg.js': bindings }).exports)
  const options = {
    datamodel,
    logLevel: 'error',
    logQueries: false,
    engineProtocol: 'json',
    datasourceOverrides: {},
    env: { ...process.env },
    configDir: '.',
    ignoreEnvVarErrors: true,
  }
  return new bindings.QueryEngine(options, () => {}, adapter)
}

// ---- answers: from the JSON protocol to what the GraphQL protocol would have said ----

function plainValue (value) {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(plainValue)
  if (!('$type' in value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item)]))
  if (value.$type === 'Raw' || value.$type === 'FieldRef') return value
  return value.$type === 'Decimal' ? Number(value.value) : value.value // the other types are strings in both
}

// Raw results as engines before 5.15 wrote them, which prisma-client-py 0.11 reads.
function rawRows (result) {
  return result.rows.map(row => Object.fromEntries(
    row.map((item, index) => [result.columns[index], rawCell(result.types[index], item)])))
}

function rawCell (type, value) {
  if (value === null || value === undefined) return { prisma__type: 'null', prisma__value: null }
  if (!type.endsWith('-array')) return { prisma__type: type, prisma__value: value }
  const itemType = type.slice(0, -'-array'.length)
  return { prisma__type: 'array', prisma__value: value.map(item => rawCell(itemType, item)) }
}

function toGraphqlAnswer (answer, { field, alias }) {
  if (answer.errors) return { errors: answer.errors.map(nativeError) }
  const value = Object.values(answer.data)[0]
  return { data: { [alias]: field === 'queryRaw' ? rawRows(value) : plainValue(value) } }
}

// ---- errors ----

function userFacingError (message, code, meta) {
  return { error: message, user_facing_error: { is_panic: false, message, meta, error_code: code } }
}

function unreachableError () {
  const address = `\`${database.host}:${database.port}\``
  const message = `Can't reach database server at ${address}\n\nPlease make sure your database server is running at ${address}.`
  const meta = { database_host: database.host, database_port: database.port }
  const error = `KnownError { message: ${JSON.stringify(message)}, error_code: "P1001" }`
  return { ...userFacingError(message, 'P1001', meta), error }
}

// P2036 says only "error in external connector": put back what the driver said.
function nativeError (error) {
  const facing = error.user_facing_error
  if (!facing || facing.error_code !== 'P2036' || facing.meta?.id === undefined) return error
  const cause = adapter.errorRegistry.consumeError(facing.meta.id)?.error
  if (CONNECTION_LOST_CODES.has(cause?.code) || CONNECTION_LOST_TEXT.test(String(cause))) return unreachableError()
  return userFacingError(String(cause), 'P2036', null)
}

function unexpectedError (error) {
  const message = error?.message || String(error)
  return { error: message, user_facing_error: { is_panic: false, message, backtrace: null } }
}

// ---- requests ----

async function runBatch (request, transactionId) {
  const items = request.batch.map(member => translate(member.query, models)[0])
  const transaction = request.transaction ? ',"transaction":{}' : ''
  const text = `{"batch":[${items.map(item => item.json).join(',')}]${transaction}}`
  const answer = JSON.parse(await engine.query(text, TRACE_HEADERS, transactionId))
  if (answer.errors) return { errors: answer.errors.map(nativeError) }
  return { batchResult: answer.batchResult.map((result, index) => toGraphqlAnswer(result, items[index])) }
}

async function runQuery (body, transactionId) {
  const request = JSON.parse(body)
  if (request.batch) return runBatch(request, transactionId)
  const data = {}
  for (const item of translate(request.query, models)) {
    const answer = toGraphqlAnswer(JSON.parse(await engine.query(item.json, TRACE_HEADERS, transactionId)), item)
    if (answer.errors) return answer
    Object.assign(data, answer.data)
  }
  return { data }
}

async function startTransaction (body) {
  const asked = JSON.parse(body || '{}')
  const options = { max_wait: asked.max_wait ?? 2000, timeout: asked.timeout ?? 5000 }
  if (asked.isolation_level) options.isolation_level = asked.isolation_level
  return transactionAnswer(await engine.startTransaction(JSON.stringify(options), TRACE_HEADERS), true)
}

async function endTransaction (id, how) {
  const end = how === 'commit' ? engine.commitTransaction : engine.rollbackTransaction
  return transactionAnswer(await end.call(engine, id, TRACE_HEADERS), false)
}

function transactionAnswer (text, withBody) {
  const answer = text ? JSON.parse(text) : {}
  if (answer?.error_code) return { errors: [{ error: answer.message, user_facing_error: answer }] }
  return withBody ? answer : {}
}

// Return the answer's object, or undefined for an unknown address.
async function route (request, body) {
  const [address, query] = request.url.split('?')
  const asked = `${request.method} ${address}`
  if (asked === 'GET /status') return { status: 'ok' }
  if (asked === 'GET /metrics') return { counters: [], gauges: [], histograms: [], format: new URLSearchParams(query).get('format') }
  if (asked === 'POST /') return runQuery(body, request.headers['x-transaction-id'] || undefined)
  if (asked === 'POST /transaction/start') return startTransaction(body)
  const ending = /^POST \/transaction\/([^/]+)\/(commit|rollback)$/.exec(asked)
  return ending ? endTransaction(ending[1], ending[2]) : undefined
}

function send (response, status, answer) {
  const text = JSON.stringify(answer)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

const server = http.createServer((request, response) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', async () => {
    try {
      const answer = await route(request, Buffer.concat(chunks).toString('utf8'))
      if (answer === undefined) return send(response, 404, { error: 'not found' })
      return send(response, 200, answer)
    } catch (error) {
      return send(response, 200, { errors: [unexpectedError(error)] })
    }
  })
})
server.keepAliveTimeout = 0

// ---- life ----

function endWithParent () {
  const parent = process.ppid
  setInterval(() => { if (process.ppid !== parent) process.exit(0) }, PARENT_CHECK_MS).unref()
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
}

// Like the native program, end at once if the database cannot be reached.
async function start () {
  try {
    await pool.query('SELECT version()')
  } catch (error) {
    const facing = unreachableError().user_facing_error
    process.stderr.write(JSON.stringify({ ...facing, message: `${facing.message}: ${error}` }) + '\n')
    process.exit(1)
  }
  await engine.connect(TRACE_HEADERS)
  server.listen(Number(process.argv[process.argv.indexOf('-p') + 1]), 'localhost')
}

endWithParent()
start()
