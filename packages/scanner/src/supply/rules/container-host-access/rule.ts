import type { ContainerFact } from '../../Dependency.ts'
import type { Rule } from '../../../Rule.ts'
import type { Severity } from '../../../Severity.ts'
import { at } from '../shared.ts'

const WHAT: Readonly<Partial<Record<ContainerFact['what'], readonly [Severity, string]>>> = {
  privileged: ['high', 'A privileged container has every right of the host’s root'],
  'docker-socket': ['high', 'Whoever can speak to the container engine’s socket is root on the host'],
  'host-network': ['medium', 'The container shares the host’s network, with everything that only listens locally'],
  'host-pid': ['high', 'The container sees and can touch the host’s processes'],
  'host-ipc': [
    'medium',
    'The container shares memory segments or the name of the host, as training on several GPUs does',
  ],
  'host-mount': ['high', 'The container is given a directory of the host that holds far more than the skill needs'],
  capability: ['high', 'The capability leads out of the container'],
  unconfined: ['high', 'The kernel’s filters are switched off'],
  device: ['medium', 'The container is given a device of the host'],
}

export const containerHostAccess: Rule = {
  name: 'container-host-access',
  check: 'supply',
  ast: 'AST06',
  item: '6.1',
  about:
    'A container that is given the host: privileged, the engine’s socket, host network or processes, broad mounts, strong capabilities.',
  severity: 'high',
  because: 'A container that holds the host isolates nothing.',
  remediation: 'Leave the option out. Mount only the directory that is worked on, read-only where it can be.',
  *find({ supply }) {
    for (const each of supply.containers) {
      const found = WHAT[each.what]
      if (found !== undefined)
        yield at(each, each.isIllustration ? 'medium' : found[0], `${found[1]}: ${each.subject}.`)
    }
  },
}
