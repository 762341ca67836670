// Messages of PostgreSQL's protocol, version 3: a byte of type, four of length, the body.

export const SSL_REQUEST = 80877103
export const GSS_REQUEST = 80877104
export const CANCEL_REQUEST = 80877102

const string = (text) => Buffer.from(`${text}\0`)
const int32 = (number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(number)
  return bytes
}

export const message = (type, ...parts) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}
export const SYNC = message('S')
export const query = (text) => message('Q', string(text))
export const closeStatement = (name) => message('C', Buffer.from('S'), string(name))
export const ready = (state) => message('Z', Buffer.from(state))
export const complete = (tag) => message('C', string(tag))
export const copyIn = message('G', Buffer.from([0, 0, 0]))
export const error = (severity, code, text) =>
  message('E', ...[`S${severity}`, `V${severity}`, `C${code}`, `M${text}`].map(string), Buffer.from([0]))

export const welcome = (parameters) => [
  message('R', int32(0)),
  ...Object.entries(parameters).map(([name, value]) => message('S', string(name), string(value))),
  message('K', int32(1), int32(1)),
]

export const typeOf = (bytes) => String.fromCharCode(bytes[0])
export const textOf = (bytes) => bytes.toString('utf8', 5, bytes.length - 1)

/** The whole messages at the head of `bytes`, and what is left. */
export function split(bytes) {
  const messages = []
  let at = 0
  while (at + 5 <= bytes.length && at + 1 + bytes.readInt32BE(at + 1) <= bytes.length) {
    const end = at + 1 + bytes.readInt32BE(at + 1)
    messages.push(bytes.subarray(at, end))
    at = end
  }
  return [messages, bytes.subarray(at)]
}

/** Name, value, name, value, … of the first message of a client. */
export function startupParameters(bytes) {
  const texts = bytes.toString('utf8', 8).split('\0')
  const parameters = {}
  for (let at = 0; texts[at]; at += 2) parameters[texts[at]] = texts[at + 1]
  return parameters
}

/** How many names stand at the head of a message, after so many bytes. */
const NAMES = { P: [0, 1], B: [0, 2], D: [1, 1], C: [1, 1], E: [0, 1] }

/** The same message with its statements and portals named after their client too. */
export function renamed(bytes, client) {
  const [skip, count] = NAMES[typeOf(bytes)] ?? [0, 0]
  const parts = [bytes.subarray(5, 5 + skip)]
  let at = 5 + skip
  for (let number = 0; number < count; number += 1) {
    const end = bytes.indexOf(0, at)
    const name = bytes.toString('utf8', at, end)
    parts.push(string(name && `${client}_${name}`))
    at = end + 1
  }
  return message(typeOf(bytes), ...parts, bytes.subarray(at))
}
