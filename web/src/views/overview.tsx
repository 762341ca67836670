// Overview: every market on a line, alive.

import { untracked } from '@preact/signals'
import { useState } from 'preact/hooks'
import { toNumber } from '../figures/decimal'
import { ageOf, type Figure } from '../figures/figure'
import { length } from '../figures/format'
import * as figures from '../figures/market'
import type { Market } from '../figures/rows'
import { markets, now, openGaps, store, useChannels } from '../live/live'
import { Shown } from '../ui/figure'
import { address, go, say } from '../ui/page'
import { Swatch } from '../ui/controls'
import { Table } from '../ui/table'
import { Summary } from './summary'

const ALL = { exchange: '*', symbol: '*' }
const CHANNELS = [
  { data_set: 'tickers', ...ALL },
  { data_set: 'liquidity', ...ALL },
  { data_set: 'funding_rates', ...ALL },
  { data_set: 'open_interest', ...ALL },
] as const
const HEADS = [
  { id: 'symbol', text: 'Symbol' },
  { id: 'exchange', text: 'Exchange', words: true },
  { id: 'last', text: 'Last', meaning: 'price of the last trade' },
  { id: 'change', text: '24 h' },
  { id: 'spread', text: 'Spread', meaning: 'best ask less best bid, in bps of mid' },
  { id: 'depth5', text: 'Depth 5 bps', meaning: 'value within 5 bps of mid, both sides' },
  { id: 'depth10', text: 'Depth 10 bps', meaning: 'value within 10 bps of mid, both sides' },
  { id: 'funding', text: 'Funding 8 h', meaning: 'what a long pays in 8 hours' },
  { id: 'interest', text: 'Open interest', meaning: 'value of open contracts, one side' },
  { id: 'volume', text: 'Volume 24 h', meaning: 'value traded in 24 hours' },
  { id: 'feed', text: 'Feed', words: true },
]
const FIRST_SHOWN = 200

type Name = 'last' | 'change' | 'spread' | 'depth5' | 'depth10' | 'funding' | 'interest' | 'volume'
type Figures = Record<Name, Figure>

function figuresOf({ exchange, symbol, quote }: Market): Figures {
  const tickers = store.topic('tickers', exchange, symbol)
  const liquidity = store.topic('liquidity', exchange, symbol)
  const interest = store.topic('open_interest', exchange, symbol)
  return {
    last: figures.lastPrice(tickers, quote),
    change: figures.change(tickers),
    spread: figures.spread(tickers),
    depth5: figures.depth(liquidity, '5', quote),
    depth10: figures.depth(liquidity, '10', quote),
    funding: figures.funding(store.topic('funding_rates', exchange, symbol), 8),
    interest: figures.interest(interest, tickers, quote),
    volume: figures.volume(tickers, quote),
  }
}

export function Overview() {
  useChannels(CHANNELS)
  const [all, setAll] = useState(false)
  const said = address.value.said
  const sort = said.get('sort') ?? 'symbol'
  const filter = said.get('filter') ?? ''
  now.value // order and bars are of each second, not of each update
  const rows = untracked(() => sorted(matching(markets.value, filter), sort))
  const shown = all ? rows : rows.slice(0, FIRST_SHOWN)
  const deepest = untracked(() => deepestOf(shown))
  return (
    <>
      <Summary />
      <div class="controls">
        <label class="choice">
          <span>Filter</span>
          <input
            id="filter"
            type="search"
            placeholder="btc binance"
            value={filter}
            onInput={(event) => say({ filter: event.currentTarget.value || null })}
          />
        </label>
        <span class="muted">
          {rows.length} of {markets.value.length} markets
        </span>
      </div>
      <Table label="Markets" heads={HEADS} sort={sort} onSort={(next) => say({ sort: next })} wide>
        {shown.map((market, at) => (
          <Line
            key={`${market.exchange}/${market.symbol}`}
            market={market}
            stop={at === 0}
            first={sort === 'symbol' && shown[at - 1]?.symbol !== market.symbol}
            deepest={deepest.get(market.symbol) ?? 0}
          />
        ))}
      </Table>
      {rows.length > shown.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {rows.length}
        </button>
      )}
    </>
  )
}

interface LineProps {
  readonly market: Market
  readonly stop: boolean
  readonly first: boolean
  readonly deepest: number
}

function Line({ market, stop, first, deepest }: LineProps) {
  const { exchange, symbol } = market
  const of = figuresOf(market)
  const called = (what: string) => `${exchange} ${symbol}, ${what}`
  const rising = sign(of.change)
  const bar = (one: Figure) => ({
    '--share': deepest === 0 ? 0 : Math.min(1, (toNumber(one.exact) ?? 0) / deepest),
  })
  return (
    <tr class={first ? 'first' : ''} data-market={`${exchange}/${symbol}`}>
      <th scope="row">
        <button type="button" class="link" onClick={() => toDepth(symbol)}>
          {symbol}
        </button>
      </th>
      <td class="name">
        <Swatch exchange={exchange} />
        {exchange}
        {market.simulated && <abbr title="simulated data">sim</abbr>}
      </td>
      <td data-name="last"><Shown figure={of.last} name={called('last price')} stop={stop} /></td>
      <td data-name="change"><Shown figure={of.change} name={called('change')} tone={rising} /></td>
      <td data-name="spread"><Shown figure={of.spread} name={called('spread')} /></td>
      <td data-name="depth5" class="bar" style={bar(of.depth5)}>
        <Shown figure={of.depth5} name={called('depth within 5 bps')} />
      </td>
      <td data-name="depth10" class="bar" style={bar(of.depth10)}>
        <Shown figure={of.depth10} name={called('depth within 10 bps')} />
      </td>
      <td data-name="funding"><Shown figure={of.funding} name={called('funding')} tone={sign(of.funding)} /></td>
      <td data-name="interest"><Shown figure={of.interest} name={called('open interest')} /></td>
      <td data-name="volume"><Shown figure={of.volume} name={called('volume')} /></td>
      <Feed market={market} price={of.last} depth={of.depth5} />
    </tr>
  )
}

/** The worst that is known of a market: a gap, doubt, age. */
function Feed({ market, price, depth }: { market: Market; price: Figure; depth: Figure }) {
  const gap = openGaps.value.find(
    (each) => each.exchange === market.exchange && each.symbol === market.symbol,
  )
  const ages = [price, depth].map((one) => ageOf(one, now.value))
  const oldest = Math.max(...[price, depth].map((one) => now.value - (one.time ?? now.value)))
  const [state, text] = gap
    ? ['bad', `gap: ${gap.stream}, ${gap.cause}`]
    : ages.includes('doubtful')
      ? ['bad', 'in doubt']
      : ages.every((age) => age === 'unknown')
        ? ['none', 'nothing yet']
        : ages.includes('stale')
          ? ['late', `stale ${length(oldest / 1000)}`]
          : ['good', 'live']
  return (
    <td class="name feed" data-name="feed">
      <i class={`dot ${state}`} aria-hidden="true" />
      {text}
    </td>
  )
}

function sign(one: Figure): 'up' | 'down' | undefined {
  const value = toNumber(one.exact) ?? 0
  return value > 0 ? 'up' : value < 0 ? 'down' : undefined
}

function toDepth(symbol: string): void {
  say({ symbol })
  go('depth')
}

function matching(all: readonly Market[], filter: string): Market[] {
  const terms = filter.toLowerCase().split(/\s+/)
  return all.filter(({ exchange, symbol, native }) => {
    const text = `${exchange} ${symbol} ${native}`.toLowerCase()
    return terms.every((term) => text.includes(term))
  })
}

function sorted(rows: Market[], sort: string): Market[] {
  const id = sort.replace('-', '')
  const way = sort.startsWith('-') ? -1 : 1
  const byName = (a: Market, b: Market) =>
    a.symbol.localeCompare(b.symbol) || a.exchange.localeCompare(b.exchange)
  if (id === 'symbol') return rows.sort((a, b) => way * byName(a, b))
  if (id === 'exchange') {
    return rows.sort((a, b) => way * a.exchange.localeCompare(b.exchange) || byName(a, b))
  }
  const values = new Map(rows.map((row) => [row, toNumber(figuresOf(row)[id as Name]?.exact)]))
  const known = (row: Market) => values.get(row) ?? null
  return rows.sort((a, b) => {
    const [one, other] = [known(a), known(b)]
    if (one === null || other === null) return Number(one === null) - Number(other === null)
    return way * (one - other) || byName(a, b)
  })
}

/** By symbol, the greatest depth within 10 bps: what bars are measured by. */
function deepestOf(rows: readonly Market[]): Map<string, number> {
  const most = new Map<string, number>()
  for (const row of rows) {
    const depth = toNumber(figuresOf(row).depth10.exact) ?? 0
    most.set(row.symbol, Math.max(depth, most.get(row.symbol) ?? 0))
  }
  return most
}
