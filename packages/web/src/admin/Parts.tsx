import { useEffect, useRef, useState, type ReactNode } from 'react'
import * as Amount from '../card/Amount.ts'
import { admin } from '../text/admin.ts'
import { serverLang } from '../text/text.ts'
import { asError, isOfServer, problemOf } from './ask.ts'
import { timeText } from './figures.ts'
import type { Loaded } from './useLoad.ts'

/** A view with its heading, which takes the focus when the view opens. */
export function View({ title, about, children }: { title: string; about: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section aria-labelledby="view" className="flex min-w-0 flex-col gap-4 [overflow-wrap:anywhere]">
      <div>
        <h2 id="view" ref={heading} tabIndex={-1} className="text-xl font-semibold">
          {title}
        </h2>
        <p className="mt-1 max-w-prose text-quiet">{about}</p>
      </div>
      {children}
    </section>
  )
}

/** What was loaded, or what stands in its place. */
export function Shown<T>({ loaded, children }: { loaded: Loaded<T>; children: (value: T) => ReactNode }) {
  if (loaded.problem !== null) return <Problem of={loaded.problem} onAgain={loaded.reload} />
  if (loaded.value === null)
    return (
      <p role="status" className="text-quiet">
        {admin().loading}
      </p>
    )
  return children(loaded.value)
}

/** What went wrong, in words: the server's own, or the page's. */
export function Problem({ of, onAgain }: { of: Error; onAgain?: () => void }) {
  return (
    <div role="alert" className="rounded-lg border border-bad bg-bad-soft p-3">
      <p lang={isOfServer(of) ? serverLang() : undefined}>{problemOf(of)}</p>
      {onAgain === undefined ? null : (
        <button type="button" className="button mt-2" onClick={onAgain}>
          {admin().tryAgain}
        </button>
      )}
    </div>
  )
}

/** A card with rows of a label and a value. */
export function Card({ title, mark, children }: { title: ReactNode; mark?: ReactNode; children: ReactNode }) {
  return (
    <article className="min-w-0 rounded-xl border border-line bg-sheet p-4 [overflow-wrap:anywhere]">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <h3 className="min-w-0 font-semibold">{title}</h3>
        {mark}
      </div>
      {children}
    </article>
  )
}

export function Rows({ children }: { children: ReactNode }) {
  return <dl className="mt-2 grid gap-x-4 gap-y-1 sm:grid-cols-[minmax(8rem,max-content)_minmax(0,1fr)]">{children}</dl>
}

export function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-quiet">{label}</dt>
      <dd className="mb-1 min-w-0 sm:mb-0">{children}</dd>
    </>
  )
}

const TONES = {
  good: ['✓', 'border-good bg-good-soft text-good'],
  care: ['!', 'border-care bg-care-soft text-care'],
  bad: ['✕', 'border-bad bg-bad-soft text-bad'],
  plain: ['·', 'border-line bg-paper text-quiet'],
} as const
export type Tone = keyof typeof TONES

/** A state as a word with a sign: its colour says nothing that the two do not. */
export function Mark({ tone, children }: { tone: Tone; children: ReactNode }) {
  const [sign, look] = TONES[tone]
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full border px-2.5 py-0.5 text-sm font-semibold ${look}`}
    >
      <span aria-hidden="true">{sign}</span>
      {children}
    </span>
  )
}

export function Time({ iso }: { iso: string | null }) {
  if (iso === null) return <span className="text-quiet">{admin().never}</span>
  return (
    <time dateTime={iso} className="figure">
      {timeText(iso)}
    </time>
  )
}

/** Words of the server, which are English in every language of the page; their figures are written as the page writes its own. */
export function Served({ children }: { children: string }) {
  return <span lang={serverLang()}>{Amount.asSpoken(children)}</span>
}

/** A button that does something once at a time, and says what came of it. */
export function Act({
  children,
  className = '',
  isOff = false,
  run,
}: {
  children: ReactNode
  className?: string
  isOff?: boolean
  run: () => Promise<void>
}) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Error | null>(null)
  const press = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    await run().catch((error: unknown) => setProblem(asError(error)))
    setBusy(false)
  }
  return (
    <>
      <button type="button" className={`button ${className}`} disabled={isBusy || isOff} onClick={() => void press()}>
        {children}
      </button>
      {problem === null ? null : <Problem of={problem} />}
    </>
  )
}

/** Something that is folded away, and made when it is opened. */
export function Fold({ title, children }: { title: string; children: () => ReactNode }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className="mt-3 border-t border-line pt-2" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-6 cursor-pointer font-semibold">{title}</summary>
      {isOpen ? children() : null}
    </details>
  )
}

/** A labelled field of one line. */
export function Field({
  label,
  hint,
  value,
  onChange,
}: {
  label: string
  hint?: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <label className="flex min-w-0 flex-col gap-1">
      <span className="font-semibold">{label}</span>
      {hint === undefined ? null : <span className="text-sm text-quiet">{hint}</span>}
      <input
        className="min-h-11 min-w-0 rounded-lg border border-line bg-paper px-3"
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}

export function Nothing({ children }: { children: ReactNode }) {
  return <p className="rounded-xl border border-dashed border-line p-4 text-quiet">{children}</p>
}
