import type { Rate, Result, Row } from '../Result.ts'

/** What `npm run bench -- all` keeps: each result, and what did not come to one. */
export interface League {
  /** Of `package.json`. */
  readonly version: string
  /** Of the checkout; null outside of one. */
  readonly commit: string | null
  readonly date: string
  /** Whether the fold of the scanner's packages that is held back was read. */
  readonly isHeldBackRead: boolean
  readonly parts: readonly Part[]
}

export interface Part {
  /** How it is run again. */
  readonly command: string
  readonly tookS: number
  readonly result: Result | null
  /** Why there is no result. */
  readonly failure: string | null
}

/** The league table as Markdown: shares by case and tool with intervals, times, ratios, bars, and what was left out. */
export function render(league: League, charts: ReadonlyMap<string, string>): string {
  const { version, commit, date, isHeldBackRead, parts } = league
  const first = parts.find(({ result }) => result !== null)?.result
  const head = [
    '# League table',
    `Version ${version}, commit ${commit ?? 'unknown'}, ${date.slice(0, 10)}, ${first === undefined || first === null ? 'no result' : `${first.machine}, Node ${first.node}`}. Written by \`npm run bench -- all\`; each part has the command that runs it again. Shares have 95 % intervals (Wilson). Times are compared within one run only.`,
    isHeldBackRead
      ? 'The fold of the scanner’s packages that is held back was read in this run.'
      : 'The fold of the scanner’s packages that is held back was not read: the scanner’s shares are of packages that its rules may have been written for. Read it with `--held-back`.',
  ]
  const body = parts.flatMap(({ command, tookS, result, failure }) =>
    result === null
      ? [`## \`${command}\``, `No result after ${tookS} s: ${failure ?? 'unknown'}.`]
      : [
          `## ${result.bench}`,
          `\`${command}\`, ${tookS} s.`,
          ...(charts.has(command) ? [`![${result.bench}](${charts.get(command) ?? ''})`] : []),
          ...section(result),
        ],
  )
  return `${[...head, ...body].join('\n\n')}\n`
}

function section({ rates = [], rows, ratios, bars, leftOut = [] }: Result): string[] {
  return [
    ...(rates.length === 0 ? [] : [pivot(rates)]),
    ...(rows.length === 0 ? [] : [times(rows)]),
    ...(ratios.length === 0
      ? []
      : [
          ratios
            .map(
              ({ case: name, metric, subject, over, value, above1 }) =>
                `- ${cell(name)}, ${cell(metric)}: ${cell(subject)} is ${value.toFixed(2)} times as ${above1 === 'slower' ? 'slow' : 'fast'} as ${cell(over)}`,
            )
            .join('\n'),
        ]),
    ...(bars.length === 0
      ? []
      : [
          tableOf(
            ['bar', 'value', 'target', ''],
            bars.map(({ name, value, target, holds }) => [
              cell(name),
              String(Math.round(value * 1000) / 1000),
              cell(target),
              holds ? 'held' : '**missed**',
            ]),
          ),
        ]),
    ...(leftOut.length === 0 ? [] : [`Left out:\n\n${leftOut.map((each) => `- ${cell(each)}`).join('\n')}`]),
  ]
}

/** A line a case, a column a tool and what is counted of it. */
function pivot(rates: readonly Rate[]): string {
  const nameOf = ({ subject, metric }: Rate): string => `${subject}: ${metric}`
  const columns = [...new Set(rates.map(nameOf))]
  const cases = [...new Set(rates.map((rate) => rate.case))]
  return tableOf(
    ['case', ...columns.map(cell)],
    cases.map((name) => [
      cell(name),
      ...columns.map((column) => {
        const rate = rates.find((each) => each.case === name && nameOf(each) === column)
        if (rate === undefined) return ''
        const percent = (value: number): string => (100 * value).toFixed(1)
        return `${rate.hits}/${rate.n}, ${percent(rate.rate)} % (${percent(rate.low)} to ${percent(rate.high)})`
      }),
    ]),
  )
}

function times(rows: readonly Row[]): string {
  return tableOf(
    ['case', 'tool', 'metric', 'p50', 'p95', 'p99', 'n'],
    rows.map(({ case: name, subject, metric, unit, p50, p95, p99, n }) => [
      ...[cell(name), cell(subject), `${cell(metric)}, ${unit}`],
      ...[p50, p95, p99, n].map(String),
    ]),
  )
}

function tableOf(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** Text that ends neither a cell nor a line. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
