import { readApps, reviewApp } from '@countersign/server'
import { Command } from 'commander'
import type { Io } from './io.ts'

const EXIT = { pass: 0, warn: 10, fail: 11 } as const

/** `countersign checklist`: what about the configured apps is weaker than it could be, and what is not for production. */
export function checklistCommand(io: Io): Command {
  return new Command('checklist')
    .description('look through the apps of COUNTERSIGN_APPS: exit code 0 for pass, 10 for warnings, 11 for failures')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => {
      const points = [...readApps(io.env).values()].flatMap(reviewApp)
      const worst = (['fail', 'warn'] as const).find((level) => points.some((point) => point.level === level)) ?? 'pass'
      if (options.json === true) io.out(JSON.stringify({ level: worst, points }))
      else for (const point of points) io.out(`${point.level.padEnd(4)}  ${point.app}  ${point.item}: ${point.because}`)
      io.exit(EXIT[worst])
    })
}
