import type { AuditEntry } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { ask, problemOf } from './ask.ts'
import { Mark, Nothing, Problem, Time, View } from './Parts.tsx'
import { NOTHING, verifyPage, type Verified } from './verifyChain.ts'
import type { ViewProps } from './ViewProps.ts'

interface Page {
  readonly entries: readonly AuditEntry[]
  readonly next: number | null
}

const PAGE = 1_000
/** So many pages are verified here; a longer record is verified by `countersign audit verify`. */
const MAX_PAGES = 100
/** So many of the newest entries are shown. */
const SHOWN = 100

interface Reading {
  readonly verified: Verified
  readonly newest: readonly AuditEntry[]
  readonly state: 'reading' | 'done' | 'cut'
  readonly problem: string | null
}

const START: Reading = { verified: NOTHING, newest: [], state: 'reading', problem: null }

/** The record of an app, read from its first entry on and verified in this browser as it comes. */
export function AuditView({ app }: ViewProps) {
  const [reading, setReading] = useState(START)
  useEffect(() => {
    let isCurrent = true
    const read = async (): Promise<void> => {
      let { verified, newest } = START
      for (let pages = 0, after: number | null = 0; after !== null; pages += 1) {
        if (pages === MAX_PAGES) return setReading({ verified, newest, state: 'cut', problem: null })
        const page: Page = await ask<Page>('GET', `/api/audit?after=${after}&limit=${PAGE}`, { app })
        verified = await verifyPage(verified, { app, page: page.entries })
        newest = [...newest, ...page.entries].slice(-SHOWN)
        if (!isCurrent) return
        after = page.next
        setReading({ verified, newest, state: after === null ? 'done' : 'reading', problem: null })
      }
    }
    read().catch((error: unknown) => isCurrent && setReading({ ...START, problem: problemOf(error) }))
    return () => {
      isCurrent = false
    }
  }, [app])
  const { verified, newest, problem } = reading
  return (
    <View
      title="Audit record"
      about="Each entry holds the hash of the one before. This browser recomputes every hash from the first entry on."
    >
      {problem === null ? <Finding reading={reading} /> : <Problem text={problem} />}
      {newest.length === 0 && reading.state === 'done' ? <Nothing>The record is empty.</Nothing> : null}
      <ol reversed className="flex flex-col gap-2">
        {newest.toReversed().map((entry) => (
          <li key={entry.seq} className="rounded-lg border border-line bg-sheet p-3">
            <details>
              <summary className="cursor-pointer">
                <span className="figure text-quiet">{entry.seq}</span>{' '}
                <Time iso={new Date(entry.at_ms).toISOString()} />{' '}
                <span className="font-semibold [overflow-wrap:anywhere]">{entry.event}</span>
                {entry.seq > verified.entries ? ' ✕ not verified' : ''}
              </summary>
              <pre className="address mt-2 whitespace-pre-wrap">{JSON.stringify(entry.body, null, 1)}</pre>
              <p className="address mt-1 text-quiet">{entry.hash}</p>
            </details>
          </li>
        ))}
      </ol>
    </View>
  )
}

function Finding({ reading: { verified, state } }: { reading: Reading }) {
  if (verified.problem !== null)
    return (
      <div role="alert" className="rounded-lg border border-bad bg-bad-soft p-3">
        <Mark tone="bad">The record does not hold</Mark>
        <p className="mt-1">
          Entry {verified.problem.seq}: {verified.problem.because}. Compare the record with a backup and with
          checkpoints that were kept elsewhere.
        </p>
      </div>
    )
  return (
    <div
      role="status"
      className="rounded-lg border border-line bg-sheet p-3"
      data-testid="audit-finding"
      data-state={state}
    >
      {state === 'reading' ? (
        <p>Verifying… {verified.entries.toLocaleString('en')} entries hold so far.</p>
      ) : (
        <>
          <Mark tone={state === 'done' ? 'good' : 'care'}>
            {verified.entries.toLocaleString('en')} entries hold{state === 'cut' ? ' as far as this page reads' : ''}
          </Mark>
          <p className="mt-1">
            {state === 'cut' ? 'Verify the rest with countersign audit verify. ' : ''}
            Newest hash <span className="address">{verified.head}</span>. That nothing was cut off or written anew is
            shown by a checkpoint that you keep elsewhere.
          </p>
        </>
      )}
    </div>
  )
}
