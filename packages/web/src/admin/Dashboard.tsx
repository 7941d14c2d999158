import type { OperatorSelf } from '@countersign/sdk'
import { useEffect, useState, type ComponentType } from 'react'
import { admin } from '../text/admin.ts'
import { LanguageSwitch } from '../text/LanguageSwitch.tsx'
import { useLanguage } from '../text/useLanguage.ts'
import { ask, AdminError, asError, sessionEnded } from './ask.ts'
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
const VIEWS = {
  keys: KeysView,
  sessions: SessionsView,
  proposals: ProposalsView,
  bounds: BoundsView,
  skills: SkillsView,
  documents: DocumentsView,
  audit: AuditView,
  checklist: ChecklistView,
  health: HealthView,
  operator: OperatorView,
} as const satisfies Readonly<Record<string, ComponentType<ViewProps>>>

type ViewName = keyof typeof VIEWS
const NAMES = Object.keys(VIEWS) as readonly ViewName[]

const viewInAddress = (): ViewName => NAMES.find((name) => name === window.location.hash.slice(1)) ?? 'keys'

/** The page of an operator: sign-in first, then the views of one app at a time. */
export function Dashboard() {
  const [linkToken, setLinkToken] = useState(takeLinkToken)
  const [self, setSelf] = useState<OperatorSelf | 'nobody' | null>(null)
  const [problem, setProblem] = useState<Error | null>(null)
  const language = useLanguage()
  const look = (): void => {
    ask<OperatorSelf>('GET', '/api/operator').then(setSelf, (error: unknown) => {
      if (error instanceof AdminError && error.status === 401) setSelf('nobody')
      else setProblem(asError(error))
    })
  }
  useEffect(() => {
    look()
    const leave = (): void => setSelf('nobody')
    sessionEnded.addEventListener('ended', leave)
    return () => sessionEnded.removeEventListener('ended', leave)
  }, [])
  useEffect(() => {
    document.title = admin().title
  }, [language])
  const enter = (): void => {
    setLinkToken(null)
    look()
  }
  if (problem !== null)
    return (
      <main className="p-4">
        <Problem of={problem} onAgain={() => window.location.reload()} />
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
  const Shown = VIEWS[view]
  const words = admin()
  const leave = (): void => {
    // Whatever the answer: this browser shows nothing more.
    void ask('DELETE', '/api/operator/sessions/this').catch(() => null)
    sessionEnded.dispatchEvent(new Event('ended'))
  }
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="mr-auto font-semibold">
          Countersign <span className="max-sm:sr-only">{words.operators}</span>
        </h1>
        <div className="flex items-center gap-2">
          <label htmlFor="app" className="text-quiet max-sm:sr-only">
            {words.app}
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
        <div className="flex items-center gap-2 max-sm:w-full max-sm:[&>*]:flex-1">
          <button type="button" className="button" onClick={leave}>
            {words.signOut}
          </button>
          <LanguageSwitch />
        </div>
      </header>
      <div className="grid gap-4 md:grid-cols-[13rem_minmax(0,1fr)]">
        <nav aria-label={words.views} className="flex items-center gap-2 md:hidden">
          <label htmlFor="views" className="text-quiet">
            {words.view}
          </label>
          <select
            id="views"
            className="min-h-11 min-w-0 flex-1 rounded-lg border border-line bg-sheet px-2"
            value={view}
            onChange={(event) => {
              window.location.hash = event.target.value
            }}
          >
            {NAMES.map((name) => (
              <option key={name} value={name}>
                {words[name].title}
              </option>
            ))}
          </select>
        </nav>
        <nav aria-label={words.views} className="hidden md:block">
          <ul className="flex flex-col gap-1">
            {NAMES.map((name) => (
              <li key={name}>
                <a
                  href={`#${name}`}
                  aria-current={view === name ? 'page' : undefined}
                  className={`flex min-h-11 items-center rounded-lg border-l-4 px-3 ${view === name ? 'border-accent bg-sheet font-semibold' : 'border-transparent'}`}
                >
                  {words[name].title}
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
