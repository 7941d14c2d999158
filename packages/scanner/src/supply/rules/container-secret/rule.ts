import type { Rule } from '../../../Rule.ts'
import { at } from '../shared.ts'

export const containerSecret: Rule = {
  name: 'container-secret',
  check: 'supply',
  ast: 'AST02',
  item: '2.5',
  about: 'A secret written into a Dockerfile (ENV, ARG), a compose file or a `docker run`.',
  severity: 'high',
  because: 'It stays in the image’s layers and history, for everybody who can pull it.',
  remediation:
    'Hand it in at run time: `--mount=type=secret`, `env_file`, `${NAME}` from the environment. Change the secret; it is public now.',
  *find({ supply }) {
    for (const each of supply.containers)
      if (each.what === 'secret') yield at(each, 'high', `The value of ${each.subject} is written down.`)
  },
}
