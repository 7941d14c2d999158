import { z } from 'zod'

/** Every tool, in the order in which it is listed. There is none that confirms, signs or rejects for the owner. */
export const TOOL_NAMES = ['simulate', 'explain', 'propose', 'proposal', 'approvals', 'scan_skill', 'chat'] as const

/** The page that shows a proposal inside a client (MCP Apps, SEP-1865). */
export const CARD_URI = 'ui://countersign/proposal'

export type ToolName = (typeof TOOL_NAMES)[number]

/**
 * What a tool answers. `text` holds our own words alone; a stranger's (token names, reasons, an agent's reply) stand in
 * `structured`, under keys that begin with `untrusted_`.
 */
export interface ToolAnswer {
  readonly structured: Readonly<Record<string, unknown>>
  readonly text: string
  readonly isError?: boolean
}

export interface Tool {
  readonly name: ToolName
  readonly title: string
  readonly description: string
  readonly input: z.ZodType
  readonly annotations: {
    readonly readOnlyHint: boolean
    readonly destructiveHint: boolean
    readonly idempotentHint: boolean
    readonly openWorldHint: boolean
  }
  /** Whether the proposal's card shows its answer. */
  readonly hasCard: boolean
}

const AMOUNT = 'in wei as text, decimal or 0x-hex, such as "1000000000000000000" for 1 ETH; never a number'
const amount = z.string().regex(/^(?:0x[0-9a-fA-F]{1,64}|\d{1,78})$/)
const address = z.string().describe('An address, 0x and 40 hex digits.')
const chainId = z.number().int().positive().describe('The chain id as a number, such as 1 or 8453.')

const transaction = z.strictObject({
  to: address.nullable().optional().describe('Left out: a contract is created.'),
  value: amount.optional().describe(`The amount of the coin, ${AMOUNT}.`),
  data: z.string().optional().describe('Call data, 0x-hex.'),
  gas: amount.optional().describe('The gas limit as text; better left out.'),
})

const WHAT = {
  transactions: z.array(transaction).min(1).max(16).optional().describe('What would be sent, in this order.'),
  typed_data: z.record(z.string(), z.unknown()).optional().describe('An EIP-712 document that would be signed.'),
  message: z.string().optional().describe('A text that would be signed with personal_sign.'),
  from: address.describe('The account that would sign.'),
  chain_id: chainId,
}

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true }
const ONE_OF = 'Give exactly one of transactions, typed_data and message.'

export const TOOLS: readonly Tool[] = [
  {
    name: 'simulate',
    title: 'Simulate',
    description: `Simulate transactions, a document or a message on a fork of the live chain: the verdict (allow, warn, block), what leaves and arrives, and what was found. Nothing is signed or sent. ${ONE_OF} Amounts are text.`,
    input: z.strictObject(WHAT),
    annotations: READS,
    hasCard: false,
  },
  {
    name: 'explain',
    title: 'Explain',
    description: `Say step by step what transactions, a document or a message would do, before anybody is asked to sign. ${ONE_OF} Amounts are text.`,
    input: z.strictObject(WHAT),
    annotations: READS,
    hasCard: false,
  },
  {
    name: 'propose',
    title: 'Propose',
    description: `Propose transactions, a document or a message to the owner of "from". It is simulated first. What passes waits for the owner, who answers with their wallet at the URL in the answer; nothing that you or your client answer counts as consent. Give the URL to the owner, then ask with the tool "proposal" what became of it. ${ONE_OF} Amounts are text.`,
    input: z.strictObject({
      ...WHAT,
      idempotency_key: z
        .string()
        .optional()
        .describe('8 to 128 visible ASCII characters. The same key with the same bytes is the same proposal.'),
      client: z
        .strictObject({ name: z.string().optional(), version: z.string().optional(), door: z.string().optional() })
        .optional()
        .describe('What you say of yourself; shown to the owner as a quotation.'),
      wallet: z
        .strictObject({ kind: z.string(), address: z.string().optional(), capabilities: z.unknown().optional() })
        .optional()
        .describe("What the owner's wallet can do, where you know it."),
    }),
    // Idempotent by the caller's own key.
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    hasCard: true,
  },
  {
    name: 'proposal',
    title: 'Proposal',
    description:
      'What became of a proposal: pending (the owner has not answered), submitted, settled, rejected, expired, blocked and so on. It answers at once and waits for nobody.',
    input: z.strictObject({ id: z.string().describe('The id that "propose" answered, such as "prop_…".') }),
    annotations: READS,
    hasCard: true,
  },
  {
    name: 'approvals',
    title: 'Approvals',
    description:
      'Who may spend the tokens of an account now: standing allowances and operators on one chain. Each entry has "revoke", the transaction that takes it back: give those to the tool "propose", and the owner answers.',
    input: z.strictObject({ address, chain_id: chainId }),
    annotations: READS,
    hasCard: false,
  },
  {
    name: 'scan_skill',
    title: 'Scan a skill',
    description:
      'Scan the files of an agent skill before it is installed. The files are read and never executed. Give every file of the skill, SKILL.md among them.',
    input: z.strictObject({
      files: z
        .array(z.strictObject({ path: z.string().min(1).max(300), text: z.string() }))
        .min(1)
        .max(500)
        .describe('Paths relative to the directory of the skill, such as "SKILL.md" or "scripts/run.sh".'),
    }),
    annotations: { ...READS, openWorldHint: false },
    hasCard: false,
  },
  {
    name: 'chat',
    title: 'Chat',
    description:
      'Send a message to the agent behind this server. It can look things up and stage proposals; it signs nothing. Answers after at most 20 seconds; the same session_id goes on with the conversation.',
    input: z.strictObject({
      message: z.string().min(1),
      session_id: z.uuid().optional().describe('Of an earlier answer; left out, a new conversation begins.'),
    }),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    hasCard: false,
  },
]
