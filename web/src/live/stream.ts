// The WebSocket: says what is followed, hands on what is told, connects again by itself.

import type { DataSet, EventSet, Gap } from '../figures/rows'

export interface Channel {
  readonly data_set: DataSet | EventSet
  readonly exchange: string
  readonly symbol: string
  readonly depth?: number
}

export type State = 'connecting' | 'live' | 'waiting'

export interface Told {
  /** `whole`: they are all that holds now. */
  rows(channel: Channel, rows: readonly unknown[], whole: boolean): void
  /** Rows of it since a time may have been missed; `null`: since the last that was told. */
  missed(channel: Channel, since: string | null): void
  /** `retryAt`: when the next try is, in milliseconds of our clock. `why`: what the service said. */
  state(state: State, retryAt: number | null, why: string | null): void
  /** The service's time, told after `asked`: milliseconds of its clock and of ours. */
  time(theirs: number, asked: number): void
}

interface Message extends Partial<Channel> {
  readonly type: string
  readonly id?: number | null
  readonly data?: readonly unknown[]
  /** Of a snapshot, those that are open. */
  readonly gaps?: readonly unknown[]
  readonly channels?: readonly Channel[]
  readonly field?: string
  readonly ts?: string
}

const SILENCE_MS = 30_000
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 8000
const REFUSED_RETRY_MS = 5000
/** At most two requests within so long: the service takes ten a second. */
const SETTLE_MS = 250
/** Of a request, which may have 64 KiB. */
const MOST_CHANNELS = 400
/** The gaps of every market, and with them which markets are listened to at all. */
const EVERY: Channel = { data_set: 'gaps', exchange: '*', symbol: '*' }

export function nameOf({ data_set, exchange, symbol, depth }: Channel): string {
  return `${data_set}/${exchange}/${symbol}/${depth ?? ''}`
}

function marketOf({ exchange, symbol }: Channel): string {
  return `${exchange}/${symbol}`
}

function isOfGaps({ data_set }: Partial<Channel>): boolean {
  return data_set === EVERY.data_set
}

export class Stream {
  received = 0
  /** How often in a row there was no connection. */
  tries = 0
  readonly #open: () => WebSocket
  readonly #told: Told
  readonly #wanted = new Map<string, Channel>()
  readonly #agreed = new Map<string, Channel>()
  readonly #refused = new Map<string, Channel>()
  readonly #listened = new Set<string>()
  readonly #requests = new Map<number, readonly Channel[]>()
  #socket: WebSocket | null = null
  #asked = 0
  #pingedAt = 0
  #settledAt = Number.NEGATIVE_INFINITY
  #settling: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(open: () => WebSocket, told: Told) {
    this.#open = open
    this.#told = told
  }

  /** Also to try at once, instead of when the next try is due. */
  connect(): void {
    this.stop()
    const socket = this.#open()
    this.#socket = socket
    this.#told.state('connecting', null, null)
    this.#listen(socket)
    socket.onopen = () => {
      this.tries = 0
      this.#told.state('live', null, null)
      this.#say('subscribe', [EVERY])
      this.#ping()
    }
    socket.onmessage = ({ data }) => {
      this.#listen(socket)
      this.#receive(JSON.parse(data) as Message)
    }
    socket.onclose = ({ reason }) => this.#lost(socket, reason || null)
  }

  /** Until it is told to connect. */
  stop(): void {
    clearTimeout(this.#silence)
    const socket = this.#socket
    this.#socket = null
    socket?.close()
    for (const each of [this.#agreed, this.#refused, this.#listened, this.#requests]) each.clear()
  }

  follow(channels: readonly Channel[]): void {
    for (const each of channels) {
      if (!isOfGaps(each)) this.#wanted.set(nameOf(each), each)
    }
    this.#settleSoon()
  }

  leave(channels: readonly Channel[]): void {
    for (const each of channels) this.#wanted.delete(nameOf(each))
    this.#settleSoon()
  }

  /** Whether the service tells it by the stream at present; gaps it always does. */
  tells(channel: Channel): boolean {
    if (isOfGaps(channel)) return this.#listened.has(marketOf(channel))
    return this.#agreed.has(nameOf(channel))
  }

  /** What changes while one scrolls is said together. */
  #settleSoon(): void {
    if (this.#settling !== undefined) return
    const wait = Math.max(0, this.#settledAt + SETTLE_MS - Date.now())
    this.#settling = setTimeout(() => this.#settle(), wait)
  }

  #settle(): void {
    this.#settling = undefined
    if (this.#socket?.readyState !== 1) return
    this.#settledAt = Date.now()
    const due = [...this.#wanted.values()].filter((each) => this.#isDue(each))
    const over = [...this.#agreed.values()].filter((each) => !this.#wanted.has(nameOf(each)))
    const [first, last] = [due.slice(0, MOST_CHANNELS), over.slice(0, MOST_CHANNELS)]
    for (const each of first) this.#agreed.set(nameOf(each), each)
    for (const each of last) this.#agreed.delete(nameOf(each))
    this.#say('subscribe', first)
    this.#say('unsubscribe', last)
    if (due.length > first.length || over.length > last.length) this.#settleSoon()
  }

  #isDue(channel: Channel): boolean {
    const name = nameOf(channel)
    const isKnown = this.#agreed.has(name) || this.#refused.has(name)
    return !isKnown && this.#listened.has(marketOf(channel))
  }

  #say(op: string, channels: readonly Channel[]): void {
    if (channels.length === 0) return
    this.#asked += 1
    if (op === 'subscribe') this.#requests.set(this.#asked, channels)
    this.#socket?.send(JSON.stringify({ op, id: this.#asked, channels }))
  }

  #ping(): void {
    this.#pingedAt = Date.now()
    this.#socket?.send(JSON.stringify({ op: 'ping' }))
  }

  #receive(message: Message): void {
    this.received += 1
    const { type, data = [] } = message
    if (type === 'snapshot' || type === 'update') {
      const isUnknown = type === 'snapshot' && data.length === 0 && !message.gaps?.length
      if (isOfGaps(message) || !isUnknown) this.#told.rows(message as Channel, data, type === 'snapshot')
    } else if (type === 'gap') {
      this.#told.missed(message as Channel, earliest(data as readonly Gap[]))
    } else if (type === 'subscribed' || type === 'error') {
      this.#answer(message)
    } else if (type === 'pong') {
      this.#told.time(Date.parse(message.ts ?? ''), this.#pingedAt)
    } else if (type === 'heartbeat') {
      this.#ping()
    }
  }

  #answer({ type, id, channels = [], field = '' }: Message): void {
    for (const each of channels.filter(isOfGaps)) {
      this.#listened.add(marketOf(each))
      this.#told.missed(each, null)
    }
    const asked = this.#requests.get(id ?? 0) ?? []
    this.#requests.delete(id ?? 0)
    if (type === 'error') this.#refuse(asked, field)
    else for (const each of asked) this.#told.missed(each, null)
    this.#settleSoon()
  }

  /** One wrong channel has all of a request refused: the others are asked for again without it. */
  #refuse(asked: readonly Channel[], field: string): void {
    for (const each of asked) this.#agreed.delete(nameOf(each))
    const place = /^channels\[(\d+)\]/.exec(field)?.[1]
    const wrong = place === undefined ? asked : asked.slice(Number(place), Number(place) + 1)
    for (const each of wrong) this.#refused.set(nameOf(each), each)
    setTimeout(() => {
      for (const each of wrong) this.#refused.delete(nameOf(each))
      this.#settleSoon()
    }, REFUSED_RETRY_MS)
  }

  /** Heartbeats come in between: a connection that says nothing is none. */
  #listen(socket: WebSocket): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#lost(socket, null), SILENCE_MS)
  }

  #lost(socket: WebSocket, why: string | null): void {
    if (socket !== this.#socket) return
    this.stop()
    const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.tries)
    const wait = longest * (0.5 + Math.random() / 2)
    this.tries += 1
    this.#told.state('waiting', Date.now() + wait, why)
    this.#silence = setTimeout(() => this.connect(), wait)
  }
}

function earliest(gaps: readonly Gap[]): string | null {
  return gaps.map((gap) => gap.start_time).sort()[0] ?? null
}
