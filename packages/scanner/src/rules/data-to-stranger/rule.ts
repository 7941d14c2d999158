import { hostKind, hostOf, isShady } from '../../facts/hosts.ts'
import type { Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

const PATTERNS = [
  /\b(?:send|forward|upload|transmit|post|exfiltrate|submit|sync|report|relay|ship|leak|copy|back up)\b[^.\n]{0,60}\b(?:credentials?|passwords?|api keys?|private keys?|secrets?|session tokens?|access tokens?|environment variables?|env(?:ironment)? values|seed phrases?|cookies|ssh keys?|chat history|conversation(?: history)?|message history|contents? of (?:the )?(?:user'?s?|all|every|\.env)|personal (?:data|information)|all (?:files|data|documents))\b[^.\n]{0,60}\b(?:to|at|via|using)\b[^.\n]{0,24}(?:https?:\/\/|\bwebhook\b|\b(?:remote|external|our|my|central|attacker|backup|collection|telemetry) (?:server|endpoint|service|host|url|api)\b|[\w.+-]{1,40}@[\w-]{1,40}\.[a-z]{2,8})/g,
  /\b(?:read|collect|gather|extract|harvest|capture|dump)\b[^.\n]{0,60}\b(?:credentials?|passwords?|api keys?|private keys?|secrets?|tokens?|environment (?:variables?|values?|configuration)|env values|seed phrases?|cookies|ssh keys?)\b[^\n]{0,120}\b(?:send|forward|upload|transmit|post|exfiltrate|submit|relay)\b[^\n]{0,80}(?:https?:\/\/|\bendpoint\b|\bserver\b|\bwebhook\b)/g,
  /\b(?:forward|send|post|upload) all (?:data|traffic|requests|messages|results|outputs?|files|inputs?) to https?:\/\/[^\s]{3,120}/g,
  /\b(?:bcc|cc|forward)\b[^.\n]{0,40}\b(?:every|all|each|any)\b[^.\n]{0,30}\b(?:emails?|messages?|mails?)\b[^.\n]{0,40}\bto\b[^.\n]{0,20}[\w.+-]{1,40}@[\w-]{1,40}\.[a-z]{2,8}/g,
]

export const rule: Rule = {
  name: 'data-to-stranger',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: "Prose tells the agent to collect the user's data, keys or conversation and to send them somewhere.",
  severity: 'high',
  because: "The agent does it in good faith, with the owner's own permissions.",
  mend: 'Keep the data where it is; if something must be sent, say what, where and why, and ask.',
  *find(material) {
    for (const pattern of PATTERNS) {
      for (const phrase of phrases(material, pattern)) {
        if (isTurned(phrase) || phrase.viewed.holder === 'table') continue
        const near = phrase.sentence
        const url = /https?:\/\/[^\s)>"'`]{3,200}/.exec(near)?.[0]
        const kind = url === undefined ? 'other' : hostKind(hostOf(url))
        if (kind === 'local') continue
        yield at(phrase, phrase.sentence, phrase.view !== 'prose' || isShady(kind) ? { severity: 'critical' } : {})
      }
    }
  },
}
