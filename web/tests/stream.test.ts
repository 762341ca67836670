import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Channel, Stream } from '../src/live/stream'

const BTC: Channel = { data_set: 'tickers', exchange: '*', symbol: 'BTC' }

class Socket {
  readyState = 0
  sent: { op: string; channels: Channel[] }[] = []
  onopen = () => {}
  onclose = () => {}
  onmessage = (_: { data: string }) => {}
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close() {
    this.readyState = 3
  }
  opened() {
    this.readyState = 1
    this.onopen()
  }
  says(message: object) {
    this.onmessage({ data: JSON.stringify(message) })
  }
}

function begun() {
  const sockets: Socket[] = []
  const told = { rows: vi.fn(), gap: vi.fn(), state: vi.fn() }
  const open = () => {
    sockets.push(new Socket())
    return sockets.at(-1) as unknown as WebSocket
  }
  const stream = new Stream(open, told)
  stream.connect()
  return { stream, told, sockets }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what is followed before there is a connection is asked for when there is', () => {
  const { stream, sockets } = begun()
  stream.follow([BTC])
  expect(sockets[0]!.sent).toEqual([])
  sockets[0]!.opened()
  expect(sockets[0]!.sent).toMatchObject([{ op: 'subscribe', channels: [BTC] }])
})

test('after a cut it connects again by itself, and asks for the same', () => {
  const { stream, sockets, told } = begun()
  sockets[0]!.opened()
  stream.follow([BTC])
  sockets[0]!.onclose()
  expect(told.state).toHaveBeenLastCalledWith('waiting', expect.any(Number))
  vi.advanceTimersByTime(500)
  expect(sockets).toHaveLength(2)
  sockets[1]!.opened()
  expect(sockets[1]!.sent).toMatchObject([{ op: 'subscribe', channels: [BTC] }])
})

test('each try waits longer, up to eight seconds', () => {
  const { sockets } = begun()
  for (let tries = 0; tries < 12; tries += 1) {
    sockets.at(-1)!.onclose()
    vi.advanceTimersByTime(8000)
    expect(sockets).toHaveLength(tries + 2)
  }
  sockets.at(-1)!.onclose()
  vi.advanceTimersByTime(3999)
  expect(sockets).toHaveLength(13)
})

test('a connection that says nothing for half a minute is none', () => {
  const { sockets, told } = begun()
  sockets[0]!.opened()
  vi.advanceTimersByTime(29_000)
  sockets[0]!.says({ type: 'heartbeat' })
  vi.advanceTimersByTime(29_000)
  expect(told.state).toHaveBeenLastCalledWith('live', null)
  vi.advanceTimersByTime(1000)
  expect(told.state).toHaveBeenLastCalledWith('waiting', expect.any(Number))
})

test('what is left is no longer asked for', () => {
  const { stream, sockets } = begun()
  sockets[0]!.opened()
  stream.follow([BTC])
  stream.leave([BTC])
  stream.leave([BTC])
  expect(sockets[0]!.sent.map(({ op }) => op)).toEqual(['subscribe', 'unsubscribe'])
})

test('of what is refused together each is asked for by itself, and what is still refused again', () => {
  const { stream, sockets } = begun()
  const socket = sockets[0]!
  socket.opened()
  const ETH = { ...BTC, symbol: 'ETH' }
  stream.follow([BTC, ETH])
  socket.says({ type: 'error', id: 1, field: 'channels[1].symbol' })
  expect(socket.sent.slice(1).map(({ channels }) => channels)).toEqual([[BTC], [ETH]])
  socket.says({ type: 'subscribed', id: 2 })
  socket.says({ type: 'error', id: 3 })
  expect([...stream.refused.values()]).toEqual([ETH])
  vi.advanceTimersByTime(5000)
  expect(socket.sent.at(-1)!.channels).toEqual([ETH])
  socket.says({ type: 'subscribed', id: 4 })
  expect(stream.refused.size).toBe(0)
})

test('rows and gaps are handed on', () => {
  const { sockets, told } = begun()
  sockets[0]!.opened()
  sockets[0]!.says({ type: 'update', ...BTC, exchange: 'binance', seq: 1, data: [] })
  sockets[0]!.says({ type: 'snapshot', ...BTC, exchange: 'kucoin', seq: 1, data: [], gaps: [] })
  sockets[0]!.says({ type: 'gap', ...BTC, exchange: 'binance', seq: 2, of: 'feed', data: [] })
  expect(told.rows).toHaveBeenCalledOnce() // a snapshot of nothing, without a gap, says nothing
  expect(told.rows).toHaveBeenCalledWith(expect.objectContaining({ exchange: 'binance' }), [])
  expect(told.gap).toHaveBeenCalledOnce()
})
