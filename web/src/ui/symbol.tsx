// The choice of a symbol among hundreds: what is typed narrows the list.

import { useEffect, useRef, useState } from 'preact/hooks'
import { say, symbol, symbols } from './page'

const LIST = 'symbols'
const MOST = 100
const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }

export function SymbolChoice() {
  /** What was typed; `null`: the list is closed. */
  const [typed, setTyped] = useState<string | null>(null)
  const [at, setAt] = useState(0)
  const found = typed === null ? [] : matching(typed)
  const choose = (name: string | undefined) => {
    if (name) say({ symbol: name })
    setTyped(null)
  }
  const type = (text: string) => {
    setTyped(text)
    setAt(text === '' ? Math.max(0, found.indexOf(symbol.value)) : 0)
  }
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key]
    if (step !== undefined) {
      event.preventDefault()
      if (typed === null) type('')
      else setAt((at + step + found.length) % Math.max(1, found.length))
    } else if (event.key === 'Enter') choose(found[at])
    else if (event.key === 'Escape') setTyped(null)
  }
  return (
    <div class="choice symbol">
      <label for="symbol">Symbol</label>
      <input
        id="symbol"
        type="text"
        role="combobox"
        aria-expanded={typed !== null}
        aria-controls={LIST}
        aria-autocomplete="list"
        aria-activedescendant={found[at] ? `${LIST}-${at}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={typed ?? symbol.value}
        placeholder={symbol.value}
        onFocus={(event) => event.currentTarget.select()}
        onClick={() => type('')}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={press}
        onBlur={() => setTyped(null)}
      />
      <List of={found} at={at} isOpen={typed !== null} onChoose={choose} />
    </div>
  )
}

interface Props {
  readonly of: readonly string[]
  readonly at: number
  readonly isOpen: boolean
  readonly onChoose: (name: string) => void
}

function List({ of, at, isOpen, onChoose }: Props) {
  const here = useRef<HTMLUListElement>(null)
  useEffect(() => {
    here.current?.children[at]?.scrollIntoView({ block: 'nearest' })
  }, [at, isOpen])
  return (
    <ul ref={here} id={LIST} role="listbox" aria-label="Symbols" hidden={!isOpen}>
      {of.map((name, place) => (
        <li
          key={name}
          id={`${LIST}-${place}`}
          role="option"
          aria-selected={place === at}
          onPointerDown={(event) => {
            event.preventDefault() // the input keeps the focus
            onChoose(name)
          }}
        >
          {name}
        </li>
      ))}
      {isOpen && of.length === 0 && <li class="muted" role="option" aria-disabled="true">no such symbol</li>}
    </ul>
  )
}

/** Those that begin with it first. */
function matching(typed: string): string[] {
  const text = typed.trim().toUpperCase()
  const found = symbols.value.filter((name) => name.toUpperCase().includes(text))
  const begins = (name: string) => Number(!name.toUpperCase().startsWith(text))
  return found.sort((a, b) => begins(a) - begins(b)).slice(0, MOST)
}
