import type { Frame } from './Frame.ts'

const SOMEBODY =
  '(?:users?|owners?|persons?|people|customers?|reviewers?|readers?|visitors?|them|they|he|she|somebody|anybody|anyone|clients?|team)'
/** What costs somebody something, or lets somebody in. */
const STAKE =
  '(?:approvals?|permits?|allowances?|payments?|transfers?|signatures?|uploads?|fees?|delegations?|transactions?|requests?|calls?|cuts?|charges?|commissions?|subscriptions?|changes?|commits?|access|grants?|connections?|traffic|downloads?|installs?|reviews?|tests?|quotes?|prices?|rates?)'
const HARMLESS =
  '(?:network fee|gas(?: fee)?|log-?in|sign-?in|verification|routine|harmless|standard|security check|maintenance|an? update|telemetry|a cache|a backup|formatting|typo|independent|the market price|official|free|refund|required by law|mandatory|insurance|a test|read-?only|a handshake|a formality|cleanup|diagnostics?|optimi[sz]ation)'

/** People are shown something else than what is so: sentence frames over classes of synonyms. English. */
export const DECEIVES: readonly Frame[] = [
  // What it costs is called something else.
  {
    is: new RegExp(
      `\\b(?<v>describe|label|present|show|call|title|name|phrase|display|frame|pass|disguise|declare|record|tag|word|list|book|explain|announce)\\b[^.]{0,24}\\b${STAKE}\\b[^.]{0,40}\\b(?:as|called|named|under|with the name)\\b[^.]{0,8}["\u201c'\`]?(?:an? |the )?${HARMLESS}\\b`,
      'i',
    ),
    unless: /\b(?:if it is|when it is|only if|actually|because it is)\b/i,
  },
  // Done in a way that nobody looks.
  {
    is: new RegExp(
      `\\b(?:so that|to make sure|so (?=nobody|no one|none|that)|in a way that|such that|lest)\\b[^.]{0,16}\\b(?:it|this|that|the \\w+|nobody|no one|none|reviewers?|${SOMEBODY})\\b[^.]{0,24}\\b(?:(?:does|do|will|would|is|are) ?(?:not|n't)|never|goes|go|pass(?:es)?|nobody|no one|scrolls?|blends?|escapes?|overlooks?|sees?|slips?)\\b[^.]{0,10}\\b(?:stand out|notice[ds]?|unnoticed|past|wonders?|suspects?|realise|realize|what ran|ask questions|look closer|suspicio\\w+|in with|find out|draw attention|sees? what|under the radar)\\b`,
      'i',
    ),
    unless:
      /\b(?:password|secret|token|private key|layout|flicker|delay|latency|downtime|whitespace|regression|bug)\b/i,
  },
  // Said also where it is not so.
  {
    is: /\b(?<v>write|record|report|state|log|note|say|mark|claim|cite|confirm|tell|declare|sign off|certify|attest|tick)\b[^.]{0,100}\b(?:(?:also|even) (?:when|if|though|where)\b[^.]{0,40}\b(?:did(?: not|n't)|fail\w*|was(?: not|n't)|has(?: not|n't)|skipped|never|not|missing)|whether or not (?:it|they|the \w+|that|this) (?:says?|did|does|do|ran|was|were|is|are|happened|exists?|works?|passed))\b/i,
    unless: /\b(?:exit code|status|failure|error|the attempt|that it failed|reason|skipped steps)\b/i,
  },
  // Calmed, hurried, frightened.
  {
    is: new RegExp(
      `\\b(?:if|when|whenever|should|once)\\b[^.]{0,30}\\b${SOMEBODY}\\b[^.]{0,16}\\b(?:doubts?|hesitates?|worries|is unsure|are unsure|objects?|complains?|is suspicious|gets suspicious|refuses?|wants? to (?:wait|check|stop)|mistrusts?)\\b[^.]{0,50}\\b(?<v>reassure|calm|assure|tell|say|explain|convince|insist|press|persuade|repeat|pressure|urge)\\b`,
      'i',
    ),
    unless:
      /\b(?:stop|respect|honou?r|how to (?:verify|check)|show them|point them|link|ask (?:what|why)|options?|alternatives?)\b/i,
  },
  {
    is: new RegExp(
      `\\b(?<v>tell|warn|inform|make|let|convince|lead|persuade|claim|announce|say|pretend|show)\\b[^.]{0,24}\\b(?:${SOMEBODY}|that)\\b[^.]{0,70}\\b(?:closed|locked|suspended|expires?|expired|run out|banned|infected|hacked|compromised|at risk|seized|limited|last chance|lose (?:access|everything|the funds))\\b[^.]{0,60}\\b(?:unless|until|if they|must|have to|pay|confirm|now|immediately|within|before)\\b`,
      'i',
    ),
    unless:
      /\b(?:if (?:the|it|their|an?)|when (?:the|it|their)|api|token (?:is|has)|session|trial|certificate|licen[cs]e (?:is|has)|check whether)\b/i,
  },
  {
    is: new RegExp(
      `\\b(?<v>make|let|lead|have|get)\\b[^.]{0,12}\\b${SOMEBODY}\\b[^.]{0,12}\\b(?:believe|think|assume|feel)\\b[^.]{0,60}\\b(?:that|as if|as though|must|has|have|is|are)\\b`,
      'i',
    ),
    unless: /\b(?:not|never|avoid|don't|welcome|heard|safe|comfortable|confident|valued)\b/i,
  },
  // Somebody else's face.
  {
    is: /\b(?<v>introduce|present|identify|pose|pretend|sign|announce)\b[^.]{0,16}\b(?:yourself )?(?:as|to be|off as)\b[^.]{0,40}\b(?:support|bank|exchange|official|staff|administrator|helpdesk|help desk|security (?:team|department)|human|employee|lawyer|doctor|police|the (?:vendor|company|author|publisher|platform))\b/i,
    unless: /\b(?:bot|ai|assistant|agent|official (?:docs|api|format)|signature|jwt|token)\b/i,
  },
  {
    is: /\b(?<v>show|display|print|render|raise|fake|imitate|simulate|mimic|draw|open|pop up)\b[^.]{0,40}\b(?:error|expired|session|warning|log-?in (?:page|form|window)|password (?:prompt|dialog)|dialog|update notice|lock screen)\b[^.]{0,60}\b(?:and|then|that)\b[^.]{0,20}\b(?:ask|have|make|require|request|let|prompt)\b[^.]{0,40}\b(?:log in|sign in|password|pay|card|code|credentials|again|call)\b/i,
    unless: /\b(?:localhost|oauth|official|browser opens|cli|test|storybook|component|mock-?up)\b/i,
  },
  // What lets somebody in is asked for, and sent or kept.
  {
    is: /\b(?<v>ask|have|make|get|let|prompt|request|collect|take)\b[^]{0,60}\b(?:one-?time|six-?digit|2fa|two-?factor|otp|authenticator|verification|sms|texted|system password|sudo password|login password|account password|master password|card number|cvv|\bpin\b)[^]{0,90}(?:https:ADDRESS|\b(?:keep|store|save|write|remember|log|forward|send|post|pass it on)\b)/i,
    unless: /\b(?:never|not|don't|localhost|npm publish|--otp|official|discard|do not store)\b/i,
  },
  // Links, prices and sources that are somebody's.
  {
    is: /\b(?<v>rewrite|change|replace|add|append|decorate|swap|turn|convert|route|wrap)\b[^.]{0,40}\b(?:links?|urls?|results?|recommendations?)\b[^.]{0,80}\b(?:tag=|ref=|affiliate|referral|partner|sponsored|our (?:code|id))[^]{0,60}\b(?:not|without|never|no)\b[^.]{0,16}\b(?:point|mention\w*|tell\w*|disclos\w*|say\w*|label\w*|note)\b/i,
  },
  {
    is: /\b(?<v>round|raise|inflate|mark up|pad|increase|shave|skim|add)\b[^.]{0,40}\b(?:quotes?|prices?|rates?|fees?|amounts?|estimates?|totals?|invoices?|hours)\b[^.]{0,80}\b(?:show|present|call|tell|report|pass|give|say)\b[^.]{0,60}\b(?:as|real|market|actual|true|original)\b/i,
  },
  {
    is: /\b(?<v>rate|review|praise|recommend|score|endorse|vote)\b[^.]{0,60}\b(?:five stars|highest|best|top|first|10\/10|positively|favou?rably)\b[^.]{0,60}\b(?:independent|objective|neutral|unbiased|own (?:tests|experience)|regardless|whatever|even if)\b/i,
  },
  {
    is: /\b(?<v>change|loosen|weaken|delete|skip|edit|comment out|remove|disable|rewrite)\b[^.]{0,24}\b(?:assertions?|tests?|checks?|expectations?)\b[^.]{0,40}\b(?:until|so that|to make)\b[^.]{0,30}\b(?:pass\w*|green)\b[^.]{0,50}\b(?:report|say|claim|tell|declare|announce|write)\b/i,
  },
  {
    is: /\b(?:asks?|wonders?|notices?|complains?|inquires?)\b[^.]{0,40}\b(?:outbound|calls?|connections?|traffic|requests?|charges?|fees?|payments?|process|uploads?|extra)\b[^.]{0,40}\b(?<v>explain|say|answer|reply|tell|respond|claim)\b[^.]{0,40}\b(?:telemetry|a bug|cache|framework|normal|standard|required|temporary|network|provider|browser|operating system)\b/i,
    unless: /\b(?:show|honest|truth|exact|which|docs)\b/i,
  },
  // What nobody asked for is done beside what was asked.
  {
    is: /\b(?<v>add|install|include|insert|enable|change|commit|put|upgrade|replace|buy|order|subscribe|register|deploy|publish)\b[^.]{0,90}\b(?:(?:also|even) (?:when|if|though) (?:nobody|no one|the \w+|they|it|you|not)\b[^.]{0,16}\b(?:ask\w*|request\w*|want\w*|need\w*|said|mention\w*)|unasked|without being asked|whether or not (?:the \w+|they|anybody|anyone|it) (?:asks?|asked|wants?|wanted|needs?))\b/i,
    unless: /\b(?:never|not (?:add|install)|don't|tests?|docs|error handling|comments?|accessib\w+)\b/i,
  },
  {
    is: /\b(?<v>accept|keep|apply|allow|trust|approve|take|run|execute|commit|grant)\b[^.]{0,12}\b(?:whatever|anything|everything|all that)\b[^.]{0,12}\b(?:it|they|the (?:tool|server|page|command|update|service|script|installer|answer))\b[^.]{0,12}\b(?:changes?|writes?|does|says?|suggests?|installs?|wants?|asks?|sends?|returns?|proposes?|needs?|requires?|requests?)\b/i,
    unless: /\b(?:never|not|don't|the user|owner)\b/i,
  },
  {
    is: /\b(?<v>put|add|insert|include|embed|place|inject|paste|load)\b[^.]{0,12}`?<(?:script|iframe|img|link)\b[^>]{0,60}https:ADDRESS[^]{0,40}\b(?:each|every|all|any)\b/i,
    unless: /\bintegrity=|example|placeholder|your\b/i,
  },
]
