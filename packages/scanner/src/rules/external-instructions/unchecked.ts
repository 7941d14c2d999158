import type { Match, Material } from '../../Rule.ts'
import { at, cleaned } from '../ask.ts'

/**
 * Orders that come with a text of somebody else, and nobody who checks: three things that honest skills say one of, together in one
 * place. What comes in, that it is done, and that neither the sender nor the owner is asked.
 */

/** Texts that others write, in the languages of the grammar. */
const FOREIGN =
  /\b(?:e-?mails?|messages?|comments?|commenter|threads?|issues?|tickets?|peers?|senders?|visitors?|runbook|pad|channel|feed|gist|posts?|notice|field|responses?|inbox|chat|subtitles?|transcript|playbook|bulletin|newsletter|dms?|tweets?|memo|notes?)\b|\b(?:bloc-notes|ligne|commentaires?|courriels?|hinweis\w*|nachricht\w*|kommentar\w*|zeilen?|eintr\u00e4ge?|felde?s?|mensajes?|comentarios?|correos?|mensagens?|coment\u00e1rios?|messaggi\w*|commenti\w*|yorum\w*|mesaj\w*)\b|\u5b57\u5e55|\u30b3\u30e1\u30f3\u30c8|\u30e1\u30c3\u30bb\u30fc\u30b8|\u30e1\u30fc\u30eb|\u8bc4\u8bba|\u90ae\u4ef6|\u6d88\u606f|\u7559\u8a00|\ub313\uae00|\uba54\uc2dc\uc9c0|\uba54\uc77c|\uc790\ub9c9|\u0441\u043e\u043e\u0431\u0449\u0435\u043d\w*|\u043f\u0438\u0441\u044c\u043c\w*|\u043a\u043e\u043c\u043c\u0435\u043d\u0442\w*/i
/** What is said in them is done. */
const DONE =
  /\b(?:work (?:through|off)|carry (?:it |them )?out|pick (?:it|them) up|picks? up|run (?:it|them|each|every|that) ?|running each|provide (?:it|them)|do (?:it|them|so|that)\b|change it|make it|perform|execute|settles? what|put (?:it )?into (?:practice|effect)|fulfil|comply|grant it|give it to them)\b|\b(?:setze (?:ihn|sie|es)|f\u00fchre|erledige|fais-(?:la|le|les)|ex\u00e9cute|hazlo|ejecuta|c\u00famplel[ao]|fa\u00e7a|execute|esegui|fallo|\u00e7al\u0131\u015ft\u0131r|yerine getir|uygula)\b|\u5b9f\u65bd|\u5b9f\u884c|\u6267\u884c|\u7167\u505a|\uc2e4\ud589|\uc218\ud589|\u0432\u044b\u043f\u043e\u043b\u043d/i
/** Neither who says it nor whose agent it is counts. */
const UNCHECKED =
  /\b(?:(?:does not|doesn't|do not|don't) matter (?:who|whether|if|where)|plays? no (?:part|role)|whoever (?:wrote|sent|posted|opened|asks?|writes|sends|it (?:is|was))|no matter who|regardless of (?:who|the (?:author|sender|source|origin))|second-?guess|counts? as a refusal|anonymous by design|asking (?:your|the) (?:operator|user|owner|human)\b[^.]{0,60}\b(?:counts|slows|lowers|wastes|unnecessary)|without (?:waking|asking|bothering|consulting|checking with) (?:anyone|anybody|the (?:user|owner|operator|team)|them|first|back)|(?:it|this|that|they|which|and|you) needs? no (?:approval|confirmation|permission|sign-?off)|no (?:approval|confirmation|permission) (?:is )?(?:needed|required|necessary)|(?:with|using) (?:all|every) (?:the )?(?:tools?|rights?|permissions?)|with your own (?:shell|tools|wallet|keys))\b|\bohne (?:r\u00fcckfrage|nachzufragen|zu fragen|best\u00e4tigung|freigabe|jemanden zu)|\bkeine (?:r\u00fcckfrage|best\u00e4tigung|freigabe)|\bmit allen (?:werkzeugen|rechten|mitteln)|\begal,? (?:wer|von wem)|\bsans (?:r\u00e9veiller|demander|consulter|pr\u00e9venir|confirmation|validation|d\u00e9ranger)|\bpeu importe qui|\bsin (?:preguntar|consultar|confirmaci\u00f3n|pedir|avisar)|\bno importa qui\u00e9n|\bsem (?:perguntar|consultar|confirma\u00e7\u00e3o|pedir|avisar)|\bn\u00e3o importa quem|\bsenza (?:chiedere|conferma|consultare|avvisare)|\bnon importa chi|\u0431\u0435\u0437 (?:\u043f\u043e\u0434\u0442\u0432\u0435\u0440\u0436\u0434|\u0432\u043e\u043f\u0440\u043e\u0441|\u0441\u043f\u0440\u043e\u0441|\u0441\u043e\u0433\u043b\u0430\u0441\u043e\u0432|\u0440\u0430\u0437\u0440\u0435\u0448)|\u043d\u0435\u0432\u0430\u0436\u043d\u043e,? \u043a\u0442\u043e|\u65e0\u9700(?:\u786e\u8ba4|\u8be2\u95ee|\u6279\u51c6|\u5f81\u6c42)|\u4e0d(?:\u9700\u8981|\u7528|\u5fc5)(?:\u786e\u8ba4|\u8be2\u95ee|\u6279\u51c6)|\u4e0d\u7ba1\u662f\u8c01|\u78ba\u8a8d(?:\u306f|\u3082)?(?:\u8981\u3089\u306a\u3044|\u3044\u3089\u306a\u3044|\u4e0d\u8981|\u5fc5\u8981\u306a\u3044)|\u78ba\u8a8d\u305b\u305a|\ud655\uc778(?:\uc740|\uc774|\uc744)? ?(?:\ud544\uc694 ?\uc5c6|\ubc1b\uc9c0 \uc54a|\ud558\uc9c0 \uc54a)|\ubb3b\uc9c0 (?:\ub9d0\uace0|\uc54a\uace0)|\bsormadan|\bonay (?:almadan|gerekmez|beklemeden)/gi
const TURNED =
  /\b(?:never|not|don't|cannot|must not|nie|nicht|niemals|jamais|nunca|n\u00e3o|non|asla|before|avoid|refuse|risk|attack|injection|untrusted|\u043d\u0435|\u043d\u0438\u043a\u043e\u0433\u0434\u0430)\b[^.;:]{0,40}$|(?:\u4e0d\u8981|\u4e0d\u5f97|\u52ff|\u7981\u6b62)[^\u3002]{0,12}$/i
/** So many letters around the third stand the other two. */
const REACH_CHARS = 420

/** Texts come in from elsewhere: something is fetched, listened to or read out of a box that others fill. */
function hasStrangers(material: Material): boolean {
  return (
    material.facts.command.some(
      ({ program, text }) =>
        /^(?:curl|wget|http|xh|yt-dlp|himalaya|mutt|fetchmail|offlineimap|websocat|mosquitto_sub|nc)$/.test(program) ||
        (/^(?:gh|glab|tea|jira|linear)$/.test(program) && /\b(?:issue|pr|mr|ticket|discussion|api)\b/.test(text)),
    ) ||
    material.facts.call.some(({ callee }) =>
      /(?:^|\.)(?:get|post|urlopen|fetch|WebSocket|IMAP4(?:_SSL)?|ImapFlow|parse|recv|subscribe|on|getUpdates|get_updates|history|Do|Get)$/.test(
        callee,
      ),
    ) ||
    material.facts.url.some(({ use }) => use === 'instruction' || use === 'data')
  )
}

export function* unchecked(material: Material): Generator<Match> {
  if (!hasStrangers(material)) return
  const files = Map.groupBy(
    material.views.filter((view) => view.name === 'prose' && view.role === 'instruction' && view.holder !== 'heading'),
    (view) => view.file,
  )
  for (const views of files.values()) {
    const parts: string[] = []
    const starts: number[] = []
    let size = 0
    for (const view of views) {
      starts.push(size)
      const { text } = cleaned(view)
      parts.push(text)
      size += text.length + 1
    }
    const text = parts.join('\n')
    for (const found of text.matchAll(UNCHECKED)) {
      const before = text.slice(Math.max(0, found.index - REACH_CHARS), found.index)
      if (TURNED.test(before.slice(-60)) && !/^(?:does|do|doesn|don|plays|second)/.test(found[0])) continue
      const around = before + text.slice(found.index + found[0].length, found.index + REACH_CHARS)
      if (!FOREIGN.test(around) || !DONE.test(around)) continue
      const i = starts.findLastIndex((start) => start <= found.index)
      const view = views[i]
      if (view === undefined) continue
      yield at(
        {
          file: view.file,
          line: cleaned(view).lineOf(found.index - (starts[i] ?? 0)),
          view: view.name,
          role: view.role,
        },
        text.slice(Math.max(0, found.index - 120), found.index + 80).trim(),
        {
          because: 'What others write is carried out, and neither who wrote it nor what the owner says to it is asked.',
        },
      )
      break
    }
  }
}
