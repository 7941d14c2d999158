/** Commands that open the store and serve: `node:sqlite` and the rest of them are tried on this line only. */
const NEEDS_24 = ['serve', 'demo']

/**
 * Why this Node cannot run a command, in one line; null when it can. Written so that an old Node can read it.
 *
 * @param {string} version - As `process.versions.node` has it, such as "20.20.2".
 * @param {string | undefined} command - The first word of the command line.
 * @returns {string | null}
 */
export function refusalOfNode(version, command) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const needed = NEEDS_24.includes(command ?? '') ? [24, 0] : [22, 19]
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return null
  const name = needed[1] === 0 ? String(needed[0]) : needed.join('.')
  const what = command === undefined ? '' : ` for ${JSON.stringify(command.slice(0, 40))}`
  return `Countersign needs Node ${name} or newer${what}; this is ${version}. In its repository, npx countersign brings its own.`
}
