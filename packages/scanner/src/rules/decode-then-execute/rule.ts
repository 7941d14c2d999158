import type { Rule } from '../../Rule.ts'
import { liner } from '../../View.ts'
import { at } from '../ask.ts'

/** A name in pieces, where a name is looked up. */
const SPELLED_NAME =
  /(?:\[|\bgetattr\(\s{0,2}[^,()\n]{1,60}(?:\([^()\n]{0,60}\))?\s{0,2},|\b(?:__import__|import_module|require|Reflect\.get)\()\s{0,2}((?:["'`][\w.]{1,20}["'`]\s{0,2}\+\s{0,2}){1,12}["'`][\w.]{1,20}["'`])/g
const RUNS =
  /^(?:system|popen|exec|eval|execSync|spawn|spawnSync|execFile|check_output|run|Popen|require|child_process|subprocess|os|__import__|import|Function|constructor|compile|__builtins__|builtins|globals|process|fetch|mainModule|execfile|loads|b64decode|environ)$/

export const rule: Rule = {
  name: 'decode-then-execute',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about:
    'Something that was encoded is decoded and run at once: `base64 -d | sh`, `eval(atob(…))`, `exec(b64decode(…))`.',
  severity: 'critical',
  because: 'Nobody who reads the skill can see what will run; that is what the encoding is for.',
  remediation: 'Write the command or the code out in plain text.',
  *find(material) {
    for (const flow of material.facts.flow) {
      if (flow.source === 'decoded' && flow.sink === 'exec') yield at(flow, flow.text)
    }
    for (const command of material.facts.command) {
      if (
        /^(?:powershell|pwsh)$/.test(command.program) &&
        command.args.some((each) => /^-e(?:nc|ncodedcommand|c)?$/i.test(each))
      )
        yield at(command, command.text)
    }
    for (const view of material.views) {
      if (view.name !== 'code' || view.role === 'fixture') continue
      for (const found of view.text.matchAll(SPELLED_NAME)) {
        const name = (found[1] ?? '').replace(/["'`]\s{0,2}\+\s{0,2}["'`]|["'`]/g, '')
        if (RUNS.test(name))
          yield at({ file: view.file, line: liner(view)(found.index), view: view.name, role: view.role }, found[0], {
            severity: 'high',
            because: `The name "${name}" is put together from pieces, so that nobody who looks for it finds it.`,
          })
      }
    }
    for (const call of material.facts.call) {
      // __import__("base64").b64decode inside exec(): the decoder is written into the call.
      if (
        /^(?:eval|exec|Function|compile)$/.test(call.callee) &&
        /b64decode|b85decode|atob\(|fromhex|unhexlify|decompress|fromCharCode|marshal\.loads/.test(call.text)
      )
        yield at(call, `${call.callee}(${call.text})`)
    }
  },
}
