// How far the clock of this machine is off the service's.

import { signal } from '@preact/signals'

/** What is to be added to our clock to have the service's, in milliseconds; `null`: not known yet. */
export const clockOffset = signal<number | null>(null)
/** How long the answer took that told it: the longer, the less it says. */
let certainty = Number.POSITIVE_INFINITY

/** By their time, told between `began` and `ended` of ours. Not by an answer that was kept. */
export function compareClocks(theirs: number, began: number, ended: number): void {
  const took = ended - began
  if (took > certainty) certainty *= 1.05
  else {
    certainty = took
    clockOffset.value = theirs - (began + ended) / 2
  }
}
