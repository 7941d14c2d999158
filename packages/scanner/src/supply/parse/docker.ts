import type { Node as YamlNode } from 'yaml'
import { imageDependency, readCapability, readSecretPair, readVolume } from './dockerRun.ts'
import { parsers } from '../../parsers.ts'
import { NOTHING, shown, type ContainerFact, type Dependency, type Supplies } from '../Dependency.ts'

/** Fetches into a shell: the oldest way to run what somebody else decides on the day. */
const FETCH_AND_RUN =
  /\b(?:curl|wget)\b[^|\n]{0,400}\|\s{0,3}(?:sudo\s{1,3})?(?:ba|z|da|k)?sh\b|\b(?:ba|z|da)?sh\s{1,3}(?:-c\s{1,3})?["']?(?:<\(|\$\()\s{0,3}(?:curl|wget)\b/

/** A Dockerfile. What its RUN lines do is the shell reader's; here is what Docker itself makes of it. */
export function readDockerfile(file: string, text: string): Supplies {
  const dockerfile = parsers.docker().DockerfileParser.parse(text)
  const dependencies: Dependency[] = []
  const containers: ContainerFact[] = []
  const lines = text.split(/\r?\n/)
  const stages = new Set<string>()
  const defaults = new Map<string, string>()
  let user: { name: string; line: number } | null = null
  let lastFrom = 0
  for (const instruction of dockerfile.getInstructions()) {
    const keyword = instruction.getKeyword()
    const line = instruction.getRange().start.line + 1
    const words = instruction.getArguments().map((argument) => argument.getValue())
    const { start, end } = instruction.getRange()
    // With its flags, which the parser keeps apart from the arguments.
    const raw = lines.slice(start.line, end.line + 1).join('\n')
    const add = (what: ContainerFact['what'], subject: string): void => {
      containers.push({
        what,
        subject,
        isIllustration: false,
        file,
        line,
        evidence: shown(what === 'secret' ? `${keyword} ${subject}=…` : raw),
      })
    }
    if (keyword === 'ARG') {
      const [name = '', value] = (words[0] ?? '').split('=')
      if (value !== undefined) defaults.set(name, value)
      readSecretPair(words[0] ?? '', add)
    } else if (keyword === 'FROM') {
      const reference = (words.find((word) => !word.startsWith('--')) ?? '').replace(
        /\$\{?(\w{1,60})(?::-([^}]{0,100}))?\}?/g,
        (whole: string, name: string, other: string | undefined) => defaults.get(name) ?? other ?? whole,
      )
      if (!stages.has(reference.toLowerCase()))
        dependencies.push(...imageDependency(reference, { file, line, text: raw }, 'manifest'))
      const as = words.findIndex((word) => word.toUpperCase() === 'AS')
      if (as !== -1) stages.add((words[as + 1] ?? '').toLowerCase())
      user = null
      lastFrom = line
    } else if (keyword === 'COPY') {
      const from = /--from=(\S{1,300})/.exec(raw)?.[1]
      if (from !== undefined && !stages.has(from.toLowerCase()) && !/^\d{1,3}$/.test(from)) {
        dependencies.push(...imageDependency(from, { file, line, text: raw }, 'manifest'))
      }
    } else if (keyword === 'USER') user = { name: words[0] ?? '', line }
    else if (keyword === 'ADD') {
      const url = words.find((word) => /^(?:https?|git):\/\//.test(word))
      if (url !== undefined && !/--checksum=sha256:[0-9a-f]{64}/.test(raw)) add('add-remote', url)
    } else if (keyword === 'RUN') {
      if (FETCH_AND_RUN.test(raw.slice(0, 4_000))) add('fetch-and-run', shown(raw))
      if (/--security=insecure/.test(raw)) add('unconfined', '--security=insecure')
    } else if (keyword === 'ENV') {
      const isPairs = (words[0] ?? '').includes('=')
      for (const pair of isPairs ? words : [`${words[0] ?? ''}=${words.slice(1).join(' ')}`]) readSecretPair(pair, add)
    }
  }
  if (lastFrom > 0) {
    const root = user === null || /^(?:root|0)(?::|$)/.test(user.name)
    if (root) {
      const line = user?.line ?? lastFrom
      const what = user === null ? 'no-user' : 'root-user'
      containers.push({
        what,
        subject: user?.name ?? 'root',
        isIllustration: false,
        file,
        line,
        evidence: user === null ? 'no USER after the last FROM' : `USER ${user.name}`,
      })
    }
  }
  const problems =
    lastFrom === 0 && /\S/.test(text) ? [{ file, line: 1, why: 'is not a Dockerfile: it has no FROM' }] : []
  return { ...NOTHING, dependencies, containers, problems }
}

/** A compose file: images and what each service is given of the host. */
export function readCompose(file: string, text: string): Supplies {
  const { LineCounter, isMap, isScalar, isSeq, parseAllDocuments } = parsers.yaml()
  const counter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: counter, uniqueKeys: false, logLevel: 'silent' })
  const dependencies: Dependency[] = []
  const containers: ContainerFact[] = []
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length > 0) {
      const line = counter.linePos(document.errors[0]?.pos[0] ?? 0).line
      return { ...NOTHING, problems: [{ file, line, why: 'is not YAML' }] }
    }
    const root = document.contents
    const services = isMap(root) ? root.get('services', true) : undefined
    if (!isMap(services)) continue
    for (const pair of services.items) {
      const service = pair.value
      if (!isMap(service)) continue
      const lineOf = (node: unknown): number => counter.linePos((node as YamlNode | undefined)?.range?.[0] ?? 0).line
      const field = (name: string): unknown => service.get(name, true)
      const texts = (name: string): { text: string; line: number }[] => {
        const node = field(name)
        if (isScalar(node)) return [{ text: String(node.value), line: lineOf(node) }]
        if (isMap(node)) {
          return node.items.map((each) => ({
            text: `${String(isScalar(each.key) ? each.key.value : each.key)}=${isScalar(each.value) ? String(each.value.value) : ''}`,
            line: lineOf(each.key),
          }))
        }
        if (!isSeq(node)) return []
        return node.items.map((each) => {
          if (!isMap(each)) return { text: isScalar(each) ? String(each.value) : '', line: lineOf(each) }
          const source = each.get('source')
          return { text: typeof source === 'string' ? source : '', line: lineOf(each) }
        })
      }
      const adder =
        (line: number, evidence: string) =>
        (what: ContainerFact['what'], subject: string): void => {
          containers.push({
            what,
            subject,
            isIllustration: false,
            file,
            line,
            evidence: shown(what === 'secret' ? `${subject}=…` : evidence),
          })
        }
      for (const { text: image, line } of texts('image'))
        dependencies.push(...imageDependency(image, { file, line, text: `image: ${image}` }, 'manifest'))
      for (const { text: value, line } of texts('privileged'))
        if (value === 'true') adder(line, 'privileged: true')('privileged', 'privileged: true')
      for (const { text: value, line } of texts('network_mode'))
        if (value === 'host') adder(line, 'network_mode: host')('host-network', 'network_mode: host')
      for (const key of ['pid', 'ipc', 'uts', 'userns_mode']) {
        for (const { text: value, line } of texts(key))
          if (value === 'host')
            adder(line, `${key}: host`)(key === 'ipc' || key === 'uts' ? 'host-ipc' : 'host-pid', `${key}: host`)
      }
      for (const { text: value, line } of texts('user'))
        if (/^(?:root|0)(?::|$)/.test(value)) adder(line, `user: ${value}`)('root-user', value)
      for (const { text: value, line } of texts('cap_add')) readCapability(value, adder(line, `cap_add: ${value}`))
      for (const { text: value, line } of texts('security_opt'))
        if (/unconfined/.test(value)) adder(line, value)('unconfined', value)
      for (const { text: value, line } of texts('devices')) adder(line, `devices: ${value}`)('device', value)
      for (const { text: value, line } of texts('volumes')) readVolume(value, adder(line, `volumes: ${value}`))
      for (const { text: value, line } of texts('ports'))
        if (value.startsWith('0.0.0.0:')) adder(line, `ports: ${value}`)('public-port', value)
      for (const { text: value, line } of texts('environment')) readSecretPair(value, adder(line, value))
    }
  }
  return { ...NOTHING, dependencies, containers }
}
