import type { AdminProposal } from '@countersign/sdk'
import { useState } from 'react'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { Card, Mark, Nothing, Row, Rows, Served, Shown, Time, View, type Tone } from './Parts.tsx'
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
  const words = admin().proposals
  return (
    <View title={words.title} about={words.about}>
      <div className="flex flex-wrap items-center gap-2">
        <label htmlFor="state" className="font-semibold">
          {words.state}
        </label>
        <select
          id="state"
          className="min-h-11 rounded-lg border border-line bg-sheet px-2"
          value={state}
          onChange={(event) => setState(event.target.value)}
        >
          <option value="">{words.all}</option>
          {STATES.map((each) => (
            <option key={each} value={each}>
              {stateText(each)}
            </option>
          ))}
        </select>
      </div>
      <Shown loaded={proposals}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{words.none}</Nothing>
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

/** A state in words; one that a newer server knows stays as it is. */
function stateText(state: string): string {
  const { states } = admin().proposals
  return Object.hasOwn(states, state) ? states[state as keyof typeof states] : state
}

function Proposal({ item }: { item: AdminProposal }) {
  const words = admin().proposals
  return (
    <Card
      title={<Served>{item.summary}</Served>}
      mark={<Mark tone={TONES[item.state] ?? 'plain'}>{stateText(item.state)}</Mark>}
    >
      {/* The worst finding is often the reason, word for word. */}
      {item.reason === null || item.findings.some(({ because }) => because === item.reason) ? null : (
        <p className="mt-2">
          <Served>{item.reason}</Served>
        </p>
      )}
      {item.findings.length === 0 ? null : (
        <ul className="mt-2 flex flex-col gap-1">
          {item.findings.map(({ rule, level, title, because }, index) => (
            <li key={`${rule} ${index}`}>
              <span className="font-semibold">
                {level === 'block' ? words.blocks : words.warns}: <Served>{title}</Served>.
              </span>{' '}
              <Served>{because}</Served> <span className="address text-quiet">{rule}</span>
            </li>
          ))}
        </ul>
      )}
      <Rows>
        <Row label={words.proposal}>
          <span className="address">{item.id}</span>
        </Row>
        <Row label={words.account}>
          <span className="address">{item.from}</span> {words.onChain(item.chain_id)}
        </Row>
        <Row label={words.cameBy}>
          {item.door === 'chat' ? words.chat : words.door(item.door)} <span className="address">{item.session}</span>
        </Row>
        <Row label={words.made}>
          <Time iso={item.created_at} />
        </Row>
      </Rows>
    </Card>
  )
}
