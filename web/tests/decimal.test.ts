import { expect, test } from 'vitest'
import { add, divide, multiply, subtract } from '../src/figures/decimal'

test('a sum has every digit of both', () => {
  expect(add('0.1', '0.2')).toBe('0.3')
  expect(add('9007199254740993', '0.00000001')).toBe('9007199254740993.00000001')
  expect(add('-0.5', '0.25')).toBe('-0.25')
})

test('a difference keeps the finer scale', () => {
  expect(subtract('87160.00', '87159.9')).toBe('0.10')
  expect(subtract('1', '1.5')).toBe('-0.5')
})

test('a product has the digits of both factors', () => {
  expect(multiply('0.003', '-1.10')).toBe('-0.00330')
})

test('a quotient is rounded, halves away from zero', () => {
  expect(divide('1', '3', 4)).toBe('0.3333')
  expect(divide('2', '3', 4)).toBe('0.6667')
  expect(divide('-1', '8', 2)).toBe('-0.13')
  expect(divide('1', '0.5', 0)).toBe('2')
})

test('by zero nothing is known', () => {
  expect(divide('1', '0.00', 4)).toBeNull()
})

test('unknown stays unknown, and is never zero', () => {
  for (const work of [add, subtract, multiply, divide]) {
    expect(work(null, '1')).toBeNull()
    expect(work('1', undefined)).toBeNull()
  }
})

test('what is no decimal is an error', () => {
  for (const wrong of ['', '1e5', '1.', 'NaN', '1,000']) {
    expect(() => add(wrong, '1')).toThrow(RangeError)
  }
})
