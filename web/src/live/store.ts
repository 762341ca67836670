// The last rows of every topic, a signal each: what shows a topic is drawn anew with it alone.

import { batch, type Signal, signal } from '@preact/signals'
import { type DataSet, type DataSets, type Row, timeOf } from '../figures/rows'

export interface Topic<R> {
  readonly rows: readonly R[]
  /** Whether the source vouches for them at present. */
  readonly vouched: boolean
}

const NOTHING: Topic<Row> = { rows: [], vouched: true }

export class Store {
  readonly #topics = new Map<string, Signal<Topic<Row>>>()
  readonly #waiting = new Map<string, Topic<Row>>()
  readonly #schedule: (work: () => void) => void

  /** What comes in between two frames is shown with the second. */
  constructor(schedule: (work: () => void) => void = nextFrame) {
    this.#schedule = schedule
  }

  topic<D extends DataSet>(dataSet: D, exchange: string, symbol: string): Topic<DataSets[D]> {
    return this.#signal(`${dataSet}/${exchange}/${symbol}`).value as Topic<DataSets[D]>
  }

  /** Whether any row of it has come. */
  knows(dataSet: DataSet, exchange: string, symbol: string): boolean {
    return this.#present(`${dataSet}/${exchange}/${symbol}`).rows.length > 0
  }

  /** From the stream: without rows, nothing is vouched for, and the last that was is kept. */
  push(dataSet: DataSet, exchange: string, symbol: string, rows: readonly Row[]): void {
    const key = `${dataSet}/${exchange}/${symbol}`
    const kept = rows.length > 0 ? rows : this.#present(key).rows
    this.#put(key, { rows: kept, vouched: rows.length > 0 })
  }

  /** From an answer of REST: rows of many markets, which may be older than what is here. */
  fill(dataSet: DataSet, rows: readonly Row[]): void {
    const topics = Map.groupBy(rows, (row) => `${dataSet}/${row.exchange}/${row.symbol}`)
    for (const [key, some] of topics) {
      const present = this.#present(key)
      if (newest(some) >= newest(present.rows)) this.#put(key, { ...present, rows: some })
    }
  }

  #put(key: string, topic: Topic<Row>): void {
    if (this.#waiting.size === 0) this.#schedule(() => this.#show())
    this.#waiting.set(key, topic)
  }

  #show(): void {
    batch(() => {
      for (const [key, topic] of this.#waiting) this.#signal(key).value = topic
    })
    this.#waiting.clear()
  }

  #present(key: string): Topic<Row> {
    return this.#waiting.get(key) ?? this.#signal(key).peek()
  }

  #signal(key: string): Signal<Topic<Row>> {
    const known = this.#topics.get(key)
    if (known) return known
    const fresh = signal(NOTHING)
    this.#topics.set(key, fresh)
    return fresh
  }
}

function newest(rows: readonly Row[]): number {
  return Math.max(Number.NEGATIVE_INFINITY, ...rows.map((row) => timeOf(row.timestamp) ?? 0))
}

/** A page that is not seen has no frames. */
function nextFrame(work: () => void): void {
  if (document.hidden) setTimeout(work, 250)
  else requestAnimationFrame(work)
}
