import type { AdminProposal } from '@countersign/sdk'
import { useState } from 'react'
import { ask } from './ask.ts'
import { Card, Mark, Nothing, Row, Rows, Shown, Time, View, type Tone } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

const STATES = ['blocked', 'refused', 'pending', 'submitted', 'settled', 'mismatched', 'rejected', 'expired']
const TONES: Readonly<Record<string, Tone>> = {
  ...{ settled: 'good', done: 'good', pending: 'care', submitted: 'care', receipted: 'care', confirmed: 'care' },
  ...{ blocked: 'bad', refused: 'bad', mismatched: 'bad', failed: 'bad' },
}

export function ProposalsView({ app }: ViewProps) {
  const [state, setState] = useState('')
  const query = state === '' ? '' : `&state=${state}`
  const proposals = useLoad(
    () => ask<AdminProposal[]>('GET', `/api/admin/proposals?limit=100${query}`, { app }),
    `${app} ${state}`,
  )
  return (
    <View
      title="Proposals"
      about="The newest 100 over all sessions, how each stands, and why it was blocked or refused."
    >
      <div className="flex flex-wrap items-center gap-2">
        <label htmlFor="state" className="font-semibold">
          State
        </label>
        <select
          id="state"
          className="min-h-11 rounded-lg border border-line bg-sheet px-2"
          value={state}
          onChange={(event) => setState(event.target.value)}
        >
          <option value="">all</option>
          {STATES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </div>
      <Shown loaded={proposals}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>There is no such proposal.</Nothing>
          ) : (
            <ul className="flex flex-col gap-3">
              {all.map((each) => (
                <li key={each.id}>
                  <Proposal item={each} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </View>
  )
}

function Proposal({ item }: { item: AdminProposal }) {
  return (
    <Card title={item.summary} mark={<Mark tone={TONES[item.state] ?? 'plain'}>{item.state}</Mark>}>
      {/* The worst finding is often the reason, word for word. */}
      {item.reason === null || item.findings.some(({ because }) => because === item.reason) ? null : (
        <p className="mt-2">{item.reason}</p>
      )}
      {item.findings.length === 0 ? null : (
        <ul className="mt-2 flex flex-col gap-1">
          {item.findings.map(({ rule, level, title, because }, index) => (
            <li key={`${rule} ${index}`}>
              <span className="font-semibold">
                {level === 'block' ? '✕ Blocks' : '! Warns'}: {title}.
              </span>{' '}
              {because} <span className="address text-quiet">{rule}</span>
            </li>
          ))}
        </ul>
      )}
      <Rows>
        <Row label="Proposal">
          <span className="address">{item.id}</span>
        </Row>
        <Row label="Account">
          <span className="address">{item.from}</span> on chain {item.chain_id}
        </Row>
        <Row label="Came by">
          {item.door === 'chat' ? 'a chat' : `the door ${item.door}`}, session{' '}
          <span className="address">{item.session}</span>
        </Row>
        <Row label="Made">
          <Time iso={item.created_at} />
        </Row>
      </Rows>
    </Card>
  )
}
