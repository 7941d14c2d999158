/** The reference page: made from the OpenAPI document, one file without scripts, so that it works offline. */
export function docsPage(document: Record<string, unknown>): string {
  const { info, paths, components } = document as {
    info: { title: string; version: string; description: string }
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, unknown>; securitySchemes: Record<string, Record<string, unknown>> }
  }
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  const index = routes.map(
    ({ method, path, operation }) =>
      `<li><a href="#${escape(operation.operationId)}"><code>${method} ${escape(path)}</code></a> ${escape(operation.summary)}</li>`,
  )
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `<section id="schema-${escape(name)}"><h3>${escape(name)}</h3>${json(schema)}</section>`,
  )
  const security = Object.entries(components.securitySchemes).map(
    ([name, scheme]) => `<li><code>${escape(name)}</code> ${escape(JSON.stringify(scheme))}</li>`,
  )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} HTTP API</title><style>${STYLE}</style></head><body><main>
<h1>${escape(info.title)} HTTP API ${escape(info.version)}</h1><p>${escape(info.description)}</p>
<p>The document itself: <a href="/api/openapi.json">/api/openapi.json</a>.</p>
<h2>Routes</h2><ul>${index.join('')}</ul><h2>What opens them</h2><ul>${security.join('')}</ul>
${routes.map(section).join('')}<h2>Schemas</h2>${schemas.join('')}</main></body></html>`
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security: readonly Record<string, unknown>[]
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: unknown }[]
  readonly requestBody?: { content: Record<string, { schema: unknown }> }
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>
  readonly 'x-scope': string | null
  readonly 'x-cost': number
}

function section({ method, path, operation }: { method: string; path: string; operation: Operation }): string {
  const parameters = operation.parameters.map(
    (each) => `<li><code>${escape(each.name)}</code> in ${escape(each.in)}${each.required ? ', required' : ''}</li>`,
  )
  const security = operation.security.map((each) => Object.keys(each).join(' + ') || 'nothing').join(' or ')
  const body = Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => `<h4>Body</h4>${json(schema)}`)
  const answers = Object.entries(operation.responses).map(([status, { description, content }]) => {
    const schema = Number(status) < 300 ? Object.values(content ?? {}).map((each) => json(each.schema)) : []
    return `<li><strong>${status}</strong> ${escape(description)}${schema.join('')}</li>`
  })
  return `<section id="${escape(operation.operationId)}"><h3><code>${method} ${escape(path)}</code></h3>
<p>${escape(operation.summary)} Scope: ${escape(operation['x-scope'] ?? 'none')}. Units: ${operation['x-cost']}. Opened by: ${escape(security || 'nothing')}.</p>
<ul>${parameters.join('')}</ul>${body.join('')}<h4>Answers</h4><ul>${answers.join('')}</ul></section>`
}

/** A schema as text; names of other schemas lead to them. */
function json(schema: unknown): string {
  const text = escape(JSON.stringify(schema, null, 2))
  return `<pre>${text.replaceAll(/#\/components\/schemas\/(\w+)/g, '<a href="#schema-$1">$1</a>')}</pre>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

const STYLE =
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}main{max-width:60rem;margin:0 auto;padding:1rem}pre{overflow:auto;max-height:24rem;border:1px solid gray;border-radius:6px;padding:.5rem}section{border-top:1px solid gray;margin-top:1.5rem}'
