import { expect, test } from 'vitest'
import * as write from '../src/figures/format'

test('thousands are apart, and no digit is lost', () => {
  expect(write.grouped('1234567.8900')).toBe('1,234,567.8900')
  expect(write.grouped('-1000')).toBe('−1,000')
  expect(write.grouped('999')).toBe('999')
})

test('money has three digits and its thousands', () => {
  expect(write.compact('7666245832.46620')).toBe('7.67B')
  expect(write.compact('182913373.95')).toBe('183M')
  expect(write.compact('59426.7695')).toBe('59.4K')
  expect(write.compact('12')).toBe('12.0')
  expect(write.compact('-2500')).toBe('−2.50K')
})

test('rounding never makes a thousand of the lesser step', () => {
  expect(write.compact('999499')).toBe('999K')
  expect(write.compact('999500')).toBe('1.00M')
  expect(write.compact('9.996')).toBe('10.0')
})

test('what is small is not shown as nothing', () => {
  expect(write.compact('0.00123')).toBe('0.00123')
  expect(write.compact('0')).toBe('0.00')
})

test('a price is as the exchange quotes it', () => {
  expect(write.price('87155.60')).toBe('87,155.60')
  expect(write.price('0.00001234')).toBe('0.00001234')
})

test('a mean of prices is rounded to what can be read', () => {
  expect(write.price('87133.0215802805777')).toBe('87,133.022')
})

test('a fraction is a percentage with its sign', () => {
  expect(write.percent('0.0001', 4)).toBe('+0.0100%')
  expect(write.percent('-0.00000454', 4)).toBe('−0.0005%')
  expect(write.percent('-0.0000000001', 4)).toBe('0.0000%')
  expect(write.percent('0', 2)).toBe('0.00%')
})

test('a length is in the unit that it is told in', () => {
  expect(write.length(0.34)).toBe('0.3 s')
  expect(write.length(23)).toBe('23 s')
  expect(write.length(600)).toBe('10 min')
  expect(write.length(36_000)).toBe('10 h')
  expect(write.length(864_000)).toBe('10 d')
})

test('a moment is UTC, to the millisecond', () => {
  expect(write.moment(Date.parse('2026-11-27T07:19:43.901Z'))).toBe('2026-11-27 07:19:43.901 UTC')
})

test('a round number has no zeros that say nothing', () => {
  expect(['0', '1000', '500000', '1500000', '12345'].map(write.short)).toEqual(
    ['0', '1K', '500K', '1.5M', '12.3K'],
  )
})

test('what is UTC says so, whatever the clocks here say', () => {
  const ms = Date.parse('2026-11-27T07:19:43.901Z')
  expect([write.clock(ms), write.zoneName(ms, 'UTC')]).toEqual(['07:19:43', 'UTC'])
  expect(write.second(ms)).toBe('2026-11-27 07:19:43')
})

test('local time is that of the place at the moment, and says how far it is from UTC', () => {
  const before = process.env.TZ
  process.env.TZ = 'America/St_Johns' // -2:30 in summer, -3:30 in winter
  const told = ['2026-07-01T12:00:00Z', '2026-12-01T02:00:00Z'].map((text) =>
    write.moment(Date.parse(text), 'local'),
  )
  process.env.TZ = before
  expect(told).toEqual(['2026-07-01 09:30:00.000 UTC−02:30', '2026-11-30 22:30:00.000 UTC−03:30'])
})

test('the mark of midnight is the day', () => {
  const ms = Date.parse('2026-11-27T00:00:00Z')
  expect(write.mark(ms, 'UTC', false)).toBe('11-27')
  expect(write.mark(ms + 60_000, 'UTC', false)).toBe('00:01')
  expect(write.mark(ms + 61_000, 'UTC', true)).toBe('00:01:01')
})
