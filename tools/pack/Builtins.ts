/**
 * Built-in modules of Node as a bundle should take them. For an `import`, Node reads every export of the built-in, and many
 * of those load more: undici for `node:http`, the standard streams for `node:process`, all root certificates for `node:tls`.
 * `process.getBuiltinModule` (Node 22.3) hands out the same object and reads nothing.
 */
import { isBuiltin } from 'node:module'
import { parseAst } from 'rolldown/parseAst'

/** Replaces the static imports of built-in modules in one ES module. */
export function takeBuiltins(code: string): string {
  const taken: string[] = []
  let rest = ''
  let at = 0
  for (const node of parseAst(code).body) {
    if (node.type !== 'ImportDeclaration' || !isBuiltin(node.source.value)) continue
    const module = `globalThis.process.getBuiltinModule(${JSON.stringify(node.source.value)})`
    const named: string[] = []
    for (const each of node.specifiers) {
      if (each.type !== 'ImportSpecifier' || nameOf(each.imported) === 'default')
        // The namespace of a built-in has its exports as fields, as the default export has.
        taken.push(`const ${each.local.name} = ${module};`)
      else named.push(`${JSON.stringify(nameOf(each.imported))}: ${each.local.name}`)
    }
    if (named.length > 0) taken.push(`const { ${named.join(', ')} } = ${module};`)
    rest += code.slice(at, node.start)
    at = node.end
  }
  if (taken.length === 0) return code
  const body = rest + code.slice(at)
  const shebang = /^#!.*\n/.exec(body)?.[0] ?? ''
  // First, as imports are: whatever runs below may use them.
  return `${shebang}${taken.join('\n')}\n${body.slice(shebang.length)}`
}

function nameOf(name: { readonly name: string } | { readonly value: string }): string {
  return 'name' in name ? name.name : name.value
}
