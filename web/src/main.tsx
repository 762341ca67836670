import { render } from 'preact'
import { App } from './app'
import { VIEWS } from './figures/address'
import { start } from './live/start'
import './style.css'
import { go, helpShown, switchTheme, switchZone, tip } from './ui/page'

addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tip.value = null
  const typing = (event.target as Element).closest('input, select, dialog')
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return
  const view = VIEWS[Number(event.key) - 1]
  if (view) go(view)
  else if (event.key === 't') switchTheme()
  else if (event.key === 'u') switchZone()
  else if (event.key === '?') helpShown.value = true
  else if (event.key === '/') {
    event.preventDefault()
    document.getElementById('filter')?.focus()
  }
})
const follow = () => {
  if (tip.value) tip.value = { ...tip.value }
}
addEventListener('scroll', follow, { capture: true, passive: true })

start()
render(<App />, document.getElementById('page')!)
