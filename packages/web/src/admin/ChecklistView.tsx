import type { ChecklistAnswer } from '@countersign/sdk'
import type { ReactNode } from 'react'
import { admin } from '../text/admin.ts'
import { serverLang } from '../text/text.ts'
import { ask } from './ask.ts'
import { timeText } from './figures.ts'
import { Mark, Nothing, Served, Shown, View, type Tone } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

type Check = ChecklistAnswer['checks'][number]

const TONES: Readonly<Record<Check['status'], Tone>> = {
  ...{ pass: 'good', warn: 'care', fail: 'bad', not_checked: 'plain' },
}

export function ChecklistView({ self }: ViewProps) {
  const loaded = useLoad(() => ask<ChecklistAnswer>('GET', '/api/operator/checklist'), self.name)
  const words = admin().checklist
  return (
    <View title={words.title} about={words.about}>
      <Shown loaded={loaded}>
        {({ items, checks, checked_at: at }) =>
          checks.length === 0 ? (
            <Nothing>{words.none('countersign doctor')}</Nothing>
          ) : (
            <>
              <p>
                {words.lookedAt(
                  (Object.keys(TONES) as Check['status'][])
                    .map((status) =>
                      words.count(checks.filter((each) => each.status === status).length, words.states[status]),
                    )
                    .join(', '),
                  timeText(at),
                )}
              </p>
              <ol className="flex flex-col gap-3">
                {items.map((title, index) => (
                  <Item
                    key={title}
                    title={<Served>{`${index + 1}. ${title}`}</Served>}
                    checks={checks.filter(({ item }) => item === index + 1)}
                  />
                ))}
                <Item title={words.beyond} checks={checks.filter(({ item }) => item === null)} />
              </ol>
            </>
          )
        }
      </Shown>
    </View>
  )
}

function Item({ title, checks }: { title: ReactNode; checks: readonly Check[] }) {
  const words = admin().checklist
  return (
    <li className="rounded-xl border border-line bg-sheet p-4">
      <h3 className="font-semibold">{title}</h3>
      {checks.length === 0 ? <p className="mt-1 text-quiet">{words.unseen}</p> : null}
      <ul className="mt-2 flex flex-col gap-2">
        {checks.map(({ id, about, status, evidence, remediation }, index) => (
          <li key={`${id} ${about} ${index}`} className="flex flex-wrap items-start gap-x-3 gap-y-1">
            <Mark tone={TONES[status]}>{words.states[status]}</Mark>
            <div className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
              <span className="font-semibold" lang={serverLang()}>
                {about}
              </span>{' '}
              <span className="text-quiet">{id}</span>: <Served>{evidence}</Served>
              {remediation === null ? null : (
                <p>
                  {words.fix} <Served>{remediation}</Served>
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </li>
  )
}
