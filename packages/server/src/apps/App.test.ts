import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { configureModels } from '../agent/models.ts'
import { DEFAULT_LIFETIME } from '../sessions/Lifetime.ts'
import { parseApps } from './App.ts'
import { readApps } from './readApps.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-apps-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test.each<readonly [what: string, text: string, says: RegExp]>([
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
  ['no list', '{"name":"a"}', /it is not an array/],
  ['an entry that is none', '[{"name":"a"},null]', /entry 2 is not an object/],
  ['an entry that is text', '["a"]', /entry 1 is not an object/],
  ['no name', '[{"title":"A"}]', /entry 1 has no usable name/],
  ['a name of other marks', '[{"name":"a b"}]', /entry 1 has no usable name/],
  ['another session policy', '[{"name":"a","session_policy":"open"}]', /session_policy is "key", "proof" or "id"/],
  ['no idle time', '[{"name":"a","session_idle_s":0}]', /session_idle_s is a whole number above 0/],
  ['half a second', '[{"name":"a","session_absolute_s":0.5}]', /session_absolute_s is a whole number above 0/],
  ['a number as text', '[{"name":"a","max_sessions":"5"}]', /max_sessions is a whole number above 0/],
  ['"stock_widget" as text', '[{"name":"a","stock_widget":"true"}]', /stock_widget is true or false/],
  ['"proof_nonce" as a number', '[{"name":"a","proof_nonce":1}]', /proof_nonce is true or false/],
  ...[
    '"https://a.invalid"',
    '["https://a.invalid/"]',
    '["https://a.invalid","a.invalid"]',
    '["ftp://a.invalid"]',
    '[7]',
    '["https://a.invalid:443"]',
  ].map(
    (origins) =>
      [`origins as ${origins}`, `[{"name":"a","origins":${origins}}]`, /entry 1: origins is a list such as/] as const,
  ),
  ['tools as text', '[{"name":"a","tools":"swap"}]', /tools is a list of tool names/],
  ['a tool that is a number', '[{"name":"a","tools":["swap",1]}]', /tools is a list of tool names/],
  ...['title', 'preamble', 'model'].map(
    (field) =>
      [`"${field}" as a number`, `[{"name":"a","${field}":1}]`, new RegExp(`entry 1: ${field} is text`)] as const,
  ),
  ...['null', '[]', '"5"'].map(
    (limits) =>
      [`limits as ${limits}`, `[{"name":"a","limits":${limits}}]`, /limits is an object of steps_per_turn/] as const,
  ),
  ['an unknown limit', '[{"name":"a","limits":{"turns":1}}]', /limits has the unknown field "turns"/],
  ...[0, 101, 1.5].map(
    (limit) =>
      [
        `a limit of ${limit}`,
        `[{"name":"a","limits":{"steps_per_turn":${limit}}}]`,
        /limits.steps_per_turn is a whole number from 1 to 100/,
      ] as const,
  ),
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

test('promise: a built-in app may be configured, once', () => {
  const path = join(scratch, 'built-in.json')
  writeFileSync(path, '[{"name":"demo","session_policy":"key"}]')
  expect(readApps({ COUNTERSIGN_APPS: path }, { models: [] }).get('demo')?.sessionPolicy).toBe('key')
})

test('promise: an app is what its entry says, and where that is silent the strict default', () => {
  const strict = {
    name: 'a',
    title: 'a',
    preamble: null,
    tools: null,
    sessionPolicy: 'key',
    lifetime: DEFAULT_LIFETIME,
    maxSessions: null,
    needsProofNonce: false,
    origins: [],
    model: null,
    admitsBrowserKeys: false,
  }
  expect(parseApps('[{"name":"a"}]')).toEqual([strict])
  for (const field of ['proof_nonce', 'stock_widget'])
    expect(parseApps(`[{"name":"a","${field}":false}]`), field).toEqual([strict])
  const entry = {
    ...{ name: 'a', title: 'A', preamble: 'Be brief.', tools: ['swap'], session_policy: 'proof', session_idle_s: 1 },
    ...{
      session_absolute_s: 2,
      max_sessions: 1,
      proof_nonce: true,
      origins: ['https://a.invalid', 'http://a.invalid:81'],
    },
    ...{ stock_widget: true, model: 'm', limits: { steps_per_turn: 1, calls_per_tool: 100, turn_seconds: 600 } },
  }
  expect(parseApps(JSON.stringify([entry]))).toEqual([
    {
      name: 'a',
      title: 'A',
      preamble: 'Be brief.',
      tools: ['swap'],
      sessionPolicy: 'proof',
      lifetime: { idleMs: 1_000, absoluteMs: 2_000 },
      maxSessions: 1,
      needsProofNonce: true,
      origins: ['https://a.invalid', 'http://a.invalid:81'],
      model: 'm',
      admitsBrowserKeys: true,
      limits: { stepsPerTurn: 1, callsPerTool: 100, turnMs: 600_000 },
    },
  ])
})
