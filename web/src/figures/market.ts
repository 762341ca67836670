// The figures of a market, from its last rows.

import type { Topic } from '../live/store'
import { add, divide, multiply, subtract, type Text } from './decimal'
import { type Figure, figure, type Origin } from './figure'
import * as write from './format'
import {
  type Band,
  type Funding,
  type Liquidity,
  type OpenInterest,
  type Slippage,
  type Ticker,
  timeOf,
} from './rows'

export const FRESH = { tickers: 15, liquidity: 10, funding_rates: 180, open_interest: 300 } as const
const SENT = 'as the exchange sent it'
const SILENT = 'the exchange did not say'
const NO_ROW = 'nothing was received of it yet, or none of it could be vouched for'

interface Source {
  readonly timestamp: string | null
  readonly simulated: boolean | null
}

function origin(
  topic: Topic<Source>,
  row: Source | undefined,
  rest: Pick<Origin, 'unit' | 'fresh'> & Partial<Origin>,
): Origin {
  return {
    exactness: SENT,
    unknown: row ? SILENT : NO_ROW,
    time: timeOf(row?.timestamp),
    simulated: row?.simulated ?? null,
    vouched: topic.vouched,
    ...rest,
  }
}

export function lastPrice(topic: Topic<Ticker>, quote: string): Figure {
  const row = topic.rows[0]
  const rest = { unit: `${quote}, last trade`, fresh: FRESH.tickers }
  return figure(row?.last_price, write.price, origin(topic, row, rest))
}

export function change(topic: Topic<Ticker>): Figure {
  const row = topic.rows[0]
  const rest = { unit: 'change of 24 h, as a fraction', fresh: FRESH.tickers }
  const shown = (text: string) => write.percent(text, 2)
  return figure(row?.price_change_pct, shown, origin(topic, row, rest))
}

export function spread(topic: Topic<Ticker>): Figure {
  const row = topic.rows[0]
  const rest = {
    unit: 'bps of mid',
    fresh: FRESH.tickers,
    exactness: 'derived here from the best bid and ask',
  }
  const exact = spreadBps(row?.best_bid_price, row?.best_ask_price)
  return figure(exact, write.bps, origin(topic, row, rest))
}

/** (ask - bid) / mid; crossed or one-sided: unknown. */
export function spreadBps(bid: Text | undefined, ask: Text | undefined): Text {
  const apart = subtract(ask, bid)
  if (apart === null || apart.startsWith('-')) return null
  return divide(multiply(apart, '20000'), add(ask, bid), 6)
}

/** Both sides together: at least so much where one of them is a floor. */
export function depth(topic: Topic<Liquidity>, band: Band, quote: string): Figure {
  const row = topic.rows[0]
  const fields = [`bid_${band}bps`, `ask_${band}bps`] as const
  const floor = fields.some((field) => row?.floors.includes(field))
  const rest = {
    unit: `${quote} within ${band.replace('_', '.')} bps of mid, both sides`,
    fresh: FRESH.liquidity,
    floor,
    exactness: floor
      ? `at least: the book is known to ${reach(row)} of mid`
      : 'exact, from a verified book',
  }
  const exact = row ? add(row[fields[0]], row[fields[1]]) : null
  return figure(exact, write.compact, origin(topic, row, rest))
}

function reach(row: Liquidity | undefined): string {
  const of = (text: Text | undefined) => (text == null ? write.UNKNOWN : write.bps(text))
  return `${of(row?.reach_bid_bps)} bps below and ${of(row?.reach_ask_bps)} bps above`
}

/** What is predicted says more of now than what was settled. */
export function currentFunding(rows: readonly Funding[]): Funding | undefined {
  return rows.find((row) => row.kind === 'predicted') ?? rows[0]
}

/** What a long pays in so many hours. */
export function funding(topic: Topic<Funding>, hours: number, digits = 4): Figure {
  const row = currentFunding(topic.rows)
  const rest = {
    unit: `fraction in ${hours === 8760 ? 'a year (8,760 h)' : `${hours} h`}, what a long pays`,
    fresh: row?.kind === 'settled' ? 0 : FRESH.funding_rates,
    exactness: row ? fundingExactness(row) : SENT,
  }
  const exact = row ? rateOver(row, hours) : null
  return figure(exact, (text) => write.percent(text, digits), origin(topic, row, rest))
}

export function rateOver(row: Funding, hours: number): Text {
  const whole = multiply(row.funding_rate, String(hours))
  return divide(whole, row.funding_interval, 12)
}

function fundingExactness(row: Funding): string {
  const due = timeOf(row.funding_time ?? row.next_funding_time)
  const when = due === null ? '' : `, ${row.funding_time && row.kind === 'settled' ? 'on' : 'due'} ${write.moment(due)}`
  return `${row.kind}, ${row.funding_rate ?? '?'} per ${row.funding_interval ?? '?'} h${when}`
}

/** Open value in quote; where only base coin is told, at the mark price. */
export function interest(
  topic: Topic<OpenInterest>,
  tickers: Topic<Ticker>,
  quote: string,
): Figure {
  const row = topic.rows[0]
  const ticker = tickers.rows[0]
  const told = row?.open_value ?? ticker?.open_interest_notional
  const base = row?.open_interest ?? ticker?.open_interest
  const source = row?.open_value || row?.open_interest ? row : (ticker ?? row)
  const rest = {
    unit: `${quote}, one side`,
    fresh: FRESH.open_interest,
    unknown: 'its ticker does not say, and open interest itself is not collected, or not known yet',
    exactness: told != null ? SENT : `derived here: ${base ?? '?'} base coin at the mark price`,
  }
  const exact = told ?? multiply(base, ticker?.mark_price)
  return figure(exact, write.compact, origin(topic, source, rest))
}

export function volume(topic: Topic<Ticker>, quote: string): Figure {
  const row = topic.rows[0]
  const rest = { unit: `${quote} traded in 24 h`, fresh: FRESH.tickers }
  return figure(row?.turnover_24h, write.compact, origin(topic, row, rest))
}

export function slippage(topic: Topic<Slippage>, side: string, amount: string): Figure {
  const row = topic.rows.find((each) => each.side === side && each.trade_amount === amount)
  const most = row?.max_amount == null ? '' : `: ${write.compact(row.max_amount)} can be filled`
  const rest = {
    unit: 'bps of mid, without fees',
    fresh: FRESH.liquidity,
    exactness: 'exact, from a verified book',
    unknown: row ? `the book, as far as it is known, ends before the amount${most}` : NO_ROW,
  }
  return figure(row?.slippage_bps, write.bps, origin(topic, row, rest))
}
