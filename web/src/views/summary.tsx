// The head of the overview: of the symbols that are traded most, who is tightest and deepest.

import { untracked } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { toNumber } from '../figures/decimal'
import { ageOf, type Figure } from '../figures/figure'
import * as figures from '../figures/market'
import type { Market } from '../figures/rows'
import { channelsOf, useChannels } from '../live/follow'
import { markets, now, store } from '../live/live'
import { Shown } from '../ui/figure'
import { go, say, symbols } from '../ui/page'

const CARDS = 4
const FOLLOWED = ['tickers', 'liquidity', 'funding_rates'] as const

/** `asOf`: when all markets were asked for last. */
export function Summary({ asOf }: { readonly asOf: number | null }) {
  const shown = useMemo(() => untracked(foremost), [asOf, markets.value])
  return (
    <div class="cards">
      {shown.map((symbol) => (
        <Card key={symbol} symbol={symbol} />
      ))}
    </div>
  )
}

/** By what all exchanges together traded in a day; of what is not known yet, in their order. */
function foremost(): string[] {
  const traded = new Map<string, number>()
  for (const { exchange, symbol, quote } of markets.value) {
    const volume = figures.volume(store.topic('tickers', exchange, symbol), quote)
    traded.set(symbol, (traded.get(symbol) ?? 0) + (toNumber(volume.exact) ?? 0))
  }
  return symbols.value.toSorted((a, b) => traded.get(b)! - traded.get(a)!).slice(0, CARDS)
}

interface Best {
  readonly market: Market
  readonly figure: Figure
}

function Card({ symbol }: { readonly symbol: string }) {
  now.value // who is best is said each second, not with each update
  const listed = markets.value.filter((market) => market.symbol === symbol)
  useChannels(channelsOf(FOLLOWED, listed))
  const best = (make: (market: Market) => Figure, way: 1 | -1) =>
    untracked(() => bestOf(listed, make, way))
  const deepest = best(
    ({ exchange, quote }) => figures.depth(store.topic('liquidity', exchange, symbol), '10', quote),
    -1,
  )
  const tightest = best(
    ({ exchange }) => figures.spread(store.topic('tickers', exchange, symbol)),
    1,
  )
  const rate = (way: 1 | -1) =>
    best(({ exchange }) => figures.funding(store.topic('funding_rates', exchange, symbol), 8), way)
  const price = deepest && figures.lastPrice(
    untracked(() => store.topic('tickers', deepest.market.exchange, symbol)),
    deepest.market.quote,
  )
  return (
    <section class="card" aria-label={symbol}>
      <header>
        <button type="button" class="link" onClick={() => { say({ symbol }); go('depth') }}>
          {symbol}
        </button>
        {price && deepest && (
          <Shown figure={price} name={`${deepest.market.exchange} ${symbol}, last price`} />
        )}
      </header>
      <dl>
        <Line term="deepest, 10 bps" best={deepest} />
        <Line term="tightest" best={tightest} unit="bps" />
        <Line term="funding, lowest" best={rate(1)} />
        <Line term="highest" best={rate(-1)} />
      </dl>
    </section>
  )
}

function Line({ term, best, unit = '' }: { term: string; best: Best | undefined; unit?: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        {best ? (
          <>
            <Shown figure={best.figure} name={`${best.market.exchange}, ${term}`} /> {unit}{' '}
            <span class="muted">{best.market.exchange}</span>
          </>
        ) : (
          <span class="muted">–</span>
        )}
      </dd>
    </div>
  )
}

/** Among those that are fresh: an old figure is nobody's best. */
function bestOf(
  listed: readonly Market[],
  make: (market: Market) => Figure,
  way: 1 | -1,
): Best | undefined {
  return listed
    .map((market) => ({ market, figure: make(market) }))
    .filter(({ figure }) => ageOf(figure, now.peek()) === 'fresh')
    .sort((a, b) => way * (toNumber(a.figure.exact)! - toNumber(b.figure.exact)!))[0]
}
