import { createRoot } from 'react-dom/client'
import '../styles.css'
import { speakAsAsked } from '../text/text.ts'
import { initDataIn, tellReady } from './launch.ts'
import { MiniApp } from './MiniApp.tsx'

const initData = initDataIn(window.location.hash)
// A launch is good once: what is reloaded, or copied out of the address, opens nothing.
history.replaceState(null, '', window.location.pathname)
speakAsAsked()
  .finally(() => {
    createRoot(document.getElementById('root') as HTMLElement).render(<MiniApp initData={initData} />)
    tellReady()
  })
  .catch(() => undefined)
