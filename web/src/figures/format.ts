// How numbers and times are written. What is shown may be rounded: tooltips have every digit.

export const UNKNOWN = '–'
const MINUS = '−'
const STEPS: readonly [number, string][] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
]

/** Every digit, with thousands apart: `-1234567.8900` is `−1,234,567.8900`. */
export function grouped(text: string): string {
  const [whole = '', part] = text.replace('-', '').split('.')
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${text.startsWith('-') ? MINUS : ''}${apart}${part === undefined ? '' : `.${part}`}`
}

function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits)
  return value < 0 && Number(text) !== 0 ? MINUS + text : text
}

/** Three digits and their thousands: `7.67B`. */
export function compact(text: string): string {
  const value = Number(text)
  for (const [step, letter] of STEPS) {
    const scaled = value / step
    if (Math.abs(scaled) >= 0.9995) return `${three(scaled)}${letter}`
  }
  return three(value)
}

/** Without zeros that say nothing, for what is a round number: `500K`. */
export function short(text: string): string {
  return compact(text).replace(/(\.\d*?)0+(?=[A-Z]|$)/, '$1').replace(/\.(?=[A-Z]|$)/, '')
}

function three(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && size < 0.00995) return value.toPrecision(3).replace('-', MINUS)
  return fixed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
}

/** As an exchange quotes it; what has more than nine digits, such as a mean, is rounded. */
export function price(text: string): string {
  const digits = text.replace(/\D/g, '').replace(/^0+/, '').length
  if (digits <= 9) return grouped(text)
  const whole = text.replace('-', '').split('.')[0]?.length ?? 0
  return grouped(Number(text).toFixed(Math.max(2, 8 - whole)))
}

export function bps(text: string): string {
  const value = Number(text)
  return fixed(value, Math.abs(value) < 1 ? 3 : Math.abs(value) < 100 ? 2 : 0)
}

/** Of a fraction, with its sign: `0.0001` is `+0.0100%`. */
export function percent(text: string, digits: number): string {
  const shown = fixed(Number(text) * 100, digits)
  return `${shown.startsWith(MINUS) || Number(shown) === 0 ? '' : '+'}${shown}%`
}

export function bytes(count: number): string {
  for (const [power, unit] of [[3, 'GB'], [2, 'MB'], [1, 'kB']] as const) {
    if (count >= 1000 ** power) return `${three(count / 1000 ** power)} ${unit}`
  }
  return `${count} B`
}

export function length(seconds: number): string {
  const size = Math.max(0, seconds)
  if (size < 10) return `${size.toFixed(1)} s`
  if (size < 120) return `${Math.round(size)} s`
  if (size < 7200) return `${Math.round(size / 60)} min`
  return size < 172_800 ? `${Math.round(size / 3600)} h` : `${Math.round(size / 86_400)} d`
}

/** Of the service's data, or of who looks at it. */
export type Zone = 'UTC' | 'local'

/** Minutes that the zone is ahead of UTC at a moment. */
function ahead(ms: number, zone: Zone): number {
  return zone === 'UTC' ? 0 : -new Date(ms).getTimezoneOffset()
}

/** `2026-11-27T07:19:43.901`, by the clocks of the zone. */
function written(ms: number, zone: Zone): string {
  return new Date(ms + ahead(ms, zone) * 60_000).toISOString().slice(0, 23)
}

/** `UTC`, or how far the zone is from it at a moment: `UTC+05:30`. */
export function zoneName(ms: number, zone: Zone): string {
  const minutes = ahead(ms, zone)
  if (minutes === 0) return 'UTC'
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const size = Math.abs(minutes)
  return `UTC${minutes < 0 ? MINUS : '+'}${two(size / 60)}:${two(size % 60)}`
}

/** `07:19:43` */
export function clock(ms: number, zone: Zone = 'UTC'): string {
  return written(ms, zone).slice(11, 19)
}

/** `2026-11-27 07:19:43` */
export function second(ms: number, zone: Zone = 'UTC'): string {
  return written(ms, zone).slice(0, 19).replace('T', ' ')
}

/** `2026-11-27 07:19:43.901 UTC` */
export function moment(ms: number, zone: Zone = 'UTC'): string {
  return `${written(ms, zone).replace('T', ' ')} ${zoneName(ms, zone)}`
}

/** At the mark of a chart: `07:19`, at midnight the day. */
export function mark(ms: number, zone: Zone, fine: boolean): string {
  const text = written(ms, zone)
  return text.endsWith('T00:00:00.000') ? text.slice(5, 10) : text.slice(11, fine ? 19 : 16)
}
