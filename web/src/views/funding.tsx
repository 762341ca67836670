// Funding: who pays what now, the best pairs, and what was settled.

import type { AlignedData } from 'uplot'
import uPlot from 'uplot'
import { chosen } from '../figures/address'
import { divide, multiply, toNumber } from '../figures/decimal'
import type { Figure } from '../figures/figure'
import * as figures from '../figures/market'
import type { Funding as Row } from '../figures/rows'
import { series } from '../figures/spans'
import { channelsOf, readEvery, useChannels } from '../live/follow'
import { markets, store } from '../live/live'
import { askAll } from '../live/rest'
import { Unanswered, useAsked } from '../ui/asked'
import { Filter, OneOf, Swatch } from '../ui/controls'
import { Shown } from '../ui/figure'
import { address, exchanges, hueOf, passes, say, symbol, symbols } from '../ui/page'
import { Plot } from '../ui/plot'
import { Rows } from '../ui/rows'
import { SymbolChoice } from '../ui/symbol'
import { Table } from '../ui/table'
import { Pairs } from './pairs'

const EVERY_SECONDS = 10
const TERMS = ['8h', 'hour', 'apr'] as const
const HOURS = { '8h': 8, hour: 1, apr: 8760 } as const
const NAMES = { '8h': '8 h', hour: '1 h', apr: 'year' } as const
const DIGITS = { '8h': 4, hour: 5, apr: 2 } as const
const PAST = ['1d', '3d', '7d', '30d'] as const
type Term = (typeof TERMS)[number]

export function Funding() {
  const term = chosen(address.value, 'per', TERMS, '8h')
  const past = chosen(address.value, 'past', PAST, '3d')
  const found = symbols.value.filter(passes)
  const every = useAsked('every', () => readEvery('funding_rates'), EVERY_SECONDS)
  return (
    <>
      <div class="controls">
        <OneOf label="Per" name="per" choices={TERMS} chosen={term} shown={(each) => NAMES[each]} />
        <Filter example="btc" found={found.length} of={`${symbols.value.length} symbols`} />
      </div>
      <section class="panel">
        <h2>Rates now <small>what a long pays per {NAMES[term]}; predicted where the exchange predicts</small></h2>
        <Unanswered what="funding rates" asked={every} />
        <Matrix of={found} term={term} />
      </section>
      <Pairs />
      <section class="panel">
        <h2>Settled <small>{symbol.value}, each rate per 8 h</small></h2>
        <div class="controls">
          <SymbolChoice />
          <OneOf label="Past" name="past" choices={PAST} chosen={past} />
        </div>
        <Settled past={past} />
      </section>
    </>
  )
}

function rate(exchange: string, of: string, term: Term): Figure {
  return figures.funding(store.topic('funding_rates', exchange, of), HOURS[term], DIGITS[term])
}

/** A year's 30 % is as warm as a cell gets. */
const WARMEST = 0.3

interface MatrixProps {
  readonly of: readonly string[]
  readonly term: Term
}

function Matrix({ of, term }: MatrixProps) {
  const heads = [
    { id: 'symbol', text: 'Symbol' },
    ...exchanges.value.map((exchange) => ({ id: exchange, text: exchange })),
  ]
  return (
    <Table label={`Funding per ${NAMES[term]}`} heads={heads} wide count={of.length}>
      <Rows of={of}>{(each, place) => <Line key={each} of={each} term={term} place={place} />}</Rows>
    </Table>
  )
}

interface LineProps {
  readonly of: string
  readonly term: Term
  readonly place: number
}

function Line({ of, term, place }: LineProps) {
  const listed = markets.value.filter((market) => market.symbol === of)
  useChannels(channelsOf(['funding_rates'], listed))
  return (
    <tr aria-rowindex={place + 2}>
      <th scope="row">
        <button type="button" class="link" onClick={() => say({ symbol: of })}>
          {of}
        </button>
      </th>
      {exchanges.value.map((exchange, column) => {
        const year = toNumber(rate(exchange, of, 'apr').exact) ?? 0
        return (
          <td
            key={exchange}
            class={`heat ${year < 0 ? 'cold' : 'warm'}`}
            style={{ '--share': Math.min(1, Math.abs(year) / WARMEST) }}
            data-market={`${exchange}/${of}`}
            data-name="funding"
          >
            <Shown
              figure={rate(exchange, of, term)}
              name={`${exchange} ${of}, funding`}
              stop={place === 0 && column === 0}
            />
          </td>
        )
      })}
    </tr>
  )
}

function Settled({ past }: { readonly past: string }) {
  const of = symbol.value
  const asked = useAsked(
    `${of}/${past}`,
    () => askAll<Row>('funding-rates', { symbol: of, kind: 'settled', start_time: `-${past}`, order: 'asc' }),
    60,
  )
  const rows = asked.answer?.data ?? []
  const venues = [...new Set(rows.map((row) => row.exchange))].sort()
  const tables = venues.map((exchange) =>
    series(
      rows.filter((row) => row.exchange === exchange),
      (row) => row.timestamp,
      (row) => divide(multiply(row.funding_rate, '800'), row.funding_interval, 12),
      Number.POSITIVE_INFINITY,
    ),
  )
  const joined = tables.length > 0 ? uPlot.join(tables as AlignedData[]) : ([[]] as unknown as AlignedData)
  return (
    <>
      <Unanswered what="settled rates" asked={asked} />
      <p class="legend">
        {venues.map((each) => <span key={each}><Swatch exchange={each} />{each}</span>)}
        {asked.answer && venues.length === 0 && <span class="muted">nothing settled is stored of this time</span>}
      </p>
      <Plot
        label={`Settled funding of ${of} over ${past}, in percent per 8 h`}
        lines={venues.map((label) => ({ label, hue: hueOf(label), look: 'steps' }))}
        data={joined}
        x="time"
        yText={(value) => `${Number(value.toFixed(4))}%`}
        signed
      />
    </>
  )
}
