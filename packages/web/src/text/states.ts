/** What a proposal is doing, in a list, in English. A part of its own: the card of MCP clients takes nothing else. */
export const STATE_WORDS = {
  staged: 'Simulating',
  blocked: 'Blocked',
  receipted: 'Simulated',
  pending: 'Waiting for you',
  submitted: 'Sent, checking on chain',
  settled: 'Settled, verified on chain',
  mismatched: 'Does not match what you approved',
  rejected: 'Rejected',
  expired: 'Expired',
  confirmed: 'Confirmed, running',
  done: 'Done',
  failed: 'Failed, nothing happened',
  unknown: 'Unknown: it may have happened',
  refused: 'Refused',
  superseded: 'Replaced by a newer proposal',
}
