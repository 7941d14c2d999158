import { describe, expect, test } from 'vitest'
import type { View } from '../View.ts'
import { factsOf } from './factsOf.ts'
import { isHandedForeignKey, isInstalledVersion, isOwnTool } from './ownTool.ts'

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
    ['https://github.com/a-team/lantern/releases/download/v2/lantern', '/tmp/lantern serve .'],
  ])('%s by `%s`', (url, command) => expect(isOwnTool(url, [fence(command)])).toBe(true))

  test.each([
    ['another tool is run', 'https://lantern.invalid/i.sh', 'torch status'],
    ['only a subdomain bears the name', 'https://lantern.mesa-ledger.invalid/i.sh', 'lantern status'],
    ['the name is part of a longer one', 'https://lantern-wallet-fix.invalid/i.sh', 'lantern status'],
    ['everybody has the program', 'https://python.invalid/i.sh', 'python script.py'],
    ['it is named and not run', 'https://lantern.invalid/i.sh', 'echo "see lantern for more"'],
    ['a host of code vouches for nobody', 'https://huggingface.co/lantern/x/i.sh', 'lantern status'],
  ])('not when %s', (_, url, command) => expect(isOwnTool(url, [fence(command)])).toBe(false))

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

test('a version of the repository of an installed package', () => {
  const facts = (text: string) => factsOf([fence(text)])
  const url = 'https://raw.githubusercontent.com/team-lantern/lantern-sdk/v2.1.0/examples/a.py'
  expect(isInstalledVersion(url, facts('conda install -c conda-forge lantern'))).toBe(true)
  expect(isInstalledVersion(url, facts('pip install torch-lamp'))).toBe(false)
  expect(isInstalledVersion(url.replace('v2.1.0', 'main'), facts('pip install lantern'))).toBe(false)
  expect(
    isInstalledVersion(url.replace('raw.githubusercontent.com', 'lantern.invalid'), facts('pip install lantern')),
  ).toBe(false)
})
