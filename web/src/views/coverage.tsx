// Coverage: of each stream and day, how much was verified, unverifiable, in a gap, not collected.

import { chosen } from '../figures/address'
import { type Figure, figure } from '../figures/figure'
import { length, second, UNKNOWN, zoneName } from '../figures/format'
import { type Gap, timeOf } from '../figures/rows'
import { now } from '../live/live'
import { type Answer, ask, askAll } from '../live/rest'
import { Unanswered, useAsked } from '../ui/asked'
import { OneOf, Swatch } from '../ui/controls'
import { Shown } from '../ui/figure'
import { address, symbol, zone } from '../ui/page'
import { SymbolChoice } from '../ui/symbol'
import { Table } from '../ui/table'

const DAYS = ['7', '14', '30'] as const
const DAY_MS = 86_400_000
const PARTS = ['verified', 'unverifiable', 'in_gaps', 'not_collected'] as const
const CALLED = {
  verified: 'verified',
  unverifiable: 'unverifiable',
  in_gaps: 'in gaps',
  not_collected: 'not collected',
} as const

interface Day extends Record<(typeof PARTS)[number], string> {
  readonly exchange: string
  readonly stream: string
  readonly start: string
  readonly end: string
  readonly gap_pct: string | null
  readonly simulated: boolean | null
}

export function Coverage() {
  const days = chosen(address.value, 'days', DAYS, '14')
  const of = symbol.value
  const asked = useAsked(
    `${of}/${days}`,
    () => askAll<Day>('coverage/streams', { symbol: of, by: 'day', start_time: `-${days}d` }),
    15,
  )
  const rows = asked.answer?.data ?? []
  return (
    <>
      <div class="controls">
        <SymbolChoice />
        <OneOf label="Days" name="days" choices={DAYS} chosen={days} />
        <p class="legend">
          {PARTS.map((part) => <span key={part}><i class={`swatch ${part}`} />{CALLED[part]}</span>)}
          <span>percent: of the time that was listened to, all but gaps; days of UTC</span>
        </p>
      </div>
      <Unanswered what="coverage" asked={asked} />
      <Calendar rows={rows} days={Number(days)} />
      <Gaps of={of} days={days} />
    </>
  )
}

function Calendar({ rows, days }: { readonly rows: readonly Day[]; readonly days: number }) {
  const today = Math.floor(now.value / DAY_MS)
  const dates = Array.from({ length: days }, (_, at) => dateOf((today - days + 1 + at) * DAY_MS))
  const known = new Map(rows.map((row) => [`${row.exchange}/${row.stream}/${row.start.slice(0, 10)}`, row]))
  const streams = [...new Set(rows.map((row) => `${row.exchange}/${row.stream}`))].sort()
  const heads = [
    { id: 'exchange', text: 'Exchange' },
    { id: 'stream', text: 'Stream', words: true },
    ...dates.map((date) => ({ id: date, text: date.slice(5) })),
  ]
  return (
    <Table label="Coverage by stream and day, in percent of the time that was listened to" heads={heads} wide>
      {streams.map((name, row) => {
        const [exchange = '', stream = ''] = name.split('/')
        const first = streams[row - 1]?.split('/')[0] !== exchange
        return (
          <tr key={name} class={first ? 'first' : ''}>
            <th scope="row" class="name"><Swatch exchange={exchange} />{exchange}</th>
            <td class="name">{stream}</td>
            {dates.map((date, column) => (
              <Cell
                key={date}
                day={known.get(`${name}/${date}`)}
                name={`${exchange} ${stream}, ${date}`}
                stop={row === 0 && column === dates.length - 1}
              />
            ))}
          </tr>
        )
      })}
    </Table>
  )
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

interface CellProps {
  readonly day: Day | undefined
  readonly name: string
  readonly stop: boolean
}

function Cell({ day, name, stop }: CellProps) {
  const all = day ? PARTS.reduce((sum, part) => sum + Number(day[part]), 0) : 0
  return (
    <td class="day" data-day={name}>
      <Shown figure={cellFigure(day)} name={name} stop={stop} />
      <div class="stack" aria-hidden="true">
        {day && all > 0 &&
          PARTS.filter((part) => Number(day[part]) > 0).map((part) => (
            <i key={part} class={part} style={{ flexGrow: Number(day[part]) / all }} />
          ))}
      </div>
    </td>
  )
}

function cellFigure(day: Day | undefined): Figure {
  const told = day && PARTS.map((part) => `${CALLED[part]} ${length(Number(day[part]))}`).join(', ')
  return figure(day?.gap_pct, vouched, {
    unit: 'in gaps, as a fraction of the time in which it was listened to',
    time: timeOf(day?.end),
    exactness: told ?? '',
    fresh: 0,
    simulated: day?.simulated ?? null,
    unknown: 'nobody listened on this day',
  })
}

/** Never rounded up to all of it. */
function vouched(gap: string): string {
  const share = 100 * (1 - Number(gap))
  return share === 100 ? '100%' : `${(Math.floor(share * 10) / 10).toFixed(1)}%`
}

function Gaps({ of, days }: { readonly of: string; readonly days: string }) {
  const asked = useAsked(
    `${of}/${days}/gaps`,
    () => ask<Answer<Gap>>('gaps', { symbol: of, start_time: `-${days}d`, limit: SHOWN }),
    5,
  )
  const gaps = asked.answer?.data ?? []
  const words = ['Exchange', 'Stream', 'Cause', 'Detail']
  const names = ['Exchange', 'Stream', `From, ${zoneName(now.value, zone.value)}`, 'Length', 'Cause', 'Missed', 'Recovered', 'Detail']
  const heads = names.map((text) => ({ id: text, text, words: words.includes(text) }))
  return (
    <section class="panel">
      <h2>Gaps <small>{asked.answer?.meta.next ? `the newest ${SHOWN}` : `all ${gaps.length}`} of {of} in {days} days</small></h2>
      <Unanswered what="gaps" asked={asked} />
      <Table label="Gaps" heads={heads}>
        {gaps.map((gap) => (
          <tr key={`${gap.exchange}/${gap.stream}/${gap.start_time}`} class={gap.end_time ? '' : 'open'}>
            <th scope="row" class="name"><Swatch exchange={gap.exchange} />{gap.exchange}</th>
            <td class="name">{gap.stream}</td>
            <td>{second(Date.parse(gap.start_time), zone.value)}</td>
            <td>{gap.end_time ? length((Date.parse(gap.end_time) - Date.parse(gap.start_time)) / 1000) : 'open'}</td>
            <td class="name">{gap.cause}</td>
            <td>{gap.missed ?? UNKNOWN}</td>
            <td>{gap.repaired_at === null ? UNKNOWN : `${gap.rows_recovered ?? 0} rows`}</td>
            <td class="name">{gap.detail ?? UNKNOWN}</td>
          </tr>
        ))}
      </Table>
    </section>
  )
}

const SHOWN = '50'
