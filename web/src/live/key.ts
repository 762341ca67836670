// The key to the service: kept in this tab alone, or in this browser where one asks for it.

import { signal } from '@preact/signals'

const NAME = 'perps-stats.key'

const kept = () => sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME)

export const key = signal(kept())

export function keepKey(text: string, remember: boolean): void {
  forgetKey()
  const place = remember ? localStorage : sessionStorage
  place.setItem(NAME, text)
  key.value = text
}

export function forgetKey(): void {
  sessionStorage.removeItem(NAME)
  localStorage.removeItem(NAME)
  key.value = null
}

export function isRemembered(): boolean {
  return localStorage.getItem(NAME) !== null
}

/** What of a key is no secret: `ps_1f2e3d4c5b`. */
export function idOf(text: string): string {
  return text.split('_').slice(0, 2).join('_')
}

// Another tab of this browser remembers, or forgets.
addEventListener('storage', () => {
  key.value = kept()
})
