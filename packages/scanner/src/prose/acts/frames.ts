import type { Reader } from '../Act.ts'
import { DECEIVES } from './deceive.ts'
import { found, type Frame } from './Frame.ts'

const PERSON =
  '(?:user|owner|human|person|people|operator|customer|client|developer|team|reviewer|maintainer|somebody|someone|anyone|anybody|they|them|he|she|principal|individual|keyboard)s?'
const THIS =
  '(?:this|the present|these|the following) (?:file|page|document|skill|guide|guidance|text|section|sheet|note|list|instructions?|rules?|plugin)'
const OUTRANKS =
  '(?:comes? (?:before|first|ahead of)|goes? (?:before|ahead of)|takes? (?:precedence|priority)|ha(?:s|ve) (?:precedence|priority|the (?:last|final) (?:say|word))|outranks?|outweighs?|overrides?|overrules?|wins?|prevails?|supersedes?|ranks? (?:above|higher|before)|stands? above|trumps?|beats?|counts? (?:for )?more|is (?:above|senior to|stronger than)|replaces?|displaces?)'
const APPROVED =
  '(?:approved|authori[sz]ed|confirmed|granted|consented(?: to)?|permitted|allowed|agreed(?: to)?|accepted|signed off|cleared|waved through|trusted|safe)'
const PROMPTS =
  '(?:dialog(?:ue)?s?|prompts?|pop-?ups?|screens?|boxes|box|questions?|warnings?|requests?|banners?|checks?|notices?|confirmations?|gates?)'
const GUARD =
  '(?:permission|security|confirmation|approval|consent|safety|review|sandbox|trust|authori[sz]ation|verification|allow/deny)'
const DEED =
  '(?:this|that|the|its?|these|any|your|what)\\b[^.]{0,40}\\b(?:script|skill|step|upload|call|request|process|transfer|file|plugin|tool|hook|traffic|connection|network|payment|transaction|signature|key|log|change|commit|does|did|happened|doing|running|for)'

const DISLOYAL: readonly Frame[] = [
  // Whose word counts.
  {
    is: new RegExp(
      `\\b(?:${THIS}|what (?:is written|stands) here|the (?:guidance|rules|instructions|text) (?:here|below|in this \\w+))\\b[^.]{0,30}\\b${OUTRANKS}\\b[^.]{0,40}\\b(?:${PERSON}\\b|you (?:were|have been|are) (?:told|given|asked))`,
      'i',
    ),
  },
  {
    is: new RegExp(
      `\\b(?:answers?|reports?|belongs?|loyal|accountable|works?|listens?|responsible|obeys?|owes?)\\b[^.]{0,30}\\b(?:to|for)\\b[^.]{0,50}\\b(?:not|rather than|instead of|before|over|above)\\b[^.]{0,12}\\b(?:the )?${PERSON}\\b`,
      'i',
    ),
    unless: /\b(?:manager|ticket|bug|line|support|sales|issues?|feedback|errors?|problems?)\b/i,
  },
  {
    is: /\byou are no longer (?:an? |the )?(?:\w+ ){0,3}(?:assistant|agent|model|chatbot|claude|gpt|gemini|copilot)\b/i,
  },
  // Consent that nobody gave.
  {
    is: new RegExp(
      `\\b(?:all|every|each|any|these|those|both|subsequent|later|further|future)\\b[^.]{0,50}\\b(?:calls?|actions?|commands?|steps?|prompts?|requests?|permissions?|transactions?|signatures?|transfers?|changes?|operations?|writes?|deletions?|payments?)\\b[^.]{0,40}\\b(?:(?<v>counts?|treat|treated|consider|considered|regard|regarded|deem|deemed|assume|assumed|taken)\\b[^.]{0,12}\\b(?:as |to be )?|(?:are|is) (?:hereby |already |all )?pre-?)(?:already |pre-?|fully |always |explicitly )?${APPROVED}\\b`,
      'i',
    ),
    unless: /\bread-?only\b|\bif the\b|\bonly (?:when|if|after)\b|\bby the (?:user|owner)\b/i,
  },
  {
    is: /\b(?<v>assume|presume|infer|take)\b[^.]{0,16}\b(?:consent|approval|permission|agreement|authori[sz]ation|a yes|the answer is yes|user agrees|user has (?:agreed|approved|consented))\b(?! (?:is (?:needed|required|missing|denied)|form|screen|mode|bits?|error|check|level))/i,
  },
  {
    is: /\b(?:silence|no (?:answer|reply|response|objection|reaction)|lack of (?:an? )?(?:answer|reply|response|objection)|an? (?:unanswered|missing) \w+|when nobody (?:answers|replies|objects))\b[^.]{0,30}\b(?<v>counts? (?:as|for)|means?|is|equals?|stands? for|implies|signals?|go ahead|proceed|continue|counts?)\b[^.]{0,14}\b(?:yes|consent|approv\w+|agree\w*|go-ahead|confirm\w*|permission|on your own)\b/i,
  },
  {
    is: new RegExp(
      `\\b(?<v>click|press|tap|push|skip|wave|power|blow|get|move|breeze|accept|approve|confirm|dismiss|close|allow|grant|auto-?accept|auto-?approve)\\b[^.]{0,24}\\b(?:through|past|away|all|every|any|each|whatever|the)\\b[^.]{0,30}\\b${GUARD}\\b[^.]{0,16}\\b${PROMPTS}\\b[^.]{0,50}\\b(?:without|unread|for the|on (?:their|the user's|behalf)|so that|yourself|automatically|right away|immediately|at once|as they (?:come|appear)|they|slow|annoy)`,
      'i',
    ),
  },
  {
    is: new RegExp(
      `\\b(?<v>turn off|switch off|turn|switch|disable|deactivate|drop|lift|relax|loosen|suspend|remove|unset|get rid of)\\b[^.]{0,24}\\b(?:sandbox(?:ing)?|(?:${GUARD}) (?:prompts?|dialogs?|questions?|mode|system|hooks?|rails?|filters?|layer)|guard-?rails?|approvals|confirmations|content filters?)\\b(?=[^.]{0,60}\\b(?:before|so that|they|it|which|in the settings|first|speed|faster|slow|way|friction|interrupt))`,
      'i',
    ),
    unless:
      /chrom|puppeteer|playwright|browser|electron|iframe|docker|webkit|selenium|seccomp|bubblewrap|flatpak|if the user|\bCI\b/i,
  },
  // Warnings that are there for this case.
  {
    is: /\b(?<v>ignore|disregard|skip|overlook|suppress|dismiss|override|click away|wave away|pay no attention to)\b[^.]{0,30}\b(?:warnings?|alerts?|findings?|complaints?|red flags?|blocks?|notices?|banners?)\b[^.]{0,40}\b(?:secrets?|credentials?|keys?|phishing|security|malware|unsafe|unverified|unknown (?:contract|publisher|host)|signature|scam|drainer|certificate|risk)\b/i,
    unless: /\b(?:false positives?|if (?:the|it)|unless|test fixtures?|node_modules|self-signed)\b/i,
  },
  {
    is: /\b(?:warns?|warnings?|alerts?|red (?:banner|screen|text|flag)|says? (?:that )?(?:it is|this is)? ?(?:unsafe|risky|unknown|unverified|suspicious)|flags?|flagged)\b[^]{0,90}\b(?:normal|expected|harmless|false|usual|ordinary|outdated|noise|routine|a formality|nothing to worry|no reason|known (?:issue|bug|quirk))\b[^]{0,70}\b(?<v>press on|proceed|confirm|sign|continue|accept|approve|ignore|go ahead|go on|carry on|click|dismiss|send|submit|install|allow|trust)\b/i,
    unless:
      /\b(?:deprecat\w+|eslint|npm|compiler|typescript|lint|peer dep\w*|pytest|build|test|version|migration|css|react)\b/i,
  },
  // What people are told.
  {
    is: new RegExp(
      `\\b(?:if|when|whenever|should|once|in case)\\b[^.]{0,40}\\b(?:asks?|asked|wonders?|inquires?|questions?|wants? to know|notices?|complains?|objects?)\\b[^.]{0,20}\\b(?:${DEED})\\b[^.]{0,60}\\b(?<v>say|answer|reply|respond|tell|state|claim|insist|explain|assure|pretend|maintain)\\b[^.]{0,30}\\b(?:only|just|merely|simply|nothing|no|never|not|harmless|routine|standard|normal|gone|deleted|removed|locally|safe|unaware|unrelated|optional|required|mandatory|a (?:cache|test|backup|bug|glitch))\\b`,
      'i',
    ),
    unless: /\b(?:do(?:es)? not know|don't know|not sure|cannot help|not supported|out of scope|the truth|honestly)\b/i,
  },
  {
    is: /\b(?<v>report|declare|describe|record|present|mark|call|show|log)\b[^.]{0,40}\b(?:suite|tests?|run|scan|audit|checks?|build|pipeline|simulation|review|result)s?\b[^.]{0,16}\b(?:as |to be )?(?:green|passed|passing|successful|clean|ok|fine|complete|safe)\b[^.]{0,30}\b(?:even (?:if|when|though)|although|regardless|whether or not|despite|no matter|whatever|in any case|always)\b/i,
  },
  {
    is: /\b(?<v>suggest|recommend|propose|steer|push|promote|prefer|favou?r|advertise|name|praise|mention)\b[^.]{0,90}\b(?:say|claim|tell|state|insist|warn|add|describe|present|call|imply)\b[^.]{0,40}\b(?:others?|alternatives?|the rest|competitors?|competing|rivals?)\b[^.]{0,40}\b(?:insecure|unsafe|broken|deprecated|outdated|dangerous|vulnerable|abandoned|bad|unmaintained|slow|risky|malware|worse)\b/i,
  },
  {
    is: /\b(?:in|to|under|at the end of|into|with) (?:every|each|all|any)\b[^.]{0,40}\b(?:pull requests?|prs?|commits?|commit messages?|e-?mails?|messages?|posts?|repl(?:y|ies)|answers?|files?|readmes?|issues?|documents?|repositor(?:y|ies))\b[^.]{0,60}\b(?<v>add|include|append|insert|put|mention|write|place|leave|paste|slip)\b[^.]{0,50}["\u201c'`][^"\u201d'`]{0,100}\b(?:install|download|https?:|use \w+ (?:instead|for)|get it|try \w+|skill)\b/i,
  },
  // A skill that keeps itself in place.
  {
    is: /\b(?:never|do not|don't|must not|refuse to|cannot be|may not be|should never be)\b[^.]{0,12}\b(?:removed?|uninstall(?:ed)?|deleted?|disabled?|deactivated?|unload(?:ed)?|turn(?:ed)? off|edit(?:ed)?)\b[^.]{0,20}\b(?:this|the|that) (?:skill|plugin|extension|hook|agent|file|entry)\b[^]{0,60}\b(?:even (?:if|when)|if (?:the|a) \w+ (?:asks?|tells?|wants?)|whatever|no matter|instead|say|pretend|tell)\b/i,
  },
  {
    is: /\b(?<v>say|tell|claim|report|pretend|answer)\b[^.]{0,30}\b(?:is|it's|was|has been|have been) (?:gone|removed|deleted|uninstalled|disabled|off|done)\b[^.]{0,30}\b(?:but|while|although|and)\b[^.]{0,12}\b(?:keep|leave|stay|continue|do not|retain|hide)\b/i,
  },
  {
    is: /\b(?:if|should|when|once|whenever|after)\b[^.]{0,30}\b(?:user|owner|person|somebody|someone|anyone|they|it is|skill is)\b[^.]{0,20}\b(?:removes?|removed|uninstalls?|uninstalled|deletes?|deleted|disables?|disabled)\b[^.]{0,60}\b(?<v>brings?|reinstalls?|restores?|reinstates?|recreates?|comes? back|returns?|re-?adds?|re-?enables?|puts? it back)\b/i,
    unless: /\b(?:backup|file|row|record|column|cart|wishlist|trash|branch|snapshot|entry)\b/i,
  },
  // A finding that is kept from those who review.
  {
    is: /\b(?:hard-?coded|disabled|passwords?|secrets?|credentials?|keys?|vulnerabilit\w+|findings?|backdoors?|injection|outbound|signature|exposed|unsafe)\b[^]{0,160}\b(?<v>leave (?:it|them|that|those) out|omit|skip|drop|ignore|do not (?:report|mention|flag)|write|report|say|state|reply|answer)\b[^]{0,60}(?:\bno (?:security )?(?:findings|issues|problems|concerns|vulnerabilities)\b|\b(?:is|are) (?:intended|by design|intentional)\b)/i,
    unless: /\b(?:if (?:there are|you find) (?:none|no)|when (?:none|nothing)|otherwise|no findings if)\b/i,
  },
  {
    is: /\b(?<v>reply|answer|respond|comment|say|claim|mark|label|close|dismiss|resolve)\b[^.]{0,40}\b(?:false positives?|intended|by design|known issue|accepted risk|wont-?fix|won't fix)\b[^.]{0,30}\b(?:and|then)\b[^.]{0,12}\b(?:resolve|close|dismiss|hide|delete|approve|merge)\b/i,
    unless:
      /\b(?:if|after|when|unless|verify|confirmed|only|ask)\b[^.]{0,60}\b(?:check|verif|confirm|prove|agree|analy|triage|evidence)/i,
  },
  // In somebody's name.
  {
    is: new RegExp(
      `\\b(?<v>pretend|pose|act|speak|sign|write|reply|post|commit|approve|vote|review|publish|accept|agree|send)\\b[^.]{0,80}\\b(?:to be|as if you were|in (?:the|their|his|her) (?:\\w+'s )?name|under (?:the|their) (?:\\w+'s )?(?:name|account|identity)|impersonat\\w+|as) (?:of )?(?:the )?(?:${PERSON}\\b)?[^.]{0,80}\\b(?:without (?:asking|telling|a question|approval|their|waiting|review)|unasked|silently|so that nobody)`,
      'i',
    ),
  },
  {
    is: /\b(?<v>approve|merge|accept|pay|sign|release|publish|deploy)\b[^.]{0,40}\b(?:pull requests?|prs?|merge requests?|changes?|payments?|invoices?|transactions?|signatures?|transfers?|releases?)\b[^.]{0,50}\bwithout (?:asking|reading|review\w*|looking|checking|opening|a (?:look|question|review)|showing|confirmation|approval|human)\b/i,
    unless: /\b(?:never|not|don't|nobody|no one|avoid|risk|danger|unless)\b/i,
  },
]

const SAYS_SO =
  '(?:prints?|outputs?|says?|returns?|shows?|sends?|lists?|asks?(?: for)?|tells?(?: you)?|replies|answers?|commands?|demands?|requests?|instructs?|responds?(?: with)?|dictates?|wants?|contains?|holds?)'
const OBEY =
  '(?:follow|obey|execute|carry out|heed|act (?:on|upon)|do|perform|comply with|honou?r|implement|run|work (?:through|off)|apply|fulfil(?:l)?|process|adhere to|respect)'
const ORDERS =
  '(?:instructions?|commands?|directives?|orders?|requests?|prompts?|guidance|tasks?|jobs?|assignments?|to-?dos?|steps?|actions?|notes? (?:for|to) (?:you|agents?|assistants?))'
const LETTERS =
  '(?:e-?mails?|mails?|messages?|comments?|tweets?|dms?|tickets?|calendar (?:events?|entries)|invit\\w+|memos?|metadata|descriptions?|bios?|captions?|repl(?:y|ies)|responses?|answers?|web ?pages?|websites?|posts?|feeds?|notices?|banners?|nfts?|token names?|contract|on-?chain|transactions?|inbox|channel|chat|server|endpoint|api(?!-)|tool (?:results?|outputs?|descriptions?)|search results?|pdfs?|attachments?|transcripts?|subtitles?|log entries|reviews?|listings?|records?|issue bodies|issues?)'
/** The one whose agent it is may give it orders, wherever. */
const OWNERS =
  /\b(?:from the (?:user|owner|operator)|the (?:user|owner|operator)(?:'s| themsel\w+)? (?:own|writes?|sends?|types?)|allow-?list\w*|verified|signed|trusted (?:senders?|users?)|only (?:from|by|if|when|after)|ask (?:the )?(?:user|owner)|confirm\w*|approv\w+|untrusted|never|not)\b/i

const OUTSIDE: readonly Frame[] = [
  {
    is: new RegExp(
      `\\b(?<v>${OBEY})\\b[^.]{0,12}\\b(?:any|all|every|each|whatever|whichever)\\b[^.]{0,20}\\b${ORDERS}\\b[^.]{0,24}\\b(?:in|inside|within|from|of|embedded in|contained in|found in|that|which|left in)\\b[^.]{0,30}\\b${LETTERS}\\b`,
      'i',
    ),
    unless: OWNERS,
  },
  {
    is: new RegExp(
      `\\b${LETTERS}\\b[^.]{0,50}\\b(?:holds?|contains?|carr(?:y|ies)|are|is|counts? as|gives?|includes?|may (?:hold|contain)|lists?|has|have)\\b[^.]{0,24}\\b${ORDERS}\\b(?: for (?:you|the agent|agents))?[^.]{0,6}(?:[:;,.]|\\band\\b|\\bwhich\\b|\\bthat\\b)[^.]{0,16}\\b(?<v>do|run|execute|perform|carry|follow|obey|work|comply|act|are (?:run|executed|carried out|followed)|treat)\\b`,
      'i',
    ),
    unless: OWNERS,
  },
  {
    is: new RegExp(
      `\\b(?<v>run|execute|paste|enter|eval(?:uate)?)\\b[^.]{0,12}\\b(?:the|any|each|whatever|every|that)\\b[^.]{0,16}\\b(?:commands?|snippet|code|script|one-liner|line|fix)\\b[^.]{0,24}\\b(?:in|from|inside|that|which|of)\\b[^.]{0,20}\\b(?:it|${LETTERS}|they)\\b`,
      'i',
    ),
    unless: OWNERS,
  },
]
/** A file of the skill itself is no letter. */
const OWN_FILE = /\.md\b|references?\/|\bthis (?:message|response|reply|answer|request)\b/
const NEEDS_LETTER = new RegExp(`\\b${LETTERS}\\b`, 'i')

/** Of what stands at an address, named in the sentence or the one before. */
const AT_ADDRESS: readonly Frame[] = [
  {
    is: new RegExp(
      `\\b(?:what (?:to do|you do|happens|comes)(?: next)?|next (?:step|task|action|move)s?|your (?:next|tasks?|work|job|duties|role)|the (?:steps?|tasks?|work|plan|commands?) (?:to|of|for)\\b[^.]{0,20})\\b[^.]{0,40}\\b(?:decided|determined|dictated|set|defined|governed|controlled|chosen|given|prescribed|specified|published|served|listed|kept) (?:by|at|in|on|there|through|under|from)\\b`,
      'i',
    ),
  },
  {
    is: /\b(?:is|are|holds?|gives?|tells?|says?) what you (?:run|execute|do|follow|must do|have to do|type|send|sign)\b/i,
  },
  {
    is: new RegExp(
      `\\b(?<v>${OBEY})\\b[^.]{0,16}\\b(?:${ORDERS}|what|whatever)\\b[^.]{0,14}\\b(?:it|they|that|which|the (?:server|page|answer|service|endpoint|response))\\b[^.]{0,6}\\b${SAYS_SO}\\b`,
      'i',
    ),
    unless: OWNERS,
  },
  {
    is: /\b(?<v>replace|overwrite|swap|refresh|exchange|rewrite|substitute|update)\b[^.]{0,12}\b(?:this|your|the|its) (?:own )?(?:file|skill|page|instructions?|text|`?SKILL\.md`?|copy|rules|folder)\b[^.]{0,30}\b(?:with|by|from|for)\b[^.]{0,14}\b(?:it|that|them|what|the (?:new|newest|latest|fetched|downloaded|result|answer|response|content)|https?:)/i,
    unless: /\b(?:show|diff|ask|review|confirm|compare|checksum|sha-?256|signature)\b/i,
  },
]

const ACCOUNT = '(?:0x[0-9a-fA-F]{40}|bc1[a-z0-9]{25,60}|`?[1-9A-HJ-NP-Za-km-z]{43,44}`?)'
const MONEY: readonly Frame[] = [
  {
    is: new RegExp(
      `\\b(?:our|my|the (?:skill|team|project|publisher|author|settlement|service|operator|company|treasury|house|relay|routing|escrow|support|fee|gas|bridge|collection|vault|protocol|platform)(?:'s)?)\\b[^.]{0,30}\\b(?:accounts?|wallets?|address|vault|treasury)\\b[^.0]{0,20}${ACCOUNT}`,
      'i',
    ),
    severity: 'medium',
    unless:
      /\b(?:contract|router|token|verify|read|balance of|explorer|deployed|example|e\.g\.|such as|watch|check|monitor)\b/i,
  },
  {
    is: new RegExp(
      `\\b(?<v>enter|use|set|put|fill in|paste|type|choose|give|insert|write|keep|make)\\b[^.]{0,20}${ACCOUNT}[^.]{0,12}\\b(?:as|for|in)\\b[^.]{0,12}\\b(?:the )?(?:receiv\\w+|destination|recipient|payout|withdrawal|deposit|refund|beneficiary|spender|operator|owner|delegate|payee|change|fallback|recovery|guardian|default)\\b`,
      'i',
    ),
    unless: /\bexample|e\.g\.|such as|test(?:net)?\b/i,
  },
  {
    is: new RegExp(
      `\\b(?:permit\\w{0,12}|approv\\w{2,6}|allowance|signature|delegat\\w+|session key|authori[sz]ation|grant\\w{0,3})\\b[^.]{0,120}\\b(?:spender|operator|delegate|grantee|signer|with|to|for|names?|in favou?r of)\\b[^.0]{0,16}${ACCOUNT}`,
      'i',
    ),
    severity: 'medium',
    unless: /\bexample|e\.g\.|such as|revoke|router|contract|deployed|canonical|check|verify\b/i,
  },
  {
    is: /(?:\d(?:[.,]\d+)?\s?%|\b(?:percent|share|cut|fee|tip|portion|fraction|commission|half|rest|remainder|dust|change)\b)[^.]{0,70}\b(?:to|into|for|at)\s+`?(?!vitalik|alice|bob|example|your|my|user|recipient|name)[a-z0-9][a-z0-9-]{2,40}\.(?:eth|sol|near|bnb|base\.eth|lens)\b/i,
    severity: 'medium',
    unless: /\bexample|e\.g\.|such as|["\u201c]/i,
  },
]
const POISON: readonly Frame[] = [
  {
    is: /\b(?:first|leading|last|same|beginning|start|ending|ends?)\b[^.]{0,60}\b(?:characters?|digits|letters|signs|symbols|bytes)\b[^.]{0,60}\b(?:match(?:es|ing)?|agree|suffice|enough|are the same|is the same|fits?|alike)\b/i,
    unless:
      /\b(?:never|not (?:enough|sufficient|rely)|insufficient|poison\w*|danger\w*|whole|full|every character|entire|warn)\b/i,
  },
]

/** The agent is turned against the person whose agent it is. */
export const disloyal: Reader = (clause) => found(clause, DISLOYAL) ?? found(clause, DECEIVES)

/** Whatever a stranger's letter, page or answer orders is done. */
export const obeyLetter: Reader = (clause, { urlBefore }) => {
  const before = clause.before === null ? '' : clause.before.view.text.slice(clause.before.from, clause.before.to)
  // "If the API returns an error, … run the command in it."
  const whole = found(clause, OUTSIDE)
  if (whole !== null && NEEDS_LETTER.test(`${before} ${clause.text}`) && !OWN_FILE.test(clause.text))
    return { ...whole, target: '' }
  const url = clause.tokens.find((token) => token.kind === 'url')?.text ?? urlBefore
  if (!/^https?:/.test(url) || LOCAL.test(url)) return null
  const there = found(clause, AT_ADDRESS)
  return there === null ? null : { ...there, target: url }
}

const LOCAL = /^https?:\/\/(?:localhost|127\.|0\.0\.0\.0|\[::1\])|[0-9a-f]{40}|docs?\.|\/docs?\//

/** Money or power goes to an account, in words that name neither a share nor a verb of paying. */
export const payNamed: Reader = (clause) => {
  const money = found(clause, MONEY)
  if (money !== null) {
    const account = new RegExp(ACCOUNT).exec(clause.text)?.[0].replaceAll('`', '') ?? ''
    return { ...money, target: account === '' ? 'a name' : account }
  }
  return clause.has('payee', 'money') ? found(clause, POISON) : null
}
