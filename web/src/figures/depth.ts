// Curves for charts: doubles, of exact rows. What is not known is null, and the line ends there.

import { BANDS, type Level, type Liquidity, type Orderbook, type Slippage } from './rows'

/** Distances from mid in bps, `-range` to `range`, the bands among them. */
export function gridOf(range: number, steps = 160): number[] {
  const even = Array.from({ length: steps + 1 }, (_, at) => (2 * range * at) / steps - range)
  const bands = BANDS.map(widthOf).filter((band) => band <= range)
  const all = [...even, ...bands, ...bands.map((band) => -band)]
  return [...new Set(all)].sort((a, b) => a - b)
}

export function widthOf(band: string): number {
  return Number(band.replace('_', '.'))
}

export function midOf(book: Orderbook): number | null {
  const bid = book.bids[0]
  const ask = book.asks[0]
  if (!bid || !ask) return null
  const [low, high] = [Number(bid.price), Number(ask.price)]
  return low < high ? (low + high) / 2 : null
}

/** Value in quote that rests between mid and each distance of the grid. */
export function cumulative(book: Orderbook, grid: readonly number[]): (number | null)[] {
  const mid = midOf(book)
  if (mid === null) return grid.map(() => null)
  const below = grid.filter((at) => at < 0).map((at) => -at)
  const above = grid.filter((at) => at >= 0)
  return [
    ...walk(book.bids, mid, below.reverse(), book.complete).reverse(),
    ...walk(book.asks, mid, above, book.complete),
  ]
}

/** `distances` ascend. */
function walk(
  levels: readonly Level[],
  mid: number,
  distances: readonly number[],
  complete: boolean,
): (number | null)[] {
  let at = 0
  let sum = 0
  return distances.map((distance) => {
    for (let level = levels[at]; level && away(level, mid) <= distance; level = levels[at]) {
      sum += Number(level.price) * Number(level.quantity)
      at += 1
    }
    return at < levels.length || complete ? sum : null
  })
}

const ROUNDING = 1e-9

function away(level: Level, mid: number): number {
  return (Math.abs(Number(level.price) - mid) / mid) * 1e4 - ROUNDING
}

/** The exact bands, where they lie on the grid; a floor is no point of the curve. */
export function bandPoints(row: Liquidity | undefined, grid: readonly number[]): (number | null)[] {
  return grid.map((at) => {
    const band = BANDS.find((each) => widthOf(each) === Math.abs(at))
    if (!row || !band) return null
    const field = `${at < 0 ? 'bid' : 'ask'}_${band}bps` as const
    const exact = row[field]
    return exact === null || row.floors.includes(field) ? null : Number(exact)
  })
}

/** Slippage in bps of each amount, in the amounts' order. */
export function slippageCurve(
  rows: readonly Slippage[],
  side: string,
  amounts: readonly string[],
): (number | null)[] {
  return amounts.map((amount) => {
    const row = rows.find((each) => each.side === side && each.trade_amount === amount)
    return row?.slippage_bps == null ? null : Number(row.slippage_bps)
  })
}

export function amountsOf(rows: readonly Slippage[]): string[] {
  return [...new Set(rows.map((row) => row.trade_amount))].sort((a, b) => Number(a) - Number(b))
}
