// The frame of all views: where one is, whether the numbers are alive, whether they are simulated.

import { useEffect } from 'preact/hooks'
import { VIEWS, type View } from './figures/address'
import { clock, length, zoneName } from './figures/format'
import { key } from './live/key'
import { connection, markets, now, simulated, stream, unlisted } from './live/live'
import { lock } from './live/rest'
import { Help } from './ui/dialogs'
import { Tooltip } from './ui/figure'
import { KeyQuestion, TheKey } from './ui/keys'
import { address, go, helpShown, keyShown, switchTheme, switchZone, theme, tip, zone } from './ui/page'
import { Coverage } from './views/coverage'
import { Depth } from './views/depth'
import { Funding } from './views/funding'
import { History } from './views/history'
import { Overview } from './views/overview'
import { Status } from './views/status'

const SHOWN: Record<View, () => preact.JSX.Element> = {
  overview: Overview,
  depth: Depth,
  funding: Funding,
  history: History,
  coverage: Coverage,
  status: Status,
}

export function App() {
  const { view } = address.value
  const Shown = SHOWN[view]
  const isKnown = markets.value.length > 0 || view === 'status'
  useEffect(() => {
    document.title = `${titleOf(view)} · perps-stats`
    tip.value = null
  }, [view])
  return (
    <>
      <Head view={view} />
      <Trouble />
      <main id="main" data-view={view}>
        <h1 class="unseen">{titleOf(view)}</h1>
        {isKnown ? <Shown key={view} /> : <NoMarket />}
      </main>
      <Tooltip />
      <Help />
      <TheKey />
      <KeyQuestion />
    </>
  )
}

function titleOf(view: View): string {
  return view[0]!.toUpperCase() + view.slice(1)
}

function Head({ view }: { readonly view: View }) {
  return (
    <header class="head">
      <a class="brand" href="#/overview">perps<b>stats</b></a>
      <nav aria-label="Views">
        {VIEWS.map((each, at) => (
          <button
            key={each}
            type="button"
            aria-current={each === view ? 'page' : undefined}
            onClick={() => go(each)}
          >
            <kbd aria-hidden="true">{at + 1}</kbd>
            {titleOf(each)}
          </button>
        ))}
      </nav>
      <div class="state">
        {simulated.value && <strong class="simulated">Simulated<span> data</span></strong>}
        <Pulse />
        <Clock />
        {key.value && (
          <button type="button" class="key" aria-label="Your key" onClick={() => { keyShown.value = true }}>key</button>
        )}
        <button type="button" aria-label={`Switch to ${theme.value === 'dark' ? 'light' : 'dark'}`} onClick={switchTheme}>
          {theme.value === 'dark' ? '☀' : '☾'}
        </button>
        <button type="button" aria-label="Keys and marks" onClick={() => { helpShown.value = true }}>?</button>
      </div>
    </header>
  )
}

function Clock() {
  const other = zone.value === 'UTC' ? 'local time' : 'UTC'
  const told = `${clock(now.value, zone.value)} ${zoneName(now.value, zone.value)}`
  return (
    <button type="button" class="clock" aria-label={`${told}: switch to ${other}`} title={`switch to ${other}`} onClick={switchZone}>
      {told}
    </button>
  )
}

function NoMarket() {
  if (lock.value) return <p class="note">Nothing can be shown without a key.</p>
  if (unlisted.value) return <p class="note bad" role="status"><b>No answer about markets:</b> {unlisted.value}.</p>
  const told = simulated.value === null ? 'The markets are being asked for.' : 'No market is stored yet: collecting has not begun.'
  return <p class="note" role="status">{told}</p>
}

const WORDS = {
  live: ['good', 'live'],
  polling: ['late', 'polling'],
  connecting: ['late', 'connecting'],
  waiting: ['bad', 'lost'],
  away: ['bad', 'away'],
} as const

function Pulse() {
  const [look, word] = lock.value ? ['bad', 'no key'] : WORDS[connection.value.state]
  return (
    <span class="pulse" role="status" data-state={connection.value.state}>
      <i class={`dot ${look}`} aria-hidden="true" />
      {word}
    </span>
  )
}

function Trouble() {
  const { state, since, retryAt, why } = connection.value
  if (lock.value) return null
  if (state === 'polling' && stream.tries > 1) {
    return (
      <p class="trouble quiet" role="status">
        <b>The stream cannot be opened:</b> figures are asked for every two seconds instead.{' '}
        {key.value
          ? 'If this key lacks the scope stream, use one that `perps-stats keys create --scope read,stream` makes.'
          : 'The service has no room for another client, or what lies in between lets no WebSocket through.'}
      </p>
    )
  }
  if (state !== 'away' && state !== 'waiting') return null
  now.value // it counts down
  const next = retryAt === null ? 'now' : `in ${length((retryAt - Date.now()) / 1000)}`
  return (
    <p class="trouble" role="alert">
      <b>No connection since {clock(since, zone.value)}:</b> {why ?? 'the stream was cut'}. What is
      shown gets old. Next try {next}.{' '}
      <button type="button" onClick={() => stream.connect()}>Try now</button>
    </p>
  )
}
