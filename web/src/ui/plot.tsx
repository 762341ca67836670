// A chart of uPlot: made anew when its shape or the look changes, else only given new data.

import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { mark } from '../figures/format'
import type { Span } from '../figures/spans'
import { colour, theme, zone } from './page'

export interface Line {
  readonly label: string
  /** The variable of its colour. */
  readonly hue: string
  /** `rings`: points that are known, with nothing known in between. */
  readonly look?: 'line' | 'area' | 'rings' | 'steps'
}

interface Props {
  /** What it shows, for those who do not see it. */
  readonly label: string
  readonly lines: readonly Line[]
  readonly data: uPlot.AlignedData
  readonly x: 'time' | 'linear' | 'log'
  readonly xRange?: readonly [number, number] | undefined
  readonly xText?: (value: number) => string
  readonly yText: (value: number) => string
  readonly shades?: readonly Span[]
  readonly signed?: boolean
  readonly class?: string
}

export function Plot(props: Props) {
  const here = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const last = useRef(props)
  last.current = props
  const shape = JSON.stringify([props.lines, props.x, theme.value, zone.value])

  useEffect(() => {
    const box = here.current!
    const made = new uPlot(options(last, box), last.current.data, box)
    plot.current = made
    const sized = new ResizeObserver(() => made.setSize(sizeOf(box)))
    sized.observe(box)
    return () => {
      sized.disconnect()
      made.destroy()
    }
  }, [shape])
  useEffect(() => plot.current?.setData(props.data), [props.data, props.xRange])

  return <div ref={here} class={`plot ${props.class ?? ''}`} role="img" aria-label={props.label} />
}

function sizeOf(box: HTMLElement): { width: number; height: number } {
  return { width: Math.max(200, box.clientWidth), height: Math.max(120, box.clientHeight) }
}

function options(last: { readonly current: Props }, box: HTMLElement): uPlot.Options {
  const { x, lines, xText } = last.current
  const grid = { stroke: colour('--line'), width: 1 }
  const axis = {
    stroke: colour('--muted'),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid,
    ticks: { ...grid, size: 4 },
  }
  const texts = (write: (value: number) => string) => (_: uPlot, values: (number | null)[]) =>
    values.map((value) => (value === null ? '' : write(value)))
  return {
    ...sizeOf(box),
    padding: [10, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 5 } },
    tzDate: (seconds) => (zone.peek() === 'UTC' ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000)),
    scales: {
      x: {
        time: x === 'time',
        distr: x === 'log' ? 3 : 1,
        range: (_, low, high) => [...(last.current.xRange ?? [low, high])] as [number, number],
      },
      y: { range: (_, low, high) => yRange(low, high, last.current.signed ?? false) },
    },
    axes: [
      { ...axis, size: 30, values: x === 'time' ? clocks : texts(xText ?? String) },
      { ...axis, size: 58, values: texts((value) => last.current.yText(value)) },
    ],
    series: [{}, ...lines.map(drawn)],
    hooks: { drawClear: [(plot) => shade(plot, last.current.shades ?? [])] },
  }
}

function clocks(_: uPlot, times: number[]): string[] {
  const fine = times.length > 1 && times[1]! - times[0]! < 60
  return times.map((seconds) => mark(seconds * 1000, zone.peek(), fine))
}

/** From zero, unless what is shown has a sign of its own. */
function yRange(low: number | null, high: number | null, signed: boolean): [number, number] {
  if (low === null || high === null) return [0, 1]
  if (!signed) return [0, high * 1.05 || 1]
  const most = Math.max(Math.abs(low), Math.abs(high)) * 1.1 || 1
  return [low < 0 ? -most : 0, high > 0 ? most : 0]
}

function drawn({ label, hue, look = 'line' }: Line): uPlot.Series {
  const stroke = colour(hue)
  const common = { label, stroke, width: 1.5, points: { show: false } }
  if (look === 'area') return { ...common, fill: `${stroke}18` }
  if (look === 'steps') {
    return { ...common, spanGaps: true, paths: uPlot.paths.stepped!({ align: 1 }) }
  }
  if (look === 'rings') return { ...common, width: 1, dash: [2, 3], spanGaps: true }
  return common
}

function shade(plot: uPlot, spans: readonly Span[]): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.fillStyle = `${colour('--bad')}40`
  for (const { start, end } of spans) {
    const left = plot.valToPos(start, 'x', true)
    const width = Math.max(1, plot.valToPos(end, 'x', true) - left)
    ctx.fillRect(left, bbox.top, width, bbox.height)
  }
  ctx.restore()
}
