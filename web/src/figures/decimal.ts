// Exact decimals, as REST sends them: text in, text out. `null`, unknown, stays unknown.

export type Text = string | null

interface Parts {
  readonly units: bigint
  readonly scale: number
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

function parse(text: string): Parts {
  const found = DECIMAL.exec(text)
  if (!found) throw new RangeError(`not a decimal: ${text}`)
  const [, sign = '', whole = '', part = ''] = found
  return { units: BigInt(`${sign}${whole}${part}`), scale: part.length }
}

function write({ units, scale }: Parts): string {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  if (scale === 0) return sign + digits
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function aligned(left: Parts, right: Parts): [bigint, bigint, number] {
  const scale = Math.max(left.scale, right.scale)
  const to = (one: Parts) => one.units * 10n ** BigInt(scale - one.scale)
  return [to(left), to(right), scale]
}

function known(work: (left: Parts, right: Parts) => Parts | null) {
  return (left: Text | undefined, right: Text | undefined): Text => {
    if (left == null || right == null) return null
    const result = work(parse(left), parse(right))
    return result && write(result)
  }
}

export const add = known((left, right) => {
  const [a, b, scale] = aligned(left, right)
  return { units: a + b, scale }
})

export const subtract = known((left, right) => {
  const [a, b, scale] = aligned(left, right)
  return { units: a - b, scale }
})

export const multiply = known((left, right) => ({
  units: left.units * right.units,
  scale: left.scale + right.scale,
}))

/** Rounded to so many digits after the point, halves away from zero; by zero: unknown. */
export function divide(left: Text | undefined, right: Text | undefined, digits = 12): Text {
  return known((one, other) => {
    const [a, b] = aligned(one, other)
    if (b === 0n) return null
    const doubled = (2n * a * 10n ** BigInt(digits)) / b
    const half = doubled < 0n ? -1n : 1n
    return { units: (doubled + half) / 2n, scale: digits }
  })(left, right)
}

/** For charts and for order alone. */
export function toNumber(text: Text | undefined): number | null {
  return text == null ? null : Number(text)
}
