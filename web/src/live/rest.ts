// Questions to the service that the page came from, and what it says when it refuses.

import { signal } from '@preact/signals'

const KEY = 'perps-stats.key'
const MOST = 5000
const PAGES = 20

export interface Meta {
  readonly as_of: string | null
  readonly served_at: string
  readonly next: string | null
  readonly simulated: boolean
}

export interface Answer<R> {
  readonly data: readonly R[]
  readonly meta: Meta
}

/** In the service's own words; status 0: it did not answer. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, told: string) {
    super(told)
    this.status = status
  }
}

/** Whether the service asks for a key that we do not have. */
export const locked = signal(false)
/** What is to be added to our clock to have the service's, in milliseconds. */
export const clockOffset = signal(0)
/** How long the answer took that told it: the longer, the less it says. */
let certainty = Number.POSITIVE_INFINITY

/** For this tab alone, and gone with it. */
export function key(): string | null {
  return sessionStorage.getItem(KEY)
}

export function setKey(text: string): void {
  sessionStorage.setItem(KEY, text)
  locked.value = false
}

/** One page. `path` is below `/api/v1/`, or begins with a slash. */
export async function ask<T>(path: string, said: Record<string, string> = {}): Promise<T> {
  const query = new URLSearchParams(said).toString()
  const address = `${path.startsWith('/') ? '' : '/api/v1/'}${path}${query ? `?${query}` : ''}`
  const response = await fetch(address, { headers: headers() }).catch(() => {
    throw new Refusal(0, 'the service does not answer')
  })
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body as T
  if (response.status === 401) locked.value = true
  throw new Refusal(response.status, problem(body) ?? `it answered ${response.status}`)
}

/** All pages, of a question whose answer is bounded by nature. */
export async function askAll<R>(path: string, said: Record<string, string> = {}): Promise<Answer<R>> {
  const rows: R[] = []
  let asked: Record<string, string> = { limit: String(MOST), ...said }
  for (let page = 0; ; page += 1) {
    const began = Date.now()
    const { data, meta } = await ask<Answer<R>>(path, asked)
    compareClocks(Date.parse(meta.served_at), began, Date.now())
    rows.push(...data)
    if (meta.next === null || page === PAGES) return { data: rows, meta }
    asked = { ...asked, cursor: meta.next }
  }
}

function compareClocks(theirs: number, began: number, ended: number): void {
  const took = ended - began
  if (took > certainty) certainty *= 1.05
  else {
    certainty = took
    clockOffset.value = theirs - (began + ended) / 2
  }
}

function headers(): Record<string, string> {
  const known = key()
  return known ? { Authorization: `Bearer ${known}` } : {}
}

function problem(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null
  const { detail, title } = body as { detail?: unknown; title?: unknown }
  return [detail, title].find((each) => typeof each === 'string') ?? null
}
