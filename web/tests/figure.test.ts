import { expect, test } from 'vitest'
import { ageOf, figure } from '../src/figures/figure'
import * as figures from '../src/figures/market'
import type { Funding, Liquidity, OpenInterest, Slippage, Ticker } from '../src/figures/rows'

const NOW = Date.parse('2026-11-27T08:00:00Z')
const TIME = '2026-11-27T07:59:58.000000Z'
const topic = <R>(row: Partial<R>) => ({
  rows: [{ timestamp: TIME, simulated: true, ...row } as R],
  vouched: true,
})
const nothing = { rows: [], vouched: true }
const PLAIN = {
  unit: 'x',
  time: NOW - 2000,
  exactness: 'exact',
  fresh: 10,
  simulated: null,
  unknown: 'not said',
}

test('unknown is a dash and says why, never zero', () => {
  const one = figure(null, String, PLAIN)
  expect([one.text, one.exact, one.unknown]).toEqual(['–', null, 'not said'])
  expect(ageOf(one, NOW)).toBe('unknown')
})

test('what is older than it should be is stale, what is of the past never', () => {
  const one = figure('1', String, PLAIN)
  expect(ageOf(one, NOW)).toBe('fresh')
  expect(ageOf(one, NOW + 9000)).toBe('stale')
  expect(ageOf({ ...one, fresh: 0 }, NOW + 1e9)).toBe('fresh')
})

test('what the source no longer vouches for is in doubt', () => {
  expect(ageOf(figure('1', String, { ...PLAIN, vouched: false }), NOW)).toBe('doubtful')
})

test('the spread is of the best prices, in bps of their middle', () => {
  const one = figures.spread(topic<Ticker>({ best_bid_price: '9999', best_ask_price: '10001' }))
  expect([one.exact, one.text]).toEqual(['2.000000', '2.00'])
})

test('crossed prices have no spread', () => {
  expect(figures.spreadBps('10001', '9999')).toBeNull()
})

test('depth is of both sides, and at least so much where one is a floor', () => {
  const row = { bid_5bps: '1000.5', ask_5bps: '2000', floors: ['ask_5bps'] }
  const one = figures.depth(topic<Liquidity>(row), '5', 'USDT')
  expect([one.text, one.exact]).toEqual(['≥ 3.00K', '3000.5'])
  expect(figures.depth(topic<Liquidity>({ ...row, floors: [] }), '5', 'USDT').text).toBe('3.00K')
  expect(figures.depth(topic<Liquidity>({ ...row, bid_5bps: null }), '5', 'USDT').exact).toBeNull()
})

test('funding per 8 hours is of the exchange\'s own interval', () => {
  const row = { funding_rate: '0.0001', funding_interval: '4', kind: 'predicted' } as const
  expect(figures.funding(topic<Funding>(row), 8).text).toBe('+0.0200%')
  const unsaid = topic<Funding>({ ...row, funding_interval: null })
  expect(figures.funding(unsaid, 8).exact).toBeNull()
})

test('a predicted rate says more of now than a settled one', () => {
  const rows = [{ kind: 'settled' }, { kind: 'predicted' }] as Funding[]
  expect(figures.currentFunding(rows)?.kind).toBe('predicted')
})

test('open interest is what the exchange says, else base coin at the mark price', () => {
  const ticker = topic<Ticker>({ mark_price: '100' })
  const told = topic<OpenInterest>({ open_interest: '3', open_value: '301' })
  expect(figures.interest(told, ticker, 'USDT').exact).toBe('301')
  const counted = topic<OpenInterest>({ open_interest: '3', open_value: null })
  expect(figures.interest(counted, ticker, 'USDT').exact).toBe('300')
  expect(figures.interest(nothing, ticker, 'USDT').exact).toBeNull()
})

test('an amount that cannot be filled tells how much can', () => {
  const row = { side: 'buy', trade_amount: '5000000', slippage_bps: null, max_amount: '1200000' } as const
  const one = figures.slippage(topic<Slippage>(row), 'buy', '5000000')
  expect(one.exact).toBeNull()
  expect(one.unknown).toContain('1.20M can be filled')
})
