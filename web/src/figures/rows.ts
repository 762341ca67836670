// The records of the service, under the names that REST and the WebSocket give them.

import type { Text } from './decimal'

interface Stamped {
  readonly exchange: string
  readonly symbol: string
  readonly timestamp: string | null
  readonly simulated: boolean | null
}

export interface Ticker extends Stamped {
  readonly last_price: Text
  readonly mark_price: Text
  readonly index_price: Text
  readonly best_bid_price: Text
  readonly best_ask_price: Text
  readonly turnover_24h: Text
  readonly volume_24h: Text
  readonly open_interest: Text
  readonly open_interest_notional: Text
  readonly price_change_pct: Text
}

export interface Level {
  readonly price: string
  readonly quantity: string
}

export interface Orderbook extends Stamped {
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
  readonly complete: boolean
}

export const BANDS = ['1', '2_5', '5', '10', '20', '50', '100'] as const
export type Band = (typeof BANDS)[number]
type BandField = `${'bid' | 'ask'}_${Band}bps`

export interface Liquidity extends Stamped, Readonly<Record<BandField, Text>> {
  readonly mid_price: Text
  readonly reach_bid_bps: Text
  readonly reach_ask_bps: Text
  readonly floors: readonly string[]
}

export interface LiquidityAverage extends Liquidity {
  readonly spread_bps: Text
}

export interface Slippage extends Stamped {
  readonly side: 'buy' | 'sell'
  readonly trade_amount: string
  readonly avg_price: Text
  readonly slippage_bps: Text
  readonly fillable: boolean | null
  readonly max_amount: Text
}

export interface Funding extends Stamped {
  readonly funding_rate: Text
  readonly funding_interval: Text
  /** Not said by the matrix, which says when the next is due. */
  readonly funding_time?: string | null
  readonly next_funding_time: string | null
  readonly kind: 'predicted' | 'settled'
}

export interface OpenInterest extends Stamped {
  readonly open_interest: Text
  readonly open_value: Text
}

export interface Kline {
  readonly interval: string
  readonly open_time: string
  readonly close_time: string
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: Text
  readonly simulated: boolean | null
}

export interface Gap {
  readonly exchange: string
  readonly symbol: string
  readonly stream: string
  readonly start_time: string
  readonly end_time: string | null
  readonly cause: string
  readonly missed: number | null
  readonly detail: string | null
  readonly repaired_at: string | null
  readonly rows_recovered: number | null
}

export interface Market {
  readonly exchange: string
  readonly symbol: string
  readonly native: string
  readonly contract: string
  readonly base: string
  readonly quote: string
  readonly multiplier: string
  readonly simulated: boolean | null
}

/** What the page follows, and the record that each has. */
export interface DataSets {
  tickers: Ticker
  orderbooks: Orderbook
  liquidity: Liquidity
  slippage: Slippage
  funding_rates: Funding
  open_interest: OpenInterest
}

export type DataSet = keyof DataSets
export type Row = DataSets[DataSet]

/** Of these every row counts, not the last alone. */
export type EventSet = 'klines' | 'liquidity_averages' | 'gaps'

/** Milliseconds; unknown stays unknown. */
export function timeOf(text: string | null | undefined): number | null {
  return text == null ? null : Date.parse(text)
}
