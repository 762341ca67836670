// What covers the page, and the help.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { VIEWS } from '../figures/address'
import { helpShown, switchZone, zone } from './page'

interface Props {
  readonly title: string
  readonly onClose?: () => void
  /** It cannot be closed. */
  readonly stays?: boolean
  readonly children: ComponentChildren
}

export function Dialog({ title, onClose, stays = false, children }: Props) {
  const here = useRef<HTMLDialogElement>(null)
  useEffect(() => here.current?.showModal(), [])
  const close = () => (stays ? here.current?.showModal() : onClose?.())
  return (
    <dialog ref={here} onClose={close} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </dialog>
  )
}

const KEYS: readonly [string, string][] = [
  ...VIEWS.map((view, at): [string, string] => [String(at + 1), view]),
  ['/', 'filter the table'],
  ['← ↑ → ↓', 'from figure to figure in a table'],
  ['t', 'light or dark'],
  ['u', 'times of UTC, or of where you are'],
  ['?', 'this help'],
  ['Esc', 'close'],
]
const MARKS: readonly [string, string][] = [
  ['≥ 1.2M', 'a floor: at least so much; what is known of the book ends before the distance'],
  ['–', 'unknown; its tooltip says why. It is never shown as 0'],
  ['dim, dotted', 'stale: older than it should be'],
  ['dim, struck', 'its source is in doubt at present; the last sure value'],
  ['red shade', 'a gap: nobody can vouch for this time'],
  ['sim', 'simulated data'],
]

export function Help() {
  if (!helpShown.value) return null
  const close = () => {
    helpShown.value = false
  }
  return (
    <Dialog title="Keys and marks" onClose={close}>
      <div class="help">
        <Terms rows={KEYS} keys />
        <Terms rows={MARKS} />
      </div>
      <p>
        Point at a figure, tap it or move to it: its unit, its source time, its age and how sure it is.
        Times are {zone.value === 'UTC' ? 'UTC' : 'those of where you are'}; days of the coverage are
        UTC always.{' '}
        <button type="button" onClick={switchZone}>
          {zone.value === 'UTC' ? 'Local time' : 'UTC'}
        </button>{' '}
        <a href="/api/v1/openapi.json">The same by REST</a>.
      </p>
      <p class="muted">
        Charts: uPlot; TradingView Lightweight Charts™, © TradingView, Inc.,{' '}
        <a href="https://www.tradingview.com/">tradingview.com</a>
      </p>
      <form method="dialog"><button type="submit">Close</button></form>
    </Dialog>
  )
}

function Terms({ rows, keys = false }: { rows: readonly [string, string][]; keys?: boolean }) {
  return (
    <dl>
      {rows.map(([term, meaning]) => (
        <div key={term}>
          <dt>{keys ? <kbd>{term}</kbd> : term}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  )
}
