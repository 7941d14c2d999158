import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../styles.css'
import { speakAsAsked } from '../text/text.ts'
import { Dashboard } from './Dashboard.tsx'

speakAsAsked()
  .finally(() => {
    createRoot(document.getElementById('root') as HTMLElement).render(
      <StrictMode>
        <Dashboard />
      </StrictMode>,
    )
  })
  .catch(() => undefined)
