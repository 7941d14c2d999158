import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { configureModels } from '../agent/models.ts'
import { parseApps } from './App.ts'
import { readApps } from './readApps.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-apps-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test.each([
  [
    'an unknown tool',
    '[{"name":"a","tools":["swap","sendd"]}]',
    /entry 1: there is no tool "sendd"; there are get_balance, /,
  ],
  ['no tool', '[{"name":"a"},{"name":"b","tools":[]}]', /entry 2: tools is empty/],
  ['a tool twice', '[{"name":"a","tools":["swap","swap"]}]', /entry 1: tools has "swap" more than once/],
  [
    'an origin twice',
    '[{"name":"a","origins":["https://a.invalid","https://a.invalid"]}]',
    /origins has "https:..a.invalid" more/,
  ],
  [
    'two apps of one name',
    '[{"name":"a"},{"name":"b"},{"name":"a","session_policy":"id"}]',
    /entries 1 and 3 have the same name "a"/,
  ],
  [
    'a field twice',
    '[{"name":"a","session_policy":"key","session_policy":"id"}]',
    /"session_policy" is given more than once/,
  ],
  ['an unknown field', '[{"name":"a","tool":["swap"]}]', /entry 1 has the unknown field "tool"/],
  ['a field in another case', '[{"name":"a","Tools":["swap"]}]', /entry 1 has the unknown field "Tools"/],
])('promise: %s is refused at start, naming entry and word', (_, text, says) => {
  expect(() => parseApps(text)).toThrow(says)
})

test('promise: a model that the server does not have is refused at start', async () => {
  const path = join(scratch, 'apps.json')
  writeFileSync(path, '[{"name":"a","model":"gpt-99"}]')
  const { list } = await configureModels({})
  const models = list.map(({ id }) => id)
  expect(() => readApps({ COUNTERSIGN_APPS: path }, { models })).toThrow(
    /"a" asks for the model "gpt-99", which this server/,
  )
  expect(readApps({ COUNTERSIGN_APPS: path }, { models: ['gpt-99'] }).get('a')?.model).toBe('gpt-99')
  await expect(configureModels({ COUNTERSIGN_MODEL: 'gpt-99' })).rejects.toThrow(/COUNTERSIGN_MODEL names a model/)
  await expect(configureModels({ COUNTERSIGN_MODEL: models[0] })).resolves.toMatchObject({ defaultId: models[0] })
})

test('a built-in app may be configured, once', () => {
  const path = join(scratch, 'built-in.json')
  writeFileSync(path, '[{"name":"demo","session_policy":"key"}]')
  expect(readApps({ COUNTERSIGN_APPS: path }, { models: [] }).get('demo')?.sessionPolicy).toBe('key')
})
