import { format } from 'prettier'
import { openApi } from '../../packages/server/src/http/openapi.ts'
import { errorCodes } from './errorCodes.ts'
import { routesOf, typesOf, type Document } from './writeTypes.ts'

/** Names that were published before the schemas had them. */
const ALIASES = {
  ClearSigningWire: 'ReportClearSigning',
  SignatureMovement: 'ReportMovement',
  ErrorBody: 'Refusal',
} as const

/** `packages/sdk/src/wire.ts`: the words spoken over HTTP, from the schemas of the server's routes. */
export async function wireTypes(root: string): Promise<string> {
  const document = openApi({ version: '0' }) as unknown as Document
  const missing = Object.values(ALIASES).filter((name) => document.components.schemas[name] === undefined)
  if (missing.length > 0) throw new Error(`No schema has the name ${missing.join(', ')}.`)
  const text = [
    `/**
 * The words spoken over HTTP. Written by \`npm run docs\` from the schemas of the server's routes
 * (packages/server/src/http: answers.ts, schemas.ts, components.json); do not edit it here. Snake case, JSON only, amounts as
 * decimal strings in the smallest unit, addresses in EIP-55, bytes as 0x-hex, times as ISO 8601 UTC.
 */`,
    typesOf(document),
    ...Object.entries(ALIASES).map(
      ([name, of]) => `/** The same, under its older name. */\nexport type ${name} = ${of}`,
    ),
    `/** Codes that the server answers with. A newer server may know more. */\nexport type ErrorCode = ${errorCodes(
      root,
    )
      .map((code) => `'${code}'`)
      .join(' | ')}`,
    routesOf(document),
  ].join('\n\n')
  return format(text, { parser: 'typescript', printWidth: 120, singleQuote: true, semi: false })
}
