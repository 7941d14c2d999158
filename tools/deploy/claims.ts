import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

interface Container {
  readonly name: string
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean
    readonly readOnlyRootFilesystem?: boolean
    readonly capabilities?: { readonly drop?: readonly string[] }
  }
}

export const COMPOSE = ['compose.yaml', 'compose.sqlite.yaml']

/** Containers of the manifests that could do more than they need. */
export function weakContainers(deploy: string): string[] {
  const services = COMPOSE.flatMap((file) =>
    Object.entries(readCompose(deploy, file).services).flatMap(([name, service]) =>
      name === 'proxy' || (service.read_only === true && (service.cap_drop ?? []).includes('ALL'))
        ? []
        : [`${file}: ${name} needs read_only and cap_drop [ALL].`],
    ),
  )
  const pods = ['countersign.yaml', 'simulate-worker.yaml']
    .flatMap((file) => parseAllDocuments(readFileSync(join(deploy, 'kubernetes', file), 'utf8')))
    .map((document) => document.toJS() as { kind: string; spec?: { template?: { spec: Pod } } })
    .flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template.spec]))
  const weak = pods.flatMap(({ securityContext, containers }) => [
    ...(securityContext?.runAsNonRoot === true ? [] : ['kubernetes: the pod needs runAsNonRoot.']),
    ...containers
      .filter(({ securityContext: of }) => !isTight(of))
      .map(({ name }) => `kubernetes: ${name} needs a read-only root, no privilege escalation, no capabilities.`),
  ])
  return pods.length === 0 ? ['countersign.yaml holds no pod.'] : [...services, ...weak]
}

interface Pod {
  readonly securityContext?: { readonly runAsNonRoot?: boolean }
  readonly containers: readonly Container[]
}

function isTight(of: Container['securityContext']): boolean {
  return (
    of?.allowPrivilegeEscalation === false &&
    of.readOnlyRootFilesystem === true &&
    (of.capabilities?.drop ?? []).includes('ALL')
  )
}

function readCompose(
  deploy: string,
  file: string,
): {
  services: Record<string, { read_only?: boolean; cap_drop?: string[] }>
} {
  return parse(readFileSync(join(deploy, file), 'utf8'), { merge: true }) as never
}

const SETTINGS = /\b(?:COUNTERSIGN_[A-Z0-9_]+|REDIS_URL|DATABASE_URL|ANTHROPIC_API_KEY|OPENAI_API_KEY)\b/g

/** Settings that a manifest names and `serve --help` does not. */
export function missingSettings(deploy: string, help: string): string[] {
  const known = new Set([...(help.match(SETTINGS) ?? []), 'COUNTERSIGN_HOST', 'COUNTERSIGN_DATA_DIR'])
  const files = [
    ...COMPOSE,
    'kubernetes/countersign.yaml',
    'kubernetes/simulate-worker.yaml',
    'helm/countersign/values.yaml',
    'helm/countersign/templates/_parts.tpl',
    'systemd/countersign.service',
    'systemd/countersign-simulate@.service',
    '../Dockerfile',
  ]
  return files.flatMap((file) =>
    (readFileSync(join(deploy, file), 'utf8').match(SETTINGS) ?? [])
      .filter((name) => !known.has(name) && !/^COUNTERSIGN_RPC_\d+$/.test(name))
      .map((name) => `${file}: ${name} is not a setting.`),
  )
}

/** Metrics that dashboard, alerts or their tests name and the server does not serve. */
export function missingMetrics(deploy: string, metrics: string): string[] {
  const served = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
  const files = ['grafana/countersign.json', 'prometheus/alerts.yaml', 'prometheus/alerts.test.yaml']
  return files.flatMap((file) => {
    const named = readFileSync(join(deploy, file), 'utf8').match(/\b(?:countersign|nodejs|process)_[a-z0-9_]+/g) ?? []
    return [...new Set(named)]
      .filter((name) => !served.has(name) && !served.has(name.replace(/_(?:bucket|count|sum)$/, '')))
      .map((name) => `${file}: ${name} is not served.`)
  })
}
