import type { AdapterReport, ScanReport } from '@countersign/scanner'
import type { Io } from '../io.ts'
import { UsageError } from '../UsageError.ts'

type Scanner = typeof import('@countersign/scanner')
type Severity = ReturnType<Scanner['Severity']['shift']>

/**
 * `--judge`: has the configured language model read each skill, through the AI SDK as the server does. It gets no tools, and
 * the text of the skills goes to its provider.
 *
 * @throws {UsageError} when no model is configured.
 */
export async function runJudge(
  scanner: Scanner,
  io: Io,
  report: ScanReport,
  { paths, base, gate, timeoutS }: { paths: readonly string[]; base: string; gate: Severity; timeoutS: number },
): Promise<AdapterReport[]> {
  // Loaded here: only this option needs a model.
  const [{ modelsOf }, { generateText }] = await Promise.all([import('@countersign/server'), import('ai')])
  const models = await modelsOf(io.env)
  const { model, info } = models.open(models.defaultId)
  if (info.kind !== 'llm')
    throw new UsageError(
      'No language model is configured for --judge.',
      'Set ANTHROPIC_API_KEY, OPENAI_API_KEY or COUNTERSIGN_MODEL_BASE_URL.',
    )
  const judge: Parameters<Scanner['judgeSkill']>[0] = async ({ instructions, material, signal }) => {
    const { text } = await generateText({
      model,
      instructions,
      prompt: material,
      abortSignal: signal,
      maxRetries: 1,
      maxOutputTokens: 4_000,
    })
    return text
  }
  const skills = scanner.readTree(paths, base, { onOdd: () => undefined })
  const reports: AdapterReport[] = []
  for (const { path } of report.skills) {
    const skill = skills.find((each) => each.path === path)
    if (skill === undefined) continue
    reports.push(await scanner.judgeSkill(judge, skill, { gate, timeoutMs: timeoutS * 1_000, model: info.id }))
  }
  return reports
}
