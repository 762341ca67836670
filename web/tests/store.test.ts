import { expect, test } from 'vitest'
import type { Ticker } from '../src/figures/rows'
import { Store } from '../src/live/store'

const ticker = (timestamp: string, last_price: string) =>
  ({ exchange: 'a', symbol: 'BTC', timestamp, last_price }) as unknown as Ticker
const OLD = ticker('2026-11-27T07:00:00Z', '1')
const NEW = ticker('2026-11-27T07:00:01Z', '2')

function store() {
  const work: (() => void)[] = []
  const made = new Store((each) => work.push(each))
  return { made, frame: () => work.splice(0).forEach((each) => each()), work }
}

test('what comes in between two frames is shown once, with the last of it', () => {
  const { made, frame, work } = store()
  made.push('tickers', 'a', 'BTC', [OLD])
  made.push('tickers', 'a', 'BTC', [NEW])
  expect(made.topic('tickers', 'a', 'BTC').rows).toEqual([])
  expect(work).toHaveLength(1)
  frame()
  expect(made.topic('tickers', 'a', 'BTC').rows).toEqual([NEW])
})

test('an answer that is older than what is here changes nothing', () => {
  const { made, frame } = store()
  made.push('tickers', 'a', 'BTC', [NEW])
  made.fill('tickers', [OLD])
  frame()
  expect(made.topic('tickers', 'a', 'BTC').rows).toEqual([NEW])
})

test('without rows nothing is vouched for, and the last that was is kept', () => {
  const { made, frame } = store()
  made.push('tickers', 'a', 'BTC', [NEW])
  made.push('tickers', 'a', 'BTC', [])
  frame()
  expect(made.topic('tickers', 'a', 'BTC')).toEqual({ rows: [NEW], vouched: false })
})

test('an answer fills the topics of all its markets', () => {
  const { made, frame } = store()
  made.fill('tickers', [OLD, { ...NEW, exchange: 'b' }])
  frame()
  expect(made.topic('tickers', 'b', 'BTC').rows).toHaveLength(1)
  expect(made.topic('tickers', 'a', 'BTC').rows).toEqual([OLD])
})
