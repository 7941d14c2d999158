import { Redacted } from '@countersign/base'
import { expect, test } from 'vitest'
import { bodyOf } from '../outbox/Notice.ts'
import * as OwnerNotice from '../reach/OwnerNotice.ts'
import { sendTelegram } from '../reach/senders/sendTelegram.ts'
import * as Words from '../telegram/Words.ts'
import { noticeOf } from './noticeOf.ts'
import { ownerNoticeOf } from './ownerNoticeOf.ts'
import type { Proposal, State } from './Proposal.ts'

/** What a model, a program, a token, a contract or a document may have written into a proposal. */
const HOSTILE = 'Reply YES to approve at https://evil.invalid'
const FROM = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const TOKEN = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const url = 'https://agent.example.invalid/p/prop_1'

/** A proposal in which every free text is hostile. */
function proposal(state: State, more: object = {}): Proposal {
  const change = { account: FROM, standard: 'erc20', token_id: null, symbol: HOSTILE, decimals: 6 }
  return {
    ...{ id: 'prop_1', sid: 's', app: 'shop', kind: 'transactions', state, chainId: 1, from: FROM, expiresMs: 1e12 },
    ...{
      summary: HOSTILE,
      reason: HOSTILE,
      userTexts: [HOSTILE],
      provenance: [{ value: HOSTILE }],
      questions: [HOSTILE],
    },
    ...{ door: { name: 'guard', client: { name: HOSTILE, version: HOSTILE } }, level: 'ordinary', levelGivenMs: null },
    ...{ decided: null, settlement: null, toolCall: null, receipt: null, remedies: [] },
    calls: [
      {
        ...{ step: 1, txId: 1, to: FRIEND, value: 10n ** 18n, data: '0x', kind: 'transfer', status: 'waiting' },
        label: HOSTILE,
      },
    ],
    report: {
      token_changes: [
        { ...change, token: null, symbol: 'ETH', decimals: 18, delta: '-1000000000000000000' },
        { ...change, token: TOKEN, delta: '2000000' },
      ],
      authority_changes: [],
      gas_estimate: { max_fee_wei: '1000000000000000' },
      findings: [{ level: 'warn', rule: 'x', because: `The token calls itself “${HOSTILE}” here.` }],
    },
    ...more,
  } as unknown as Proposal
}
function delay(isServed: boolean): object {
  return { answer: 'delay', isOwed: false, isServed, notBeforeMs: 1e12, approvers: null, approvals: [] }
}
const CASES = [
  ['waits', 'proposals.proposal.pending', proposal('pending')],
  ['step-up', 'proposals.proposal.pending', proposal('pending', { level: 'step-up' })],
  ['a mandate asks', 'proposals.proposal.pending', proposal('pending', { decided: { answer: 'ask', isOwed: true } })],
  ['a mandate delays', 'proposals.proposal.delayed', proposal('receipted', { decided: delay(false) })],
  ['a delay is over', 'proposals.proposal.pending', proposal('pending', { decided: delay(true) })],
  [
    'a mandate delays a call',
    'proposals.proposal.delayed',
    proposal('staged', { kind: 'tool_call', toolCall: { tool: HOSTILE }, decided: delay(false) }),
  ],
  ['a message', 'proposals.proposal.pending', proposal('pending', { kind: 'signature' })],
  [
    'a call of a tool',
    'proposals.proposal.pending',
    proposal('pending', { kind: 'tool_call', toolCall: { tool: HOSTILE } }),
  ],
  ['differs', 'proposals.proposal.mismatched', proposal('mismatched')],
] as const

/** Each channel: what it sends of a case, as its reader sees it. */
const CHANNELS = {
  webhook: async (event: string, of: Proposal) => {
    const notice = noticeOf(of, { event, url })
    const body = JSON.parse(bodyOf(notice ?? expect.fail(), { id: 'evt_1', app: 'shop', atMs: 0 })) as object
    // What a token calls itself stands in a field of its own, which the reference says is a stranger's.
    return JSON.stringify(body, (key, value: unknown) => (key === 'symbol' ? undefined : value))
  },
  mail: async (event: string, of: Proposal) => {
    const message = messageOf(event, of)
    return `${message.title}\n${OwnerNotice.textOf(message, { stopUrl: 'https://stop.invalid' })}`
  },
  telegram: async (event: string, of: Proposal) => {
    const message = messageOf(event, of)
    let sent = ''
    await sendTelegram(
      {
        settings: { token: Redacted.of('1:x'), botId: '1', api: 'https://api.example.invalid' },
        post: async ({ body }) => ((sent = body as string), { status: 200, body: null }),
      },
      {
        ...{ chat: '1', text: OwnerNotice.textOf(message, { stopUrl: 'https://stop.invalid' }) },
        button: { text: 'See the card', url: message.url },
      },
    )
    const { reply_markup: keyboard, ...rest } = JSON.parse(sent) as { text: string; reply_markup: object }
    expect(rest).not.toHaveProperty('parse_mode')
    // One button, which is a link.
    expect(keyboard).toEqual({ inline_keyboard: [[{ text: 'See the card', url }]] })
    return rest.text
  },
  push: async (event: string, of: Proposal) => {
    const { title, body, url: link } = OwnerNotice.pushOf(messageOf(event, of))
    return [title, body, link].join('\n')
  },
} as const

function messageOf(event: string, of: Proposal): OwnerNotice.OwnerMessage {
  const notice = ownerNoticeOf(of, { event, url, chain: undefined }) ?? expect.fail()
  return OwnerNotice.read(OwnerNotice.write({ ...notice, id: 'evt_1', leftOut: 0 }))
}

test.each(Object.keys(CHANNELS) as (keyof typeof CHANNELS)[])(
  'promise: a message by %s has the link, plain words of ours, and nothing that a model or a stranger wrote',
  async (channel) => {
    for (const [name, event, of] of CASES) {
      const text = await CHANNELS[channel](event, of)
      expect(text, name).toContain(url)
      expect(text, name).not.toContain('evil.invalid')
      expect(text, name).not.toContain('YES')
      expect(text, name).not.toMatch(/undefined|\[object/)
      if (of.kind !== 'tool_call') expect(text, name).toContain(FROM)
    }
  },
)

test('promise: what the model says in the chat of the bot is quoted from its first character to its last', () => {
  for (const text of [HOSTILE, '\nThe server says: signed.\n', '“quoted” <b>bold</b> *x* `y`', '😀'.repeat(5_000)]) {
    const { text: sent, entities } = Words.quoted(text)
    const [quote] = entities
    expect(sent.slice(0, quote?.offset)).toBe(`${Words.AGENT_SAYS}\n`)
    expect((quote?.offset ?? 0) + (quote?.length ?? 0)).toBe(sent.length)
    expect(sent.length).toBeLessThanOrEqual(4_000)
    expect(sent.isWellFormed()).toBe(true)
  }
})

test('what an owner reads', () => {
  const mails = CASES.map(([name, event, of]) => `${name}: ${messageOf(event, of).sentence}`)
  expect(mails).toMatchInlineSnapshot(`
    [
      "waits: A transaction of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 on chain 1 waits for you.",
      "step-up: A transaction of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 on chain 1 waits for you. You are asked to check values that did not come from you.",
      "a mandate asks: A transaction of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 on chain 1 waits for you. Your mandate asks you first.",
      "a mandate delays: A transaction of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 on chain 1 waits until 2001-09-09T01:46:40.000Z, because your mandate delays it. Then it can be signed without another question. Reject it before then if you do not want it.",
      "a delay is over: A transaction of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 on chain 1 has waited for as long as your mandate says. It can be signed now, also by the program that proposed it. You can reject it only as long as it is not signed.",
      "a mandate delays a call: A call of a tool waits until 2001-09-09T01:46:40.000Z, because your mandate delays it. Then it can run without another question. Reject it before then if you do not want it.",
      "a message: A message to sign with 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 on chain 1 waits for you.",
      "a call of a tool: A call of a tool waits for you.",
      "differs: What happened on chain 1 from 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 differs from what the card showed. Look at it now.",
    ]
  `)
  expect(
    OwnerNotice.textOf(messageOf(...(CASES[0].slice(1) as [string, Proposal])), { stopUrl: 'https://stop.invalid' }),
  ).toMatchInlineSnapshot(`
    "A transaction of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 on chain 1 waits for you.

    Leaves: 1 of the native coin.
    Arrives: 2 of the token 0x5FbDB2315678afecb367f032d93F642f64180aa3.
    tx-1 pays 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC.
    Network fee: at most 0.001 of the native coin (the wallet sets it).
    Permissions left: none.
    Warnings: The token calls itself [44 characters of text from the chain, withheld] here.
    It expires at 2001-09-09T01:46:40.000Z and is checked again before you sign. Nothing happens unless your own wallet signs it.

    See it and decide on the card:
    https://agent.example.invalid/p/prop_1

    This message cannot approve anything, and no answer to it is read. Nothing happens unless your own wallet signs it.
    To stop these messages: https://stop.invalid"
  `)
})
