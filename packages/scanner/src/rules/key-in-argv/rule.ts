import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

/** The keys that every local development node prints (Foundry's and Hardhat's first accounts); they guard nothing. */
const ANVIL = new Set([
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  '"test test test test test test test test test test test junk"',
])

export const rule: Rule = {
  name: 'key-in-argv',
  check: 'behavior',
  ast: 'AST01',
  item: '1.4',
  about: 'A private key or seed is put on a command line, printed or written to a file.',
  severity: 'medium',
  because:
    "Command lines are seen by every process and kept in the shell's history; so are printed keys in logs and in the model's context.",
  remediation: 'Use a keystore, a hardware wallet or a signer that takes the key from where it is kept.',
  *find(material) {
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      if (
        /^(?:echo|printf|cat)$/.test(command.program) &&
        command.position === 0 &&
        /\$\{?(?:\w{0,20}PRIVATE_?KEY|MNEMONIC|SEED_PHRASE)\b/i.test(line) &&
        !/\[\s|-z\s/.test(command.text) &&
        !/\|/.test(command.text)
      )
        yield at(command, command.text)
      const literal =
        /--(?:private-key|mnemonic|secret-key|seed)[=\s](0x[0-9a-fA-F]{64}|"[a-z]+(?: [a-z]+){11,23}")/.exec(
          command.text,
        )
      if (literal !== null && !ANVIL.has((literal[1] ?? '').toLowerCase()))
        yield at(command, command.text, {
          severity: 'high',
          because: `The key itself stands in the skill. ${rule.because}`,
        })
      else if (
        /--(?:private-key|mnemonic|secret-key|seed)[=\s]/.test(command.text) &&
        !ANVIL.has((literal?.[1] ?? '').toLowerCase())
      )
        yield at(command, command.text, { severity: 'low' })
    }
    for (const value of material.facts['chain-value']) {
      if (
        value.what !== 'evm-key' ||
        ANVIL.has(value.value) ||
        !/private[_ -]?key|secret|mnemonic|\bpk\b/i.test(value.text) ||
        /0x(?:0{20,}|1{20,}|(?:ab|12|de|ff){10,})/i.test(value.value)
      )
        continue
      yield at(value, value.text.replace(value.value, `${value.value.slice(0, 8)}…`))
    }
  },
}
