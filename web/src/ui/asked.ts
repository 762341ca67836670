// A question by REST that a view asks again from time to time; the last answer stays in the meantime.

import { useEffect, useState } from 'preact/hooks'
import { locked } from '../live/rest'

export interface Asked<T> {
  readonly answer: T | null
  /** Why the last question was not answered. */
  readonly failed: string | null
}

/** `name` tells the question: when it changes, the old answer is dropped. */
export function useAsked<T>(
  name: string,
  question: (before: T | null) => Promise<T>,
  seconds: number,
): Asked<T> {
  const [state, setState] = useState<Asked<T> & { name: string }>({ answer: null, failed: null, name })
  const unlocked = !locked.value
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let left = false
    let before: T | null = null
    const work = async () => {
      try {
        const answer = await question(before)
        before = answer
        if (!left) setState({ answer, failed: null, name })
      } catch (error) {
        if (!left) setState({ answer: before, failed: (error as Error).message, name })
      }
      if (!left) timer = setTimeout(work, seconds * 1000)
    }
    if (unlocked) void work()
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [name, unlocked])
  return state.name === name ? state : { answer: null, failed: null }
}
