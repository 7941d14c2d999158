import type { AuditEntry } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { admin } from '../text/admin.ts'
import { ask, asError } from './ask.ts'
import { Mark, Nothing, Problem, Time, View } from './Parts.tsx'
import { NOTHING, verifyPage, type Fault, type Verified } from './verifyChain.ts'
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
  readonly problem: Error | null
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
    read().catch((error: unknown) => isCurrent && setReading({ ...START, problem: asError(error) }))
    return () => {
      isCurrent = false
    }
  }, [app])
  const { verified, newest, problem } = reading
  const words = admin().audit
  return (
    <View title={words.title} about={words.about}>
      {problem === null ? <Finding reading={reading} /> : <Problem of={problem} />}
      {newest.length === 0 && reading.state === 'done' ? <Nothing>{words.none}</Nothing> : null}
      <ol reversed className="flex flex-col gap-2">
        {newest.toReversed().map((entry) => (
          <li key={entry.seq} className="rounded-lg border border-line bg-sheet p-3">
            <details>
              <summary className="cursor-pointer">
                <span className="figure text-quiet">{entry.seq}</span>{' '}
                <Time iso={new Date(entry.at_ms).toISOString()} />{' '}
                <span className="font-semibold [overflow-wrap:anywhere]">{entry.event}</span>
                {entry.seq > verified.entries ? ` ${words.notVerified}` : ''}
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

/** What is wrong with an entry, as a part of a sentence. */
function faultText(fault: Fault): string {
  const { place, ...others } = admin().audit.faults
  return fault.kind === 'place' ? place(fault.found) : others[fault.kind]
}

function Finding({ reading: { verified, state } }: { reading: Reading }) {
  const words = admin().audit
  if (verified.problem !== null)
    return (
      <div role="alert" className="rounded-lg border border-bad bg-bad-soft p-3">
        <Mark tone="bad">{words.broken}</Mark>
        <p className="mt-1">{words.brokenAt(verified.problem.seq, faultText(verified.problem.fault))}</p>
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
        <p>{words.verifying(verified.entries)}</p>
      ) : (
        <>
          <Mark tone={state === 'done' ? 'good' : 'care'}>
            {state === 'cut' ? words.holdsAsFar(verified.entries) : words.holds(verified.entries)}
          </Mark>
          {state === 'cut' ? <p className="mt-1">{words.verifyRest('countersign audit verify')}</p> : null}
          <p className="mt-1">
            {words.newestHash} <span className="address">{verified.head}</span>
          </p>
          <p className="mt-1">{words.checkpoint}</p>
        </>
      )}
    </div>
  )
}
