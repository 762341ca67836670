// A figure on the page, and the tooltip that tells its unit, source time, age and exactness.

import { useComputed } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { ageOf, type Figure } from '../figures/figure'
import { grouped, length, moment } from '../figures/format'
import { now } from '../live/live'
import { tip } from './page'

interface Props {
  readonly figure: Figure
  /** What it is the figure of: `binance BTC, spread`. */
  readonly name: string
  /** Whether the tabulator stops here; the arrow keys reach all of a table. */
  readonly stop?: boolean
  readonly tone?: 'up' | 'down' | undefined
}

export function Shown({ figure, name, stop = false, tone }: Props) {
  const here = useRef<HTMLSpanElement>(null)
  const age = useComputed(() => ageOf(figure, now.value)).value // most seconds change nothing
  const show = () => {
    if (here.current) tip.value = { at: here.current, figure, name }
  }
  const hide = () => {
    if (tip.value?.at === here.current) tip.value = null
  }
  useEffect(() => {
    if (tip.value?.at === here.current) show()
  }, [figure])
  useEffect(() => hide, [])
  return (
    <span
      ref={here}
      class={`figure ${age}${tone ? ` ${tone}` : ''}`}
      role="note"
      tabIndex={stop ? 0 : -1}
      aria-label={`${name}: ${figure.text}${age === 'stale' ? ', stale' : ''}`}
      data-exact={figure.exact ?? ''}
      data-time={figure.time ?? ''}
      onPointerEnter={show}
      onPointerLeave={hide}
      onFocus={show}
      onBlur={hide}
      onClick={show}
    >
      {figure.text}
    </span>
  )
}

const EDGE = 8

export function Tooltip() {
  const here = useRef<HTMLDivElement>(null)
  const shown = tip.value
  useLayoutEffect(() => {
    const box = here.current
    if (!box || !shown) return
    const at = shown.at.getBoundingClientRect()
    const left = Math.min(at.left, innerWidth - box.offsetWidth - EDGE)
    const below = at.bottom + EDGE
    const above = at.top - box.offsetHeight - EDGE
    box.style.left = `${Math.max(EDGE, left)}px`
    box.style.top = `${below + box.offsetHeight < innerHeight || above < EDGE ? below : above}px`
  })
  if (!shown) return null
  return (
    <div class="tooltip" role="tooltip" ref={here}>
      <strong>{shown.name}</strong>
      <dl>
        {facts(shown.figure, now.value).map(([term, told]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{told}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function facts(one: Figure, at: number): [string, string][] {
  const times = timesTold(one.time)
  const unit: [string, string] = ['unit', one.unit]
  if (one.exact === null) return [['unknown', one.unknown], unit, ...times]
  return [
    ['exact', `${one.floor ? '≥ ' : ''}${grouped(one.exact)}`],
    unit,
    ...times,
    ['age', ageTold(one, at)],
    ['how sure', one.exactness],
    ...(one.simulated ? [['source', 'simulated'] as [string, string]] : []),
  ]
}

/** By both clocks, whichever the page tells. */
function timesTold(ms: number | null): [string, string][] {
  if (ms === null) return [['source time', 'unknown']]
  return [['source time', moment(ms)], ['here', moment(ms, 'local')]]
}

function ageTold(one: Figure, at: number): string {
  if (one.time === null) return 'unknown'
  const old = length((at - one.time) / 1000)
  const age = ageOf(one, at)
  if (age === 'doubtful') return `${old}: its source is in doubt at present, this is the last sure one`
  return age === 'stale' ? `${old}: stale, fresh is up to ${length(one.fresh)}` : old
}
