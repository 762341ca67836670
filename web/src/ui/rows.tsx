// Of a long table the rows that are in sight, and a few more: the others are room alone.

import type { JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** As the style sheet has it. */
const ROW_PIXELS = 27
const MORE = 8
const FIRST = 40

interface Props<R> {
  readonly of: readonly R[]
  /** `place`: in all of them, from 0. */
  readonly children: (row: R, place: number) => JSX.Element
}

export function Rows<R>({ of, children }: Props<R>) {
  const here = useRef<HTMLTableRowElement>(null)
  const [[first, last], setSeen] = useState([0, FIRST])
  useLayoutEffect(() => {
    const box = here.current!.closest<HTMLElement>('.scroll')!
    const look = () => {
      const top = Math.max(0, Math.floor(box.scrollTop / ROW_PIXELS) - MORE)
      const end = Math.ceil((box.scrollTop + box.clientHeight) / ROW_PIXELS) + MORE
      setSeen(([before, after]) => (before === top && after === end ? [before, after] : [top, end]))
    }
    const sized = new ResizeObserver(look)
    sized.observe(box)
    box.addEventListener('scroll', look, { passive: true })
    return () => {
      sized.disconnect()
      box.removeEventListener('scroll', look)
    }
  }, [])
  useKeptFocus(here)
  const begin = Math.max(0, Math.min(first, of.length - 1))
  const end = Math.min(of.length, last)
  return (
    <>
      <tr ref={here} class="room" aria-hidden="true">{room(begin)}</tr>
      {of.slice(begin, end).map((row, at) => children(row, begin + at))}
      <tr class="room" aria-hidden="true">{room(of.length - end)}</tr>
    </>
  )
}

function room(rows: number): JSX.Element {
  return <td style={{ height: `${rows * ROW_PIXELS}px` }} />
}

/** Who walks by keys is not thrown to the top when the row that had the focus is no longer there. */
function useKeptFocus(here: { current: HTMLElement | null }): void {
  const had = useRef<Element | null>(null)
  useLayoutEffect(() => {
    const box = here.current!.closest<HTMLElement>('.scroll')!
    const note = ({ target }: FocusEvent) => {
      had.current = target as Element
    }
    box.addEventListener('focusin', note)
    return () => box.removeEventListener('focusin', note)
  }, [])
  useLayoutEffect(() => {
    const isLost = had.current?.isConnected === false && document.activeElement === document.body
    if (isLost) here.current!.closest<HTMLElement>('.scroll')!.focus({ preventScroll: true })
  })
}
