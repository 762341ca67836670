// A figure is a number that knows its unit, its source time and how sure it is.

import type { Text } from './decimal'
import { UNKNOWN } from './format'

export interface Origin {
  readonly unit: string
  /** Of the source, in milliseconds. */
  readonly time: number | null
  /** How sure: `as the exchange sent it`, `derived here from …`. */
  readonly exactness: string
  /** Seconds after which it counts as stale; 0: never, it is of a time that has passed. */
  readonly fresh: number
  readonly simulated: boolean | null
  /** A lower bound: at least so much. */
  readonly floor?: boolean
  /** False where the source is in doubt at present: the figure is the last that was not. */
  readonly vouched?: boolean
  /** Why it is unknown, if it is. */
  readonly unknown: string
}

export interface Figure extends Origin {
  readonly text: string
  /** Every digit; `null`: unknown. */
  readonly exact: Text
}

export function figure(
  exact: Text | undefined,
  write: (text: string) => string,
  origin: Origin,
): Figure {
  if (exact == null) return { ...origin, text: UNKNOWN, exact: null }
  const shown = write(exact)
  return { ...origin, text: origin.floor ? `≥ ${shown}` : shown, exact }
}

export type Age = 'fresh' | 'stale' | 'doubtful' | 'unknown'

export function ageOf(one: Figure, now: number): Age {
  if (one.exact === null) return 'unknown'
  if (one.vouched === false) return 'doubtful'
  const old = one.fresh > 0 && one.time !== null && now - one.time > one.fresh * 1000
  return old ? 'stale' : 'fresh'
}
