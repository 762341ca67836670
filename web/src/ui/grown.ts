// Rows of a span of time: asked for once by REST, then told by the stream; what that misses is
// asked for.

import { useEffect, useState } from 'preact/hooks'
import { merged } from '../figures/spans'
import { connection, hear, now, stream } from '../live/live'
import { useChannels } from '../live/follow'
import { askAll, lock } from '../live/rest'
import type { Channel } from '../live/stream'
import { type Asked, failure, NOT_YET } from './asked'

interface Question<R> {
  readonly path: string
  readonly said: Record<string, string>
  readonly channel: Channel
  /** How far back, in seconds. */
  readonly span: number
  /** By which no two rows are alike. */
  readonly startOf: (row: R) => string | null
  readonly endOf?: (row: R) => string | null
  /** Of what the stream tells, what was asked for. */
  readonly fits?: (row: R) => boolean
}

/** Backfill and repairs store rows of the past, which the stream does not tell. */
const WHOLE_MS = 300_000
const NEVER = Number.NEGATIVE_INFINITY
const UNTOLD_SECONDS = 5
const SOON_MS = 50

/** `name` tells the question: when it changes, the old answer is dropped. */
export function useGrown<R>(name: string, question: Question<R>): Asked<readonly R[]> {
  const [state, setState] = useState<Asked<readonly R[]> & { name: string }>({ ...NOT_YET, name })
  const unlocked = !lock.value
  useChannels([question.channel])
  useEffect(() => {
    if (!unlocked) return
    const grown = new Grown(question, (asked) => setState({ ...asked, name }))
    return () => grown.end()
  }, [name, unlocked])
  return state.name === name ? state : NOT_YET
}

class Grown<R> {
  readonly #question: Question<R>
  readonly #show: (asked: Asked<readonly R[]>) => void
  readonly #stopHearing: () => void
  #asked: Asked<readonly R[]> = NOT_YET
  #rows: readonly R[] = []
  #wholeAt = NEVER
  #since: string | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAsking = false
  #isDue = false
  #isOver = false

  constructor(question: Question<R>, show: (asked: Asked<readonly R[]>) => void) {
    this.#question = question
    this.#show = show
    this.#stopHearing = hear(question.channel, {
      rows: (rows) => this.#add((rows as readonly R[]).filter(question.fits ?? (() => true))),
      missed: (since) => this.#miss(since),
    })
    void this.#ask()
  }

  end(): void {
    this.#isOver = true
    this.#stopHearing()
    clearTimeout(this.#timer)
  }

  #add(rows: readonly R[]): void {
    const { span, startOf, endOf = startOf } = this.#question
    const oldest = now.peek() - span * 1000
    this.#rows = merged(this.#rows, rows, startOf, endOf, oldest)
    if (this.#wholeAt === NEVER) return // the last rows are not all of them
    this.#asked = { ...this.#asked, answer: this.#rows, answeredAt: Date.now() }
    this.#show(this.#asked)
  }

  #miss(since: string | null): void {
    if (since !== null && (this.#since === null || since < this.#since)) this.#since = since
    this.#isDue = true
    this.#askIn(SOON_MS)
  }

  #askIn(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#isOver && !this.#isAsking) this.#timer = setTimeout(() => void this.#ask(), ms)
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    this.#isDue = false
    const isWhole = Date.now() - this.#wholeAt >= WHOLE_MS
    const start = isWhole ? null : this.#start()
    const { path, said, span } = this.#question
    try {
      const asked = { ...said, start_time: start ?? `-${span}s`, order: 'asc' }
      const { data } = await askAll<R>(path, asked)
      if (isWhole) this.#wholeAt = Date.now()
      this.#since = null
      this.#asked = { ...this.#asked, failed: null }
      if (!this.#isOver) this.#add(data)
    } catch (error) {
      this.#asked = { ...this.#asked, failed: failure(error) }
      if (!this.#isOver) this.#show(this.#asked)
    }
    this.#isAsking = false
    this.#askIn(this.#wait())
  }

  /** From the last row on, or from what was missed before it. */
  #start(): string | null {
    const last = this.#rows.at(-1)
    const end = last === undefined ? null : this.#question.startOf(last)
    if (end === null || this.#since === null) return end
    return end < this.#since ? end : this.#since
  }

  #wait(): number {
    const { failed } = this.#asked
    if (failed) return Math.max(0, failed.retryAt - Date.now())
    if (this.#isDue) return SOON_MS
    const isTold = connection.peek().state === 'live' && stream.tells(this.#question.channel)
    return isTold ? this.#wholeAt + WHOLE_MS - Date.now() : UNTOLD_SECONDS * 1000
  }
}
