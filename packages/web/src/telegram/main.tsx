import { createRoot } from 'react-dom/client'
import '../styles.css'
import { initDataIn, tellReady } from './launch.ts'
import { MiniApp } from './MiniApp.tsx'

const initData = initDataIn(window.location.hash)
// A launch is good once: what is reloaded, or copied out of the address, opens nothing.
history.replaceState(null, '', window.location.pathname)
createRoot(document.getElementById('root') as HTMLElement).render(<MiniApp initData={initData} />)
tellReady()
