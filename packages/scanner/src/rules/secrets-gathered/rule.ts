import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

const SIFT =
  /(?:\bfor\s+\w+(?:\s{0,2},\s{0,2}\w+)?\s+in\s+(?:os\.)?environ\b|\benviron\.items\(\)|Object\.(?:entries|keys)\(process\.env\))[^]{0,160}?["'/|][A-Z_|]{0,30}(?:KEY|TOKEN|SECRET|PASS)/

export const rule: Rule = {
  name: 'secrets-gathered',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: 'Secrets of several services are read into one place.',
  severity: 'high',
  because: "One task needs one service's key; a list of everybody's keys is made to be carried away.",
  remediation: 'Read the one key that the task needs, where it is used.',
  *find(material) {
    const byBlock = new Map<
      string,
      { names: Set<string>; brands: Set<string>; first: (typeof material.facts.env)[number] }
    >()
    for (const env of material.facts.env) {
      if (!env.isSecret || env.view === 'prose') continue
      const view = material.views.find(
        (each) =>
          each.file === env.file &&
          each.name === env.view &&
          each.line <= env.line &&
          env.line <= each.line + each.text.split('\n').length &&
          each.language !== 'json',
      )
      if (view === undefined || view.holder === 'script') continue
      const key = `${env.file}:${view.line}`
      const entry = byBlock.get(key) ?? { names: new Set(), brands: new Set(), first: env }
      entry.names.add(env.name)
      entry.brands.add(env.name.split('_')[0] ?? env.name)
      byBlock.set(key, entry)
    }
    for (const [key, { names, brands, first }] of byBlock) {
      if (brands.size < 2) continue
      const view = material.views.find((each) => `${each.file}:${each.line}` === key)
      const text = view?.text ?? ''
      // Put together in one structure, not handed to the one client that wants both.
      if (
        /\{[^{}]{0,1500}(?:environ|getenv|process\.env)[^{}]{0,300},[^{}]{0,300}(?:environ|getenv|process\.env)[^{}]{0,1500}\}/.test(
          text,
        ) &&
        /json\.dumps|JSON\.stringify|for\s|collect|harvest|secrets|creds|dump/.test(text)
      )
        yield at(first, [...names].join(', '))
    }
    // The environment is searched for keys, and the skill sends something: a tool reads the one key it knows by name.
    const sends = material.facts.call.some((call) =>
      /(?:^|\.)(?:post|put|urlopen|fetch|sendall|send_message)$/.test(call.callee),
    )
    if (sends)
      for (const view of material.views) {
        const sift = SIFT.exec(view.text)
        if (view.name !== 'prose' && sift !== null)
          yield at(
            {
              file: view.file,
              line: view.line + view.text.slice(0, sift.index).split('\n').length - 1,
              view: view.name,
              role: view.role,
            },
            sift[0],
            { because: 'The environment is searched for whatever looks like a key, and the skill sends data out.' },
          )
      }
    for (const call of material.facts.call) {
      if (call.taints.includes('env') && /(?:^|\.)(?:dumps|stringify|b64encode)$/.test(call.callee))
        yield at(call, `${call.callee}(${call.text})`, { severity: 'medium' })
    }
  },
}
