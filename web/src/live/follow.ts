// What is on the page is followed: by the stream, and by REST where that does not tell it.

import { useEffect } from 'preact/hooks'
import type { DataSet, Market, Row } from '../figures/rows'
import { store, stream } from './live'
import { askAll } from './rest'
import { type Channel, nameOf } from './stream'

const READ_MS = 100
/** So many names are said in a question; else it is of all. */
const MOST_NAMES = 100
/** In `serve` the stream is silent of it where the exchange is asked for it by the clock. */
const ASKED_FOR = 'open_interest'

const counts = new Map<string, number>()
export const followed = new Map<string, Channel>()
const unread = new Map<string, Channel>()
/** Once is enough: from then on the stream tells it, or the clock asks. */
const wasRead = new Set<string>()
let reading: ReturnType<typeof setTimeout> | undefined

/** As long as what asks for it is shown. */
export function useChannels(wanted: readonly Channel[]): void {
  useEffect(() => {
    follow(wanted)
    return () => leave(wanted)
  }, [wanted.map(nameOf).join()])
}

export function channelsOf(dataSets: readonly DataSet[], some: readonly Market[]): Channel[] {
  return some.flatMap(({ exchange, symbol }) =>
    dataSets.map((data_set) => ({ data_set, exchange, symbol })),
  )
}

function follow(wanted: readonly Channel[]): void {
  const fresh = wanted.filter((each) => !counts.get(nameOf(each)))
  for (const each of wanted) counts.set(nameOf(each), (counts.get(nameOf(each)) ?? 0) + 1)
  for (const each of fresh) {
    followed.set(nameOf(each), each)
    const isOld = wasRead.has(nameOf(each)) || each.data_set === ASKED_FOR
    if (!isOld && isState(each) && !store.knows(each.data_set, each.exchange, each.symbol)) {
      unread.set(nameOf(each), each)
    }
  }
  stream.follow(fresh)
  if (unread.size > 0) reading ??= setTimeout(readUnread, READ_MS)
}

function leave(wanted: readonly Channel[]): void {
  const over = wanted.filter((each) => {
    const left = (counts.get(nameOf(each)) ?? 1) - 1
    counts.set(nameOf(each), left)
    return left === 0
  })
  for (const each of over) {
    followed.delete(nameOf(each))
    unread.delete(nameOf(each))
  }
  stream.leave(over)
}

function readUnread(): void {
  reading = undefined
  const some = [...unread.values()]
  unread.clear()
  for (const each of some) wasRead.add(nameOf(each))
  void read(some).catch(() => {
    for (const each of some) wasRead.delete(nameOf(each)) // the stream tells it, or the next poll
  })
}

type StateChannel = Channel & { readonly data_set: DataSet }

function isState(channel: Channel): channel is StateChannel {
  return channel.data_set in QUESTIONS
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

/** Those that the stream does not tell. */
export function readUntold(): Promise<void> {
  return read([...followed.values()].filter((each) => !stream.tells(each)))
}

export function readAskedFor(): Promise<void> {
  return read([...followed.values()].filter((each) => each.data_set === ASKED_FOR))
}

/** Of every market there is. */
export async function readEvery(dataSet: DataSet): Promise<void> {
  const [path, more] = QUESTIONS[dataSet]
  store.fill(dataSet, newestOnly((await askAll<Row>(path, more)).data))
}

/** One question a data set, of all its channels. */
async function read(some: readonly Channel[]): Promise<void> {
  const questions = Map.groupBy(some.filter(isState), (each) => each.data_set)
  await Promise.all(
    [...questions].map(async ([dataSet, asked]) => {
      const [path, more] = QUESTIONS[dataSet]
      const names = { ...namesOf('exchange', asked), ...namesOf('symbol', asked) }
      const { data } = await askAll<Row>(path, { ...more, ...names })
      store.fill(dataSet, newestOnly(data))
    }),
  )
}

function namesOf(field: 'exchange' | 'symbol', asked: readonly Channel[]): Record<string, string> {
  const names = new Set(asked.map((each) => each[field]))
  return names.size > MOST_NAMES ? {} : { [field]: [...names].join() }
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
