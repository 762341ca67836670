// What is live: the stream, whether it is there, and what it tells.

import { signal } from '@preact/signals'
import type { EventSet, Gap, Market, Row } from '../figures/rows'
import { compareClocks } from './clock'
import { key } from './key'
import { type Channel, nameOf, type State, Stream } from './stream'
import { Store } from './store'

export interface Connection {
  /** `polling`: the service answers, though not by the stream. `away`: it does not. */
  readonly state: State | 'polling' | 'away'
  readonly since: number
  readonly retryAt: number | null
  readonly why: string | null
}

/** Of what every row counts. */
export interface Listener {
  rows(rows: readonly unknown[]): void
  /** Rows since a time may have been missed; `null`: since the last that it has. */
  missed(since: string | null): void
}

export const store = new Store()
export const connection = signal<Connection>({
  state: 'connecting',
  since: Date.now(),
  retryAt: null,
  why: null,
})
/** The service's time, once a second: ages are told in it. */
export const now = signal(Date.now())
export const markets = signal<readonly Market[]>([])
/** Why it is not known which markets there are. */
export const unlisted = signal<string | null>(null)
/** Whether anything that is stored is simulated; `null`: not known yet. */
export const simulated = signal<boolean | null>(null)
export const openGaps = signal<readonly Gap[]>([])

const GAPS_MS = 100
const gaps = new Map<string, Gap>()
let gapsDue: ReturnType<typeof setTimeout> | undefined
const listeners = new Map<string, Set<Listener>>()

export const stream = new Stream(openSocket, {
  rows: receive,
  missed: (channel, since) => tell(channel, (each) => each.missed(since)),
  state: enterStream,
  time: (theirs, asked) => compareClocks(theirs, asked, Date.now()),
})

function openSocket(): WebSocket {
  const address = `${location.origin.replace(/^http/, 'ws')}/api/v1/stream`
  const known = key.peek()
  return known
    ? new WebSocket(address, ['perps-stats.v1', `perps-stats.key.${known}`])
    : new WebSocket(address)
}

function receive(channel: Channel, rows: readonly unknown[], whole: boolean): void {
  const { data_set, exchange, symbol } = channel
  if (data_set === 'gaps') noteGaps(channel, rows as readonly Gap[], whole)
  if (isOfEvents(data_set)) tell(channel, (each) => each.rows(rows))
  else store.push(data_set, exchange, symbol, rows as readonly Row[])
}

function isOfEvents(name: Channel['data_set']): name is EventSet {
  return name === 'gaps' || name === 'klines' || name === 'liquidity_averages'
}

function tell(channel: Channel, what: (listener: Listener) => void): void {
  for (const each of listeners.get(nameOf(channel)) ?? []) what(each)
}

export function hear(channel: Channel, listener: Listener): () => void {
  const name = nameOf(channel)
  const all = listeners.get(name) ?? new Set()
  listeners.set(name, all.add(listener))
  return () => all.delete(listener)
}

function noteGaps({ exchange, symbol }: Channel, rows: readonly Gap[], whole: boolean): void {
  if (whole) {
    for (const [name, gap] of gaps) {
      if (gap.exchange === exchange && gap.symbol === symbol) gaps.delete(name)
    }
  }
  for (const gap of rows) {
    if (gap.end_time === null) gaps.set(nameOfGap(gap), gap)
    else gaps.delete(nameOfGap(gap))
  }
  gapsDue ??= setTimeout(showGaps, GAPS_MS)
}

function nameOfGap({ exchange, symbol, stream: of, start_time }: Gap): string {
  return `${exchange}/${symbol}/${of}/${start_time}`
}

function showGaps(): void {
  gapsDue = undefined
  openGaps.value = [...gaps.values()]
}

/** All that are open, as REST answers. */
export function setGaps(open: readonly Gap[]): void {
  gaps.clear()
  for (const gap of open) gaps.set(nameOfGap(gap), gap)
  showGaps()
}

function enter(state: Connection['state'], retryAt: number | null, why: string | null): void {
  const before = connection.value
  const since = before.state === state ? before.since : Date.now()
  connection.value = { state, since, retryAt, why }
}

/** While there is no stream, what polling finds is told: each try to connect changes nothing. */
function enterStream(state: State, retryAt: number | null, why: string | null): void {
  const before = connection.value
  const kept = state !== 'live' && (before.state === 'polling' || before.state === 'away')
  enter(kept ? before.state : state, retryAt, kept ? before.why : why)
}

/** The stream may have come while we asked. */
export function enterPolled(state: 'polling' | 'away', why: string | null): void {
  const { state: present, retryAt } = connection.value
  if (present !== 'live') enter(state, retryAt, why)
}
