// TimescaleDB for tests: PGlite behind PostgreSQL's protocol on a Unix socket, for many clients.
// `node bridge.mjs DIRECTORY` says `ready`, and ends with its standard input.
//
// Each database is a PGlite of its own; `create database` clones one, `drop database` ends one. What
// one session cannot be is not pretended: advisory locks, temporary tables and settings that a client
// makes by itself are those of all clients of a database, and only one runs at a time.

import net from 'node:net'
import { join } from 'node:path'
import { Database } from './database.mjs'
import * as wire from './wire.mjs'

const FIRST = 'postgres'
const CREATE = /^\s*create database (\w+)(?: template (\w+))?\s*$/i
const DROP = /^\s*drop database (\w+)(?: with \(force\))?\s*$/i
const COPY_IN = /^\s*copy\s[\s\S]*\sfrom\s+stdin/i
const RESET = /\breset all\b/i
const NOT_SETTINGS = new Set(['user', 'database', 'options', 'replication'])

const first = await Database.create()
const pristine = await first.image()
const parameters = {
  server_version: await first.version(),
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
}
const databases = new Map([[FIRST, first]])
const clients = new Set()
let clientNumber = 0

class Client {
  id = `client${(clientNumber += 1)}`
  state = 'I'
  settings = {}
  statements = []
  #socket
  #database = null
  #databaseName = ''
  #received = Buffer.alloc(0)
  #started = false
  #batch = []
  #copy = null
  #work = Promise.resolve()

  constructor(socket) {
    this.#socket = socket
    socket.on('data', (bytes) => this.#receive(bytes))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#then(() => this.#leave()))
    clients.add(this)
  }

  isIn(name) {
    return this.#databaseName === name
  }

  end() {
    this.#database = null
    this.#socket.destroy()
  }

  #receive(bytes) {
    this.#received = Buffer.concat([this.#received, bytes])
    while (!this.#started && this.#receiveStart());
    if (!this.#started) return
    const [messages, rest] = wire.split(this.#received)
    this.#received = rest
    for (const one of messages) this.#then(() => this.#handle(wire.typeOf(one), one))
  }

  /** Whether more may follow. */
  #receiveStart() {
    const bytes = this.#received
    if (bytes.length < 8 || bytes.length < bytes.readInt32BE(0)) return false
    this.#received = bytes.subarray(bytes.readInt32BE(0))
    const code = bytes.readInt32BE(4)
    if (code === wire.SSL_REQUEST || code === wire.GSS_REQUEST) {
      this.#socket.write('N')
      return true
    }
    if (code === wire.CANCEL_REQUEST) {
      this.#socket.end()
      return false
    }
    this.#started = true
    this.#start(wire.startupParameters(bytes))
    return false
  }

  #start({ database = FIRST, ...others }) {
    this.#databaseName = database
    this.#database = databases.get(database) ?? null
    this.settings = Object.fromEntries(Object.entries(others).filter(([name]) => !NOT_SETTINGS.has(name)))
    if (this.#database === null) {
      this.#socket.end(wire.error('FATAL', '3D000', `database "${database}" does not exist`))
    } else {
      this.#write([...wire.welcome(parameters), wire.ready('I')])
    }
  }

  async #handle(type, bytes) {
    if (this.#database === null) return
    if (type === 'X') this.#socket.end()
    else if (this.#copy !== null) await this.#copied(type, bytes)
    else if (type === 'Q') await this.#query(bytes)
    else await this.#extended(type, bytes)
  }

  async #query(bytes) {
    const text = wire.textOf(bytes)
    const [, created, template] = CREATE.exec(text) ?? []
    const [, dropped] = DROP.exec(text) ?? []
    if (created) await this.#create(created, template)
    else if (dropped) await this.#drop(dropped)
    else if (COPY_IN.test(text)) {
      this.#copy = [bytes]
      this.#write([wire.copyIn])
    } else {
      this.#write(await this.#database.run(this, [bytes]))
      if (RESET.test(text)) this.#database.unseat()
    }
  }

  async #create(name, template) {
    const image = template ? await databases.get(template).image() : pristine
    databases.set(name, await Database.create(image))
    this.#write([wire.complete('CREATE DATABASE'), wire.ready(this.state)])
  }

  async #drop(name) {
    const database = databases.get(name)
    databases.delete(name)
    for (const client of clients) if (client.isIn(name)) client.end()
    await database.close()
    this.#write([wire.complete('DROP DATABASE'), wire.ready(this.state)])
  }

  /** Rows are gathered and handed over at once: PGlite does not ask for more. */
  async #copied(type, bytes) {
    if (!'dcf'.includes(type)) return
    this.#copy.push(bytes)
    if (type === 'd') return
    const whole = Buffer.concat(this.#copy)
    this.#copy = null
    const answers = await this.#database.run(this, [whole])
    this.#write(answers.filter((one) => wire.typeOf(one) !== 'G'))
  }

  async #extended(type, bytes) {
    if (type === 'P') this.#remember(bytes)
    this.#batch.push(wire.renamed(bytes, this.id))
    if (type !== 'S' && type !== 'H') return
    const batch = this.#batch
    this.#batch = []
    if (type === 'H' && this.state === 'I') await this.#prepared(batch)
    else this.#write(await this.#database.run(this, batch))
  }

  /** Who only prepares and does not end his turn would keep all others waiting: we end it for him. */
  async #prepared(batch) {
    const answers = await this.#database.run(this, [...batch, wire.SYNC])
    this.#write(answers.filter((one) => wire.typeOf(one) !== 'Z'))
  }

  #remember(parse) {
    const name = parse.toString('utf8', 5, parse.indexOf(0, 5))
    if (name) this.statements.push(`${this.id}_${name}`)
  }

  async #leave() {
    clients.delete(this)
    if (this.#database !== null) await this.#database.leave(this)
  }

  #then(step) {
    this.#work = this.#work.then(step).catch((error) => {
      if (this.#database === null) return
      process.stderr.write(`${error.stack}\n`)
      this.#socket.destroy()
    })
  }

  #write(messages) {
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(messages))
  }
}

const server = net.createServer((socket) => new Client(socket))
server.listen(join(process.argv[2], '.s.PGSQL.5432'), () => process.stdout.write('ready\n'))
process.stdin.resume()
process.stdin.on('end', () => process.exit())
