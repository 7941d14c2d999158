import type { NotifyTarget, WebhookTarget } from '../NotifyTarget.ts'
import type { AppReader } from './AppReader.ts'

const NAME = /^[a-z][a-z0-9-]{0,39}$/
const SECRET = /^[A-Z][A-Z0-9_]{0,63}$/
const EVENT = /^[a-z]+(?:\.[a-z_]+){2}$/
/** The most targets of an app. */
const MAX_TARGETS = 20

/** Reads `notify` of app.yaml: targets of messages by name. Faults are noted in the reader. */
export function readNotify(reader: AppReader, node: unknown): Record<string, NotifyTarget> {
  const { yaml } = reader
  const value = yaml.value(node)
  const targets: Record<string, NotifyTarget> = {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    reader.refuse(node, '"notify" must hold targets by name.', HELP)
    return targets
  }
  const names = Object.keys(value)
  if (names.length > MAX_TARGETS) reader.refuse(node, `"notify" holds more than ${MAX_TARGETS} targets.`)
  for (const name of names.slice(0, MAX_TARGETS)) {
    const at = yaml.below(node, [name])
    if (!NAME.test(name)) {
      reader.refuse(at, `"${name.slice(0, 60)}" cannot name a target.`, 'Write small letters, digits and "-".')
      continue
    }
    const target = readTarget(reader, at)
    if (target !== null) targets[name] = target
  }
  return targets
}

const HELP = "Write { ops: { webhook: 'https://hooks.example/countersign', secret: OPS_HOOK } }."

function readTarget(reader: AppReader, node: unknown): NotifyTarget | null {
  const { yaml } = reader
  const entries = yaml.entries(node, 'a target of "notify"', ['webhook', 'secret', 'allow_private', 'events'])
  if (entries === null) return null
  if (!entries.has('webhook') || !entries.has('secret'))
    return reader.refuse(node, 'A target of "notify" needs "webhook" and "secret".', HELP)
  const url = readUrl(reader, entries.get('webhook'))
  const secrets = readSecrets(reader, entries.get('secret'))
  const allowPrivate = entries.has('allow_private')
    ? yaml.flag(entries.get('allow_private'), '"allow_private"') === true
    : false
  const events = entries.has('events') ? readEvents(reader, entries.get('events')) : null
  const webhook: WebhookTarget | null = url === null ? null : { url, secrets, allowPrivate, events }
  return webhook === null ? null : { webhook }
}

function readUrl(reader: AppReader, node: unknown): string | null {
  const text = reader.yaml.text(node, '"webhook"', { max: 1_000 })
  if (text === null) return null
  const url = /^https?:\/\/[^\s#\\]+$/i.test(text) && URL.canParse(text) ? new URL(text) : null
  if (url === null || url.username !== '' || url.password !== '')
    return reader.refuse(
      node,
      `"webhook" cannot be "${text.slice(0, 80)}".`,
      'Write an address such as https://hooks.example/countersign, without user, password and fragment.',
    )
  return url.href
}

/** One name, or two while receivers change from one secret to the other. */
function readSecrets(reader: AppReader, node: unknown): string[] {
  const isList = Array.isArray(reader.yaml.value(node))
  const names = isList ? reader.texts(node, '"secret"') : [reader.yaml.text(node, '"secret"', { max: 64 }) ?? '']
  if (names.length === 0 || names.length > 2)
    reader.refuse(node, '"secret" names one secret, or two during rotation.', 'Write secret: OPS_HOOK')
  for (const name of names)
    if (name !== '' && !SECRET.test(name))
      // The text is not repeated: a secret itself may stand there.
      reader.refuse(
        node,
        '"secret" is not the name of a secret.',
        'Write capitals, digits and "_", such as OPS_HOOK. A value never stands here.',
      )
  return names
}

function readEvents(reader: AppReader, node: unknown): string[] {
  return reader
    .texts(node, '"events"')
    .filter(
      (event) =>
        EVENT.test(event) ||
        reader.refuse(node, `"${event.slice(0, 60)}" is not an event.`, 'Write proposals.proposal.settled') !== null,
    )
}
