import { expect, test } from 'vitest'
import type { Gap } from '../src/figures/rows'
import { merged, missing, series, shades } from '../src/figures/spans'

const at = (seconds: number) => new Date(seconds * 1000).toISOString()

test('rows that are too far apart are not joined by a line', () => {
  const rows = [0, 10, 40].map((seconds) => ({ time: at(seconds), value: '1' }))
  const [times, values] = series(rows, (row) => row.time, (row) => row.value, 25)
  expect(times).toEqual([0, 10, 22.5, 40])
  expect(values).toEqual([1, 1, null, 1])
})

test('an unknown value is a hole, and a row without a time is nowhere', () => {
  const rows = [{ time: at(0), value: null }, { time: null, value: '3' }]
  expect(series(rows, (row) => row.time, (row) => row.value, 25)).toEqual([[0], [null]])
})

test('an open gap is shaded until now, and only those of the streams that matter', () => {
  const gaps = [
    { stream: 'orderbook', start_time: at(5), end_time: at(9) },
    { stream: 'orderbook', start_time: at(50), end_time: null },
    { stream: 'trades', start_time: at(1), end_time: null },
  ] as unknown as Gap[]
  expect(shades(gaps, ['orderbook'], 60_000)).toEqual([
    { start: 5, end: 9 },
    { start: 50, end: 60 },
  ])
})

test('the places of the grid between two candles are missing', () => {
  expect(missing([0, 60, 240], 60)).toEqual([120, 180])
  expect(missing([0, 60, 120], 60)).toEqual([])
})

test('rows of two answers are in order, each once, the newer of two, none that is too old', () => {
  const row = (seconds: number, value: string) => ({ time: at(seconds), value })
  const both = merged(
    [row(0, 'a'), row(60, 'b'), row(120, 'c')],
    [row(180, 'd'), row(120, 'e'), row(90, 'f')],
    (each) => each.time,
    (each) => each.time,
    60_000,
  )
  expect(both.map(({ value }) => value).join('')).toBe('bfed')
})

test('what has not ended is not too old', () => {
  const rows = [{ start: at(0), end: null }, { start: at(1), end: at(2) }]
  const kept = merged([], rows, (row) => row.start, (row) => row.end, 60_000)
  expect(kept).toEqual([rows[0]])
})
