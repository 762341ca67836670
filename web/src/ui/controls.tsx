// What is chosen with: one of a few, some of a few, a symbol.

import { exchanges, hueOf, say, symbol, symbols } from './page'

interface OneOf<T extends string> {
  readonly label: string
  readonly choices: readonly T[]
  readonly chosen: T
  readonly name: string
  readonly shown?: (choice: T) => string
}

/** What is chosen is said in the address under `name`. */
export function OneOf<T extends string>({ label, choices, chosen, name, shown }: OneOf<T>) {
  return (
    <fieldset class="choices">
      <legend>{label}</legend>
      {choices.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === chosen}
          onClick={() => say({ [name]: each })}
        >
          {shown ? shown(each) : each}
        </button>
      ))}
    </fieldset>
  )
}

export function SymbolChoice() {
  const known = symbols.value.includes(symbol.value) || symbols.value.length === 0
  const names = known ? symbols.value : [symbol.value, ...symbols.value]
  return (
    <label class="choice">
      <span>Symbol</span>
      <select value={symbol.value} onChange={(event) => say({ symbol: event.currentTarget.value })}>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

interface Venues {
  readonly among: readonly string[]
  readonly chosen: readonly string[]
}

/** All of them unless the address names some. */
export function Venues({ among, chosen }: Venues) {
  const turn = (exchange: string) => {
    const next = among.filter((each) => chosen.includes(each) !== (each === exchange))
    say({ exchanges: next.length === among.length || next.length === 0 ? null : next.join(',') })
  }
  return (
    <fieldset class="choices venues">
      <legend>Exchanges</legend>
      {among.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={chosen.includes(each)}
          onClick={() => turn(each)}
        >
          <Swatch exchange={each} />
          {each}
        </button>
      ))}
    </fieldset>
  )
}

export function Swatch({ exchange }: { readonly exchange: string }) {
  return <i class="swatch" style={{ background: `var(${hueOf(exchange)})` }} aria-hidden="true" />
}

export function ExchangeChoice({ chosen }: { readonly chosen: string }) {
  return (
    <label class="choice">
      <span>Exchange</span>
      <select value={chosen} onChange={(event) => say({ exchange: event.currentTarget.value })}>
        {exchanges.value.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
