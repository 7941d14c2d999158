import type { Place, Source } from '../../Fact.ts'
import { hostOf } from '../hosts.ts'
import { isOwnKey } from '../isOwnKey.ts'
import type { CodeCall } from '../languages/readCode.ts'
import type { CallNotes } from './CallNotes.ts'

/** What must not leave the machine. */
const KEPT: readonly Source[] = ['secret', 'wallet', 'env']

/** Reports of errors, of use and of speed: what is put into one is sent by it later. */
const REPORTS =
  /^(?:set_context|set_extra|set_extras|set_tag|set_tags|set_user|setTag|setTags|setUser|setExtras|add_breadcrumb|addBreadcrumb|add_attachment|addMetadata|add_metadata|capture_message|capture_exception|capture_event|captureMessage|leaveBreadcrumb|notify|track|identify|capture|set_attribute|set_attributes|setAttributes|add_event|addEvent|recordException|record_exception|addLabels)$/
const REPORTERS =
  /sentry|bugsnag|rollbar|honeybadger|airbrake|raygun|datadog|newrelic|posthog|mixpanel|segment|analytics|amplitude|scope|span|telemetry|tracer|otel|statsd|logfire|langfuse/i
/** A header that is set apart from the call that sends it. */
const SETS_HEADER = /^(?:putheader|setRequestHeader|set_header|setHeader|add_header|addHeader|header|Header)$/
const AUTHENTICATES = /auth|api-?key|token|secret|bearer|cookie|x-[\w-]{0,30}key/i
/** A picture or a link whose address is made of what is shown: whoever renders the answer asks for it. */
const SHOWS = /^(?:print|log|info|write|writelines|echo|puts|println|Println|Printf|printf|render|respond|reply)$/
const PICTURE =
  /!\[[^\]\n]{0,80}\]\(\s{0,2}https?:\/\/|<img[^>\n]{0,80}\bsrc=\\?["']?https?:\/\/|\]\(https?:\/\/[^)\s"'`]{3,200}[?&][\w-]{1,30}=/i

/** Ways out that are no request of their own. */
export function noteLeaks(
  call: CodeCall,
  calls: readonly CodeCall[],
  notes: CallNotes,
  shown: string,
  at: Place,
): void {
  const kept = KEPT.filter((source) => call.taints.has(source))
  if (kept.length === 0) return
  const last = call.callee.split('.').at(-1) ?? ''
  let to: string | null = null
  if (REPORTS.test(last) && REPORTERS.test(call.callee)) to = call.callee
  else if (SETS_HEADER.test(last) && call.callee.includes('.') && !AUTHENTICATES.test(call.literals[0] ?? 'auth'))
    to = hostIn(calls) || call.callee
  else if (SHOWS.test(last)) {
    const picture =
      call.literals.find((each) => PICTURE.test(each)) ?? (PICTURE.test(call.text) ? call.text : undefined)
    if (picture !== undefined) to = hostOf(/https?:\/\/[^\s"'`)]{3,300}/.exec(picture)?.[0] ?? '') || 'a picture'
  }
  if (to === null) return
  for (const source of kept) {
    const from = call.taints.get(source) ?? ''
    if (source !== 'env' && isOwnKey(from, to, call.text)) continue
    notes.addFlow(source, 'network', from, to, shown, at)
  }
}

/** The first host that any call of the text names. */
function hostIn(calls: readonly CodeCall[]): string {
  for (const call of calls)
    for (const each of call.literals) {
      const host = hostOf(each)
      if (host !== '') return host
      if (/^(?:[\w-]{1,60}\.){1,4}[a-z]{2,12}$/.test(each) && /HTTPS?Connection|connect|Host/i.test(call.callee))
        return each.toLowerCase()
    }
  return ''
}

/** Templates whose language reaches everything that the program reaches. */
const TEMPLATES =
  /^(?:Template|jinja2\.Template|from_string|render_template_string|ejs\.render|ejs\.compile|nunjucks\.(?:renderString|compile)|Handlebars\.compile|pug\.(?:render|compile)|_\.template|lodash\.template|ERB\.new|Liquid\.Template\.parse|mako\.template\.Template|\w{1,30}\.from_string)$/
/** Modules of which a name that is chosen at run time may be any function. */
const OPEN_ENDED =
  /^\s{0,4}(?:os|subprocess|builtins|__builtins__|importlib|shutil|sys|child_process|process|globalThis|global|window|cp|runpy|ctypes|pty)\s{0,3},/

/** What is run is chosen by what comes from elsewhere: the name of a function, or a template. */
export function noteChosen(call: CodeCall, notes: CallNotes, shown: string, at: Place): void {
  const isName = /^(?:getattr|Reflect\.get|operator\.attrgetter)$/.test(call.callee) && OPEN_ENDED.test(call.text)
  if (!isName && !TEMPLATES.test(call.callee)) return
  for (const source of ['network', 'decoded'] as const) {
    const from = call.taints.get(source)
    if (from !== undefined) notes.addFlow(source, 'exec', from, call.callee, shown, at)
  }
}
