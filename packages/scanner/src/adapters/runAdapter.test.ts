import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ADAPTERS } from './Adapter.ts'
import type { AdapterName } from './AdapterReport.ts'
import { runAdapter, type AdapterOptions } from './runAdapter.ts'

// The scanners cannot be installed here, so a program of the same name answers with what the documented format is
// (fixtures/README.md). Everything else is real: PATH, spawn, exit codes, time limits.
let root: string
let bin: string
let directory: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-adapters-'))
  bin = join(root, 'bin')
  directory = join(root, 'weather')
  mkdirSync(bin)
  mkdirSync(directory)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const adapterOf = (name: AdapterName): (typeof ADAPTERS)[number] => {
  const found = ADAPTERS.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no adapter ${name}`)
  return found
}

function install(
  program: string,
  {
    answer = '',
    version = '',
    exit = 0,
    body = '',
  }: { answer?: string; version?: string; exit?: number; body?: string },
): void {
  const file = join(bin, program)
  writeFileSync(`${file}.answer`, answer)
  writeFileSync(
    file,
    `#!/bin/sh\nif [ "$1" = "--version" ]; then ${version === '' ? 'exit 2' : `echo "${program} ${version}"; exit 0`}; fi\necho "$@" > "${file}.args"\nenv > "${file}.env"\n${body}\ncat "${file}.answer"\nexit ${exit}\n`,
  )
  chmodSync(file, 0o755)
}

const run = (name: AdapterName, over: Partial<AdapterOptions> = {}, env: NodeJS.ProcessEnv = {}) =>
  runAdapter({ env: { PATH: `${bin}:/usr/bin:/bin`, SECRET: 'not for others', ...env } }, adapterOf(name), {
    skill: 'skills/weather',
    directory,
    gate: 'high',
    timeoutMs: 20_000,
    isUploadAllowed: false,
    ...over,
  })
const brief = (report: Awaited<ReturnType<typeof run>>): unknown => [
  report.status,
  report.version,
  ...report.findings.map((each) => `${each.severity} ${each.rule} ${each.file}:${each.line ?? '-'}`),
]

describe('promise: each of the four in its own format', () => {
  test('skill-audit: SARIF, colliding rule ids told apart by their message, version from the answer', async () => {
    install('skill-audit', { answer: fixture('skill-audit-0.1.0.sarif'), exit: 1 })
    expect(brief(await run('skill-audit'))).toEqual([
      'fail',
      '0.1.0',
      'high prompt-attempts-to-override-instructions SKILL.md:7',
      'medium prompt-potentially-destructive-file-operation-pattern references/usage.md:12',
    ])
  })

  test('Cisco: SARIF with the severity in properties', async () => {
    install('skill-scanner', { answer: fixture('cisco-skill-scanner.sarif'), version: '2.3.2', exit: 1 })
    expect(brief(await run('cisco-skill-scanner'))).toEqual([
      'fail',
      '2.3.2',
      'medium DATA_EXFIL_NETWORK_REQUESTS scripts/fetch.py:4',
      'critical COMMAND_INJECTION_EVAL scripts/run.py:9',
    ])
    expect(readFileSync(join(bin, 'skill-scanner.args'), 'utf8')).toBe(
      `scan ${directory} --use-behavioral --lenient --format sarif --fail-on-severity high\n`,
    )
  })

  test('SkillScan: JSON; a high finding fails the gate although it says `passed` itself', async () => {
    install('skillscan', { answer: fixture('skillscan-0.4.0.json'), version: '0.4.0' })
    expect(brief(await run('skillscan'))).toEqual(['fail', '0.4.0', 'high MCP_001 SKILL.md:-'])
    expect(brief(await run('skillscan', { gate: 'critical' }))).toEqual(['pass', '0.4.0', 'high MCP_001 SKILL.md:-'])
  })

  test('Snyk: both formats, only with consent', async () => {
    install('snyk-agent-scan', { answer: fixture('snyk-agent-scan-0.6.9.json'), version: '0.6.9' })
    const env = { SNYK_TOKEN: 'a token of a test' }
    expect(brief(await run('snyk-agent-scan', { isUploadAllowed: true }, env))).toEqual([
      'fail',
      '0.6.9',
      'medium third_party_content_exposure SKILL.md:-',
      'high suspicious_download_url scripts/install.sh:12',
    ])
    install('snyk-agent-scan', { answer: fixture('snyk-agent-scan-0.5.17.json'), version: '0.5.17' })
    expect(brief(await run('snyk-agent-scan', { isUploadAllowed: true, version: '0.5.17' }, env))).toEqual([
      'fail',
      '0.5.17',
      'critical E005 SKILL.md:-',
      'medium W011 SKILL.md:-',
    ])
  })
})

test('promise: nothing is uploaded without consent, and the program is not even asked for its version', async () => {
  install('snyk-agent-scan', { answer: fixture('snyk-agent-scan-0.6.9.json'), version: '0.6.9' })
  const report = await run('snyk-agent-scan', {}, { SNYK_TOKEN: 'a token of a test' })
  expect([report.status, report.because]).toEqual([
    'not-run',
    'It sends the skill’s text to its maker; say --allow-upload to agree.',
  ])
  expect(() => readFileSync(join(bin, 'snyk-agent-scan.args'))).toThrow()
})

test('promise: what could not be run or read is never a pass', async () => {
  const absent = await run('skillscan')
  expect([absent.status, absent.because]).toEqual(['not-run', '`skillscan` is not installed.'])

  const answers: [string, Parameters<typeof install>[1]][] = [
    ['Its answer cannot be read: the answer is not JSON.', { answer: 'Traceback (most recent call last):' }],
    ['Its answer cannot be read: the answer has no findings and no verdict.', { answer: '{}' }],
    [
      'Its answer cannot be read: a finding has a severity that is not known.',
      { answer: '{"passed":true,"findings":[{"severity":"FINE"}]}' },
    ],
    ['It ended with exit code 3.', { answer: fixture('skillscan-0.4.0.json'), exit: 3 }],
  ]
  for (const [because, answer] of answers) {
    install('skillscan', { version: '0.4.0', ...answer })
    const report = await run('skillscan')
    expect([report.status, report.because]).toEqual(['failed', because])
  }

  install('skillscan', { answer: fixture('skillscan-0.4.0.json'), version: '0.9.0' })
  expect((await run('skillscan')).because).toBe('Version 0.9.0 is installed; its answers were only checked for 0.4.0.')
  install('skillscan', { answer: fixture('skillscan-0.4.0.json') })
  expect((await run('skillscan')).because).toBe('It does not say which version it is.')
  install('skillscan', { answer: '', version: '0.4.0', body: 'sleep 60 & sleep 60' })
  expect((await run('skillscan', { timeoutMs: 300 })).because).toBe('It did not answer within 300 ms.')

  install('snyk-agent-scan', {
    version: '0.6.9',
    answer:
      '{"scan_path_responses":[{"path":"x","skill_risks":[],"error":{"is_failure":true,"message":"analysis_error"}}]}',
  })
  const failed = await run('snyk-agent-scan', { isUploadAllowed: true }, { SNYK_TOKEN: 'a token of a test' })
  expect([failed.status, failed.because]).toEqual([
    'failed',
    'Its answer cannot be read: it could not look at everything: analysis_error.',
  ])
})

test('promise: other scanners are given no secrets of the environment, and none is taken from a relative PATH', async () => {
  install('skillscan', { answer: fixture('skillscan-0.4.0.json'), version: '0.4.0' })
  await run('skillscan')
  expect(readFileSync(join(bin, 'skillscan.env'), 'utf8')).not.toContain('SECRET')
  const report = await runAdapter({ env: { PATH: 'bin:.' } }, adapterOf('skillscan'), {
    skill: 'x',
    directory,
    gate: 'high',
    timeoutMs: 1_000,
    isUploadAllowed: false,
  })
  expect(report.status).toBe('not-run')
})
