// Questions to the service that the page came from, and what it says when it refuses.

import { signal } from '@preact/signals'
import { key } from './key'

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

/** In the service's own words, which name the remedy; status 0: it did not answer. */
export class Refusal extends Error {
  readonly status: number
  /** Seconds after which it wants to be asked again, where it says so. */
  readonly after: number | null

  constructor(status: number, told: string, after: number | null = null) {
    super(told)
    this.status = status
    this.after = after
  }
}

interface Lock {
  /** What is wrong with the key; `null`: there is none. */
  readonly why: string | null
}

/** The service asks for a key that we do not have. */
export const lock = signal<Lock | null>(null)

/** One page. `path` is below `/api/v1/`, or begins with a slash. */
export async function ask<T>(path: string, said: Record<string, string> = {}): Promise<T> {
  const known = key.peek()
  try {
    return await askWith<T>(known, path, said)
  } catch (error) {
    const refused = error instanceof Refusal && isOfKey(error)
    if (refused && key.peek() === known) lock.value = { why: known ? error.message : null }
    throw error
  }
}

/** Whether another key would be let in. */
export function isOfKey({ status }: Refusal): boolean {
  return status === 401 || status === 403
}

/** With a key that is not kept yet. */
export async function askWith<T>(
  known: string | null,
  path: string,
  said: Record<string, string> = {},
): Promise<T> {
  const query = new URLSearchParams(said).toString()
  const address = `${path.startsWith('/') ? '' : '/api/v1/'}${path}${query ? `?${query}` : ''}`
  const headers: Record<string, string> = known ? { Authorization: `Bearer ${known}` } : {}
  const response = await fetch(address, { headers }).catch(() => {
    throw new Refusal(0, `nothing answers at ${location.origin}; \`perps-stats run\` starts it there`)
  })
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body as T
  const after = Number(response.headers.get('Retry-After') ?? Number.NaN)
  const told = problem(body) ?? `it answered ${response.status}, without a reason`
  throw new Refusal(response.status, told, Number.isNaN(after) ? null : after)
}

/** All pages, of a question whose answer is bounded by nature. */
export async function askAll<R>(path: string, said: Record<string, string> = {}): Promise<Answer<R>> {
  const rows: R[] = []
  let asked: Record<string, string> = { limit: String(MOST), ...said }
  for (let page = 0; ; page += 1) {
    const { data, meta } = await ask<Answer<R>>(path, asked)
    rows.push(...data)
    if (meta.next === null || page === PAGES) return { data: rows, meta }
    asked = { ...asked, cursor: meta.next }
  }
}

function problem(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null
  const { detail, title } = body as { detail?: unknown; title?: unknown }
  return [detail, title].find((each) => typeof each === 'string') ?? null
}
