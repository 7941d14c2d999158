import type { Proposal, ReportWire } from '@countersign/sdk'
import { safeText } from '@countersign/simulator'
import { forModel } from '../provenance/forModel.ts'
import type { ToolAnswer } from './Tool.ts'

/** The longest text of a stranger that is handed on, in characters. */
const MAX_UNTRUSTED = 300
/** As many entries of a list as a model reads; the rest is counted. */
const MAX_LISTED = 50

const untrusted = (text: string | null): string | null => (text === null ? null : safeText(text, MAX_UNTRUSTED))

/**
 * A report for a model. Addresses, amounts, rule names and our own titles stand as they are; whatever a contract, a document
 * or a descriptor wrote stands in fields that begin with `untrusted_`, escaped and capped.
 */
export function reportForModel(report: ReportWire): Record<string, unknown> {
  return {
    verdict: report.verdict,
    chain_id: report.chain_id,
    from: report.from,
    block: report.block.number,
    will_revert: report.will_revert,
    findings: report.findings
      .slice(0, MAX_LISTED)
      .map(({ rule, level, title, because, remediation, step, subject }) => ({
        rule,
        level,
        title,
        ...(remediation === undefined ? {} : { remediation: forModel(remediation) }),
        step,
        subject,
        untrusted_because: untrusted(because),
      })),
    changes: report.token_changes.slice(0, MAX_LISTED).map((change) => ({
      account: change.account,
      is_yours: change.account === report.from,
      standard: change.standard,
      token: change.token,
      token_id: change.token_id,
      delta: change.delta,
      decimals: change.decimals,
      untrusted_symbol: untrusted(change.symbol),
    })),
    authority: report.authority_changes.slice(0, MAX_LISTED).map((change) => ({
      owner: change.owner,
      kind: change.kind,
      contract: change.contract,
      subject: change.subject,
      before: change.before,
      after: change.after,
      unlimited: change.unlimited,
      expires: change.expires,
      untrusted_symbol: untrusted(change.symbol),
    })),
    max_fee_wei: report.gas_estimate.max_fee_wei,
    not_checked: report.not_checked.map(({ what }) => forModel(what)),
  }
}

/** What `simulate` answers. */
export function simulated(report: ReportWire): ToolAnswer {
  return { structured: reportForModel(report), text: verdictText(report) }
}

/** What `explain` answers: the same, with every step and every line of a document. */
export function explained(report: ReportWire): ToolAnswer {
  const { signature } = report
  const structured = {
    ...reportForModel(report),
    steps: report.steps.map(({ step, status, revert, gas_used, clear_signing: words }) => ({
      step,
      status,
      gas_used,
      contracts: report.contract_calls
        .filter((call) => call.step === step)
        .slice(0, MAX_LISTED)
        .map((call) => ({
          address: call.address,
          depth: call.depth,
          value: call.value,
          untrusted_name: untrusted(call.name),
          untrusted_signature: untrusted(call.signature),
        })),
      untrusted_revert: untrusted(revert?.reason ?? null),
      untrusted_description: untrusted(words?.interpolated_intent ?? words?.intent ?? null),
    })),
    document:
      signature === null
        ? null
        : {
            kind: signature.kind,
            digest: signature.digest,
            verifying_contract: signature.verifying_contract,
            untrusted_title: untrusted(signature.title),
            untrusted_lines: signature.lines
              .slice(0, MAX_LISTED)
              .map(({ label, value }) => `${untrusted(label)}: ${untrusted(value)}`),
          },
  }
  const own = report.token_changes.filter(({ account }) => account === report.from)
  const moves = own.slice(0, MAX_LISTED).map(({ delta, token, token_id: id }) => {
    const what = `${token === null ? 'wei of the coin' : `units of the token ${token}`}${id === null ? '' : ` (id ${id})`}`
    return `${delta.startsWith('-') ? 'Leaves' : 'Arrives'}: ${delta.replace('-', '')} ${what}.`
  })
  const grants = report.authority_changes
    .filter(({ after }) => after !== '0')
    .slice(0, MAX_LISTED)
    .map(
      ({ kind, subject, contract, unlimited }) =>
        `Left behind: ${unlimited ? 'unlimited ' : ''}${kind} of ${contract} for ${subject}.`,
    )
  const steps = report.steps.map(({ step, status }) => `Step ${step}: ${status}.`)
  return { structured, text: [verdictText(report), ...steps, ...moves, ...grants].join('\n') }
}

const VERDICTS = {
  allow: 'Verdict allow: nothing was found against it.',
  warn: 'Verdict warn: read the findings before anybody signs.',
  block: 'Verdict block: it must not be signed.',
} as const

function verdictText(report: ReportWire): string {
  const found = report.findings
    .filter(({ level }) => level !== 'info')
    .slice(0, MAX_LISTED)
    .map(({ rule, level, title }) => `- ${level} ${rule}: ${title}`)
  return [VERDICTS[report.verdict], ...found].join('\n')
}

/** The route's answer to `POST /api/proposals`. */
export interface Proposed {
  readonly id: string
  readonly state: string
  readonly verdict: string
  readonly digest: string
  readonly url: string
  readonly expires_at: string
}

/** What `propose` answers: exactly the route's answer, and a sentence with the URL. */
export function proposed(answer: Proposed): ToolAnswer {
  const text =
    answer.state === 'pending'
      ? `It waits for its owner, who answers it with their wallet here: ${answer.url}`
      : answer.state === 'blocked'
        ? `The simulation blocked it, and no wallet will be asked for it. The reasons: ${answer.url}`
        : `It is ${answer.state}. Its page: ${answer.url}`
  return { structured: { ...answer }, text }
}

const STATES: Readonly<Record<Proposal['state'], string>> = {
  staged: 'It is being simulated.',
  blocked: 'The simulation blocked it, and no wallet will be asked for it.',
  receipted: 'It was simulated, and no wallet was asked for it yet.',
  pending: 'It waits for its owner.',
  submitted: 'Its owner signed it; it is being checked on chain.',
  settled: 'Its owner signed it, and it was verified.',
  mismatched: 'What was signed is not what was proposed.',
  rejected: 'Its owner rejected it.',
  expired: 'Its owner did not answer in time.',
  superseded: 'A newer proposal replaced it.',
}

/** What `proposal` answers. */
export function shown(proposal: Proposal): ToolAnswer {
  const { report } = proposal
  const url = proposal.url ?? null
  return {
    structured: {
      id: proposal.id,
      state: proposal.state,
      verdict: proposal.verdict,
      digest: proposal.digest,
      url,
      expires_at: proposal.expires_at,
      chain_id: proposal.chain_id,
      from: proposal.from,
      tx_hashes: proposal.calls.flatMap(({ tx_hash: hash }) => (hash === null ? [] : [hash])),
      settled_in_block: proposal.settlement?.block_number ?? null,
      report: report === null ? null : reportForModel(report),
      untrusted_summary: untrusted(proposal.summary),
      untrusted_reason: untrusted(proposal.reason),
    },
    text: [STATES[proposal.state], ...(url === null ? [] : [`Its page: ${url}`])].join(' '),
  }
}
