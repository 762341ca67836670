// The key: asked for where the service wants one, and forgotten when one says so.

import { signal } from '@preact/signals'
import { forgetKey, idOf, isRemembered, keepKey, key } from '../live/key'
import { askWith, lock, Refusal } from '../live/rest'
import { Dialog } from './dialogs'
import { keyShown } from './page'

const MAKES = 'perps-stats keys create --scope read,stream'
/** What is wrong with the key that was entered last. */
const wrong = signal<string | null>(null)
const isTrying = signal(false)

/** It is kept only when the service has let it in. */
async function enter(text: string, remember: boolean): Promise<void> {
  isTrying.value = true
  try {
    await askWith(text, 'markets', { limit: '1' })
    keepKey(text, remember)
    wrong.value = null
    lock.value = null
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    wrong.value = error.message
  }
  isTrying.value = false
}

function forget(): void {
  forgetKey()
  keyShown.value = false
  wrong.value = null
  lock.value = { why: null }
}

export function KeyQuestion() {
  if (!lock.value) return null
  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const said = new FormData(event.currentTarget)
    void enter(String(said.get('key')).trim(), said.has('remember'))
  }
  const told = wrong.value ?? lock.value.why
  return (
    <Dialog title="This service asks for a key" stays>
      {told && <p class="note bad" role="alert">{told[0]?.toUpperCase()}{told.slice(1)}.</p>}
      <form onSubmit={submit}>
        <label>
          Key{' '}
          <input
            name="key"
            type="password"
            required
            pattern="\s*ps_[0-9a-z]+_[0-9A-Za-z]+\s*"
            title="it begins with ps_"
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <button type="submit" disabled={isTrying.value}>Enter</button>
        <p><label><input name="remember" type="checkbox" /> Remember it in this browser</label></p>
      </form>
      <p class="muted">
        Else it is kept in this tab alone, until that is closed. <code>{MAKES}</code> makes one that
        opens all of this page.
      </p>
    </Dialog>
  )
}

export function TheKey() {
  const known = key.value
  if (!keyShown.value || !known) return null
  const close = () => {
    keyShown.value = false
  }
  return (
    <Dialog title="Your key" onClose={close}>
      <p>
        <code>{idOf(known)}_…</code>, kept in{' '}
        {isRemembered() ? 'this browser until it is forgotten' : 'this tab alone, until that is closed'}.
      </p>
      <form method="dialog" class="controls">
        <button type="button" onClick={forget}>Forget it</button>
        <button type="submit">Close</button>
      </form>
    </Dialog>
  )
}
