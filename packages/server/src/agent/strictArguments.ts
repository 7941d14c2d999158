import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { Json } from '@countersign/base'
import type { ToolSet } from 'ai'

/**
 * A model and the tools of one turn, between which no argument passes that was written twice. The AI SDK parses arguments
 * with the last of two equal fields, so the model's own text is read before it does; a call that holds one runs nothing
 * and is answered as any other failing tool. The place for all tools, adapters and models.
 */
export function refuseDoubled(
  model: LanguageModelV4,
  tools: ToolSet,
): { readonly model: LanguageModelV4; readonly tools: ToolSet } {
  /** By call: a name that a model gives twice is refused from the doubled one on. */
  const doubled = new Map<string, Json.DuplicateFieldError>()
  return {
    model: {
      specificationVersion: 'v4',
      provider: model.provider,
      modelId: model.modelId,
      supportedUrls: model.supportedUrls,
      doGenerate: () => Promise.reject(new Error('Turns stream their models.')),
      async doStream(options) {
        const result = await model.doStream(options)
        const look = new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
          transform(part, controller) {
            if (part.type === 'tool-call') {
              const error = doubledIn(part.input)
              if (error !== null) doubled.set(part.toolCallId, error)
            }
            controller.enqueue(part)
          },
        })
        return { ...result, stream: result.stream.pipeThrough(look) }
      },
    },
    tools: Object.fromEntries(
      Object.entries(tools).map(([name, tool]) => {
        const { execute } = tool
        if (execute === undefined) return [name, tool]
        const strict: typeof execute = (args, options) => {
          const error = doubled.get(options.toolCallId)
          return error === undefined
            ? execute(args, options)
            : { error: error.message, hint: error.hint, code: error.code }
        }
        return [name, { ...tool, execute: strict }]
      }),
    ),
  }
}

/** What is no JSON at all is the SDK's to refuse. */
function doubledIn(input: string): Json.DuplicateFieldError | null {
  try {
    Json.parse(input)
    return null
  } catch (error) {
    return error instanceof Json.DuplicateFieldError ? error : null
  }
}
