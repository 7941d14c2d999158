import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'

/**
 * One HTML document without a framework, script and style inside.
 *
 * @param root - `entry` and `style` are paths from here.
 * @param alias - Modules to take in place of others, for tests.
 */
export async function oneDocument(
  root: string,
  {
    title,
    entry,
    style,
    alias = {},
  }: { title: string; entry: string; style: string; alias?: Readonly<Record<string, string>> },
): Promise<string> {
  const built = await build({
    configFile: false,
    root,
    resolve: { alias },
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: { polyfill: false },
      lib: { entry: join(root, entry), formats: ['iife'], name: 'card' },
    },
  })
  const [first] = [built].flat()
  const chunk = first !== undefined && 'output' in first ? first.output[0] : undefined
  if (chunk?.type !== 'chunk') throw new Error(`${entry} was not built.`)
  const css = readFileSync(join(root, style), 'utf8')
  // Nothing in the script may end the element that it stands in.
  const script = chunk.code.replaceAll('</', '<\\/')
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>${title}</title>\n<style>\n${css}</style>\n<body></body>\n<script>\n${script}</script>\n</html>\n`
}
