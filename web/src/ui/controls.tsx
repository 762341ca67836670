// What is chosen with: one of a few, some of a few, words to narrow by.

import { exchanges, filter, hueOf, say } from './page'

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

/** What a table is narrowed to: words, all of which a row must bear. */
export function Filter({ example, found, of }: { example: string; found: number; of: string }) {
  return (
    <>
      <label class="choice">
        <span>Filter</span>
        <input
          id="filter"
          type="search"
          placeholder={example}
          value={filter.value}
          onInput={(event) => say({ filter: event.currentTarget.value || null })}
        />
      </label>
      <span class="muted" role="status">
        {found} of {of}
      </span>
    </>
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
