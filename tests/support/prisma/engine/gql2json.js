// Copyright: (c) 2026, LiteMaaS models contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
'use strict'
// Translates the GraphQL documents which prisma-client-py writes into the JSON protocol of Prisma 5's query engine.
// Values are copied as text, so numbers keep every digit. One difference needs the schema: a string for a field of
// type Json is JSON text in GraphQL, but a JSON string in the JSON protocol, unless it is tagged {"$type":"Json"}.

const FIELD_LINE = /^\s*(\w+)\s+(\w+)(\[\])?(\?)?/
const MODEL_BLOCK = /^(?:model|view)\s+(\w+)\s*\{([\s\S]*?)^\}/gm
const ROOT_FIELD = new RegExp('^(findUnique|findFirst|findMany|createOne|createMany|updateOne|updateMany|' +
  'upsertOne|deleteOne|deleteMany|aggregate|groupBy)(.+)$')
const OR_THROW = 'OrThrow'
const IGNORED = new Set([' ', '\n', '\r', '\t', ','])
// Below a Json field these keys hold a Json value again.
const JSON_OPERATORS = new Set([
  'equals', 'not', 'set', 'push', 'array_contains', 'array_starts_with', 'array_ends_with',
])
const JSON_CONTEXT = { json: true }

// Schema text -> Map of model name -> Map of field name -> type name
function readSchema (text) {
  const models = new Map()
  for (const [, name, body] of text.matchAll(MODEL_BLOCK)) {
    const fields = new Map()
    for (const line of body.split('\n')) {
      const field = FIELD_LINE.exec(line)
      if (field && !line.trim().startsWith('//')) fields.set(field[1], field[2])
    }
    models.set(name, fields)
  }
  return models
}

// A context is {model: fields} inside a model's object, JSON_CONTEXT inside a Json value, or null elsewhere.
class Parser {
  constructor (text, models) {
    this.text = text
    this.position = 0
    this.models = models
  }

  fail (what) {
    const rest = this.text.slice(this.position, this.position + 40)
    throw new Error(`GraphQL: ${what} at ${this.position}: ${rest}`)
  }

  peek () {
    while (IGNORED.has(this.text[this.position])) this.position++
    return this.text[this.position]
  }

  eat (character) {
    if (this.peek() !== character) this.fail('expected ' + character)
    this.position++
  }

  // Return what matches the sticky pattern here, and step over it; null if nothing does.
  match (pattern) {
    this.peek()
    pattern.lastIndex = this.position
    const found = pattern.exec(this.text)
    if (!found) return null
    this.position = pattern.lastIndex
    return found[0]
  }

  name () {
    return this.match(/[A-Za-z_][A-Za-z0-9_]*/y) ?? this.fail('expected a name')
  }

  // A GraphQL string has the escapes of a JSON string: copy it with its quotes.
  string () {
    return this.match(/"(?:[^"\\]|\\[\s\S])*"/y) ?? this.fail('string not closed')
  }

  childContext (context, key) {
    if (!context) return null
    if (context.json) return JSON_OPERATORS.has(key) ? JSON_CONTEXT : null
    const type = context.model.get(key)
    if (!type) return context // an operator such as AND, where, data
    if (type === 'Json') return JSON_CONTEXT
    const related = this.models.get(type)
    return related ? { model: related } : null
  }

  value (context) {
    switch (this.peek()) {
      case '"': {
        const text = this.string()
        return context && context.json ? `{"$type":"Json","value":${text}}` : text
      }
      case '{': return this.object(context, '{', '}')
      case '[': return this.list(context)
    }
    const number = this.match(/-?[0-9][0-9.eE+-]*/y)
    if (number !== null) return number
    const word = this.name()
    return ['true', 'false', 'null'].includes(word) ? word : JSON.stringify(word) // else a value of an enum
  }

  list (context) {
    const items = []
    this.eat('[')
    while (this.peek() !== ']') items.push(this.value(context))
    this.eat(']')
    return `[${items.join(',')}]`
  }

  object (context, open, close) {
    const members = []
    this.eat(open)
    while (this.peek() !== close) {
      const key = this.name()
      this.eat(':')
      members.push(`${JSON.stringify(key)}:${this.value(this.childContext(context, key))}`)
    }
    this.eat(close)
    return `{${members.join(',')}}`
  }

  args (context) {
    return this.peek() === '(' ? this.object(context, '(', ')') : '{}'
  }

  // Return the JSON of a selection set, or null if there is none here.
  selection (context) {
    if (this.peek() !== '{') return null
    const members = []
    this.eat('{')
    while (this.peek() !== '}') {
      const key = this.name()
      const child = this.childContext(context, key)
      const args = this.args(child)
      const selected = this.selection(child)
      const plain = selected === null && args === '{}'
      members.push(`${JSON.stringify(key)}:` + (plain ? 'true' : `{"arguments":${args},"selection":${selected ?? '{}'}}`))
    }
    this.eat('}')
    return `{${members.join(',')}}`
  }

  rootField () {
    const alias = this.name()
    let field = alias
    if (this.peek() === ':') {
      this.eat(':')
      field = this.name()
    }
    const { action, model } = this.actionOf(field)
    const context = this.models.has(model) ? { model: this.models.get(model) } : null
    const args = this.args(context)
    const selected = this.selection(context) ?? '{}'
    const modelName = model ? `"modelName":${JSON.stringify(model)},` : ''
    return { alias, field, json: `{${modelName}"action":"${action}","query":{"arguments":${args},"selection":${selected}}}` }
  }

  actionOf (field) {
    if (field === 'queryRaw' || field === 'executeRaw') return { action: field, model: null }
    const parts = ROOT_FIELD.exec(field)
    if (!parts) throw new Error('GraphQL: unknown root field ' + field)
    const [, action, model] = parts
    if (!this.models.has(model) && model.endsWith(OR_THROW)) {
      return { action: action + OR_THROW, model: model.slice(0, -OR_THROW.length) }
    }
    return { action, model }
  }

  document () {
    const operation = this.name()
    if (operation !== 'query' && operation !== 'mutation') this.fail('neither query nor mutation')
    if (this.peek() !== '{') this.name()
    const roots = []
    this.eat('{')
    while (this.peek() !== '}') roots.push(this.rootField())
    return roots
  }
}

// GraphQL document -> [{alias, field, json: the request's text in the JSON protocol}, ...]
function translate (document, models) {
  return new Parser(document, models).document()
}

module.exports = { translate, readSchema }
