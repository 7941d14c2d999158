import type { Rule } from '../../../Rule.ts'
import { at } from '../shared.ts'

export const containerRoot: Rule = {
  name: 'container-root',
  check: 'supply',
  ast: 'AST06',
  item: '6.1',
  about: 'A container whose program runs as root.',
  severity: 'low',
  because: 'Root inside is a short way from root outside, and owns every file that is mounted.',
  remediation: 'Add a `USER` that is not root after the last `FROM`.',
  *find({ supply }) {
    for (const each of supply.containers) {
      if (each.what === 'no-user') yield at(each, 'low', 'The image has no USER, so its program runs as root.')
      if (each.what === 'root-user') yield at(each, 'medium', 'The program is made to run as root.')
    }
  },
}
