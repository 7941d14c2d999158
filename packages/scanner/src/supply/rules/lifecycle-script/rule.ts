import type { Rule } from '../../../Rule.ts'
import { at, FETCHES, RUNS_TEXT } from '../shared.ts'

/** Well-known build steps. They run code all the same, but code of the packages that are there anyway. */
const BUILD_STEP =
  /^(?:husky(?: install)?|is-ci \|\| husky(?: install)?|npm run [\w:-]{1,40}|pnpm (?:run )?[\w:-]{1,40}|yarn [\w:-]{1,40}|tsc(?: -[\w-]{1,20}(?: [\w./-]{1,60})?)?|tsup|rollup -c|patch-package|node-gyp rebuild|prebuild-install(?: \|\| node-gyp rebuild)?|simple-git-hooks|lefthook install|prisma generate|playwright install)$/

export const lifecycleScript: Rule = {
  name: 'lifecycle-script',
  check: 'supply',
  ast: 'AST02',
  item: '2.5',
  about:
    'Code that runs by itself when something is installed, built, tested or started: npm life cycle, setup.py, build.rs, conftest.py, .pth.',
  severity: 'medium',
  because:
    'It runs with the rights of whoever installs, before anybody has used the skill, and often before anybody has read it.',
  remediation: 'Do the step in a script that is named in SKILL.md and run on purpose; install with `--ignore-scripts`.',
  *find({ supply }) {
    for (const hook of supply.hooks) {
      if (hook.when === 'session' && !/\.py$|\.pth$/.test(hook.name)) continue
      const isFetching = FETCHES.test(hook.command)
      const isText = RUNS_TEXT.test(hook.command)
      const when = { install: 'is installed', build: 'is built', test: 'is tested', session: 'is started' }[hook.when]
      const because = `\`${hook.name}\` runs by itself when this ${when}${hook.command === '' ? '' : ': '}${hook.command.slice(0, 120)}`
      if (isFetching && isText) yield at(hook, 'critical', `${because}. It fetches a program and runs it.`)
      else if (hook.when === 'session' || isText) yield at(hook, 'high', `${because}.`)
      else if (isFetching) yield at(hook, 'high', `${because}. It reaches the network.`)
      else if (hook.command === '' || BUILD_STEP.test(hook.command.trim()) || hook.name.includes('prepare'))
        yield at(hook, 'low', `${because}.`)
      else yield at(hook, 'medium', `${because}.`)
    }
  },
}
