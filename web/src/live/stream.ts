// The WebSocket: says what is followed, hands on what is told, connects again by itself.

import type { DataSet, Row } from '../figures/rows'

export interface Channel {
  readonly data_set: DataSet
  readonly exchange: string
  readonly symbol: string
  readonly depth?: number
}

export type State = 'connecting' | 'live' | 'waiting'

export interface Told {
  rows(channel: Channel, rows: readonly Row[]): void
  /** Some gap opened, closed or was filled. */
  gap(): void
  /** `retryAt`: when the next try is, in milliseconds of our clock. */
  state(state: State, retryAt: number | null): void
}

interface Message extends Partial<Channel> {
  readonly type: string
  readonly id?: number
  readonly data?: readonly Row[]
  /** Those that are open. */
  readonly gaps?: readonly unknown[]
}

const SILENCE_MS = 30_000
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 8000
const REFUSED_RETRY_MS = 5000

export function nameOf({ data_set, exchange, symbol, depth }: Channel): string {
  return `${data_set}/${exchange}/${symbol}/${depth ?? ''}`
}

export class Stream {
  received = 0
  /** Channels that the service does not have at present; it is asked for them again. */
  readonly refused = new Map<string, Channel>()
  readonly #open: () => WebSocket
  readonly #told: Told
  readonly #wanted = new Map<string, Channel>()
  #socket: WebSocket | null = null
  readonly #requests = new Map<number, readonly Channel[]>()
  #tries = 0
  #asked = 0
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(open: () => WebSocket, told: Told) {
    this.#open = open
    this.#told = told
  }

  /** Also to try at once, instead of when the next try is due. */
  connect(): void {
    clearTimeout(this.#silence)
    this.#socket?.close()
    const socket = this.#open()
    this.#socket = socket
    this.#told.state('connecting', null)
    this.#listen(socket)
    socket.onopen = () => {
      this.#tries = 0
      this.#requests.clear()
      this.#told.state('live', null)
      this.#say('subscribe', [...this.#wanted.values()])
    }
    socket.onmessage = ({ data }) => {
      this.#listen(socket)
      this.#receive(JSON.parse(data) as Message)
    }
    socket.onclose = () => this.#lost(socket)
  }

  follow(channels: readonly Channel[]): void {
    const fresh = channels.filter((each) => !this.#wanted.has(nameOf(each)))
    for (const each of fresh) this.#wanted.set(nameOf(each), each)
    this.#say('subscribe', fresh)
  }

  leave(channels: readonly Channel[]): void {
    const known = channels.filter((each) => this.#wanted.delete(nameOf(each)))
    this.#say(
      'unsubscribe',
      known.filter((each) => !this.refused.delete(nameOf(each))),
    )
  }

  #say(op: string, channels: readonly Channel[]): void {
    if (this.#socket?.readyState !== 1 || channels.length === 0) return
    this.#asked += 1
    if (op === 'subscribe') this.#requests.set(this.#asked, channels)
    this.#socket.send(JSON.stringify({ op, id: this.#asked, channels }))
  }

  #receive(message: Message): void {
    this.received += 1
    const { type, id, data } = message
    if ((type === 'snapshot' || type === 'update') && data) {
      const isUnknown = type === 'snapshot' && data.length === 0 && !message.gaps?.length
      if (!isUnknown) this.#told.rows(message as Channel, data)
    } else if (type === 'gap') {
      this.#told.gap()
    } else if (id !== undefined && (type === 'subscribed' || type === 'error')) {
      this.#answered(this.#requests.get(id) ?? [], type === 'subscribed')
      this.#requests.delete(id)
    }
  }

  /** One wrong channel has all of a request refused: then each is asked for by itself. */
  #answered(channels: readonly Channel[], granted: boolean): void {
    const wanted = channels.filter((each) => this.#wanted.has(nameOf(each)))
    for (const each of wanted) {
      if (granted) this.refused.delete(nameOf(each))
      else if (channels.length > 1) this.#say('subscribe', [each])
      else this.#askLater(each)
    }
  }

  #askLater(channel: Channel): void {
    this.refused.set(nameOf(channel), channel)
    setTimeout(() => {
      if (this.refused.has(nameOf(channel))) this.#say('subscribe', [channel])
    }, REFUSED_RETRY_MS)
  }

  /** Heartbeats come in between: a connection that says nothing is none. */
  #listen(socket: WebSocket): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#lost(socket), SILENCE_MS)
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return
    this.#socket = null
    this.refused.clear()
    socket.close()
    clearTimeout(this.#silence)
    const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#tries)
    const wait = longest * (0.5 + Math.random() / 2)
    this.#tries += 1
    this.#told.state('waiting', Date.now() + wait)
    this.#silence = setTimeout(() => this.connect(), wait)
  }
}
