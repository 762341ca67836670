// What is live: the stream, and questions by REST for what it has not told, or while it is away.

import { effect, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { DataSet, Gap, Market, Row } from '../figures/rows'
import { ask, askAll, clockOffset, key, locked, Refusal } from './rest'
import { type Channel, nameOf, type State, Stream } from './stream'
import { Store } from './store'

const POLL_MS = 2000
const SLOW_POLL_MS = 5000
/** Where an exchange does not stream it, the service asks by the clock, and the stream is silent. */
const ASKED_FOR: DataSet = 'open_interest'

export interface Connection {
  /** `polling`: the service answers, though not by the stream. `away`: it does not. */
  readonly state: State | 'polling' | 'away'
  readonly since: number
  readonly retryAt: number | null
  readonly why: string | null
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
export const openGaps = signal<readonly Gap[]>([])
/** Whether anything that is stored is simulated; `null`: not known yet. */
export const simulated = signal<boolean | null>(null)

const counts = new Map<string, number>()
const channels = new Map<string, Channel>()

export const stream = new Stream(openSocket, {
  rows: ({ data_set, exchange, symbol }, rows) =>
    store.push(data_set, exchange, symbol, rows),
  gap: () => void readGaps(),
  state: enterStream,
})

function openSocket(): WebSocket {
  const address = `${location.origin.replace(/^http/, 'ws')}/api/v1/stream`
  const known = key()
  return known
    ? new WebSocket(address, [`perps-stats.key.${known}`])
    : new WebSocket(address)
}

function enter(state: Connection['state'], retryAt: number | null, why: string | null): void {
  const before = connection.value
  const since = before.state === state ? before.since : Date.now()
  connection.value = { state, since, retryAt, why }
}

/** While there is no stream, what polling finds is told: each try to connect changes nothing. */
function enterStream(state: State, retryAt: number | null): void {
  const { state: before, why } = connection.value
  const kept = state !== 'live' && (before === 'polling' || before === 'away')
  enter(kept ? before : state, retryAt, kept ? why : null)
}

/** The stream may have come while we asked. */
function enterPolled(state: 'polling' | 'away', why: string | null): void {
  const { state: present, retryAt } = connection.value
  if (present !== 'live') enter(state, retryAt, why)
}

/** As long as the view is shown. */
export function useChannels(wanted: readonly Channel[]): void {
  useEffect(() => {
    follow(wanted)
    return () => leave(wanted)
  }, [wanted.map(nameOf).join()])
}

function follow(wanted: readonly Channel[]): void {
  const fresh = wanted.filter((each) => !counts.get(nameOf(each)))
  for (const each of wanted) counts.set(nameOf(each), (counts.get(nameOf(each)) ?? 0) + 1)
  for (const each of fresh) channels.set(nameOf(each), each)
  stream.follow(fresh)
  void read(fresh).catch(() => undefined)
}

function leave(wanted: readonly Channel[]): void {
  for (const each of wanted) {
    const left = (counts.get(nameOf(each)) ?? 1) - 1
    counts.set(nameOf(each), left)
    if (left > 0) continue
    channels.delete(nameOf(each))
    stream.leave([each])
  }
}

/** The question whose answer has the last rows of a data set. */
const QUESTIONS: Record<DataSet, [string, Record<string, string>]> = {
  tickers: ['tickers', {}],
  orderbooks: ['orderbooks', { limit: '500' }],
  liquidity: ['liquidity', {}],
  slippage: ['slippage', {}],
  funding_rates: ['funding/matrix', {}],
  open_interest: ['open-interest', { start_time: '-10m' }],
}

/** One question a data set, of all its channels. */
async function read(some: readonly Channel[]): Promise<void> {
  const questions = Map.groupBy(some, (each) => each.data_set)
  await Promise.all(
    [...questions].map(async ([dataSet, asked]) => {
      const [path, more] = QUESTIONS[dataSet]
      const { data } = await askAll<Row>(path, {
        ...more,
        ...namesOf('exchange', asked),
        ...namesOf('symbol', asked),
      })
      store.fill(dataSet, newestOnly(data))
    }),
  )
}

function namesOf(field: 'exchange' | 'symbol', asked: readonly Channel[]): Record<string, string> {
  const names = new Set(asked.map((each) => each[field]))
  return names.has('*') ? {} : { [field]: [...names].join() }
}

/** Rows of a span come newest first: of each market the first. */
function newestOnly(rows: readonly Row[]): readonly Row[] {
  if (!rows.some((row) => 'open_value' in row)) return rows
  const first = new Map<string, Row>()
  for (const row of rows) {
    const name = `${row.exchange}/${row.symbol}`
    if (!first.has(name)) first.set(name, row)
  }
  return [...first.values()]
}

async function readGaps(): Promise<void> {
  openGaps.value = (await askAll<Gap>('gaps', { open: 'true' })).data
}

async function readMarkets(): Promise<void> {
  const { data, meta } = await askAll<Market>('markets')
  markets.value = data
  simulated.value = meta.simulated || data.some((market) => market.simulated)
}

/** What the stream does not tell. */
async function poll(): Promise<void> {
  if (locked.value || document.hidden) return
  const isLive = connection.value.state === 'live'
  const untold = isLive ? stream.refused : channels
  try {
    if (!isLive) await ask('health')
    await read([...untold.values()])
    enterPolled('polling', null)
  } catch (error) {
    const away = !(error instanceof Refusal) || error.status !== 401
    if (away) enterPolled('away', (error as Error).message)
  }
}

async function readSlowly(): Promise<void> {
  if (locked.value || document.hidden) return
  const asked = [...channels.values()].filter((each) => each.data_set === ASKED_FOR)
  await Promise.all([readGaps(), readMarkets(), read(asked)]).catch(() => undefined)
}

function again(work: () => Promise<void>, ms: number): void {
  void work().finally(() => setTimeout(() => again(work, ms), ms))
}

export function start(): void {
  stream.connect()
  again(poll, POLL_MS)
  again(readSlowly, SLOW_POLL_MS)
  setInterval(() => {
    now.value = Date.now() + clockOffset.value
  }, 1000)
  effect(() => {
    if (!locked.value) void readSlowly()
  })
  addEventListener('online', () => stream.connect())
}
