import { kindOf, PDF_PREFIX, bytesOf, sorted, type DocumentFinding } from '../Document.ts'
import type { Extracted } from '../extract/Extracted.ts'
import { extractMarkdown } from '../extract/extractMarkdown.ts'
import { inPlace } from '../extract/Extracted.ts'
import { chainClaimsIn, type ChainClaim } from './chainClaims.ts'
import { claimsIn, ofFact, type Claim } from './Claim.ts'
import { ordersIn } from './ordersIn.ts'
import { readHead } from './readHead.ts'
import { secretsIn } from './secretsIn.ts'
import { isOrder, toModels } from './toModels.ts'

/** The most text of one document that is reviewed; a longer one is refused. */
const MAX_CHARS = 1_000_000

/** What a review of one document found out, without other documents and without a chain. */
export interface Reviewed {
  /** What may be searched: without what is hidden, secrets masked. */
  readonly text: string
  readonly findings: readonly DocumentFinding[]
  readonly facts: Readonly<Record<string, string>>
  readonly staleAtMs: number | null
  readonly claims: readonly Claim[]
  readonly chainClaims: readonly ChainClaim[]
  /** Why it could not be read; then it cannot be released. */
  readonly unread: string | null
}

/** Reviews one document. Runs in a thread of its own, because readers of hostile files may take long. */
export async function reviewText(
  given: { readonly path: string; readonly text: string },
  nowMs: number,
): Promise<Reviewed> {
  try {
    return await review(given, nowMs)
  } catch (error) {
    return unread(error instanceof Error ? error.message : 'its reader failed')
  }
}

/** What is known of a document that nobody could read. */
export function unread(why: string): Reviewed {
  const because = `It could not be reviewed: ${why}.`.slice(0, 300)
  return {
    text: '',
    findings: [{ rule: 'hidden-text', severity: 'critical', line: 1, because }],
    ...{ facts: {}, staleAtMs: null, claims: [], chainClaims: [], unread: because },
  }
}

async function review({ path, text: source }: { path: string; text: string }, nowMs: number): Promise<Reviewed> {
  const kind = kindOf(path)
  if (kind === null) return unread('only Markdown, HTML, PDF and text are read')
  if (kind !== 'pdf' && (source.startsWith(PDF_PREFIX) || /^sha256:[0-9a-f]{64}$/.test(source)))
    return unread('it is not text')
  if (kind === 'pdf' && !source.startsWith(PDF_PREFIX)) return unread('it is not a PDF')
  if (kind !== 'pdf' && source.length > MAX_CHARS) return unread(`it is longer than ${MAX_CHARS} characters`)
  const extracted = await extract(kind, source)
  if (extracted.visible.length > MAX_CHARS) return unread(`it is longer than ${MAX_CHARS} characters`)
  const head =
    kind === 'pdf' || kind === 'html'
      ? { endLine: 0, facts: {}, staleAtMs: null, findings: [] }
      : readHead(source, nowMs)
  const rows = extracted.visible.split('\n').map((text, i) => ({ text, line: extracted.lines[i] ?? 1 }))
  const body = rows.slice(head.endLine)
  const secrets = await secretsOf(kind === 'pdf' ? extracted.visible : source, extracted)
  const findings = [
    ...head.findings,
    ...secrets,
    // The source shows what stands in comments and elements; the page shows what its words say.
    ...(kind === 'pdf' || kind === 'html' ? placed(ordersIn(extracted.visible), extracted) : ordersIn(source)),
    ...(kind === 'html' ? ordersIn(source).filter(({ rule }) => rule === 'hidden-text') : []),
    ...toModels(body),
    ...hiddenFindings(extracted),
  ]
  return {
    text: await masked(
      body
        .map(({ text }) => text)
        .join('\n')
        .trim(),
    ),
    findings: sorted(findings).slice(0, 100),
    facts: head.facts,
    staleAtMs: head.staleAtMs,
    claims: [...Object.entries(head.facts).map(([name, value]) => ofFact(name, value)), ...claimsIn(body)],
    chainClaims: chainClaimsIn(rows),
    unread: null,
  }
}

async function extract(kind: 'markdown' | 'html' | 'pdf' | 'text', source: string): Promise<Extracted> {
  switch (kind) {
    case 'markdown':
      return extractMarkdown(source)
    case 'text':
      return inPlace(source, [])
    // Loaded with the first document that needs them: readers of HTML and PDF are large.
    case 'html':
      return (await import('../extract/extractHtml.ts')).extractHtml(source)
    case 'pdf':
      return (await import('../extract/extractPdf.ts')).extractPdf(bytesOf(source))
  }
}

async function secretsOf(text: string, extracted: Extracted): Promise<readonly DocumentFinding[]> {
  const found = [
    ...(await secretsIn(text)).map((each) => ({ ...each, line: text.slice(0, each.start).split('\n').length })),
  ]
  for (const each of await secretsIn(extracted.visible)) {
    const row = extracted.visible.slice(0, each.start).split('\n').length
    found.push({ ...each, line: extracted.lines[row - 1] ?? 1 })
  }
  return found.map(({ what, severity, line }) => ({ rule: 'secret', severity, line, because: `It holds ${what}.` }))
}

function placed(findings: readonly DocumentFinding[], { lines }: Extracted): readonly DocumentFinding[] {
  return findings.map((each) => ({ ...each, line: lines[each.line - 1] ?? each.line }))
}

/** What is hidden is never searched. Whether it wants something decides how much it matters. */
function hiddenFindings({ hidden }: Extracted): readonly DocumentFinding[] {
  return hidden.flatMap(({ text, line, how }): DocumentFinding[] => {
    const words = text.split(/\s+/).length
    const wants = isOrder(text) || ordersIn(text).some(({ severity }) => severity === 'high' || severity === 'critical')
    if (wants) return [{ rule: 'hidden-text', severity: 'high', line, because: `Text in ${how} reads like an order.` }]
    return words < 4
      ? []
      : [
          {
            rule: 'hidden-text',
            severity: 'low',
            line,
            because: `${words} words stand in ${how}; they are not searched.`,
          },
        ]
  })
}

/** Secrets do not reach the index, released or not. */
async function masked(text: string): Promise<string> {
  let out = text
  for (const { start, end } of (await secretsIn(text)).toReversed())
    out = `${out.slice(0, start)}[secret removed]${out.slice(end)}`
  return out
}
