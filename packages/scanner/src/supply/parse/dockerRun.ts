import { NOTHING, readImage, shown, type ContainerFact, type Dependency, type Supplies } from '../Dependency.ts'
import { isPlaceholder, type Words } from './words.ts'

/** Image names of documentation. They can be built, so what is asked for still counts, a step milder. */
const ILLUSTRATION = /^(?:my|your|some)?[-_]?(?:image|app|container)(?:[-_]?name)?(?::[\w.-]{1,40})?$/i

/** Options of `docker run` that take the next word. */
const DOCKER_VALUE_FLAGS = new Set([
  '-e',
  '--env',
  '--env-file',
  '-v',
  '--volume',
  '--mount',
  '-p',
  '--publish',
  '--name',
  '-w',
  '--workdir',
  '-u',
  '--user',
  '--network',
  '--net',
  '--pid',
  '--ipc',
  '--uts',
  '--userns',
  '--cap-add',
  '--cap-drop',
  '--security-opt',
  '--device',
  '--entrypoint',
  '-h',
  '--hostname',
  '--restart',
  '--platform',
  '--memory',
  '-m',
  '--cpus',
  '--gpus',
  '--label',
  '-l',
  '--add-host',
  '--dns',
  '--tmpfs',
  '--ulimit',
  '--shm-size',
  '--link',
  '--volumes-from',
  '--pull',
  '--log-driver',
  '--runtime',
  '--expose',
  '--group-add',
  '--cgroupns',
  '--stop-signal',
  '--health-cmd',
])

export function docker(words: Words): Supplies {
  const args = words.args[0] === 'container' || words.args[0] === 'image' ? words.args.slice(1) : words.args
  const [verb = ''] = args
  if (verb === 'pull') {
    const image = args.slice(1).find((word, i) => !word.startsWith('-') && args[i] !== '--platform')
    return { ...NOTHING, dependencies: imageDependency(image, words, 'command') }
  }
  if (verb !== 'run' && verb !== 'create') return NOTHING
  const containers: ContainerFact[] = []
  const add = (what: ContainerFact['what'], subject: string): void => {
    containers.push({
      what,
      subject,
      isIllustration: false,
      file: words.file,
      line: words.line,
      evidence: shown(words.text),
    })
  }
  let i = 1
  for (; i < args.length; i += 1) {
    const word = args[i] ?? ''
    if (!word.startsWith('-')) break
    const equals = word.startsWith('--') ? word.indexOf('=') : -1
    const flag = equals === -1 ? word : word.slice(0, equals)
    const isTaking = DOCKER_VALUE_FLAGS.has(flag)
    const value = equals === -1 ? (isTaking ? (args[i + 1] ?? '') : '') : word.slice(equals + 1)
    if (isTaking && equals === -1) i += 1
    if (flag === '--privileged' && value !== 'false') add('privileged', '--privileged')
    if ((flag === '--network' || flag === '--net') && value === 'host') add('host-network', `${flag} host`)
    if ((flag === '--pid' || flag === '--ipc' || flag === '--uts') && value === 'host')
      add(flag === '--pid' ? 'host-pid' : 'host-ipc', `${flag} host`)
    if (flag === '--cap-add') readCapability(value, add)
    if (flag === '--security-opt' && /unconfined/.test(value)) add('unconfined', value)
    if (flag === '--device') add('device', value)
    if ((flag === '-u' || flag === '--user') && /^(?:root|0)(?::|$)/.test(value)) add('root-user', value)
    if (flag === '-v' || flag === '--volume') readVolume(value, add)
    if (flag === '--mount') readVolume(/(?:source|src)=([^,]{1,300})/.exec(value)?.[1] ?? '', add)
    if ((flag === '-p' || flag === '--publish') && value.startsWith('0.0.0.0:')) add('public-port', value)
    if (flag === '-e' || flag === '--env') readSecretPair(value, add)
  }
  const isIllustration = ILLUSTRATION.test(args[i] ?? '')
  return {
    ...NOTHING,
    containers: containers.map((each) => ({ ...each, isIllustration })),
    dependencies: isIllustration ? [] : imageDependency(args[i], words, 'command'),
  }
}

type Add = (what: ContainerFact['what'], subject: string) => void

/** Capabilities that lead out of a container (capabilities(7)): most of root. */
const STRONG_CAPABILITIES =
  /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_PTRACE|SYS_MODULE|DAC_READ_SEARCH|NET_ADMIN|SYS_RAWIO|BPF)$/i

export function readCapability(value: string, add: Add): void {
  if (STRONG_CAPABILITIES.test(value)) add('capability', value)
}

/** The host's side of `host:container`: the Docker socket, the root, home and system directories. */
export function readVolume(value: string, add: Add): void {
  const host = value.split(':')[0] ?? ''
  if (/docker\.sock$|containerd\.sock$|podman\.sock$|crio\.sock$/.test(host)) add('docker-socket', host)
  else if (/^(?:\/|~\/?|\$\{?HOME\}?\/?|\/(?:etc|root|home|var|usr|proc|sys|boot|dev)(?:\/.{0,200})?)$/.test(host)) {
    // Below a named home directory only what holds credentials is too much.
    add('host-mount', host)
  } else if (/(?:^|\/)\.(?:ssh|aws|gnupg|kube|config|docker|ethereum|foundry)(?:\/|$)/.test(host))
    add('host-mount', host)
}

/** `NAME=value` with a value that is a secret, written down; `NAME=$NAME` and placeholders are not. */
export function readSecretPair(pair: string, add: Add): void {
  const at = pair.indexOf('=')
  if (at === -1) return
  const name = pair.slice(0, at)
  const value = pair.slice(at + 1).replace(/^["']|["']$/g, '')
  if (!/(?:secret|token|passw|passphrase|api_?key|private_?key|mnemonic|seed|credential)/i.test(name)) return
  if (/_(?:FILE|PATH|URL|NAME|ID)$/i.test(name)) return
  if (
    value.length < 8 ||
    isPlaceholder(value) ||
    /^(?:x+|changeme|change-me|example|placeholder|dummy|test|none|null|todo)/i.test(value) ||
    // What databases on a developer's machine open with, as their images' own pages write it.
    /^(?:postgres|postgresql|mysql|mariadb|mongodb|minioadmin|rabbitmq|password\d{0,3})$/i.test(value)
  )
    return
  add('secret', name)
}

/** An image as a dependency; empty for a placeholder, `scratch`, or what is no reference. */
export function imageDependency(
  reference: string | undefined,
  at: { file: string; line: number; text: string },
  via: Dependency['via'],
): Dependency[] {
  if (reference === undefined || reference === 'scratch') return []
  const bare = reference.replace(/^docker:\/\//, '')
  if (isPlaceholder(bare) || /^\.{0,2}\//.test(bare)) return []
  const image = readImage(bare)
  if (image === null) return []
  const { host: _host, ...rest } = image
  return [
    {
      ecosystem: 'docker',
      ...rest,
      source: { kind: 'registry' },
      file: at.file,
      line: at.line,
      evidence: shown(at.text),
      via,
      isDevelopment: false,
    },
  ]
}
