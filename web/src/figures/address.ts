// The state of the page is its address: `#/depth?symbol=BTC&range=20`.

export const VIEWS = ['overview', 'depth', 'funding', 'history', 'coverage', 'status'] as const
export type View = (typeof VIEWS)[number]

export interface Address {
  readonly view: View
  readonly said: ReadonlyMap<string, string>
}

export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const view = VIEWS.find((each) => each === path) ?? 'overview'
  return { view, said: new Map(new URLSearchParams(query)) }
}

export function writeAddress({ view, said }: Address): string {
  const query = new URLSearchParams([...said]).toString().replaceAll('%2C', ',')
  return query ? `#/${view}?${query}` : `#/${view}`
}

/** The same with some things said otherwise; `null` is no longer said. */
export function changed(address: Address, changes: Record<string, string | null>): Address {
  const said = new Map(address.said)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) said.delete(name)
    else said.set(name, value)
  }
  return { ...address, said }
}

/** Of some choices, the one that is said; what is no choice is not taken for one. */
export function chosen<T extends string>(
  address: Address,
  name: string,
  choices: readonly T[],
  otherwise: T,
): T {
  return choices.find((each) => each === address.said.get(name)) ?? otherwise
}
