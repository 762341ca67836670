// Candles, with lightweight-charts; where one is missing the time is shaded.

import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from 'lightweight-charts'
import { useEffect, useRef } from 'preact/hooks'
import { mark, moment } from '../figures/format'
import type { Kline } from '../figures/rows'
import { missing } from '../figures/spans'
import { colour, theme, zone } from './page'

interface Props {
  readonly label: string
  readonly klines: readonly Kline[]
  /** Of one candle, in seconds. */
  readonly step: number
}

interface Made {
  readonly chart: IChartApi
  readonly candles: ISeriesApi<'Candlestick'>
  readonly holes: ISeriesApi<'Histogram'>
}

export function Candles({ label, klines, step }: Props) {
  const here = useRef<HTMLDivElement>(null)
  const made = useRef<Made>(undefined)
  const fitted = useRef('')

  useEffect(() => {
    made.current = make(here.current!)
    fitted.current = ''
    return () => made.current?.chart.remove()
  }, [theme.value, zone.value])
  useEffect(() => {
    if (!made.current) return
    show(made.current, klines, step)
    if (klines.length > 0 && fitted.current !== label) {
      made.current.chart.timeScale().fitContent()
      fitted.current = label
    }
  }, [klines, theme.value, zone.value])

  return <div ref={here} class="plot tall" role="img" aria-label={label} />
}

function make(box: HTMLElement): Made {
  const line = { color: colour('--line') }
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      background: { color: colour('--panel') },
      textColor: colour('--muted'),
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: 11,
      attributionLogo: false, // it would bring a style of its own; the help names the library
    },
    grid: { vertLines: line, horzLines: line },
    rightPriceScale: { borderColor: colour('--line') },
    timeScale: {
      borderColor: colour('--line'),
      timeVisible: true,
      maxBarSpacing: 90, // a quarter of an hour fills the width, as its depth below does
      tickMarkFormatter: (time: UTCTimestamp) => mark(time * 1000, zone.peek(), false),
    },
    localization: { timeFormatter: (time: UTCTimestamp) => moment(time * 1000, zone.peek()) },
  })
  const [up, down] = [colour('--up'), colour('--down')]
  const candles = chart.addSeries(CandlestickSeries, {
    upColor: up,
    downColor: down,
    wickUpColor: up,
    wickDownColor: down,
    borderVisible: false,
  })
  const holes = chart.addSeries(HistogramSeries, {
    color: `${colour('--bad')}40`,
    priceScaleId: 'holes',
    priceLineVisible: false,
    lastValueVisible: false,
  })
  holes.priceScale().applyOptions({ scaleMargins: { top: 0, bottom: 0 } })
  return { chart, candles, holes }
}

function show({ candles, holes }: Made, klines: readonly Kline[], step: number): void {
  const rows = klines.map((kline) => ({
    time: (Date.parse(kline.open_time) / 1000) as UTCTimestamp,
    open: Number(kline.open),
    high: Number(kline.high),
    low: Number(kline.low),
    close: Number(kline.close),
  }))
  candles.setData(rows)
  const absent = missing(
    rows.map((row) => row.time),
    step,
  )
  holes.setData(absent.map((time) => ({ time: time as UTCTimestamp, value: 1 })))
}
