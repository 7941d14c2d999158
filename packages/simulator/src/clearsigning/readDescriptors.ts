import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { Json } from '@countersign/base'
import { DescriptorError, mergeDescriptors, parseDescriptors, type DescriptorSet } from './Descriptor.ts'

/** What stands in a registry beside its descriptors. */
const NOT_DESCRIPTORS = /(?:^|\/)(?:specs|sigs|tests|testsv2|node_modules|\.[^/]+)\/|\.tests\.json$/
const MAX_BYTES = 64_000_000

/**
 * Reads a folder of ERC-7730 descriptors, such as a checkout of the registry. Nothing is fetched: what a file includes has
 * to be in the folder too.
 *
 * @throws {DescriptorError} `simulation:descriptor:unreadable`, naming the file.
 */
export function readDescriptors(folder: string): DescriptorSet {
  let names: string[]
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.split(sep).join('/'))
  } catch {
    throw new DescriptorError(folder, 'the folder cannot be read')
  }
  const files: Record<string, unknown> = {}
  let bytes = 0
  for (const name of names.filter((each) => each.endsWith('.json') && !NOT_DESCRIPTORS.test(each)).sort()) {
    const text = readFileSync(join(folder, name), 'utf8')
    bytes += text.length
    if (bytes > MAX_BYTES) throw new DescriptorError(folder, `there are more than ${MAX_BYTES} bytes of them`)
    try {
      files[name] = Json.parse(text)
    } catch (error) {
      throw new DescriptorError(name, Json.faultOf(error))
    }
  }
  return parseDescriptors(files)
}

let builtIn: DescriptorSet | null = null

/** The shipped descriptors, with the caller's in front of them. */
export function withBuiltIn(own: DescriptorSet | null): DescriptorSet {
  builtIn ??= readDescriptors(join(import.meta.dirname, 'descriptors'))
  return own === null ? builtIn : mergeDescriptors([builtIn, own])
}
