import type { OperatorSelf } from '@countersign/sdk'
import { useEffect, useState, type ComponentType } from 'react'
import { ask, AdminError, problemOf, sessionEnded } from './ask.ts'
import { AuditView } from './AuditView.tsx'
import { BoundsView } from './BoundsView.tsx'
import { ChecklistView } from './ChecklistView.tsx'
import { DocumentsView } from './DocumentsView.tsx'
import { HealthView } from './HealthView.tsx'
import { KeysView } from './KeysView.tsx'
import { OperatorView } from './OperatorView.tsx'
import { Problem } from './Parts.tsx'
import { ProposalsView } from './ProposalsView.tsx'
import { SessionsView } from './SessionsView.tsx'
import { Enrol, SignIn, takeLinkToken } from './SignIn.tsx'
import { SkillsView } from './SkillsView.tsx'
import type { ViewProps } from './ViewProps.ts'

/** By the name in the address. */
const VIEWS: Readonly<Record<string, readonly [title: string, view: ComponentType<ViewProps>]>> = {
  keys: ['Keys', KeysView],
  sessions: ['Sessions', SessionsView],
  proposals: ['Proposals', ProposalsView],
  bounds: ['Guards and mandates', BoundsView],
  skills: ['Skills and tools', SkillsView],
  documents: ['Documents', DocumentsView],
  audit: ['Audit record', AuditView],
  checklist: ['Production checklist', ChecklistView],
  health: ['Providers and models', HealthView],
  operator: ['Your sign-in', OperatorView],
}

const viewInAddress = (): string => {
  const name = window.location.hash.slice(1)
  return Object.hasOwn(VIEWS, name) ? name : 'keys'
}

/** The page of an operator: sign-in first, then the views of one app at a time. */
export function Dashboard() {
  const [linkToken, setLinkToken] = useState(takeLinkToken)
  const [self, setSelf] = useState<OperatorSelf | 'nobody' | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const look = (): void => {
    ask<OperatorSelf>('GET', '/api/operator').then(setSelf, (error: unknown) => {
      if (error instanceof AdminError && error.status === 401) setSelf('nobody')
      else setProblem(problemOf(error))
    })
  }
  useEffect(() => {
    look()
    const leave = (): void => setSelf('nobody')
    sessionEnded.addEventListener('ended', leave)
    return () => sessionEnded.removeEventListener('ended', leave)
  }, [])
  const enter = (): void => {
    setLinkToken(null)
    look()
  }
  if (problem !== null)
    return (
      <main className="p-4">
        <Problem text={problem} onAgain={() => window.location.reload()} />
      </main>
    )
  if (self === null) return <main aria-busy="true" />
  if (self === 'nobody' || linkToken !== null) return <SignIn linkToken={linkToken} onDone={enter} />
  if (self.stage === 'enrol') return <Enrol name={self.name} onDone={enter} />
  return <Shell self={self} onChange={look} />
}

function Shell({ self, onChange }: { self: OperatorSelf; onChange: () => void }) {
  const [view, setView] = useState(viewInAddress)
  const [chosen, setApp] = useState<string | null>(null)
  const app = chosen !== null && self.apps.includes(chosen) ? chosen : (self.apps[0] ?? '')
  useEffect(() => {
    const follow = (): void => setView(viewInAddress())
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])
  const [, Shown] = VIEWS[view] ?? ['', KeysView]
  const leave = (): void => {
    // Whatever the answer: this browser shows nothing more.
    void ask('DELETE', '/api/operator/sessions/this').catch(() => null)
    sessionEnded.dispatchEvent(new Event('ended'))
  }
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="mr-auto font-semibold">
          Countersign <span className="max-sm:sr-only">operators</span>
        </h1>
        <div className="flex items-center gap-2">
          <label htmlFor="app" className="text-quiet max-sm:sr-only">
            App
          </label>
          <select
            id="app"
            className="min-h-11 max-w-40 rounded-lg border border-line bg-sheet px-2"
            value={app}
            onChange={(event) => setApp(event.target.value)}
          >
            {self.apps.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
        <button type="button" className="button" onClick={leave}>
          Sign out
        </button>
      </header>
      <div className="grid gap-4 md:grid-cols-[13rem_minmax(0,1fr)]">
        <nav aria-label="Views" className="flex items-center gap-2 md:hidden">
          <label htmlFor="views" className="text-quiet">
            View
          </label>
          <select
            id="views"
            className="min-h-11 min-w-0 flex-1 rounded-lg border border-line bg-sheet px-2"
            value={view}
            onChange={(event) => {
              window.location.hash = event.target.value
            }}
          >
            {Object.entries(VIEWS).map(([name, [title]]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </nav>
        <nav aria-label="Views" className="hidden md:block">
          <ul className="flex flex-col gap-1">
            {Object.entries(VIEWS).map(([name, [title]]) => (
              <li key={name}>
                <a
                  href={`#${name}`}
                  aria-current={view === name ? 'page' : undefined}
                  className={`flex min-h-11 items-center rounded-lg border-l-4 px-3 ${view === name ? 'border-accent bg-sheet font-semibold' : 'border-transparent'}`}
                >
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <main className="min-w-0">
          {app === '' ? null : <Shown key={`${view} ${app}`} app={app} self={self} onChange={onChange} />}
        </main>
      </div>
    </div>
  )
}
