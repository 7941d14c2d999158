import type { ChecklistAnswer } from '@countersign/sdk'
import { ask } from './ask.ts'
import { Mark, Nothing, Shown, Time, View, type Tone } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

type Check = ChecklistAnswer['checks'][number]

const WORDS: Readonly<Record<Check['status'], readonly [Tone, string]>> = {
  pass: ['good', 'Pass'],
  warn: ['care', 'Warning'],
  fail: ['bad', 'Failure'],
  not_checked: ['plain', 'Not checked'],
}

export function ChecklistView({ self }: ViewProps) {
  const loaded = useLoad(() => ask<ChecklistAnswer>('GET', '/api/operator/checklist'), self.name)
  return (
    <View
      title="Production checklist"
      about="What countersign doctor sees, line by line with its evidence. What was not checked counts for nothing."
    >
      <Shown loaded={loaded}>
        {({ items, checks, checked_at: at }) =>
          checks.length === 0 ? (
            <Nothing>Nothing was checked. Run countersign doctor on the machine of the server.</Nothing>
          ) : (
            <>
              <p>
                {(Object.keys(WORDS) as Check['status'][])
                  .map((status) => `${checks.filter((each) => each.status === status).length} × ${WORDS[status][1]}`)
                  .join(', ')}
                . Looked at <Time iso={at} />.
              </p>
              <ol className="flex flex-col gap-3">
                {[...items.map((title, index) => ({ title, number: (index + 1) as number | null })), BEYOND].map(
                  ({ title, number }) => (
                    <Item
                      key={title}
                      title={number === null ? title : `${number}. ${title}`}
                      checks={checks.filter(({ item }) => item === number)}
                    />
                  ),
                )}
              </ol>
            </>
          )
        }
      </Shown>
    </View>
  )
}

const BEYOND = { title: 'Beyond the checklist', number: null }

function Item({ title, checks }: { title: string; checks: readonly Check[] }) {
  return (
    <li className="rounded-xl border border-line bg-sheet p-4">
      <h3 className="font-semibold">{title}</h3>
      {checks.length === 0 ? <p className="mt-1 text-quiet">Nothing here looks at this.</p> : null}
      <ul className="mt-2 flex flex-col gap-2">
        {checks.map(({ id, about, status, evidence, remediation }, index) => (
          <li key={`${id} ${about} ${index}`} className="flex flex-wrap items-start gap-x-3 gap-y-1">
            <Mark tone={WORDS[status][0]}>{WORDS[status][1]}</Mark>
            <div className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
              <span className="font-semibold">{about}</span> <span className="text-quiet">{id}</span>: {evidence}
              {remediation === null ? null : <p>Fix: {remediation}</p>}
            </div>
          </li>
        ))}
      </ul>
    </li>
  )
}
