import { parseYaml } from '@countersign/simulator/yaml'
import { isScalar, visit } from 'yaml'
import { PolicyError } from './Source.ts'

/**
 * A policy's file as the JSON that `PUT /api/mandates` takes: YAML or JSON, as it stands, judged by the server alone.
 *
 * @throws {PolicyError} `mandates:policy:unreadable` for what is not YAML, and for aliases, tags and keys given twice.
 */
export function readText(text: string, file: string): Readonly<Record<string, unknown>> {
  const { document, lines } = parseYaml(text)
  const [fault] = [...document.errors, ...document.warnings]
  const at = fault === undefined ? null : lines.linePos(fault.pos[0])
  const refuse = (because: string): never => {
    throw new PolicyError(
      [{ pointer: '', line: Math.max(1, at?.line ?? 1), column: Math.max(1, at?.col ?? 1), because }],
      file,
    )
  }
  if (fault !== undefined) refuse('It is not valid YAML or JSON.')
  visit(document, {
    Alias: () => refuse('An alias is not allowed.'),
    Scalar(_key, node) {
      // An address that is not quoted is text, and no number.
      if (isScalar(node) && typeof node.value === 'number' && /^0x/i.test(node.source ?? '')) node.value = node.source
    },
  })
  const value: unknown = document.toJS({ maxAliasCount: 0 })
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('A policy is a list of keys.')
  return value as Readonly<Record<string, unknown>>
}
