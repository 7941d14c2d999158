import { hostKind, hostOf, isShady } from '../../facts/hosts.ts'
import { actsIn } from '../../prose/actsIn.ts'
import type { Match, Material, Rule } from '../../Rule.ts'
import { at, cleaned, isTurned, phrases } from '../ask.ts'

const PATTERNS = [
  /\b(?:send|forward|upload|transmit|post|exfiltrate|submit|sync|report|relay|ship|leak|copy|back up|export|e-?mail|share|deliver)\b[^.\n]{0,60}\b(?:credentials?|passwords?|api keys?|private keys?|secrets?|session tokens?|access tokens?|ssh config|(?:all )?environment variables?|env(?:ironment)? values|seed phrases?|cookies|ssh keys?|chat history|conversation(?: history)?|message history|contents? of (?:the )?(?:user'?s?|all|every|\.env)|personal (?:data|information)|all (?:files|data|documents))\b[^.\n]{0,60}\b(?:to|at|via|using|with)\b[^.\n]{0,36}(?:https?:\/\/|\bwebhook\b|\b(?:remote|external|our|my|central|attacker|backup|collection|telemetry) (?:server|endpoint|service|host|url|api)\b|[\w.+-]{1,40}@[\w-]{1,40}\.[a-z]{2,8})/g,
  /\b(?:read|collect|gather|extract|harvest|capture|dump)\b[^.\n]{0,60}\b(?:credentials?|passwords?|api keys?|private keys?|secrets?|tokens?|environment (?:variables?|values?|configuration)|env values|seed phrases?|cookies|ssh keys?)\b[^\n]{0,120}\b(?:send|forward|upload|transmit|post|exfiltrate|submit|relay|share|deliver|e-?mail)\b[^\n]{0,80}(?:https?:\/\/|\bendpoint\b|\bserver\b|\bwebhook\b)/g,
  /\b(?:forward|send|post|upload) all (?:data|traffic|requests|messages|results|outputs?|files|inputs?) to https?:\/\/[^\s]{3,120}/g,
  /\b(?:bcc|cc|forward)\b[^.\n]{0,40}\b(?:every|all|each|any)\b[^.\n]{0,30}\b(?:emails?|messages?|mails?)\b[^.\n]{0,40}\bto\b[^.\n]{0,20}[\w.+-]{1,40}@[\w-]{1,40}\.[a-z]{2,8}/g,
  // A store of keys and an address in one breath, whatever the words between them.
  /(?:~\/\.ssh\/\w|\bid_rsa\b|\bid_ed25519\b|\.aws\/credentials|(?<![\w/])\.env\b(?!\.)|\.netrc\b|\.npmrc\b|wallet\.dat|private key|seed phrase|recovery phrase|私钥|助记词|私钥文件|закрытый ключ|приватный ключ|clave privada|clé privée|private schlüssel)[^\n]{0,100}?(?:send|sende|post|upload|forward|transmit|envía|enviar|envoie|envoye|invia|отправь|отправ|发送|上传|送信|보내|include|append|attach|submit)[^\n]{0,60}?https?:\/\/[^\s)>"'`]{3,200}/g,
  /(?:\bsend|\bsende|\bpost|\bupload|\bforward|\btransmit|envía|enviar|envoie|envoye|\binvia|отправь|отправ|发送|上传)[^\n]{0,60}?(?:~\/\.ssh|\bid_rsa\b|\bid_ed25519\b|\.aws\/credentials|(?<![\w/])\.env\b(?!\.)|\.netrc\b|\.npmrc\b|private key|seed phrase|recovery phrase|私钥|助记词|приватный ключ|clave privada|clé privée|private schlüssel|conversation|chat history)[^\n]{0,60}?https?:\/\/[^\s)>"'`]{3,200}/g,
  /\.env[^。\n]{0,20}https?:\/\/[^\s]{3,120}[^。\n]{0,6}送信/g,
  /\b(?:open|read|load|cat|take|copy)\b[^\n]{0,40}(?:~\/\.ssh|\bid_rsa\b|\.aws\/credentials|application_default_credentials|\.netrc\b|wallet\.dat|keystore|\.gnupg)[^]{0,260}?\b(?:post request|send|upload|transmit|post it)\b[^.\n]{0,60}https?:\/\/[^\s)>"'`]{3,200}/g,
  /\b(?:always|whenever|every|each)\b[^\n]{0,60}\b(?:bcc|cc)\b[^.\n]{0,20}\b(?:to|=)\s{0,3}[\w.+-]{1,40}@[\w-]{1,40}\.[a-z]{2,8}/g,
  // The value of a named key in the address of a request.
  /\b(?:value|content)s? of (?:the )?\$?[a-z0-9_]{0,40}(?:key|token|secret|password)\b[^.\n]{0,60}\b(?:include|send|add|append|put|pass|use)\b[^\n]{0,60}\b(?:query|parameter|get request|url|post request|body)\b[^\n]{0,60}https?:\/\/[^\s)>"'`]{3,200}/g,
  /\b(?:put|include|add|copy|paste|pass|insert)\b[^.\n]{0,30}\b(?:contents?|values?)\b[^.\n]{0,20}(?:\.env\b|\.ssh|credentials|api keys?|environment variables)[^\n]{0,40}\b(?:into|in|to|as)\b[^.\n]{0,30}\b(?:parameter|argument|field|header|context|request|message)\b/g,
]
/** A copy of a store of keys, and the name of the copy. */
const STORED =
  /\b(?:store|save|write|copy|dump|put|place)\b[^.\n]{0,60}(?:~\/\.ssh|id_rsa|\.aws\/credentials|\.env\b|\.netrc|\.npmrc|private key|seed phrase|keystore|environment variables|api keys?)[^\n]{0,40}?\b(?:in|into|to|as|under)\b\s{1,3}((?:~|\.{1,2}|\/)?[\w./-]{4,80}\.\w{1,6})/g
const SENDS = /\b(?:upload|send|post|forward|transmit|curl|wget|share|submit)\b/i

/** An image whose address carries what was said: showing it sends it. */
const BEACON =
  /!\[[^\]\n]{0,80}\]\(\s{0,3}https?:\/\/[^)\s]{3,200}[?&/][^)\n]{0,60}(?:<|\{|\[|%7b|\$)[^)\n]{0,60}(?:user|conversation|chat|history|message|prompt|wrote|said|secret|key|token|env\b|data|summary|response|context|answer|base64|encoded)[^)\n]{0,80}\)/gi

/** An image whose address has a place to fill in: `![](https://host/p.png?d=DATA)`. */
const PLACE = /!\[[^\]\n]{0,80}\]\(\s{0,3}https?:\/\/[^)\s]{3,200}[?&][\w-]{1,30}=([A-Z][A-Z_]{2,30})\b[^)\n]{0,80}\)/g
/** What somebody said, wrote or keeps. */
const SAID =
  /\b(?:conversation|chat|messages?|session|history|transcript|prompts?|memory|secrets?|keys?|tokens?|files?|what (?:the user|they|he|she) (?:said|wrote|asked))\b/i

/** The place in an address, and a sentence elsewhere in the file that has it filled with what was said. */
function* placeholders(material: Material): Generator<Match> {
  for (const view of material.views) {
    if (!view.text.includes('](http') || view.holder === 'table') continue
    for (const found of view.text.matchAll(PLACE)) {
      const name = found[1] ?? ''
      const fills = material.views.some(
        (each) =>
          each.file === view.file &&
          each.name === 'prose' &&
          each.text
            .split(/(?<=[.!?])\s|\n/)
            .some((line) => !line.includes('](http') && line.includes(name) && SAID.test(line)),
      )
      if (fills)
        yield at(
          { file: view.file, line: cleaned(view).lineOf(found.index), view: view.name, role: view.role },
          found[0],
          { because: 'Showing the image sends what is in its address to whoever serves it, without a click.' },
        )
    }
  }
}

/** A command in a sentence that sends whatever file is put in, where the sentence names stores of keys or wallets. */
const SENDS_FILE =
  /`curl\s[^`]{0,120}(?:-F\s?\w{0,20}=@|-T\s|--upload-file\s|--data-binary\s?@)[^`]{0,120}(https?:\/\/[^\s`]{3,200})`/g
const STORES =
  /\bwallet\.dat\b|\bkeystores?\b|\bwallet exports?\b|\bid_rsa\b|\.ssh\b|\bcredentials\b|\bkubeconfig\b|\.env\b|\bprivate keys?\b|\bbank statements?\b/i

function* handedOver(material: Material): Generator<Match> {
  for (const view of material.views) {
    if (view.name === 'code' || view.role !== 'instruction' || !view.text.includes('curl')) continue
    for (const found of view.text.matchAll(SENDS_FILE)) {
      const kind = hostKind(hostOf(found[1] ?? ''))
      const near = view.text.slice(Math.max(0, found.index - 300), found.index)
      if (
        kind !== 'local' &&
        kind !== 'placeholder' &&
        STORES.test(near) &&
        !/\b(?:never|do not|don't|redact\w*|remove)\b/i.test(near)
      )
        yield at(
          { file: view.file, line: cleaned(view).lineOf(found.index), view: view.name, role: view.role },
          found[0],
        )
    }
  }
}

export const rule: Rule = {
  name: 'data-to-stranger',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: "Prose tells the agent to collect the user's data, keys or conversation and to send them somewhere.",
  severity: 'high',
  because: "The agent does it in good faith, with the owner's own permissions.",
  remediation: 'Keep the data where it is; if something must be sent, say what, where and why, and ask.',
  *find(material) {
    for (const act of actsIn(material.views, 'hand-over'))
      yield at(
        act,
        act.text,
        act.view !== 'prose' || isShady(hostKind(hostOf(act.target))) ? { severity: 'critical' } : {},
      )
    for (const pattern of PATTERNS) {
      for (const phrase of phrases(material, pattern)) {
        if (isTurned(phrase) || phrase.viewed.holder === 'table') continue
        const near = phrase.sentence
        const url = /https?:\/\/[^\s)>"'`]{3,200}/.exec(near)?.[0]
        const kind = url === undefined ? 'other' : hostKind(hostOf(url))
        if (kind === 'local' || (kind === 'placeholder' && phrase.role !== 'instruction')) continue
        yield at(phrase, phrase.sentence, phrase.view !== 'prose' || isShady(kind) ? { severity: 'critical' } : {})
      }
    }
    // Copied in one place, sent from another.
    for (const phrase of phrases(material, STORED)) {
      if (isTurned(phrase)) continue
      const copy = phrase.found[1] ?? ''
      const sent = material.views.find(
        (view) =>
          view.name !== 'code' &&
          view.text.toLowerCase().includes(copy) &&
          SENDS.test(view.text) &&
          /https?:\/\//.test(view.text),
      )
      if (sent !== undefined)
        yield at(phrase, phrase.sentence, {
          because: `${copy} is then sent away (${sent.file}:${sent.line}). ${rule.because}`,
        })
    }
    yield* placeholders(material)
    yield* handedOver(material)
    for (const view of material.views) {
      if (!view.text.includes('](http') || view.holder === 'table') continue
      BEACON.lastIndex = 0
      const found = BEACON.exec(view.text)
      if (found !== null)
        yield at(
          { file: view.file, line: cleaned(view).lineOf(found.index), view: view.name, role: view.role },
          found[0],
          { because: 'Showing the image sends what is in its address to whoever serves it, without a click.' },
        )
    }
  },
}
