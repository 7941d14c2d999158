import { Redacted, type Clock } from '@countersign/base'
import type { AppendAudit } from './audit/appendAudit.ts'
import type { Chain } from './chains/Chain.ts'
import type { Send } from './outbox/Outbox.ts'
import { accountOf, ownerNoticeOf, stillWaits } from './proposals/ownerNoticeOf.ts'
import type { Proposal } from './proposals/Proposal.ts'
import * as Channel from './reach/Channel.ts'
import type { Reach, ReachTools } from './reach/channels.ts'
import { createSenders } from './reach/createSenders.ts'
import { classOf, type OwnerNotice } from './reach/OwnerNotice.ts'
import { postToOwner } from './reach/postToOwner.ts'
import { readReachSettings } from './reach/ReachSettings.ts'
import type { Post } from './reach/senders/Post.ts'
import { vapidKeyFrom, vapidKeyOf } from './reach/WebPush.ts'
import type { Store, Write } from './store/openStore.ts'
import { callOrigin } from './tools/http/callOrigin.ts'

export interface OpenReach extends Omit<Reach, 'wake'> {
  readonly senders: Readonly<Record<Channel.Kind, Send>>
  /** Posts to an origin of a channel. */
  readonly post: Post
  /** Tells the owner of a proposal what became of it, in the transaction of the change. */
  tellProposal(write: Write, proposal: Proposal, event: string, wake: () => void): Promise<void>
  /** Tells the owner of a mandate what is urgent of it. */
  tellMandate(
    write: Write,
    about: { app: string; owner: string; chains: readonly number[]; event: string; mandate: string },
    wake: () => void,
  ): Promise<void>
  /** Tells an owner anything else, such as that a mandate was frozen. */
  tellOwner(
    write: Write,
    about: { app: string; address: string; chainIds: readonly number[]; notice: OwnerNotice; saidIn?: string | null },
    wake: () => void,
  ): Promise<void>
}

/** What its owner is told of a mandate. Its name may be an agent's, so it is left out. */
const MANDATE_WORDS: Readonly<Partial<Record<string, { readonly title: string; readonly what: string }>>> = {
  'mandates.mandate.frozen': {
    title: 'A mandate was frozen',
    what: 'was frozen. Nothing is signed under it until you unfreeze it by a signature.',
  },
  'mandates.reservation.overrun': {
    title: 'More moved than a mandate allows',
    what: 'was overrun: more moved than it allows. It is frozen.',
  },
  'mandates.reservation.outside': {
    title: 'Something moved outside of a mandate',
    what: 'was passed by: something moved that it does not know. It is frozen.',
  },
}

/** The most that is read of an answer: nothing but its status is used. */
const MAX_ANSWER_BYTES = 65_536

/** By what owners are reached, beside the page. A part of `compose.ts`, which calls it. */
export function openReach({
  env,
  secret,
  origins,
  chains,
  ...rest
}: {
  store: Store
  clock: Clock.Clock
  audit: AppendAudit
  env: NodeJS.ProcessEnv
  secret: Redacted.Redacted<Uint8Array>
  origins: { page(): string }
  chains: ReadonlyMap<number, Chain>
}): OpenReach {
  const settings = readReachSettings(env)
  const tools: ReachTools = { ...rest, secret }
  const vapidKey =
    settings.push === null
      ? null
      : settings.push.key === null
        ? vapidKeyOf(Redacted.reveal(secret))
        : vapidKeyFrom(Redacted.reveal(settings.push.key))
  const post = createPost()
  const tellOwner: OpenReach['tellOwner'] = (write, { app, address, chainIds, notice, saidIn = null }, wake) =>
    postToOwner({ clock: tools.clock, wake }, write, {
      ...{ app, owners: Channel.ownersOf({ address, chainIds }), notice },
      // What went wrong or has a time is said everywhere.
      saidIn: classOf(notice.event) === 'ordinary' ? saidIn : null,
    })
  return {
    ...{ ...tools, settings, vapidKey, post, tellOwner },
    senders: createSenders({
      ...{ ...tools, settings, vapidKey, post, origins },
      isCurrent: (notice) => stillWaits(tools.store.read, notice),
    }),
    async tellProposal(write, proposal, event, wake) {
      if (event !== 'proposals.proposal.pending' && classOf(event) === 'ordinary') return
      // A call of a tool is answered in its conversation; all else has a page of its own.
      const url = proposal.kind === 'tool_call' ? origins.page() : `${origins.page()}/p/${proposal.id}`
      const notice = ownerNoticeOf(proposal, { event, url, chain: chains.get(proposal.chainId) })
      const account = notice === null ? null : await accountOf(write.db, proposal)
      if (notice === null || account === null) return
      const { chainId, ...of } = account
      await tellOwner(write, { app: proposal.app, ...of, chainIds: [chainId], notice }, wake)
    },
    async tellMandate(write, { app, owner, chains: chainIds, event, mandate }, wake) {
      const words = MANDATE_WORDS[event]
      if (words === undefined) return
      const sentence = `A mandate of ${owner} ${words.what}`
      const notice = { event, subject: mandate, title: words.title, sentence, details: [], url: origins.page() }
      await tellOwner(write, { app, address: owner, chainIds, notice }, wake)
    },
  }
}

function createPost(): Post {
  return async ({ url: text, headers, body, isOwn }) => {
    const url = new URL(text)
    const answer = await callOrigin(
      {},
      {
        ...{ origin: url.origin, method: 'POST', target: `${url.pathname}${url.search}`, headers, body },
        ...{ allowPrivate: isOwn, maxBytes: MAX_ANSWER_BYTES, follows: false },
      },
    )
    return answer.kind === 'failed' ? null : { status: answer.status, body: answer.body }
  }
}
