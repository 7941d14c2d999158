/** The steps of a Dockerfile as a script carries them out. */
export interface Stage {
  readonly from: string
  readonly name: string | null
  readonly steps: readonly Step[]
}

export interface Step {
  readonly keyword: string
  readonly text: string
}

/** What a stage says of the program that runs in it. */
export interface Config {
  readonly env: Readonly<Record<string, string>>
  readonly user: string
  readonly workdir: string
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
}

const KNOWN = new Set([
  ...['ARG', 'FROM', 'RUN', 'COPY', 'WORKDIR', 'ENV', 'USER', 'VOLUME', 'EXPOSE'],
  ...['STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'],
])

/**
 * Reads the subset that our Dockerfile uses: one instruction a line, JSON forms for what runs.
 *
 * @throws {Error} for an instruction that would not be carried out.
 */
export function readDockerfile(text: string): Stage[] {
  const args: Record<string, string> = {}
  const stages: { from: string; name: string | null; steps: Step[] }[] = []
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n')
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [keyword, rest] = splitAt(line)
    if (!KNOWN.has(keyword)) throw new Error(`The check does not carry out ${keyword}.`)
    if (keyword === 'ARG') {
      const [name = '', value = ''] = rest.split('=')
      args[name] = value
    } else if (keyword === 'FROM') {
      const [image = '', , name] = rest.split(/\s+/)
      stages.push({
        from: image.replaceAll(/\$\{(\w+)\}/g, (_, arg: string) => args[arg] ?? ''),
        name: name ?? null,
        steps: [],
      })
    } else stages.at(-1)?.steps.push({ keyword, text: rest })
  }
  return stages
}

/** What the last instructions of each kind say. */
export function configOf({ steps }: Stage): Config {
  const last = (keyword: string): string | undefined => steps.findLast((step) => step.keyword === keyword)?.text
  const list = (keyword: string): string[] => JSON.parse(last(keyword) ?? '[]') as string[]
  const env = steps
    .filter(({ keyword }) => keyword === 'ENV')
    .flatMap(({ text }) => text.split(/\s+/))
    .map((pair) => pair.split('=') as [string, string])
  return {
    env: Object.fromEntries(env),
    user: last('USER') ?? '0:0',
    workdir: last('WORKDIR') ?? '/',
    entrypoint: list('ENTRYPOINT'),
    cmd: list('CMD'),
  }
}

function splitAt(line: string): [string, string] {
  const end = line.indexOf(' ')
  return [line.slice(0, end), line.slice(end + 1).trim()]
}
