import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'

const src = import.meta.dirname

test('promise: the SDK is whole without Node and without another package', async () => {
  const bundle = await rolldown({ input: join(src, 'index.ts'), platform: 'browser', logLevel: 'silent' })
  const { output } = await bundle.generate({ format: 'esm' })
  await bundle.close()
  expect(output.map(({ type }) => type)).toEqual(['chunk'])
  const [chunk] = output
  expect(chunk.imports).toEqual([])
  expect(chunk.dynamicImports).toEqual([])
  expect(chunk.code).not.toMatch(/\b(?:require\(|process\.|Buffer\b|node:)/)
})

test('the hooks need React and nothing else', async () => {
  const bundle = await rolldown({
    input: join(src, 'react.ts'),
    platform: 'browser',
    logLevel: 'silent',
    external: ['react'],
  })
  const { output } = await bundle.generate({ format: 'esm' })
  await bundle.close()
  expect(output[0].imports).toEqual(['react'])
})

test('promise: no file of the SDK names a module of Node', () => {
  const files = readdirSync(src).filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'))
  expect(files.filter((file) => /from '(?:node:|@countersign)/.test(readFileSync(join(src, file), 'utf8')))).toEqual([])
})
