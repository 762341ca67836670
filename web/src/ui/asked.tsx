// A question by REST that a view asks again from time to time; the last answer stays in the meantime.

import { useEffect, useState } from 'preact/hooks'
import { clock, length, zoneName } from '../figures/format'
import { now } from '../live/live'
import { lock, Refusal } from '../live/rest'
import { zone } from './page'

/** Why a question was not answered, and when it is asked again, in milliseconds of our clock. */
interface Failure {
  readonly why: string
  readonly retryAt: number
}

export interface Asked<T> {
  readonly answer: T | null
  /** When it came, in milliseconds of our clock. */
  readonly answeredAt: number | null
  readonly failed: Failure | null
}

export const NOT_YET = { answer: null, answeredAt: null, failed: null }

const RETRY_SECONDS = 5

/** Soon, unless the service wants to be asked later. */
export function failure(error: unknown): Failure {
  if (!(error instanceof Refusal)) throw error
  const wait = Math.max(RETRY_SECONDS, error.after ?? 0)
  return { why: error.message, retryAt: Date.now() + wait * 1000 }
}

/** `name` tells the question: when it changes, the old answer is dropped. */
export function useAsked<T>(name: string, question: () => Promise<T>, seconds: number): Asked<T> {
  const [state, setState] = useState<Asked<T> & { name: string }>({ ...NOT_YET, name })
  const unlocked = !lock.value
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let left = false
    let last: Asked<T> = NOT_YET
    const work = async () => {
      try {
        last = { answer: await question(), answeredAt: Date.now(), failed: null }
      } catch (error) {
        last = { ...last, failed: failure(error) }
      }
      if (left) return
      setState({ ...last, name })
      timer = setTimeout(work, last.failed ? last.failed.retryAt - Date.now() : seconds * 1000)
    }
    if (unlocked) void work()
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [name, unlocked])
  return state.name === name ? state : NOT_YET
}

interface Props {
  /** `gaps` */
  readonly what: string
  readonly asked: Asked<unknown>
}

/** In the place of what was asked for, or above what there was of it before. */
export function Unanswered({ what, asked: { answeredAt, failed } }: Props) {
  if (!failed) return null
  now.value // it counts down
  const retry = length((failed.retryAt - Date.now()) / 1000)
  return (
    <p class="note bad" role="status">
      <b>{answeredAt === null ? `No answer about ${what}` : asOf(what, answeredAt)}:</b> {failed.why}.{' '}
      <span class="muted">Asked again in {retry}.</span>
    </p>
  )
}

function asOf(what: string, ms: number): string {
  const when = `${clock(ms, zone.value)} ${zoneName(ms, zone.value)}`
  return `${what[0]?.toUpperCase()}${what.slice(1)} as of ${when}`
}
