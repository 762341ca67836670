// Rows over time for charts: epoch seconds, and nulls where rows are missing.

import { type Gap, timeOf } from './rows'

export interface Span {
  readonly start: number
  readonly end: number
}

export type Series = [times: number[], values: (number | null)[]]

/** Two neighbours that are further apart than `most` seconds are not joined by a line. */
export function series<R>(
  rows: readonly R[],
  time: (row: R) => string | null,
  value: (row: R) => string | null | undefined,
  most: number,
): Series {
  const times: number[] = []
  const values: (number | null)[] = []
  for (const row of rows) {
    const ms = timeOf(time(row))
    if (ms === null) continue
    const at = ms / 1000
    const before = times.at(-1)
    if (before !== undefined && at - before > most) {
      times.push(before + most / 2)
      values.push(null)
    }
    const told = value(row)
    times.push(at)
    values.push(told == null ? null : Number(told))
  }
  return [times, values]
}

/** What the gaps of some streams cover, in epoch seconds; an open one lasts until now. */
export function shades(gaps: readonly Gap[], streams: readonly string[], now: number): Span[] {
  return gaps
    .filter((gap) => streams.includes(gap.stream))
    .map((gap) => ({
      start: Date.parse(gap.start_time) / 1000,
      end: (timeOf(gap.end_time) ?? now) / 1000,
    }))
}

/** The places of a grid of `step` seconds between the first and the last that are not held. */
export function missing(held: readonly number[], step: number): number[] {
  const found: number[] = []
  for (let at = 1; at < held.length; at += 1) {
    for (let due = held[at - 1]! + step; due < held[at]!; due += step) found.push(due)
  }
  return found
}

/** Both in order of time, each once: of two of one time the newer row; none that ended before
 * `oldest`, where it is known when it did. */
export function merged<R>(
  before: readonly R[],
  rows: readonly R[],
  startOf: (row: R) => string | null,
  endOf: (row: R) => string | null,
  oldest: number,
): readonly R[] {
  const all = new Map<number, R>()
  for (const row of [...before, ...rows]) {
    const start = timeOf(startOf(row))
    if (start !== null && (timeOf(endOf(row)) ?? oldest) >= oldest) all.set(start, row)
  }
  return [...all].sort(([a], [b]) => a - b).map(([, row]) => row)
}
