// The frame of all views: where one is, whether the numbers are alive, whether they are simulated.

import { useEffect } from 'preact/hooks'
import { VIEWS, type View } from './figures/address'
import { clock, length } from './figures/format'
import { connection, markets, now, simulated, stream } from './live/live'
import { Help, KeyQuestion } from './ui/dialogs'
import { Tooltip } from './ui/figure'
import { address, go, helpShown, switchTheme, theme, tip } from './ui/page'
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
        {isKnown ? <Shown key={view} /> : <p class="note">No market is known yet.</p>}
      </main>
      <Tooltip />
      <Help />
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
        <time class="clock">{clock(now.value)} UTC</time>
        <button type="button" aria-label={`Switch to ${theme.value === 'dark' ? 'light' : 'dark'}`} onClick={switchTheme}>
          {theme.value === 'dark' ? '☀' : '☾'}
        </button>
        <button type="button" aria-label="Keys and marks" onClick={() => { helpShown.value = true }}>?</button>
      </div>
    </header>
  )
}

const WORDS = {
  live: ['good', 'live'],
  polling: ['late', 'polling'],
  connecting: ['late', 'connecting'],
  waiting: ['bad', 'lost'],
  away: ['bad', 'away'],
} as const

function Pulse() {
  const [look, word] = WORDS[connection.value.state]
  return (
    <span class="pulse" role="status" data-state={connection.value.state}>
      <i class={`dot ${look}`} aria-hidden="true" />
      {word}
    </span>
  )
}

function Trouble() {
  const { state, since, retryAt, why } = connection.value
  if (state === 'away' || state === 'waiting') {
    now.value
    const next = retryAt === null ? 'now' : `in ${length((retryAt - Date.now()) / 1000)}`
    return (
      <p class="trouble" role="alert">
        <b>No connection since {clock(since)}.</b> {why ?? 'The stream was cut.'} What is shown gets
        old. Next try {next}.{' '}
        <button type="button" onClick={() => stream.connect()}>Try now</button>
      </p>
    )
  }
  if (markets.value.length === 0 && simulated.value !== null) {
    return <p class="trouble quiet">No market is stored yet: collecting has not begun.</p>
  }
  return null
}
