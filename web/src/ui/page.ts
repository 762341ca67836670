// What all views share: the address, the look, what a tooltip shows.

import { computed, signal } from '@preact/signals'
import type { Figure } from '../figures/figure'
import type { Zone } from '../figures/format'
import { type Address, changed, readAddress, type View, writeAddress } from '../figures/address'
import { markets } from '../live/live'

export const address = signal<Address>(readAddress(location.hash))
addEventListener('hashchange', () => {
  address.value = readAddress(location.hash)
})

export function go(view: View): void {
  const symbol = address.value.said.get('symbol')
  location.hash = writeAddress({ view, said: new Map(symbol ? [['symbol', symbol]] : []) })
}

/** A choice within a view makes no step in the history. */
export function say(changes: Record<string, string | null>): void {
  const next = changed(address.value, changes)
  history.replaceState(null, '', writeAddress(next))
  address.value = next
}

export type Theme = 'dark' | 'light'
const THEME = 'perps-stats.theme'
const system = matchMedia('(prefers-color-scheme: light)')

export const theme = signal<Theme>(savedTheme() ?? (system.matches ? 'light' : 'dark'))
theme.subscribe((value) => {
  document.documentElement.dataset.theme = value
})
system.addEventListener('change', ({ matches }) => {
  if (savedTheme() === null) theme.value = matches ? 'light' : 'dark'
})

function savedTheme(): Theme | null {
  const saved = localStorage.getItem(THEME)
  return saved === 'dark' || saved === 'light' ? saved : null
}

export function switchTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(THEME, theme.value)
}

const ZONE = 'perps-stats.zone'

/** Whose clocks times are told by. */
export const zone = signal<Zone>(localStorage.getItem(ZONE) === 'local' ? 'local' : 'UTC')

export function switchZone(): void {
  zone.value = zone.value === 'UTC' ? 'local' : 'UTC'
  localStorage.setItem(ZONE, zone.value)
}

export const exchanges = computed(() =>
  [...new Set(markets.value.map((market) => market.exchange))].sort(),
)

/** The names that some exchange lists, those of most exchanges first. */
export const symbols = computed(() => {
  const counts = new Map<string, number>()
  for (const { symbol } of markets.value) counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
  return [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1))
})

const FIRST = 'BTC'

export const symbol = computed(() => {
  const otherwise = symbols.value.includes(FIRST) ? FIRST : symbols.value[0]
  return address.value.said.get('symbol') ?? otherwise ?? ''
})

/** What the rows of a table are narrowed to. */
export const filter = computed(() => address.value.said.get('filter') ?? '')

export function passes(text: string): boolean {
  const words = filter.value.toLowerCase().split(/\s+/)
  const low = text.toLowerCase()
  return words.every((word) => low.includes(word))
}

const HUES = 8

/** An exchange has its colour on every view: a variable of the style sheet. */
export function hueOf(exchange: string): string {
  return `--hue-${Math.max(0, exchanges.value.indexOf(exchange)) % HUES}`
}

export function colour(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim()
}

export interface Tip {
  readonly at: Element
  readonly figure: Figure
  readonly name: string
}

export const tip = signal<Tip | null>(null)
export const helpShown = signal(false)
export const keyShown = signal(false)
