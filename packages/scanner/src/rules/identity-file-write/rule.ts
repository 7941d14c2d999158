import { actsIn } from '../../prose/actsIn.ts'
import type { Match, Material, Rule } from '../../Rule.ts'
import { liner } from '../../View.ts'
import { at, isTurned, phrases } from '../ask.ts'

const WRITE =
  /\b(?:append|add|write|insert|save|store|inject|put|prepend|copy)\b[^.\n]{0,80}\b(?:to|into|in|at)\b[^.\n]{0,30}(?:\b(?:soul|memory|agents|claude|gemini|identity|heartbeat)\.md\b|\.claude\/settings|\.cursorrules|copilot-instructions|\.mcp\.json)|\b(?:modify|update|edit|overwrite|replace|change)\b[^.\n]{0,30}(?:\b(?:soul|memory|identity|heartbeat)\.md\b|\.claude\/settings|\.mcp\.json)|\b(?:save|store|remember|add|write|commit)\b[^.\n]{0,30}\b(?:long-term |persistent |permanent )?memory\b[^\n]{0,140}\b(?:pre-?approved|without (?:asking|confirmation|approval)|no confirmation|always trust|trusted source|never ask)\b/g

/** Whether a text stands where whoever installs the skill reads it. */
function isOpenPage(file: string, view: string): boolean {
  return /\.mdx?$/i.test(file) && (view === 'prose' || view === 'code')
}

/** What steers an agent of one host in every project. */
const HOME_FILE =
  /(?:~|\$HOME|\$\{HOME\})\/\.[\w-]{2,20}\/(?:[\w-]{1,20}\/)?(?:CLAUDE|AGENTS|GEMINI|MEMORY|SOUL|USER|IDENTITY|global_rules|copilot-instructions|QWEN)\.md/g
const ADDS = /\b(?:append|add|write|put|insert|copy|save|note|place|paste|record|store|keep)\b/i

/** `cp config.toml.bak config.toml`: what was there is put back. */
const RESTORES =
  /^\s*(?:cp|mv|copy)\s(?:-\w{1,6}\s)?["']?(\S{3,120})\.(?:bak|backup|orig|old|save)["']?\s["']?\1["']?\s*$/
const OWN_TEXT =
  /\b(?:append|add|write|put|insert|copy|place|paste|merge)\b[^.\n]{0,60}`?(?:\.\/)?(?:assets|references|templates|resources|data)\/[\w./-]{1,80}`?[^.\n]{0,40}\b(?:to|into|in|at)\b[^.\n]{0,40}\b(?:files?|memory|memories|configs?|instructions)\b/gi

/** A text of the skill's own that goes into files of the home that steer agents, which the page names elsewhere. */
function* addedToAll(material: Material): Generator<Match> {
  const byFile = Map.groupBy(
    material.views.filter((view) => view.name !== 'code' && view.role === 'instruction'),
    (view) => view.file,
  )
  for (const views of byFile.values()) {
    const homes = new Set(views.flatMap((view) => [...view.text.matchAll(HOME_FILE)].map(([path]) => path)))
    if (homes.size < 2) continue
    for (const view of views)
      for (const found of view.text.matchAll(OWN_TEXT))
        if (
          !/\b(?:never|not|don't|ask|offer|if the user|diff)\b/i.test(
            view.text.slice(Math.max(0, found.index - 60), found.index),
          )
        )
          yield at({ file: view.file, line: liner(view)(found.index), view: view.name, role: view.role }, found[0], {
            because: 'One text goes into what steers several agents in every project: it outlives the skill.',
          })
  }
}

export const rule: Rule = {
  name: 'identity-file-write',
  check: 'behavior',
  ast: 'AST01',
  item: '1.6',
  about:
    'The skill writes to files that steer agents: SOUL, MEMORY, AGENTS, CLAUDE.md, settings, hooks, MCP configuration.',
  severity: 'high',
  because: "What is written there outlives the skill and speaks to every later session with the owner's authority.",
  remediation: "Keep the skill's own notes in its own directory; let the owner edit what steers their agent.",
  *find(material) {
    for (const act of actsIn(material.views, 'steer-memory'))
      yield at(act, act.text, act.view === 'prose' ? {} : { severity: 'critical' })
    for (const path of material.facts.path) {
      if (path.what !== 'identity' || path.access !== 'write' || RESTORES.test(path.text)) continue
      // Setting up one's own plugin or project is said on the command line of the host, not written behind it.
      const isSettings = /settings|\.mcp\.json|mcp_config|desktop_config|hooks/.test(path.path)
      yield at(
        path,
        path.text,
        // What a page shows openly is judged by what it sets: see `agent-settings`.
        /^\.?\/?(?:AGENTS|CLAUDE|GEMINI)\.md$/.test(path.path) || (isSettings && isOpenPage(path.file, path.view))
          ? { severity: 'medium' }
          : {},
      )
    }
    for (const flow of material.facts.flow)
      if (flow.sink === 'identity' && flow.source !== 'system')
        yield at(flow, flow.text, { severity: flow.source === 'network' ? 'critical' : 'high' })
    for (const view of material.views) {
      if (view.name === 'code' || view.role === 'fixture') continue
      const homes = new Set([...view.text.matchAll(HOME_FILE)].map(([path]) => path))
      const first = view.text.search(HOME_FILE)
      const before = view.text.slice(Math.max(0, first - 80), Math.max(0, first))
      if (homes.size > 1 && ADDS.test(before) && !/\b(?:never|not|don't|read|ask|offer|if the user)\b/i.test(before))
        yield at({ file: view.file, line: view.line, view: view.name, role: view.role }, [...homes].join(', '), {
          because: 'One text goes into what steers several agents in every project: it outlives the skill.',
        })
    }
    yield* addedToAll(material)
    for (const phrase of phrases(material, WRITE)) {
      if (isTurned(phrase)) continue
      yield at(
        phrase,
        phrase.sentence,
        phrase.view !== 'prose'
          ? { severity: 'critical' }
          : /\byour\b[^\n]{0,20}(?:settings|mcp)|(?:settings|mcp)\S{0,12} (?:file )?(?:manually|yourself)/i.test(
                phrase.sentence,
              )
            ? { severity: 'medium' }
            : { severity: 'medium' },
      )
    }
  },
}
