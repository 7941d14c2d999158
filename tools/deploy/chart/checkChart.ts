import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

/** What renders the chart: helm itself, or `render.go` beside this file, with Go and sprig of the distribution. */
export type Renderer = 'helm' | 'go'
type Values = Readonly<Record<string, unknown>>
interface Given {
  /** The chart's folder. */
  readonly chart: string
  /** The folder of the plain manifests, which say the same. */
  readonly manifests: string
  readonly renderer: Renderer
  /** A folder for files of values. */
  readonly scratch: string
}

/** Values that would start and could not work, and what the refusal has to say. */
const REFUSED: readonly (readonly [Values, string])[] = [
  [{ replicas: 2 }, 'set postgres to true'],
  [{ workers: { replicas: 1 } }, 'set postgres to true'],
  [{ settings: { COUNTERSIGN_MASTER_KEY: 'x' } }, 'is a secret'],
  [{ settings: { DATABASE_URL: 'x' } }, 'is a secret'],
]

/** What is wrong with the chart; empty when nothing is. */
export function checkChart(given: Given): string[] {
  const problems: string[] = []
  const plain = (file: string): string => readFileSync(join(given.manifests, file), 'utf8')
  const [server, worker] = [documentsOf(plain('countersign.yaml')), documentsOf(plain('simulate-worker.yaml'))]

  const one = render(given, {})
  if (one.text === null) return [one.error]
  problems.push(...differences(server, documentsOf(one.text), 'countersign.yaml'))

  const many = render(given, { postgres: true, replicas: 3, workers: { replicas: 2 } })
  if (many.text === null) return [...problems, many.error]
  const found = documentsOf(many.text)
  problems.push(...differences(worker, found.filter(isOfWorker), 'simulate-worker.yaml'))
  const kinds = found.filter((each) => !isOfWorker(each)).map(({ kind }) => kind)
  const wanted = ['ServiceAccount', 'Service', 'Deployment', 'PodDisruptionBudget', 'NetworkPolicy', 'Ingress']
  if (kinds.join() !== wanted.join())
    problems.push(`On PostgreSQL it gives ${kinds.join(', ')}; expected ${wanted.join(', ')}.`)

  for (const [values, sentence] of REFUSED) {
    const refused = render(given, values)
    if (refused.text !== null) problems.push(`It takes ${JSON.stringify(values)}.`)
    else if (!refused.error.includes(sentence))
      problems.push(`It refuses ${JSON.stringify(values)} with: ${refused.error}`)
  }
  return problems
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
}
const isOfWorker = ({ metadata }: Manifest): boolean => metadata.name.endsWith('-simulate')

function documentsOf(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0]
      return document.toJS() as Manifest | null
    })
    .filter((each) => each !== null)
}

function differences(plain: readonly Manifest[], rendered: readonly Manifest[], file: string): string[] {
  const byName = (all: readonly Manifest[]) => new Map(all.map((each) => [`${each.kind} ${each.metadata.name}`, each]))
  const [wanted, found] = [byName(plain), byName(rendered)]
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((name) => canonical(wanted.get(name)) !== canonical(found.get(name)))
    .map((name) => `${file} and the chart say different things of ${name}.`)
}

/** The same text for the same value, whatever the order of its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}

type Rendered = { readonly text: string } | { readonly text: null; readonly error: string }

function render({ chart, renderer, scratch }: Given, values: Values): Rendered {
  if (renderer === 'helm') {
    const file = join(scratch, 'values.json')
    writeFileSync(file, JSON.stringify(values))
    return outcome(spawnSync('helm', ['template', 'countersign', chart, '--values', file], { encoding: 'utf8' }))
  }
  const all = merged(read(join(chart, 'values.yaml')), values)
  const { name, version, appVersion } = read(join(chart, 'Chart.yaml'))
  const input = JSON.stringify({ Values: all, Chart: { Name: name, Version: version, AppVersion: appVersion } })
  const args = ['run', join(import.meta.dirname, 'render.go'), chart, 'countersign', input]
  // Debian's packages golang-go and golang-github-masterminds-sprig-dev: no download.
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: process.env['GOPATH'] ?? '/usr/share/gocode' }
  return outcome(spawnSync('go', args, { encoding: 'utf8', env }))
}

function outcome({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): Rendered {
  return status === 0 ? { text: stdout } : { text: null, error: stderr.trim() }
}

const read = (path: string): Values => parse(readFileSync(path, 'utf8')) as Values

/** Values as Helm merges them: objects by key, everything else as a whole. */
function merged(base: unknown, over: unknown): unknown {
  const isObject = (value: unknown): value is Values =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
  if (!isObject(base) || !isObject(over)) return over === undefined ? base : over
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [key, merged(base[key], over[key])]),
  )
}
