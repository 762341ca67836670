import { expect, test } from 'vitest'
import { amountsOf, bandPoints, cumulative, gridOf, midOf, slippageCurve } from '../src/figures/depth'
import type { Liquidity, Orderbook, Slippage } from '../src/figures/rows'

// Mid is 10,000, so that 1 in price is 1 bps.
const BOOK = {
  bids: [{ price: '9999', quantity: '1' }, { price: '9995', quantity: '2' }],
  asks: [{ price: '10001', quantity: '1' }, { price: '10005', quantity: '2' }],
  complete: false,
} as unknown as Orderbook

test('value adds up from mid, both ways, the distance itself included', () => {
  const book = { ...BOOK, complete: true }
  expect(cumulative(book, [-5, -1, 0, 1, 5])).toEqual([29_989, 9999, 0, 10_001, 30_011])
})

test('beyond the last level that is known nothing is', () => {
  expect(cumulative(BOOK, [-6, -4, 4, 6])).toEqual([null, 9999, 10_001, null])
})

test('a whole book has nothing more beyond its last level', () => {
  expect(cumulative({ ...BOOK, complete: true }, [6])).toEqual([30_011])
})

test('a book that is crossed or has one side has no curve', () => {
  const crossed = { ...BOOK, bids: [{ price: '10001', quantity: '1' }] }
  expect(midOf(crossed)).toBeNull()
  expect(cumulative(crossed, [1])).toEqual([null])
  expect(cumulative({ ...BOOK, asks: [] }, [-1])).toEqual([null])
})

test('the grid is ordered, even, and has every band within it', () => {
  const grid = gridOf(5, 4)
  expect(grid).toEqual([-5, -2.5, -1, 0, 1, 2.5, 5])
})

test('a floor is no point of the curve', () => {
  const row = { bid_5bps: '7', ask_5bps: '8', floors: ['ask_5bps'] } as unknown as Liquidity
  expect(bandPoints(row, [-5, 0, 5])).toEqual([7, null, null])
})

test('slippage that is not known is a hole in its curve', () => {
  const rows = [
    { side: 'buy', trade_amount: '1000', slippage_bps: '0.5' },
    { side: 'buy', trade_amount: '50000', slippage_bps: null },
    { side: 'sell', trade_amount: '1000', slippage_bps: '0.7' },
  ] as unknown as Slippage[]
  expect(amountsOf(rows)).toEqual(['1000', '50000'])
  expect(slippageCurve(rows, 'buy', ['1000', '50000'])).toEqual([0.5, null])
})
