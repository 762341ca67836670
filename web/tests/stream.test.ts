import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Channel, Stream } from '../src/live/stream'

const BTC: Channel = { data_set: 'tickers', exchange: 'binance', symbol: 'BTC' }
const ETH: Channel = { ...BTC, symbol: 'ETH' }
const gapsOf = ({ exchange, symbol }: Channel) => ({ data_set: 'gaps', exchange, symbol, seq: 1 })

class Socket {
  readyState = 0
  sent: { op: string; id: number; channels: Channel[] }[] = []
  onopen = () => {}
  onclose = (_: { reason: string }) => {}
  onmessage = (_: { data: string }) => {}
  pings = 0
  send(text: string) {
    const said = JSON.parse(text)
    if (said.op === 'ping') this.pings += 1
    else this.sent.push(said)
  }
  close() {
    this.readyState = 3
  }
  opened() {
    this.readyState = 1
    this.onopen()
  }
  /** These markets are listened to. */
  lists(...channels: Channel[]) {
    this.says({ type: 'subscribed', id: this.sent[0]?.id, channels: channels.map(gapsOf) })
    vi.advanceTimersByTime(250)
  }
  says(message: object) {
    this.onmessage({ data: JSON.stringify(message) })
  }
}

function begun() {
  const sockets: Socket[] = []
  const told = { rows: vi.fn(), missed: vi.fn(), state: vi.fn(), time: vi.fn() }
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
  stream.follow([BTC, ETH])
  expect(sockets[0]!.sent).toEqual([])
  sockets[0]!.opened()
  sockets[0]!.lists(BTC)
  const [every, asked] = sockets[0]!.sent
  expect(every).toMatchObject({ channels: [{ data_set: 'gaps', exchange: '*', symbol: '*' }] })
  expect(asked).toMatchObject({ op: 'subscribe', channels: [BTC] })
  expect([stream.tells(BTC), stream.tells(ETH)]).toEqual([true, false])
})

test('the time is asked for at first and with each heartbeat', () => {
  const { told, sockets } = begun()
  sockets[0]!.opened()
  const asked = Date.now()
  vi.advanceTimersByTime(40)
  sockets[0]!.says({ type: 'pong', id: null, ts: '2026-03-01T12:00:00.500Z' })
  expect(told.time.mock.calls).toEqual([[Date.UTC(2026, 2, 1, 12, 0, 0, 500), asked]])
  sockets[0]!.says({ type: 'heartbeat', ts: '2026-03-01T12:00:10Z' })
  expect(sockets[0]!.pings).toBe(2)
})

test('a market that is listened to later is asked for then', () => {
  const { stream, sockets } = begun()
  stream.follow([ETH])
  sockets[0]!.opened()
  sockets[0]!.lists(BTC)
  expect(sockets[0]!.sent).toHaveLength(1)
  sockets[0]!.lists(ETH)
  expect(sockets[0]!.sent.at(-1)).toMatchObject({ op: 'subscribe', channels: [ETH] })
})

test('after a cut it connects again by itself, and asks for the same', () => {
  const { stream, sockets, told } = begun()
  sockets[0]!.opened()
  stream.follow([BTC])
  sockets[0]!.lists(BTC)
  sockets[0]!.onclose({ reason: 'the server stops' })
  expect(told.state).toHaveBeenLastCalledWith('waiting', expect.any(Number), 'the server stops')
  expect(stream.tells(BTC)).toBe(false)
  vi.advanceTimersByTime(500)
  expect(sockets).toHaveLength(2)
  sockets[1]!.opened()
  sockets[1]!.lists(BTC)
  expect(sockets[1]!.sent.slice(1)).toMatchObject([{ op: 'subscribe', channels: [BTC] }])
})

test('each try waits longer, up to eight seconds', () => {
  const { sockets } = begun()
  for (let tries = 0; tries < 12; tries += 1) {
    sockets.at(-1)!.onclose({ reason: '' })
    vi.advanceTimersByTime(8000)
    expect(sockets).toHaveLength(tries + 2)
  }
  sockets.at(-1)!.onclose({ reason: '' })
  vi.advanceTimersByTime(3999)
  expect(sockets).toHaveLength(13)
})

test('a connection that says nothing for half a minute is none', () => {
  const { sockets, told } = begun()
  sockets[0]!.opened()
  vi.advanceTimersByTime(29_000)
  sockets[0]!.says({ type: 'heartbeat' })
  vi.advanceTimersByTime(29_000)
  expect(told.state).toHaveBeenLastCalledWith('live', null, null)
  vi.advanceTimersByTime(1000)
  expect(told.state).toHaveBeenLastCalledWith('waiting', expect.any(Number), null)
})

test('it does not connect again when it was stopped', () => {
  const { stream, sockets } = begun()
  sockets[0]!.opened()
  stream.stop()
  sockets[0]!.onclose({ reason: '' })
  vi.advanceTimersByTime(60_000)
  expect(sockets).toHaveLength(1)
})

test('what is left is no longer asked for', () => {
  const { stream, sockets } = begun()
  const socket = sockets[0]!
  socket.opened()
  stream.follow([BTC])
  socket.lists(BTC)
  stream.leave([BTC])
  vi.advanceTimersByTime(250)
  expect(socket.sent.slice(1).map(({ op }) => op)).toEqual(['subscribe', 'unsubscribe'])
})

test('however fast one scrolls, within a second it says less than the service takes', () => {
  const { stream, sockets } = begun()
  const socket = sockets[0]!
  const all = Array.from({ length: 100 }, (_, at) => ({ ...BTC, symbol: `S${at}` }))
  socket.opened()
  socket.lists(...all)
  const before = socket.sent.length
  for (const [at, each] of all.entries()) {
    stream.follow([each])
    if (at > 0) stream.leave([all[at - 1]!])
    vi.advanceTimersByTime(10)
  }
  expect(socket.sent.length - before).toBeGreaterThan(2)
  expect(socket.sent.length - before).toBeLessThan(10)
  vi.advanceTimersByTime(250)
  expect(all.filter((each) => stream.tells(each))).toEqual([all.at(-1)])
})

test('one channel that is refused does not hold up the others, and is asked for later', () => {
  const { stream, sockets } = begun()
  const socket = sockets[0]!
  socket.opened()
  stream.follow([BTC, ETH])
  socket.lists(BTC, ETH)
  socket.says({ type: 'error', id: socket.sent.at(-1)!.id, field: 'channels[1].symbol' })
  vi.advanceTimersByTime(250)
  expect(socket.sent.at(-1)!.channels).toEqual([BTC])
  expect(stream.tells(ETH)).toBe(false)
  vi.advanceTimersByTime(5000)
  expect(socket.sent.at(-1)!.channels).toEqual([ETH])
})

test('rows are handed on, and what may have been missed', () => {
  const { stream, sockets, told } = begun()
  const socket = sockets[0]!
  socket.opened()
  stream.follow([BTC])
  socket.lists(BTC)
  socket.says({ type: 'update', ...BTC, seq: 1, data: [] })
  socket.says({ type: 'snapshot', ...BTC, seq: 1, data: [], gaps: [] })
  expect(told.rows).toHaveBeenCalledOnce() // a snapshot of nothing, without a gap, says nothing
  expect(told.rows).toHaveBeenCalledWith(expect.objectContaining(BTC), [], false)
  told.missed.mockClear()
  const data = [{ start_time: '2026-11-27T08:00:00Z' }, { start_time: '2026-11-27T07:00:00Z' }]
  socket.says({ type: 'gap', ...BTC, seq: 2, of: 'feed', data })
  expect(told.missed).toHaveBeenCalledWith(expect.objectContaining(BTC), '2026-11-27T07:00:00Z')
  socket.says({ type: 'gap', ...BTC, seq: 2, of: 'delivery', after: 1 })
  expect(told.missed).toHaveBeenLastCalledWith(expect.objectContaining(BTC), null)
})
