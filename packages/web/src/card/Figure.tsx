import { Fragment, type ReactNode } from 'react'
import type { Line } from './Card.ts'
import { t } from '../text/text.ts'

/**
 * An amount that never breaks inside its digits: number and unit are pieces that wrap as a whole. A figure longer than a
 * column may break after a thousands separator, and nowhere else.
 */
export function Figure({ line, isLarge = false }: { line: Line; isLarge?: boolean }) {
  const isLong = line.figure.length > 12
  const size = !isLarge ? '' : isLong ? 'text-base' : 'text-xl'
  return (
    <span className={`inline-flex max-w-full flex-wrap items-baseline gap-x-1.5 font-semibold ${size}`}>
      <span className={isLong ? 'figure-long' : 'figure'} data-testid="figure">
        {isLong ? pieces(line.figure) : line.figure}
      </span>{' '}
      <span className="text-sm [overflow-wrap:anywhere]">{line.unit}</span>
    </span>
  )
}

/** The figure in groups that are kept whole. */
function pieces(figure: string): ReactNode[] {
  const { group } = t().number
  const groups = figure.split(group)
  return groups.map((digits, i) => (
    <Fragment key={i}>
      <span className="figure">{i === groups.length - 1 ? digits : digits + group}</span>
      {i < groups.length - 1 && <wbr />}
    </Fragment>
  ))
}

/** An address as a whole: one press selects it. */
export function FullAddress({ address }: { address: string }) {
  return <span className="address select-all">{address}</span>
}
