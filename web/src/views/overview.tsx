// Overview: every market on a line, alive.

import { untracked, useComputed } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { toNumber } from '../figures/decimal'
import { ageOf, type Figure } from '../figures/figure'
import { length } from '../figures/format'
import * as figures from '../figures/market'
import type { Market } from '../figures/rows'
import { channelsOf, readEvery, useChannels } from '../live/follow'
import { markets, now, openGaps, store } from '../live/live'
import { Unanswered, useAsked } from '../ui/asked'
import { Filter, Swatch } from '../ui/controls'
import { Shown } from '../ui/figure'
import { address, go, passes, say } from '../ui/page'
import { Rows } from '../ui/rows'
import { Table } from '../ui/table'
import { Summary } from './summary'

/** Of what is in sight the stream tells; of all else, for order and sums, REST from time to time. */
const FOLLOWED = ['tickers', 'liquidity', 'funding_rates', 'open_interest'] as const
const EVERY_SECONDS = 10
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
type Name = 'last' | 'change' | 'spread' | 'depth5' | 'depth10' | 'funding' | 'interest' | 'volume'

const FIGURES: Record<Name, (market: Market) => Figure> = {
  last: (of) => figures.lastPrice(topic('tickers', of), of.quote),
  change: (of) => figures.change(topic('tickers', of)),
  spread: (of) => figures.spread(topic('tickers', of)),
  depth5: (of) => figures.depth(topic('liquidity', of), '5', of.quote),
  depth10: (of) => figures.depth(topic('liquidity', of), '10', of.quote),
  funding: (of) => figures.funding(topic('funding_rates', of), 8),
  interest: (of) => figures.interest(topic('open_interest', of), topic('tickers', of), of.quote),
  volume: (of) => figures.volume(topic('tickers', of), of.quote),
}

function topic<D extends (typeof FOLLOWED)[number]>(dataSet: D, { exchange, symbol }: Market) {
  return store.topic(dataSet, exchange, symbol)
}

export function Overview() {
  const sort = address.value.said.get('sort') ?? 'symbol'
  const withInterest = sort.endsWith('interest')
  const every = useAsked(`every/${withInterest}`, () => askEvery(withInterest), EVERY_SECONDS)
  const matching = markets.value.filter(({ exchange, symbol, native, quote }) =>
    passes(`${exchange} ${symbol} ${native} ${quote}`),
  )
  now.value // the order is of each second, not of each update
  const rows = untracked(() => sorted(matching, sort))
  const deepest = useMemo(() => untracked(() => deepestOf(markets.value)), [every.answeredAt, markets.value])
  return (
    <>
      <Summary asOf={every.answeredAt} />
      <div class="controls">
        <Filter example="btc binance usdt" found={rows.length} of={`${markets.value.length} markets`} />
      </div>
      <Unanswered what="all markets" asked={every} />
      <Table label="Markets" heads={HEADS} sort={sort} onSort={(next) => say({ sort: next })} wide count={rows.length}>
        <Rows of={rows}>
          {(market, place) => (
            <Line
              key={`${market.exchange}/${market.symbol}`}
              market={market}
              place={place}
              first={sort === 'symbol' && rows[place - 1]?.symbol !== market.symbol}
              deepest={deepest.get(market.symbol) ?? 0}
            />
          )}
        </Rows>
      </Table>
    </>
  )
}

async function askEvery(withInterest: boolean): Promise<true> {
  const asked = ['tickers', 'liquidity', 'funding_rates'] as const
  await Promise.all([...asked, ...(withInterest ? (['open_interest'] as const) : [])].map(readEvery))
  return true
}

interface LineProps {
  readonly market: Market
  readonly place: number
  readonly first: boolean
  readonly deepest: number
}

function Line({ market, place, first, deepest }: LineProps) {
  const { exchange, symbol } = market
  useChannels(channelsOf(FOLLOWED, [market]))
  const of = figuresOf(market)
  const called = (what: string) => `${exchange} ${symbol}, ${what}`
  const rising = sign(of.change)
  const bar = (one: Figure) => ({
    '--share': deepest === 0 ? 0 : Math.min(1, (toNumber(one.exact) ?? 0) / deepest),
  })
  return (
    <tr class={first ? 'first' : ''} aria-rowindex={place + 2} data-market={`${exchange}/${symbol}`}>
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
      <td data-name="last"><Shown figure={of.last} name={called('last price')} stop={place === 0} /></td>
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

function figuresOf(market: Market): Record<Name, Figure> {
  const made = Object.entries(FIGURES).map(([name, make]) => [name, make(market)])
  return Object.fromEntries(made) as Record<Name, Figure>
}

interface FeedProps {
  readonly market: Market
  readonly price: Figure
  readonly depth: Figure
}

function Feed({ market, price, depth }: FeedProps) {
  const told = useComputed(() => feedOf(market, [price, depth], now.value).join('/')).value
  const [state, text] = told.split('/')
  return (
    <td class="name feed" data-name="feed">
      <i class={`dot ${state}`} aria-hidden="true" />
      {text}
    </td>
  )
}

/** The worst that is known of a market: a gap, doubt, age. */
function feedOf({ exchange, symbol }: Market, some: readonly Figure[], at: number): [string, string] {
  const open = openGaps.value.filter((gap) => gap.exchange === exchange && gap.symbol === symbol)
  const [gap, ...more] = open
  const of = more.length > 0 ? `${open.length} streams` : gap?.stream
  if (gap) return ['bad', `gap: ${of}, ${gap.cause}`]
  const ages = some.map((one) => ageOf(one, at))
  if (ages.includes('doubtful')) return ['bad', 'in doubt']
  if (ages.every((age) => age === 'unknown')) return ['none', 'nothing yet']
  const oldest = Math.max(...some.map((one) => at - (one.time ?? at)))
  return ages.includes('stale') ? ['late', `stale ${length(oldest / 1000)}`] : ['good', 'live']
}

function sign(one: Figure): 'up' | 'down' | undefined {
  const value = toNumber(one.exact) ?? 0
  return value > 0 ? 'up' : value < 0 ? 'down' : undefined
}

function toDepth(symbol: string): void {
  say({ symbol })
  go('depth')
}

function sorted(rows: Market[], sort: string): Market[] {
  const id = sort.replace('-', '')
  const way = sort.startsWith('-') ? -1 : 1
  const byExchange = (a: Market, b: Market) => (a.exchange < b.exchange ? -1 : 1)
  const byName = (a: Market, b: Market) =>
    a.symbol === b.symbol ? byExchange(a, b) : a.symbol < b.symbol ? -1 : 1
  if (id === 'symbol') return rows.sort((a, b) => way * byName(a, b))
  if (id === 'exchange') {
    return rows.sort((a, b) => (a.exchange === b.exchange ? byName(a, b) : way * byExchange(a, b)))
  }
  const make = FIGURES[id as Name] ?? FIGURES.last
  const values = new Map(rows.map((row) => [row, toNumber(make(row).exact)]))
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
    const depth = toNumber(FIGURES.depth10(row).exact) ?? 0
    most.set(row.symbol, Math.max(depth, most.get(row.symbol) ?? 0))
  }
  return most
}
