import type { LanguageModelV4 } from '@ai-sdk/provider'
import { BaseError } from '@countersign/base'
import { createLocalGrammar, GRAMMAR_MODEL_ID } from './localGrammar.ts'
import type { ModelInfo } from './Turn.ts'

/** The models this server can use, the default first. */
export interface Models {
  readonly list: readonly ModelInfo[]
  readonly defaultId: string
  /** @throws {ModelUnknownError} `agent:model:unknown`. */
  open(id: string): { readonly model: LanguageModelV4; readonly info: ModelInfo }
}

/**
 * Reads which models are configured. The grammar is always there; with `ANTHROPIC_API_KEY`, `OPENAI_API_KEY` or
 * `COUNTERSIGN_MODEL_BASE_URL` (any OpenAI-compatible server, key in `COUNTERSIGN_MODEL_API_KEY`) that model is the
 * default. `COUNTERSIGN_MODEL` names the model id. `ANTHROPIC_BASE_URL` and `OPENAI_BASE_URL` redirect the two. Only
 * the code of providers that are configured is loaded.
 *
 * @throws {ModelSettingError} `agent:setting:unreadable` when no provider has the model that is asked for.
 */
export async function configureModels(env: NodeJS.ProcessEnv): Promise<Models> {
  const entries: { info: ModelInfo; open: () => LanguageModelV4 }[] = []
  const add = (id: string, open: () => LanguageModelV4) => {
    // Made once: what describes a provider's answers takes a millisecond to build, and holds nothing of a turn.
    let made: LanguageModelV4 | null = null
    if (!entries.some((entry) => entry.info.id === id))
      entries.push({ info: { id, kind: 'llm' }, open: () => (made ??= open()) })
  }
  const wanted = given(env['COUNTERSIGN_MODEL'])
  const compatible = given(env['COUNTERSIGN_MODEL_BASE_URL'])
  const anthropic = given(env['ANTHROPIC_API_KEY'])
  const openai = given(env['OPENAI_API_KEY'])
  if (compatible !== null) {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
    const provider = createOpenAICompatible({
      name: 'compatible',
      baseURL: compatible,
      ...apiKey(given(env['COUNTERSIGN_MODEL_API_KEY'])),
    })
    add(wanted ?? 'default', () => provider(wanted ?? 'default') as LanguageModelV4)
  }
  if (anthropic !== null) {
    const { createAnthropic } = await import('@ai-sdk/anthropic')
    const provider = createAnthropic({ apiKey: anthropic, ...baseUrl(given(env['ANTHROPIC_BASE_URL'])) })
    const id = wanted?.startsWith('claude') === true ? wanted : 'claude-sonnet-4-5'
    add(id, () => provider(id) as LanguageModelV4)
  }
  if (openai !== null) {
    const { createOpenAI } = await import('@ai-sdk/openai')
    const provider = createOpenAI({ apiKey: openai, ...baseUrl(given(env['OPENAI_BASE_URL'])) })
    const id = wanted !== null && !wanted.startsWith('claude') && compatible === null ? wanted : 'gpt-5'
    add(id, () => provider(id) as LanguageModelV4)
  }
  entries.push({ info: { id: GRAMMAR_MODEL_ID, kind: 'deterministic-grammar' }, open: createLocalGrammar })

  const list = entries.map((entry) => entry.info)
  if (wanted !== null && !list.some(({ id }) => id === wanted)) throw new ModelSettingError(list.map(({ id }) => id))
  const preferred = entries.find((entry) => entry.info.id === wanted) ?? entries[0]
  return {
    list,
    defaultId: preferred?.info.id ?? GRAMMAR_MODEL_ID,
    open(id) {
      const entry = entries.find((each) => each.info.id === id)
      if (entry === undefined) throw new ModelUnknownError(list.map((info) => info.id))
      return { model: entry.open(), info: entry.info }
    },
  }
}

function given(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim()
}

function apiKey(key: string | null): { apiKey?: string } {
  return key === null ? {} : { apiKey: key }
}

function baseUrl(url: string | null): { baseURL?: string } {
  return url === null ? {} : { baseURL: url }
}

export class ModelUnknownError extends BaseError {
  override readonly name = 'agent.ModelUnknownError'
  constructor(ids: readonly string[]) {
    super('There is no such model here.', {
      code: 'agent:model:unknown',
      kind: 'invalid',
      hint: `Use one of: ${ids.join(', ')}.`,
    })
  }
}

export class ModelSettingError extends BaseError {
  override readonly name = 'agent.ModelSettingError'
  constructor(ids: readonly string[]) {
    super('COUNTERSIGN_MODEL names a model that no configured provider has.', {
      code: 'agent:setting:unreadable',
      kind: 'invalid',
      hint: `Configure its provider, or use one of: ${ids.join(', ')}.`,
    })
  }
}
