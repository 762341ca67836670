// History: candles, depth and spread over time; what nobody can vouch for is shaded.

import type { AlignedData } from 'uplot'
import { useMemo } from 'preact/hooks'
import { chosen } from '../figures/address'
import { add } from '../figures/decimal'
import * as write from '../figures/format'
import { lastPrice } from '../figures/market'
import { BANDS, type Gap, type Kline, type LiquidityAverage } from '../figures/rows'
import { series, shades, type Span } from '../figures/spans'
import { channelsOf, useChannels } from '../live/follow'
import { markets, now, store } from '../live/live'
import { Unanswered } from '../ui/asked'
import { Candles } from '../ui/candles'
import { ExchangeChoice, OneOf } from '../ui/controls'
import { Shown } from '../ui/figure'
import { useGrown } from '../ui/grown'
import { address, exchanges, hueOf, symbol, zone } from '../ui/page'
import { Plot } from '../ui/plot'
import { SymbolChoice } from '../ui/symbol'

const SPANS = ['15m', '1h', '6h', '24h'] as const
const SECONDS = { '15m': 900, '1h': 3600, '6h': 21_600, '24h': 86_400 } as const
const CANDLE_SECONDS = 60
const INTERVAL = '1m'
const BOOKS = 'orderbook'
const NONE: readonly LiquidityAverage[] = []

export function History() {
  const exchange = chosen(address.value, 'exchange', exchanges.value, exchanges.value[0] ?? '')
  const span = chosen(address.value, 'span', SPANS, '1h')
  const band = chosen(address.value, 'band', BANDS, '10')
  const market = markets.value.find(
    (each) => each.exchange === exchange && each.symbol === symbol.value,
  )
  useChannels(channelsOf(['tickers'], market ? [market] : []))
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
  const candles = useGrown<Kline>(`${name}/candles`, {
    path: 'klines',
    said: { ...which, interval: INTERVAL },
    channel: { data_set: 'klines', ...which },
    span: SECONDS[span],
    startOf: (kline) => kline.open_time,
    fits: (kline) => kline.interval === INTERVAL,
  })
  const depths = useGrown<LiquidityAverage>(`${name}/depths`, {
    path: 'liquidity/averages',
    said: which,
    channel: { data_set: 'liquidity_averages', ...which },
    span: SECONDS[span],
    startOf: (row) => row.timestamp,
  })
  const gaps = useGrown<Gap>(`${name}/gaps`, {
    path: 'gaps',
    said: { ...which, stream: BOOKS },
    channel: { data_set: 'gaps', ...which },
    span: SECONDS[span],
    startOf: (gap) => gap.start_time,
    endOf: (gap) => gap.end_time,
    fits: (gap) => gap.stream === BOOKS,
  })
  const dark = shades(gaps.answer ?? [], [BOOKS], now.value)
  const end = now.value / 1000
  const range = [end - SECONDS[span], end] as const
  return (
    <>
      <Unanswered what="candles" asked={candles} />
      <section class="panel">
        <h2>Candles <small>1 min, {candles.answer ? `${candles.answer.length} closed ones` : 'being asked for,'} of {exchange}; {write.zoneName(now.value, zone.value)}</small></h2>
        <Candles label={`Candles of ${of} on ${exchange} over ${span}`} klines={candles.answer ?? []} step={CANDLE_SECONDS} />
      </section>
      <Unanswered what="depth and spread" asked={depths} />
      <OverTime rows={depths.answer} which={{ exchange, of, span, band }} shades={dark} range={range} />
      <Unanswered what="gaps" asked={gaps} />
      <p class="note">
        {!gaps.answer ? '' : dark.length === 0
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
  /** `null`: they are being asked for. */
  readonly rows: readonly LiquidityAverage[] | null
  readonly which: Which
  readonly shades: readonly Span[]
  readonly range: readonly [number, number]
}

function OverTime({ rows: told, which, shades: dark, range }: OverTimeProps) {
  const rows = told ?? NONE
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
          Depth within {width} bps <small>{told ? `${rows.length} means of ${step} s` : 'being asked for'}, both sides, quote coin{floors > 0 && `; ${floors} of them floors: at least so much`}</small>
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
