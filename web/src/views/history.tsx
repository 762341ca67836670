// History: candles, depth and spread over time; what nobody can vouch for is shaded.

import type { AlignedData } from 'uplot'
import { useMemo } from 'preact/hooks'
import { chosen } from '../figures/address'
import { add } from '../figures/decimal'
import * as write from '../figures/format'
import { lastPrice } from '../figures/market'
import { BANDS, type Gap, type Kline, type LiquidityAverage } from '../figures/rows'
import { series, shades, type Span } from '../figures/spans'
import { markets, now, store, useChannels } from '../live/live'
import { askAll } from '../live/rest'
import { useAsked } from '../ui/asked'
import { Candles } from '../ui/candles'
import { ExchangeChoice, OneOf, SymbolChoice } from '../ui/controls'
import { Shown } from '../ui/figure'
import { address, exchanges, hueOf, symbol } from '../ui/page'
import { Plot } from '../ui/plot'

const SPANS = ['15m', '1h', '6h', '24h'] as const
const SECONDS = { '15m': 900, '1h': 3600, '6h': 21_600, '24h': 86_400 } as const
const CANDLE_SECONDS = 60
const BOOK_STREAMS = ['orderbook']

export function History() {
  const exchange = chosen(address.value, 'exchange', exchanges.value, exchanges.value[0] ?? '')
  const span = chosen(address.value, 'span', SPANS, '1h')
  const band = chosen(address.value, 'band', BANDS, '10')
  const market = markets.value.find(
    (each) => each.exchange === exchange && each.symbol === symbol.value,
  )
  useChannels([{ data_set: 'tickers', exchange, symbol: symbol.value }])
  const price = lastPrice(store.topic('tickers', exchange, symbol.value), market?.quote ?? 'quote')
  return (
    <>
      <div class="controls">
        <SymbolChoice />
        <ExchangeChoice chosen={exchange} />
        <OneOf label="Span" name="span" choices={SPANS} chosen={span} />
        <OneOf label="Band" name="band" choices={BANDS} chosen={band} shown={(each) => each.replace('_', '.')} />
        <span class="big"><Shown figure={price} name={`${exchange} ${symbol.value}, last price`} stop /></span>
      </div>
      {exchange && symbol.value && !market && (
        <p class="note">{exchange} lists no {symbol.value}</p>
      )}
      {market && <Charts exchange={exchange} of={symbol.value} span={span} band={band} />}
    </>
  )
}

interface Which {
  readonly exchange: string
  readonly of: string
  readonly span: (typeof SPANS)[number]
  readonly band: (typeof BANDS)[number]
}

function Charts({ exchange, of, span, band }: Which) {
  const which = { exchange, symbol: of }
  const name = `${exchange}/${of}/${span}`
  const candles = useAsked<readonly Kline[]>(`${name}/candles`, (before) => candlesOf(which, span, before), 10)
  const depths = useAsked<readonly LiquidityAverage[]>(`${name}/depths`, (before) => averagesOf(which, span, before), 5)
  const gaps = useAsked(
    `${name}/gaps`,
    () => askAll<Gap>('gaps', { ...which, start_time: `-${span}` }),
    5,
  )
  const dark = shades(gaps.answer?.data ?? [], BOOK_STREAMS, now.value)
  const failed = candles.failed ?? depths.failed ?? gaps.failed
  const end = now.value / 1000
  const range = [end - SECONDS[span], end] as const
  return (
    <>
      {failed && <p class="note bad">{failed}</p>}
      <section class="panel">
        <h2>Candles <small>1 min, {candles.answer?.length ?? 0} closed ones of {exchange}; UTC</small></h2>
        <Candles label={`Candles of ${of} on ${exchange} over ${span}`} klines={candles.answer ?? []} step={CANDLE_SECONDS} />
      </section>
      <OverTime rows={depths.answer ?? []} which={{ exchange, of, span, band }} shades={dark} range={range} />
      <p class="note">
        {dark.length === 0
          ? 'No gap of the order book in this time.'
          : `Shaded: ${dark.length} gaps of the order book, ${write.length(seconds(dark))} in all.`}
      </p>
    </>
  )
}

function seconds(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0)
}

interface OverTimeProps {
  readonly rows: readonly LiquidityAverage[]
  readonly which: Which
  readonly shades: readonly Span[]
  readonly range: readonly [number, number]
}

function OverTime({ rows, which, shades: dark, range }: OverTimeProps) {
  const { exchange, of, band } = which
  const hue = hueOf(exchange)
  const step = useMemo(() => stepOf(rows), [rows])
  const over = (value: (row: LiquidityAverage) => string | null) =>
    series(rows, (row) => row.timestamp, value, 2.5 * step) as unknown as AlignedData
  const depth = useMemo(() => over((row) => add(row[`bid_${band}bps`], row[`ask_${band}bps`])), [rows, band])
  const spread = useMemo(() => over((row) => row.spread_bps), [rows])
  const width = band.replace('_', '.')
  const floors = rows.filter((row) => row.floors.includes(`bid_${band}bps`)).length
  return (
    <>
      <section class="panel">
        <h2>
          Depth within {width} bps <small>means of {step} s, both sides, quote coin{floors > 0 && `; ${floors} of ${rows.length} are floors: at least so much`}</small>
        </h2>
        <Plot
          label={`Depth of ${of} on ${exchange} within ${width} bps over ${which.span}`}
          lines={[{ label: 'depth', hue, look: 'area' }]}
          data={depth}
          x="time"
          xRange={range}
          yText={(value) => write.short(String(value))}
          shades={dark}
        />
      </section>
      <section class="panel">
        <h2>Spread <small>means of {step} s, bps of mid</small></h2>
        <Plot
          label={`Spread of ${of} on ${exchange} over ${which.span}`}
          lines={[{ label: 'spread', hue }]}
          data={spread}
          x="time"
          xRange={range}
          yText={(value) => String(Number(value.toPrecision(3)))}
          shades={dark}
        />
      </section>
    </>
  )
}

/** Seconds between two means: the least distance of neighbours. */
function stepOf(rows: readonly LiquidityAverage[]): number {
  const times = rows.map((row) => Date.parse(row.timestamp ?? ''))
  const steps = times.slice(1).map((time, at) => time - times[at]!)
  return steps.length === 0 ? 10 : Math.min(...steps) / 1000
}

type Market = Record<'exchange' | 'symbol', string>

function candlesOf(which: Market, span: string, before: readonly Kline[] | null) {
  const last = before?.at(-1)?.open_time
  return longer<Kline>('klines', { ...which, interval: '1m' }, span, before ?? [], last, 'open_time')
}

function averagesOf(which: Market, span: string, before: readonly LiquidityAverage[] | null) {
  const last = before?.at(-1)?.timestamp
  return longer<LiquidityAverage>('liquidity/averages', which, span, before ?? [], last, 'timestamp')
}

/** What was known before, and what has come since: asked from the last row on. */
async function longer<R>(
  path: string,
  which: Record<string, string>,
  span: (typeof SPANS)[number] | string,
  before: readonly R[],
  last: string | null | undefined,
  time: keyof R,
): Promise<readonly R[]> {
  const start = last ?? `-${span}`
  const { data } = await askAll<R>(path, { ...which, start_time: start, order: 'asc' })
  const oldest = Date.now() - SECONDS[span as keyof typeof SECONDS] * 1000
  const kept = before.filter((row) => row[time] !== last && Date.parse(String(row[time])) > oldest)
  return [...kept, ...data]
}
