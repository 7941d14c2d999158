/**
 * What the MCP conformance suite looks for by name. Only for tests: they are added to our own handler, behind our own checks
 * of Host, Origin and key, so that what is measured is what we serve. Never part of the product.
 */
import {
  acceptedContent,
  completable,
  createMcpHandler,
  inputRequired,
  isInitializeRequest,
  isLegacyRequest,
  ResourceTemplate,
  WebStandardStreamableHTTPServerTransport,
  type McpHttpHandler,
  type McpServer,
  type McpServerFactory,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'

/** One red pixel, and a WAV file without a sound. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const SILENCE = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA='

const say = (text: string) => ({ content: [{ type: 'text' as const, text }] })
const pause = () => new Promise((resolve) => setTimeout(resolve, 50))
const form = (message: string, properties: Record<string, unknown>, required: readonly string[]) =>
  inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required } } as never)

/** Adds every fixture to a server of ours. */
export function extend(server: McpServer, { codec }: { codec: RequestStateCodec<unknown> }): void {
  server.server.registerCapabilities({
    logging: {},
    // Nothing changes while it runs.
    prompts: { listChanged: false },
    resources: { subscribe: true, listChanged: false },
  })
  contents(server)
  talking(server)
  asking(server, codec)
  resources(server)
  prompts(server)
  server.server.setRequestHandler('resources/subscribe', () => ({}))
  server.server.setRequestHandler('resources/unsubscribe', () => ({}))
}

function contents(server: McpServer): void {
  const text = 'This is a simple text response for testing.'
  const image = { type: 'image' as const, data: PIXEL, mimeType: 'image/png' }
  const answers: Record<string, { content: unknown[] }> = {
    test_simple_text: say(text),
    test_image_content: { content: [image] },
    test_audio_content: { content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }] },
    test_embedded_resource: {
      content: [
        {
          type: 'resource',
          resource: {
            uri: 'test://embedded-resource',
            mimeType: 'text/plain',
            text: 'This is an embedded resource content.',
          },
        },
      ],
    },
    test_multiple_content_types: {
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        image,
        {
          type: 'resource',
          resource: {
            uri: 'test://mixed-content-resource',
            mimeType: 'application/json',
            text: '{"test":"data","value":123}',
          },
        },
      ],
    },
  }
  for (const [name, answer] of Object.entries(answers))
    server.registerTool(name, { description: 'A fixture of the conformance suite.' }, () => answer as never)
  server.registerTool('test_error_handling', { description: 'Always fails.' }, () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
}

function talking(server: McpServer): void {
  server.registerTool('test_tool_with_progress', { description: 'Reports progress.' }, async (ctx) => {
    const { progressToken } = ctx.mcpReq['_meta'] ?? {}
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
      await pause()
    }
    return say('Done.')
  })
  server.registerTool('test_tool_with_logging', { description: 'Logs what it does.' }, async (ctx) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await ctx.mcpReq.log('info', data)
      await pause()
    }
    return say('Done.')
  })
  server.registerTool('test_logging_tool', { description: 'Logs where it was asked to.' }, async (ctx) => {
    await ctx.mcpReq.log('info', 'Logged.')
    return say('Done.')
  })
  server.registerTool(
    'test_sampling',
    { description: 'Asks the client for a completion.', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, ctx) => {
      const answer = await ctx.mcpReq.requestSampling({
        messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
        maxTokens: 100,
      })
      return say(`LLM response: ${(answer.content as { text?: string }).text ?? ''}`)
    },
  )
  const ask = async (ctx: ServerContext, message: string, properties: Record<string, unknown>, required: string[]) => {
    const { action, content } = await ctx.mcpReq.elicitInput({
      message,
      requestedSchema: { type: 'object', properties, required },
    } as never)
    return `action=${action}, content=${JSON.stringify(content ?? {})}`
  }
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user.', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, ctx) => {
      const properties = {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" },
      }
      return say(`User response: ${await ask(ctx, message, properties, ['username', 'email'])}`)
    },
  )
  server.registerTool('test_elicitation_sep1034_defaults', { description: 'Asks with defaults.' }, async (ctx) => {
    const properties = {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    }
    return say(`Elicitation completed: ${await ask(ctx, 'Look at the defaults.', properties, [])}`)
  })
  server.registerTool('test_elicitation_sep1330_enums', { description: 'Asks with lists.' }, async (ctx) => {
    const titled = [
      { const: 'value1', title: 'First Option' },
      { const: 'value2', title: 'Second Option' },
      { const: 'value3', title: 'Third Option' },
    ]
    const properties = {
      untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
      titledSingle: { type: 'string', oneOf: titled },
      legacyEnum: {
        type: 'string',
        enum: ['opt1', 'opt2', 'opt3'],
        enumNames: ['Option One', 'Option Two', 'Option Three'],
      },
      untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
      titledMulti: { type: 'array', items: { anyOf: titled } },
    }
    return say(`Elicitation completed: ${await ask(ctx, 'Choose.', properties, [])}`)
  })
}

const NAME = { name: { type: 'string' } }
const sampling = (text: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens: 50,
  } as never)

function asking(server: McpServer, codec: RequestStateCodec<unknown>): void {
  const add = (name: string, answer: (ctx: ServerContext) => unknown): void => {
    server.registerTool(name, { description: 'Asks before it answers.' }, ((ctx: ServerContext) =>
      answer(ctx)) as never)
  }
  const given = (ctx: ServerContext, key: string): Record<string, unknown> | undefined =>
    acceptedContent(ctx.mcpReq.inputResponses as never, key) as Record<string, unknown> | undefined
  const has = (ctx: ServerContext, key: string): boolean => ctx.mcpReq.inputResponses?.[key] !== undefined

  add('test_input_required_result_elicitation', (ctx) => {
    const name = given(ctx, 'user_name')?.['name']
    return typeof name === 'string'
      ? say(`Hello, ${name}!`)
      : inputRequired({ inputRequests: { user_name: form('What is your name?', NAME, ['name']) } })
  })
  add('test_input_required_result_sampling', (ctx) => {
    const answer = ctx.mcpReq.inputResponses?.['capital_question'] as { content?: { text?: string } } | undefined
    return answer === undefined
      ? inputRequired({ inputRequests: { capital_question: sampling('What is the capital of France?') } })
      : say(answer.content?.text ?? '')
  })
  add('test_input_required_result_list_roots', (ctx) =>
    has(ctx, 'client_roots')
      ? say(JSON.stringify(ctx.mcpReq.inputResponses?.['client_roots']))
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
  )
  const confirm = () => form('Please confirm', { ok: { type: 'boolean' } }, ['ok'])
  for (const name of ['test_input_required_result_request_state', 'test_input_required_result_tampered_state'])
    add(name, async (ctx) =>
      ctx.mcpReq.requestState<{ step: string }>()?.step === name && has(ctx, 'confirm')
        ? say('state-ok')
        : inputRequired({
            inputRequests: { confirm: confirm() },
            requestState: await codec.mint({ step: name }, ctx),
          }),
    )
  add('test_input_required_result_multiple_inputs', async (ctx) =>
    has(ctx, 'user_name') && has(ctx, 'greeting') && has(ctx, 'client_roots')
      ? say('Everything is here.')
      : inputRequired({
          inputRequests: {
            user_name: form('What is your name?', NAME, ['name']),
            greeting: sampling('Generate a greeting'),
            client_roots: inputRequired.listRoots(),
          },
          requestState: await codec.mint({ step: 'multiple' }, ctx),
        }),
  )
  add('test_input_required_result_multi_round', async (ctx) => {
    const step = ctx.mcpReq.requestState<{ step: string }>()?.step
    if (step === 'round-2' && has(ctx, 'step2')) return say('Both steps are done.')
    const isSecond = step === 'round-1' && has(ctx, 'step1')
    return inputRequired({
      inputRequests: isSecond
        ? { step2: form('Step 2: What is your favorite color?', { color: { type: 'string' } }, ['color']) }
        : { step1: form('Step 1: What is your name?', NAME, ['name']) },
      requestState: await codec.mint({ step: isSecond ? 'round-2' : 'round-1' }, ctx),
    })
  })
  add('test_input_required_result_capabilities', (ctx) => {
    const envelope = (ctx.mcpReq.envelope ?? {}) as Record<string, unknown>
    const can = (envelope['io.modelcontextprotocol/clientCapabilities'] ?? {}) as Record<string, unknown>
    const inputRequests = {
      ...(can['elicitation'] === undefined ? {} : { user_name: form('What is your name?', NAME, ['name']) }),
      ...(can['sampling'] === undefined ? {} : { greeting: sampling('Generate a greeting') }),
      ...(can['roots'] === undefined ? {} : { client_roots: inputRequired.listRoots() }),
    }
    return Object.keys(inputRequests).length === 0 ? say('Nothing can be asked.') : inputRequired({ inputRequests })
  })
  add('test_missing_capability', () => inputRequired({ inputRequests: { greeting: sampling('Generate a greeting') } }))
  add('test_streaming_elicitation', (ctx) =>
    has(ctx, 'user_name')
      ? say('Done.')
      : inputRequired({ inputRequests: { user_name: form('What is your name?', NAME, ['name']) } }),
  )
}

function resources(server: McpServer): void {
  const about = { description: 'A fixture of the conformance suite.' }
  const plain = { ...about, mimeType: 'text/plain' }
  server.registerResource('static-text', 'test://static-text', plain, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  }))
  server.registerResource('static-binary', 'test://static-binary', { ...about, mimeType: 'image/png' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'image/png', blob: PIXEL }],
  }))
  server.registerResource('watched', 'test://watched-resource', plain, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'Watched.' }],
  }))
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { ...about, mimeType: 'application/json' },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  )
}

function prompts(server: McpServer): void {
  const about = { description: 'A fixture of the conformance suite.' }
  const user = (...parts: unknown[]) => ({ messages: parts.map((content) => ({ role: 'user', content })) }) as never
  const text = (value: string) => ({ type: 'text', text: value })
  server.registerPrompt('test_simple_prompt', about, () => user(text('This is a simple prompt for testing.')))
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      ...about,
      argsSchema: z.object({
        arg1: completable(z.string(), (value) => ['paris', 'park', 'party'].filter((each) => each.startsWith(value))),
        arg2: z.string(),
      }),
    },
    ({ arg1, arg2 }) => user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { ...about, argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) =>
      user(
        {
          type: 'resource',
          resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
        },
        text('Please process the embedded resource above.'),
      ),
  )
  server.registerPrompt('test_prompt_with_image', about, () =>
    user({ type: 'image', data: PIXEL, mimeType: 'image/png' }, text('Please analyze the image above.')),
  )
  server.registerPrompt('test_input_required_result_prompt', about, ((ctx: ServerContext) => {
    const topic = (
      acceptedContent(ctx.mcpReq.inputResponses as never, 'user_context') as { context?: string } | undefined
    )?.context
    return topic === undefined
      ? inputRequired({
          inputRequests: { user_context: form('What is it about?', { context: { type: 'string' } }, ['context']) },
        })
      : user(text(`About ${topic}.`))
  }) as never)
}

/**
 * Our handler, with sessions for the 2025 revision beside it: that revision lets a server ask its client within a session,
 * which the product never does, and the suite tries it.
 */
export function handler(build: McpServerFactory): McpHttpHandler {
  const ours = createMcpHandler(build)
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
  return {
    ...ours,
    async fetch(request, options) {
      const session = request.headers.get('mcp-session-id')
      if (session === null && !(await isLegacyRequest(request, options?.parsedBody)))
        return ours.fetch(request, options)
      const known = session === null ? undefined : sessions.get(session)
      if (known !== undefined) return known.handleRequest(request, options)
      if (!isInitializeRequest(options?.parsedBody)) return ours.fetch(request, options)
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => crypto.randomUUID(),
        onsessioninitialized: (id) => void sessions.set(id, transport),
      })
      const server = await build({
        era: 'legacy',
        ...(options?.authInfo === undefined ? {} : { authInfo: options.authInfo }),
      })
      await server.connect(transport)
      return transport.handleRequest(request, options)
    },
  }
}
