// What runs as long as the page does: the stream, and what REST is asked for by the clock.

import { untracked } from '@preact/signals'
import type { Gap, Market } from '../figures/rows'
import { clockOffset, compareClocks } from './clock'
import { readAskedFor, readUntold } from './follow'
import { connection, enterPolled, markets, now, setGaps, simulated, stream, unlisted } from './live'
import { ask, askAll, isOfKey, lock, Refusal } from './rest'

const POLL_MS = 2000
const SLOW_MS = 10_000

/** What the stream does not tell. */
async function poll(): Promise<void> {
  if (lock.value || document.hidden) return
  const isLive = connection.value.state === 'live'
  try {
    if (!isLive) {
      const began = Date.now()
      const { served_at } = await ask<{ readonly served_at: string }>('health')
      compareClocks(Date.parse(served_at), began, Date.now())
      setGaps((await askAll<Gap>('gaps', { open: 'true' })).data)
    }
    await readUntold()
    enterPolled('polling', null)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (!isOfKey(error)) enterPolled('away', error.message)
  }
}

async function readMarkets(): Promise<void> {
  if (lock.value || document.hidden) return
  try {
    const { data, meta } = await askAll<Market>('markets')
    markets.value = data
    simulated.value = meta.simulated || data.some((market) => market.simulated)
    unlisted.value = null
  } catch (error) {
    unlisted.value = (error as Error).message
  }
}

async function readSlowly(): Promise<void> {
  if (!lock.value && !document.hidden) await readAskedFor().catch(() => undefined)
}

/** At first the stream has the time to tell all by itself. */
function again(work: () => Promise<void>, ms: () => number): void {
  setTimeout(() => void work().finally(() => again(work, ms)), ms())
}

export function start(): void {
  again(poll, () => POLL_MS)
  again(readSlowly, () => SLOW_MS)
  again(readMarkets, () => (markets.value.length === 0 ? POLL_MS : SLOW_MS))
  setInterval(() => {
    now.value = Date.now() + (clockOffset.value ?? 0)
  }, 1000)
  lock.subscribe((locked) => untracked(locked ? shut : open))
  addEventListener('online', () => {
    if (!lock.value) stream.connect()
  })
}

function shut(): void {
  stream.stop()
  enterPolled('away', null)
}

function open(): void {
  stream.connect()
  void readMarkets()
}
