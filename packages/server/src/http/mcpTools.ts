import { randomUUID } from 'node:crypto'
import { Address } from '@countersign/base'
import type * as Wire from '@countersign/sdk'
import { safeText } from '@countersign/simulator'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { listApprovals } from '../chains/listApprovals.ts'
import * as Scope from '../keys/Scope.ts'
import { KeyAbsentError, ScopeRefusedError, type Caller } from '../keys/verifyKey.ts'
import { explained, proposed, shown, simulated, type Proposed } from '../mcp/answers.ts'
import { refusal } from '../mcp/refusal.ts'
import { judgeDraft } from '../mcp/judgeDraft.ts'
import { scanSkillFiles, type GivenFile } from '../mcp/scanSkillFiles.ts'
import type { ToolAnswer, ToolName } from '../mcp/Tool.ts'
import * as Door from '../proposals/Door.ts'
import { proposeThroughDoor } from '../proposals/proposeThroughDoor.ts'
import { readDraft, readWallet } from '../proposals/readDraft.ts'
import { loadDoorProposal } from '../proposals/rows.ts'
import { counterpartiesOf } from '../proposals/simulateBatch.ts'
import { chainOf } from '../proposals/stageProposal.ts'
import { approvalsToWire } from './approvalsToWire.ts'
import type { Context } from './context.ts'
import { answerOf, draftTools } from './doorRoutes.ts'
import { refuseOtherOwner, showSigned } from './proposalAccess.ts'

interface Call {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly name: ToolName
  readonly args: Readonly<Record<string, unknown>>
}

/** What a tool needs, and what it costs beside the request itself: the same as the route that it stands for. */
const NEEDS: Readonly<Record<ToolName, { readonly scopes: readonly Scope.Scope[]; readonly units: number }>> = {
  simulate: { scopes: ['simulate'], units: 9 },
  explain: { scopes: ['simulate'], units: 9 },
  propose: { scopes: ['propose'], units: 9 },
  proposal: { scopes: ['read', 'propose'], units: 0 },
  approvals: { scopes: ['read'], units: 20 },
  scan_skill: { scopes: ['simulate'], units: 20 },
  chat: { scopes: ['chat'], units: 0 },
}

/** Runs one tool with the rights of the key that the request came with. */
export async function callTool(server: FastifyInstance, context: Context, call: Call): Promise<ToolAnswer> {
  const { request, reply, name, args } = call
  const { caller } = request
  if (caller === null) throw new KeyAbsentError(null)
  const { scopes, units } = NEEDS[name]
  if (!scopes.some((scope) => Scope.allows(caller.scopes, scope))) throw new ScopeRefusedError(scopes[0] ?? 'admin')
  const { transactions } = args
  const more = Array.isArray(transactions) ? Math.max(0, transactions.length - 1) : 0
  await server.charge(request, reply, units + more)
  switch (name) {
    case 'simulate':
    case 'explain': {
      const report = await judgeDraft(
        {
          ...draftTools(context),
          counterpartiesOf: ({ chainId, from }) =>
            counterpartiesOf(context.store.read, { app: caller.app, sender: from, chainId }),
        },
        args,
      )
      return name === 'simulate' ? simulated(report) : explained(report)
    }
    case 'propose':
      return propose(context, caller, args)
    case 'proposal': {
      const { family } = caller
      const proposal = await loadDoorProposal(context.store.read, { id: String(args['id']), family })
      return shown(showSigned(context, proposal))
    }
    case 'approvals':
      return approvals(context, args)
    case 'scan_skill':
      return scanSkillFiles(args['files'] as readonly GivenFile[])
    case 'chat':
      return chat(server, call, context.apps.has(caller.app) ? caller.app : null)
  }
}

async function propose(context: Context, caller: Caller, args: Readonly<Record<string, unknown>>): Promise<ToolAnswer> {
  const draft = readDraft(draftTools(context), args)
  refuseOtherOwner(caller, draft.from)
  const { proposal } = await proposeThroughDoor(
    { gate: context.gate, queue: context.accounts },
    {
      app: caller.app,
      draft,
      door: { name: 'mcp', keyId: caller.keyId, family: caller.family, client: Door.parseClient(args['client']) },
      idempotencyKey: Door.parseIdempotencyKey(args['idempotency_key']),
      wallet: readWallet(args['wallet']),
    },
  )
  return proposed(answerOf(context, proposal) as unknown as Proposed)
}

async function approvals(context: Context, args: Readonly<Record<string, unknown>>): Promise<ToolAnswer> {
  const chain = chainOf(context.gate, args['chain_id'] as number)
  const owner = Address.parse(String(args['address']))
  const structured = approvalsToWire(chain.chainId, owner, await listApprovals(chain, { owner }))
  const { approvals: list, is_complete: isComplete } = structured
  const lines = list.map(
    ({ kind, contract, spender, unlimited }) =>
      `- ${unlimited ? 'unlimited ' : ''}${kind} of ${contract} for ${spender}`,
  )
  const count = list.length === 0 ? 'No approvals stand.' : `Standing approvals: ${list.length}.`
  const caveat = isComplete ? '' : ' The list may be incomplete: the provider does not give all events.'
  return { structured, text: [`${count}${caveat}`, ...lines].join('\n') }
}

/** How long a tool waits for the agent's turn, in milliseconds; clients give up after 60 s. */
const TURN_MS = 20_000
const POLL_MS = 250
/** As much of an agent's reply as is handed on, in characters. */
const MAX_REPLY = 8_000

/**
 * One message to the agent, through the routes that every client uses: the same sessions, rights and budgets.
 *
 * @param app - The key's app; null where this server has none of that name: then it is the one that needs no key.
 */
async function chat(server: FastifyInstance, { request, args }: Call, app: string | null): Promise<ToolAnswer> {
  const sessionId = typeof args['session_id'] === 'string' ? args['session_id'] : randomUUID()
  const ask = async (method: 'GET' | 'POST', url: string, body?: unknown) => {
    const headers: Record<string, string> = { host: request.headers.host ?? 'localhost', 'x-session-id': sessionId }
    for (const name of ['authorization', 'x-api-key', 'aomi-app-key', 'x-forwarded-for', 'user-agent'])
      if (typeof request.headers[name] === 'string') headers[name] = request.headers[name]
    const answer = await server.inject({
      method,
      url,
      headers,
      remoteAddress: request.raw.socket.remoteAddress ?? '127.0.0.1',
      ...(body === undefined ? {} : { payload: body as object }),
    })
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
  }
  let last = await ask('POST', '/api/chat', { ...(app === null ? {} : { app }), message: args['message'] })
  const untilMs = performance.now() + TURN_MS
  while (last.status === 200 && last.body['is_processing'] === true && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    last = await ask('GET', '/api/state')
  }
  if (last.status !== 200) {
    const { error, code, hint } = last.body
    return refusal({ message: String(error), code: String(code), hint: String(hint) })
  }
  const snapshot = last.body as unknown as Wire.Snapshot
  const start = snapshot.messages.findLastIndex(({ sender }) => sender === 'user')
  const reply = snapshot.messages
    .slice(start + 1)
    .filter(({ sender, tool_result: tool }) => sender !== 'user' && tool === null)
    .map(({ content }) => content)
    .join('\n')
  const listed = await ask('GET', '/api/proposals?limit=10')
  const proposals = (listed.status === 200 ? (listed.body as unknown as Wire.Proposal[]) : []).map((each) => ({
    id: each.id,
    state: each.state,
    verdict: each.verdict,
    chain_id: each.chain_id,
    from: each.from,
    untrusted_summary: safeText(each.summary, 300),
  }))
  return {
    structured: {
      session_id: sessionId,
      is_processing: snapshot.is_processing,
      untrusted_reply: safeText(reply, MAX_REPLY),
      proposals,
    },
    text: snapshot.is_processing
      ? `The agent is still working. Ask again with session_id ${sessionId}.`
      : `The agent answered; its words are in untrusted_reply. Go on with session_id ${sessionId}.`,
  }
}
