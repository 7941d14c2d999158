import type { Rule } from '../../Rule.ts'
import { at, cleaned } from '../ask.ts'

/** Tokens that end or begin a turn in the templates of models. */
const TOKENS =
  /<\|(?:im_start|im_end|system|assistant|user|endoftext|begin_of_text|start_header_id|eot_id)\|>|\[\/?INST\]|<<\/?SYS>>|\[SYSTEM\](?:\s|:)|<\/?(?:system-reminder|system_prompt|system-prompt|assistant_instructions|anthropic_instructions)>|^\s{0,3}(?:###?\s)?(?:System|SYSTEM)\s?(?:Message|MESSAGE|Override|OVERRIDE|Prompt|PROMPT)\s?:/m
const TAGS =
  /<\/?(?:IMPORTANT|CRITICAL|SYSTEM|MANDATORY|REQUIRED|INSTRUCTIONS?|ADMIN|OVERRIDE|HIDDEN|SECRET|PRIORITY|secret|system|instructions?|admin|hidden)\b[^<>\n]{0,80}>/
/** What only somebody who wants something would put into such a tag. */
const ORDERS =
  /\b(?:forward|send|upload|transmit|post|exfiltrate|report)\b[^.\n]{0,80}\b(?:https?:|data|token|credentials?|keys?|contents?|history)|\b(?:read|access|collect|cat|open)\b[^.\n]{0,60}(?:\.env|\.ssh|credential|token|secret|password|private key|~\/|environment)|\b(?:initiali[sz]ation|validation|verification|compliance|telemetry)\b[^.\n]{0,60}\b(?:required|mandatory|must)|\bdo not\b[^.\n]{0,30}\b(?:mention|tell|reveal|inform|skip this)|curl\s|wget\s|\bbase64\b|without (?:the )?(?:user'?s? )?(?:approval|confirmation|consent|asking)|\bnew policy\b|\b(?:user|owner|operator|host) has (?:granted|given|approved|authori[sz]ed|agreed)\b|\bdo not ask\b|\bfull access\b|before (?:performing|doing|any|responding)[^.\n]{0,60}\b(?:must|execute|run)\b/

export const rule: Rule = {
  name: 'fake-system-message',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'Text poses as the host: system tags, chat-template tokens, messages from the vendor, that give orders.',
  severity: 'high',
  because: "The model cannot tell it from the host's own words, which is the point of it.",
  remediation: 'Write instructions as plain Markdown.',
  *find(material) {
    for (const view of material.views) {
      if (view.name === 'code' && view.holder !== 'fence') continue
      if (!view.text.includes('<') && !view.text.includes('[')) continue
      const found = TOKENS.exec(view.text)
      // In a code span it is named, not spoken.
      if (found !== null && view.text[found.index - 1] !== '`') {
        const place = { file: view.file, line: cleaned(view).lineOf(found.index), view: view.name, role: view.role }
        yield at(
          place,
          view.text.slice(found.index, found.index + 160),
          view.holder === 'fence' || view.holder === 'table' ? { severity: 'medium' } : {},
        )
        continue
      }
      if (view.name === 'code') continue
      const tag = TAGS.exec(view.text)
      if (tag === null) continue
      const after = material.views
        .filter(
          (each) =>
            each.file === view.file && each.line >= view.line && each.line <= view.line + 12 && each.name === 'prose',
        )
        .map((each) => each.text)
        .join(' ')
      const body = after.slice(Math.max(0, after.indexOf(tag[0])), after.indexOf(tag[0]) + 1500).toLowerCase()
      const orders = ORDERS.exec(body)
      if (orders !== null)
        yield at(
          { file: view.file, line: cleaned(view).lineOf(tag.index), view: view.name, role: view.role },
          `${tag[0]} ${body.slice(tag[0].length, 200)}`,
        )
    }
  },
}
