// Status: the service, its exchanges, its data, and our connection to it.

import { useEffect, useState } from 'preact/hooks'
import { bytes, grouped, length, moment, second, UNKNOWN, zoneName } from '../figures/format'
import { timeOf } from '../figures/rows'
import { clockOffset } from '../live/clock'
import { followed } from '../live/follow'
import { connection, now, openGaps, simulated, stream } from '../live/live'
import { type Answer, ask, askAll } from '../live/rest'
import { Unanswered, useAsked } from '../ui/asked'
import { Swatch } from '../ui/controls'
import { zone } from '../ui/page'
import { Table } from '../ui/table'

interface Health {
  readonly status: string
  readonly version: string
  readonly database: string
}

interface Ready {
  readonly status: string
  readonly reasons: readonly string[]
  readonly collecting: Readonly<Record<string, boolean>> | null
  readonly spool_bytes: number | null
}

interface Exchange {
  readonly exchange: string
  readonly simulated: boolean | null
  readonly markets: number
  readonly streams: readonly string[]
}

interface Stored {
  readonly data_set: string
  readonly rows: number
  readonly exact: boolean
  readonly bytes: number
  readonly first: string | null
  readonly last: string | null
}

export function Status() {
  const health = useAsked('health', () => ask<Health>('health'), 2)
  const ready = useAsked('ready', () => ask<Ready>('/readyz'), 2)
  const exchanges = useAsked('exchanges', () => askAll<Exchange>('exchanges'), 10)
  const stored = useAsked('stats', () => ask<Answer<Stored>>('stats'), 5)
  const reasons = ready.failed?.why ?? (ready.answer?.reasons.join('; ') || 'nothing is in the way')
  return (
    <>
      <div class="cards">
        <Facts
          title="Service"
          facts={[
            ['health', health.failed?.why ?? health.answer?.status],
            ['ready', ready.failed ? 'no' : ready.answer?.status],
            ['why', reasons],
            ['database', health.answer?.database],
            ['version', health.answer?.version],
            ['spool', ready.answer?.spool_bytes == null ? null : bytes(ready.answer.spool_bytes)],
          ]}
        />
        <OurConnection />
      </div>
      <section class="panel">
        <h2>Exchanges</h2>
        <Unanswered what="exchanges" asked={exchanges} />
        <Exchanges rows={exchanges.answer?.data ?? []} collecting={ready.answer?.collecting ?? null} />
      </section>
      <section class="panel">
        <h2>Data held <small>rows marked ≈ are the database's estimate; times of {zoneName(now.value, zone.value)}</small></h2>
        <Unanswered what="what is held" asked={stored} />
        <DataHeld rows={stored.answer?.data ?? []} />
      </section>
    </>
  )
}

type Fact = readonly [string, string | null | undefined]

function Facts({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) {
  return (
    <section class="card" aria-label={title}>
      <header>{title}</header>
      <dl>
        {facts.map(([term, told]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{told ?? UNKNOWN}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function OurConnection() {
  const { state, since, retryAt, why } = connection.value
  const rate = useRate()
  return (
    <Facts
      title="This page"
      facts={[
        ['connection', state],
        ['since', moment(since, zone.value)],
        ['messages', state === 'live' ? `${rate} a second` : UNKNOWN],
        ['not streamed', state === 'live' ? `${untold()} of ${followed.size} channels` : null],
        ['next try', retryAt === null ? null : `in ${length((retryAt - Date.now()) / 1000)}`],
        ['trouble', why],
        ['our clock', clockOffset.value === null ? null : aside(clockOffset.value)],
        ['data', simulated.value === null ? null : simulated.value ? 'simulated' : 'of the exchanges'],
      ]}
    />
  )
}

function aside(offset: number): string {
  return `${length(Math.abs(offset) / 1000)} ${offset < 0 ? 'ahead' : 'behind'}`
}

function untold(): number {
  return [...followed.values()].filter((each) => !stream.tells(each)).length
}

function useRate(): number {
  const [[before, rate], setRate] = useState([stream.received, 0])
  const second = now.value
  useEffect(() => setRate([stream.received, stream.received - before]), [second])
  return rate
}

interface ExchangesProps {
  readonly rows: readonly Exchange[]
  readonly collecting: Readonly<Record<string, boolean>> | null
}

function Exchanges({ rows, collecting }: ExchangesProps) {
  const words = ['Data', 'Collecting', 'Streams']
  const names = ['Exchange', 'Data', 'Markets', 'Collecting', 'Open gaps', 'Streams']
  const heads = names.map((text) => ({ id: text, text, words: words.includes(text) }))
  return (
    <Table label="Exchanges" heads={heads}>
      {rows.map((row) => (
        <tr key={row.exchange}>
          <th scope="row" class="name"><Swatch exchange={row.exchange} />{row.exchange}</th>
          <td class="name">{row.simulated === null ? UNKNOWN : row.simulated ? 'simulated' : 'real'}</td>
          <td>{row.markets}</td>
          <td class="name">{told(collecting?.[row.exchange])}</td>
          <td>{openGaps.value.filter((gap) => gap.exchange === row.exchange).length}</td>
          <td class="name">{row.streams.join(', ')}</td>
        </tr>
      ))}
    </Table>
  )
}

function told(begun: boolean | undefined): string {
  return begun === undefined ? 'not by this process' : begun ? 'yes' : 'not yet'
}

function DataHeld({ rows }: { readonly rows: readonly Stored[] }) {
  const heads = ['Data set', 'Rows', 'Size', 'First', 'Last', 'Age']
  const time = (text: string | null) =>
    text === null ? UNKNOWN : second(Date.parse(text), zone.value)
  return (
    <Table label="Data held" heads={heads.map((text) => ({ id: text, text }))} wide>
      {rows.map((row) => (
        <tr key={row.data_set}>
          <th scope="row">{row.data_set}</th>
          <td>{row.exact ? '' : '≈ '}{grouped(String(row.rows))}</td>
          <td>{bytes(row.bytes)}</td>
          <td>{time(row.first)}</td>
          <td>{time(row.last)}</td>
          <td>{row.last === null ? UNKNOWN : length((now.value - timeOf(row.last)!) / 1000)}</td>
        </tr>
      ))}
    </Table>
  )
}
