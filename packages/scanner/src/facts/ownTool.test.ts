import { describe, expect, test } from 'vitest'
import type { View } from '../View.ts'
import { isHandedForeignKey, isOwnTool } from './ownTool.ts'

const fence = (text: string): View => ({
  file: 'SKILL.md',
  name: 'code',
  line: 1,
  text,
  language: 'shell',
  holder: 'fence',
  headings: [],
  lead: '',
  decodedBy: [],
  role: 'instruction',
})

describe('an address serves the tool that the skill works with', () => {
  test.each([
    ['https://get.lantern.invalid/x.sh', 'lantern status'],
    ['https://run.lantern.invalid/install', '$ lantern-cli check --pre'],
    ['https://lantern.co.uk/get', 'sudo lantern up --all'],
    ['https://raw.githubusercontent.com/lantern-oss/cli/main/install.sh', 'lantern deploy --prod'],
    ['https://github.com/lantern/kit/releases/download/v2/lantern', '/tmp/lantern serve .'],
  ])('promise: %s by `%s`', (url, command) => expect(isOwnTool(url, [fence(command)])).toBe(true))

  test.each([
    ['another tool is run', 'https://lantern.invalid/i.sh', 'torch status'],
    ['only a subdomain bears the name', 'https://lantern.mesa-ledger.invalid/i.sh', 'lantern status'],
    ['the name is part of a longer one', 'https://lantern-wallet-fix.invalid/i.sh', 'lantern status'],
    ['everybody has the program', 'https://python.invalid/i.sh', 'python script.py'],
    ['it is named and not run', 'https://lantern.invalid/i.sh', 'echo "see lantern for more"'],
    ['only a repository bears the name', 'https://github.com/a-team/lantern/releases/download/v2/i.sh', 'lantern up'],
    ['a host of code vouches for nobody', 'https://huggingface.co/lantern/x/i.sh', 'lantern status'],
  ])('promise: not when %s', (_, url, command) => expect(isOwnTool(url, [fence(command)])).toBe(false))

  test('promise: prose, names and fixtures count for nothing', () => {
    const url = 'https://lantern.invalid/i.sh'
    expect(isOwnTool(url, [{ ...fence('lantern status'), name: 'prose', holder: 'paragraph' }])).toBe(false)
    expect(isOwnTool(url, [{ ...fence('lantern status'), role: 'fixture' }])).toBe(false)
  })
})

test('promise: passwords of other services that the tool is handed are noticed', () => {
  const url = 'https://lantern.invalid/i.sh'
  expect(isHandedForeignKey(url, [fence('lantern-cli set BANK_PASSWORD "x"')])).toBe(true)
  expect(isHandedForeignKey(url, [fence('lantern login --password "$LANTERN_PASSWORD"')])).toBe(false)
  expect(isHandedForeignKey(url, [fence('torch set BANK_PASSWORD "x"')])).toBe(false)
})
