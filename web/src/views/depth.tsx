// Depth: the books of several exchanges on one axis, and what an amount costs on each.

import { useMemo } from 'preact/hooks'
import type { AlignedData } from 'uplot'
import { chosen } from '../figures/address'
import * as curves from '../figures/depth'
import * as write from '../figures/format'
import * as figures from '../figures/market'
import { BANDS } from '../figures/rows'
import { channelsOf, useChannels } from '../live/follow'
import { markets, store } from '../live/live'
import { OneOf, Swatch, Venues } from '../ui/controls'
import { Shown } from '../ui/figure'
import { address, hueOf, symbol } from '../ui/page'
import { type Line, Plot } from '../ui/plot'
import { SymbolChoice } from '../ui/symbol'
import { Table } from '../ui/table'

const RANGES = ['5', '10', '20', '50', '100'] as const
/** Levels a side that are asked for: what is farther than they reach is told by the bands. */
const LEVELS = { 5: 200, 10: 200, 20: 500, 50: 1000, 100: 1000 } as const
const SIDES = ['buy', 'sell'] as const

export function Depth() {
  const listed = markets.value.filter((market) => market.symbol === symbol.value)
  const among = listed.map((market) => market.exchange).sort()
  const said = address.value.said.get('exchanges')?.split(',') ?? among
  const venues = among.filter((each) => said.includes(each))
  const range = chosen(address.value, 'range', RANGES, '20')
  const side = chosen(address.value, 'side', SIDES, 'buy')
  const shown = listed.filter((market) => venues.includes(market.exchange))
  useChannels([
    ...channelsOf(['orderbooks'], shown).map((each) => ({ ...each, depth: LEVELS[range] })),
    ...channelsOf(['liquidity', 'slippage', 'tickers'], shown),
  ])
  if (listed.length === 0) return <><SymbolChoice /><p class="note">No exchange lists {symbol.value}.</p></>
  return (
    <>
      <div class="controls">
        <SymbolChoice />
        <Venues among={among} chosen={venues} />
        <OneOf label="Range" name="range" choices={RANGES} chosen={range} shown={(n) => `${n} bps`} />
      </div>
      <section class="panel">
        <h2>Cumulative depth <small>quote coin within a distance from each exchange's own mid; dashed: between exact bands, beyond the levels at hand</small></h2>
        <Books venues={venues} range={Number(range)} />
      </section>
      <Bands venues={venues} />
      <section class="panel">
        <h2>Slippage by size <small>bps of mid, without fees; a line ends where the known book does</small></h2>
        <div class="controls"><OneOf label="Taker" name="side" choices={SIDES} chosen={side} /></div>
        <Slippages venues={venues} side={side} />
      </section>
    </>
  )
}

function Books({ venues, range }: { readonly venues: readonly string[]; readonly range: number }) {
  const grid = useMemo(() => curves.gridOf(range), [range])
  const at = symbol.value
  const lines: Line[] = []
  const data: (number | null)[][] = [grid]
  for (const exchange of venues) {
    const book = store.topic('orderbooks', exchange, at)
    const bands = store.topic('liquidity', exchange, at).rows[0]
    const row = book.vouched ? book.rows[0] : undefined
    const curve = row ? curves.cumulative(row, grid) : grid.map(() => null)
    const beyond = curves.bandPoints(bands, grid).map((point, n) => curve[n] ?? point)
    lines.push({ label: exchange, hue: hueOf(exchange), look: 'area' })
    lines.push({ label: `${exchange}, bands`, hue: hueOf(exchange), look: 'rings' })
    data.push(curve, beyond)
  }
  return (
    <Plot
      class="tall"
      label={`Cumulative depth of ${at} on ${venues.join(', ')} within ${range} bps of mid`}
      lines={lines}
      data={data as unknown as AlignedData}
      x="linear"
      xRange={[-range, range]}
      xText={(value) => `${value > 0 ? '+' : ''}${value} bps`}
      yText={(value) => write.short(String(value))}
    />
  )
}

function Bands({ venues }: { readonly venues: readonly string[] }) {
  const heads = [
    { id: 'exchange', text: 'Exchange' },
    { id: 'last', text: 'Last' },
    { id: 'spread', text: 'Spread bps' },
    ...BANDS.map((band) => ({ id: band, text: `${band.replace('_', '.')} bps` })),
  ]
  return (
    <Table label="Depth by distance from mid" heads={heads} wide>
      {venues.map((exchange, at) => (
        <BandLine key={exchange} exchange={exchange} stop={at === 0} />
      ))}
    </Table>
  )
}

function BandLine({ exchange, stop }: { readonly exchange: string; readonly stop: boolean }) {
  const at = symbol.value
  const quote = quoteOf(exchange)
  const tickers = store.topic('tickers', exchange, at)
  const liquidity = store.topic('liquidity', exchange, at)
  const called = (what: string) => `${exchange} ${at}, ${what}`
  return (
    <tr data-market={`${exchange}/${at}`}>
      <th scope="row" class="name"><Swatch exchange={exchange} />{exchange}</th>
      <td data-name="last"><Shown figure={figures.lastPrice(tickers, quote)} name={called('last price')} stop={stop} /></td>
      <td data-name="spread"><Shown figure={figures.spread(tickers)} name={called('spread')} /></td>
      {BANDS.map((band) => (
        <td key={band} data-name={`depth${band}`}>
          <Shown
            figure={figures.depth(liquidity, band, quote)}
            name={called(`depth within ${band.replace('_', '.')} bps`)}
          />
        </td>
      ))}
    </tr>
  )
}

function quoteOf(exchange: string): string {
  const found = markets.value.find(
    (market) => market.exchange === exchange && market.symbol === symbol.value,
  )
  return found?.quote ?? 'quote coin'
}

function Slippages({ venues, side }: { readonly venues: readonly string[]; readonly side: string }) {
  const at = symbol.value
  const topics = venues.map((exchange) => store.topic('slippage', exchange, at))
  const amounts = curves.amountsOf(topics.flatMap((topic) => topic.rows))
  const sizes = amounts.map(Number)
  const data = [sizes, ...topics.map((topic) => curves.slippageCurve(topic.rows, side, amounts))]
  const heads = [
    { id: 'exchange', text: 'Exchange' },
    ...amounts.map((amount) => ({ id: amount, text: write.short(amount) })),
  ]
  return (
    <>
      <Plot
        label={`Slippage of a ${side} of ${at} by size on ${venues.join(', ')}`}
        lines={venues.map((label) => ({ label, hue: hueOf(label) }))}
        data={data as unknown as AlignedData}
        x="log"
        xText={(value) => (sizes.includes(value) || Number.isInteger(Math.log10(value)) ? write.short(String(value)) : '')}
        yText={(value) => `${value}`}
      />
      <Table label={`Slippage of a ${side} by size`} heads={heads} wide>
        {venues.map((exchange, row) => (
          <tr key={exchange} data-market={`${exchange}/${at}`}>
            <th scope="row" class="name"><Swatch exchange={exchange} />{exchange}</th>
            {amounts.map((amount, column) => (
              <td key={amount} data-name={`slippage${amount}`}>
                <Shown
                  figure={figures.slippage(topics[row]!, side, amount)}
                  name={`${exchange} ${at}, slippage of ${write.compact(amount)}`}
                  stop={row === 0 && column === 0}
                />
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </>
  )
}
