import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

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
