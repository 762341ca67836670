import { expect, test } from 'vitest'
import { changed, chosen, readAddress, writeAddress } from '../src/figures/address'

test('an address is read and written alike', () => {
  const hash = '#/depth?symbol=BTC&exchanges=binance,kucoin'
  expect(writeAddress(readAddress(hash))).toBe(hash)
})

test('no view, and one that there is not, is the overview', () => {
  expect(readAddress('').view).toBe('overview')
  expect(readAddress('#/nonsense').view).toBe('overview')
})

test('a change says something, or says it no longer', () => {
  const address = readAddress('#/depth?symbol=BTC&range=20')
  expect(writeAddress(changed(address, { range: null, side: 'sell' }))).toBe(
    '#/depth?symbol=BTC&side=sell',
  )
})

test('what is no choice is not taken for one', () => {
  const address = readAddress('#/depth?range=7')
  expect(chosen(address, 'range', ['5', '20'], '20')).toBe('20')
})

test('what a symbol may hold survives', () => {
  const address = changed(readAddress('#/depth'), { symbol: 'A&B=C/ä' })
  expect(readAddress(writeAddress(address)).said.get('symbol')).toBe('A&B=C/ä')
})
