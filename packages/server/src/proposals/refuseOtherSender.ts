import { BaseError, type Address } from '@countersign/base'
import type { Reader } from '../store/openStore.ts'

/**
 * Once a wallet has signed in to a session, it is the only sender that the session's proposals may have: what a client
 * claims, or a model makes up, changes nothing. Asked when a proposal is staged, committed, and at the last look.
 *
 * @throws {SenderError} `proposals:sender:refused`.
 */
export async function refuseOtherSender(
  read: Reader,
  { sid, sender }: { sid: string; sender: Address.Address },
): Promise<void> {
  const row = await read.selectFrom('sessions').select('wallet_address').where('sid', '=', sid).executeTakeFirst()
  const wallet = row?.wallet_address ?? null
  if (wallet !== null && wallet.toLowerCase() !== sender.toLowerCase()) throw new SenderError(wallet, sender)
}

export class SenderError extends BaseError {
  override readonly name = 'proposals.SenderError'
  constructor(wallet: string, sender: string) {
    super(`${wallet} signed in to this session, so nothing may be proposed for ${sender}.`, {
      code: 'proposals:sender:refused',
      kind: 'refused',
      hint: 'Switch the wallet back to that account, or start a new session with this one.',
    })
  }
}
