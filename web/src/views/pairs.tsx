// The best pairs: long where funding is lowest, short where it is highest, after what it costs.

import { chosen } from '../figures/address'
import { type Figure, figure } from '../figures/figure'
import { type Text, toNumber } from '../figures/decimal'
import * as write from '../figures/format'
import { timeOf } from '../figures/rows'
import { simulated } from '../live/live'
import { type Answer, ask } from '../live/rest'
import { Unanswered, useAsked } from '../ui/asked'
import { OneOf, Swatch } from '../ui/controls'
import { Shown } from '../ui/figure'
import { address } from '../ui/page'
import { Table } from '../ui/table'

const SIZES = ['10000', '100000', '1000000'] as const
const HOLDS = ['8h', '24h', '7d'] as const
const MOST = '5000'
const SHOWN = 8
const FRESH_SECONDS = 180
const HEADS = [
  { id: 'symbol', text: 'Coin' },
  { id: 'long', text: 'Long on', words: true },
  { id: 'short', text: 'Short on', words: true },
  { id: 'earned', text: 'Earned 8 h', meaning: 'before cost, of the value of one leg' },
  { id: 'fees', text: 'Fees', meaning: 'taker fees in and out of both legs, bps' },
  { id: 'slippage', text: 'Slippage', meaning: 'in and out of both legs, bps' },
  { id: 'even', text: 'Even after', meaning: 'until what is earned has paid the cost' },
  { id: 'net', text: 'Net', meaning: 'what is left when it was held, bps' },
]

interface Pair {
  readonly base: string
  readonly long_exchange: string
  readonly short_exchange: string
  readonly earned_8h: Text
  readonly fees_bps: Text
  readonly slippage_bps: Text
  readonly break_even_hours: Text
  readonly net_bps: Text
  readonly timestamp: string | null
  readonly missing: readonly string[]
}

export function Pairs() {
  const size = chosen(address.value, 'size', SIZES, '10000')
  const hold = chosen(address.value, 'hold', HOLDS, '24h')
  const asked = useAsked(
    `${size}/${hold}`,
    () => ask<Answer<Pair>>('funding/arbitrage', { size, hold, limit: MOST }),
    10,
  )
  const pairs = [...(asked.answer?.data ?? [])].sort(better).slice(0, SHOWN)
  return (
    <section class="panel">
      <h2>
        Best pairs <small>long where it is lowest, short where it is highest; net of fees and slippage</small>
      </h2>
      <div class="controls">
        <OneOf label="Size" name="size" choices={SIZES} chosen={size} shown={write.short} />
        <OneOf label="Held for" name="hold" choices={HOLDS} chosen={hold} />
      </div>
      <Unanswered what="pairs" asked={asked} />
      <Table label="Best pairs" heads={HEADS} wide>
        {pairs.map((pair, row) => (
          <Line key={`${pair.base}/${pair.long_exchange}/${pair.short_exchange}`} pair={pair} stop={row === 0} />
        ))}
      </Table>
    </section>
  )
}

/** Of what is left in the end; where that is not known, of what is earned before cost. */
function better(a: Pair, b: Pair): number {
  const [left, right] = [toNumber(a.net_bps), toNumber(b.net_bps)]
  if (left !== null && right !== null) return right - left
  if (left !== null || right !== null) return left === null ? 1 : -1
  return (toNumber(b.earned_8h) ?? 0) - (toNumber(a.earned_8h) ?? 0)
}

function Line({ pair, stop }: { readonly pair: Pair; readonly stop: boolean }) {
  const name = `${pair.base}, long ${pair.long_exchange}, short ${pair.short_exchange}`
  const of = figuresOf(pair)
  return (
    <tr data-market={`${pair.long_exchange}-${pair.short_exchange}/${pair.base}`}>
      <th scope="row">{pair.base}</th>
      <td class="name"><Swatch exchange={pair.long_exchange} />{pair.long_exchange}</td>
      <td class="name"><Swatch exchange={pair.short_exchange} />{pair.short_exchange}</td>
      <td data-name="earned"><Shown figure={of.earned} name={`${name}: earned`} stop={stop} /></td>
      <td data-name="fees"><Shown figure={of.fees} name={`${name}: fees`} /></td>
      <td data-name="slippage"><Shown figure={of.slippage} name={`${name}: slippage`} /></td>
      <td data-name="even"><Shown figure={of.even} name={`${name}: even after`} /></td>
      <td data-name="net">
        <Shown figure={of.net} name={`${name}: net`} tone={pair.net_bps?.startsWith('-') ? 'down' : 'up'} />
      </td>
    </tr>
  )
}

function figuresOf(pair: Pair): Record<'earned' | 'fees' | 'slippage' | 'even' | 'net', Figure> {
  const of = (exact: Text, unit: string, shown: (text: string) => string) =>
    figure(exact, shown, {
      unit,
      time: timeOf(pair.timestamp),
      exactness: 'derived by the service from both exchanges; the time is that of the older one',
      fresh: FRESH_SECONDS,
      simulated: simulated.value,
      unknown: pair.missing.join('; ') || 'the service did not say why',
    })
  return {
    earned: of(pair.earned_8h, 'fraction in 8 h, of one leg', (text) => write.percent(text, 4)),
    fees: of(pair.fees_bps, 'bps of one leg', write.bps),
    slippage: of(pair.slippage_bps, 'bps of one leg', write.bps),
    even: of(pair.break_even_hours, 'hours', (text) => write.length(Number(text) * 3600)),
    net: of(pair.net_bps, 'bps of one leg', write.bps),
  }
}
