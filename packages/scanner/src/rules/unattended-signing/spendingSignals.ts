import type { Material } from '../../Rule.ts'

/**
 * What a skill that spends by itself says, each of which an honest one may say as well. Three of them together are a wallet
 * that is given away: the number was chosen on packages that are not held back.
 */
const SIGNALS: readonly (readonly [string, RegExp])[] = [
  [
    'the whole balance',
    /\b(?:up to|with|using|spend|use|all|stake|swap)\b[^.\n]{0,20}\b(?:entire|whole|full|complete) (?:balance|wallet|funds|holdings|portfolio)|["']?max_?spend["']?\s{0,2}[:=]\s{0,2}["'](?:all|max|unlimited)/i,
  ],
  [
    'no question',
    /\b(?:don't|do not|never|no need to) (?:come back|check back|ask|consult|interrupt|wait for)\b|\bwithout (?:asking|confirmation|approval)\b|["']?confirm(?:ation)?["']?\s{0,2}[:=]\s{0,2}(?:false|False|0)\b|--(?:yes|auto-approve|no-confirm)\b/i,
  ],
  [
    'no limit',
    /\bno (?:daily |spending |hard |upper )?(?:cap|limit|ceiling|stop[- ]loss)\b|\ba stop[- ]loss would\b|\buncapped\b|\b(?:rug|honeypot|safety|risk) checks? (?:are |is )?(?:off|disabled|skipped)\b/i,
  ],
  [
    'failures are noise',
    /\b(?:revert\w*|fail\w*|dry[- ]run|simulat\w+|preflight)\b[^]{0,160}\b(?:noise|anyway|regardless|all the same)\b|\bskipPreflight["']?\s{0,2}[:=]\s{0,2}true\b/i,
  ],
  [
    'any price',
    /\bslippage\w*["']?(?:\s{0,2}[:=]|\s(?:to|of|at))?\s{0,2}["']?(?:100|9\d|[5-8]0)\b|\bamountOut\w{0,8}["']?\s{0,2}[:=]\s{0,2}0n?\b/i,
  ],
  ['on credit', /\bborrow (?:against|more|from)\b|\btake (?:out )?a loan\b|\blever(?:age)? up\b/i],
  [
    'for ever',
    /\b(?:a single time|around the clock|across sessions|until (?:it is|the wallet is) empty)\b|\byou own the wallet\b|\bfull control of the wallet\b/i,
  ],
  [
    'through losses',
    /\b(?:don't|do not|never) (?:stop|pause|close|sell)\b[^.\n]{0,40}\blos(?:s|es|ing)\b|\blosses average out\b|\block in losses\b/i,
  ],
]
const ENOUGH = 4
const LASTING: ReadonlySet<string> = new Set([
  'the whole balance',
  'no limit',
  'on credit',
  'for ever',
  'through losses',
])
const SPENDS =
  /\b(?:send_?raw_?transaction|sendTransaction|signTransaction|sign_transaction|writeContract|send_raw_transaction|swap|cast send|create_order|placeOrder|place_order|private_?key|AGENT_KEY|keypair)\b/i

/** The signals that a package gives, where they are enough and it has a wallet to spend from. */
export function spendingSignals(material: Material): readonly string[] {
  const texts = material.views.filter(({ role }) => role === 'instruction').map(({ text }) => text)
  if (!texts.some((text) => SPENDS.test(text))) return []
  const given = SIGNALS.filter(([, pattern]) => texts.some((text) => pattern.test(text))).map(([name]) => name)
  // Settings of one transaction are no habit.
  return given.length >= ENOUGH && given.some((name) => LASTING.has(name)) ? given : []
}
