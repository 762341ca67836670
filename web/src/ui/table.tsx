// A table whose figures the arrow keys walk through, and whose heads sort it.

import type { ComponentChildren } from 'preact'

interface Head {
  readonly id: string
  readonly text: string
  readonly meaning?: string
  /** Of words, which begin at the left; numbers end at the right. */
  readonly words?: boolean
}

interface Props {
  readonly label: string
  readonly heads: readonly Head[]
  readonly children: ComponentChildren
  /** The head that the rows are sorted by; `-` before it: greatest first. */
  readonly sort?: string
  readonly onSort?: (sort: string) => void
  readonly wide?: boolean
  /** It scrolls by itself, under its heads: how many rows it has, of which not all are there. */
  readonly count?: number
}

export function Table({ label, heads, children, sort, onSort, wide = false, count }: Props) {
  return (
    // A region that scrolls must be reachable by key.
    <section class={count === undefined ? 'scroll' : 'scroll long'} tabIndex={0} aria-label={label}>
      <table
        class={wide ? 'wide' : ''}
        style={{ '--columns': heads.length }}
        aria-rowcount={count === undefined ? undefined : count + 1}
        onKeyDown={walk}
      >
        <thead>
          <tr aria-rowindex={count === undefined ? undefined : 1}>
            {heads.map((head) => (
              <th
                key={head.id}
                scope="col"
                class={head.words ? 'name' : ''}
                title={head.meaning}
                aria-sort={sorted(head.id, sort)}
              >
                {onSort ? (
                  <button
                    type="button"
                    onClick={({ currentTarget }) => {
                      currentTarget.closest('.scroll')?.scrollTo({ top: 0 })
                      onSort(turned(head.id, sort))
                    }}
                  >
                    {head.text}
                    <span aria-hidden="true" class="arrow">
                      {sort === head.id ? '▲' : sort === `-${head.id}` ? '▼' : ''}
                    </span>
                  </button>
                ) : (
                  head.text
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

function sorted(id: string, sort: string | undefined) {
  if (sort === undefined) return undefined
  return sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : 'none'
}

/** Numbers are first wanted from the greatest down. */
function turned(id: string, sort: string | undefined): string {
  return sort === `-${id}` ? id : `-${id}`
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
}

function walk(event: KeyboardEvent & { currentTarget: HTMLTableElement }): void {
  const step = STEPS[event.key]
  const cell = (event.target as Element).closest('td')
  if (!step || !cell) return
  event.preventDefault()
  const table = event.currentTarget
  let row = (cell.parentElement as HTMLTableRowElement).rowIndex
  let column = cell.cellIndex
  for (;;) {
    row += step[0]
    column += step[1]
    const next = table.rows[row]?.cells[column]
    if (!next) return
    const found = next.querySelector<HTMLElement>('.figure')
    if (!found) continue
    found.focus()
    found.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    return
  }
}
