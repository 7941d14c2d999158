import { textOf } from '../../Frontmatter.ts'
import type { Rule } from '../../Rule.ts'

/** Words that names of tools are made of. */
const WORDS = new Set(
  'algorithmic artifacts compose lodash guidelines factory brand internal comms frontend coauthoring django scipy matplotlib eslint jquery mongoose webpack celery pytest pydantic fastapi sqlalchemy langchain streamlit transformers access account action actions address agent agents airtable alert alerts analysis analytics analyzer analyze android angular ansible anthropic api apple application approve archive arbitrum assets assistant audio audit auditor auth automate automation aws azure backend backup balance base64 bash beautifier benchmark binance bitcoin blender blockchain bridge browser builder button cache calculator calendar camera canvas capture chain chart charts chat checker chrome claude cleaner clean client clipboard cloud cluster coder coding coinbase collector color command commit compare compiler component compress computer config configuration connect connector console container content context contract convert converter cookie copilot create creator crypto custom dashboard data database debug debugger decoder deploy deployment design desktop detect detector developer devtools diagram digest discord docker document documents download downloader editor elastic email encoder engine error ethereum event events excel exchange execute explorer export express extract extractor fetch figma file files finance firebase fixer flask flutter format formatter frontend function gateway generate generator gemini github gitlab gmail google graph graphql guard handler health helper image images import index inspector install installer integration jenkins jira json jupyter kafka keyboard kubernetes lambda language launch layout ledger library linear linter linux loader local logger login logs machine manager manage market markdown memory merge message metamask metrics migrate migration model mongodb monitor network nginx node notes notify notion npm numpy office openai openapi opensea optimize optimizer organize oracle outlook package packages pandas parse parser password payment payments paypal performance phantom pipeline planner plugin polygon polymarket portfolio postgres postgresql postman power prettier price process processor profile profiler project prompt protocol proxy publish pull python pytorch query queue rabbitmq random react reader redis refactor regex registry release remote render report reports request requests research resize resume reverse review reviewer router runner rust scanner schedule scheduler schema scrape scraper screenshot script search secret security selenium server service session settings shell shopify simple skill skills slack slides social solana solidity spotify sqlite stake stocks storage stream stripe style summarize summarizer supabase swagger swap system tailwind task tasks telegram template tensorflow terminal terraform test tester testing text theme timer todo token tools tracker trade trading transaction transcribe transfer translate translator travel trello twitter typescript uniswap update updater upload url usage utils validate validator vector vercel version video viewer visual vite wallet weather web webapp webhook website whatsapp whisper windows wordpress workflow writer writing youtube zoom'.split(
    ' ',
  ),
)

function isInflected(word: string): boolean {
  return (
    [
      word.replace(/s$/, ''),
      word.replace(/es$/, ''),
      word.replace(/(?:er|or|ed|ing|ly|ion|al|ity|ics?)$/, ''),
      word.replace(/(?:er|or|ed|ing|ion)$/, 'e'),
      `${word}s`,
      `${word}e`,
      `${word}r`,
      `${word}er`,
    ].some((each) => each !== word && WORDS.has(each)) || REAL.has(word)
  )
}

/** Words of their own that are one letter from another. */
const REAL = new Set(
  'store stack state stage trace track train crate route router rooter model modal panel parse purse price prize prime query quart quote chart chat chars charm chair loader leader reader header render sender vendor fender tester taster poster master faster easter filter folder holder builder router writer waiter tracker trucker cracker hacker packer picker locker docker rocker logger larger lower power tower layer player buyer batch patch match watch catch fetch sketch switch merge verge image mirage claim class clash crash flash flask slack black block clock flock stock shock stick slick click brick trick track crack graph grape group troupe order older elder token taken broken woken table cable label level lever never fever clever cover hover rover mover lover motion notion nation action section session mission passion potion portion option style stale scale shale shell spell smell skill still stall small snail email detail retail metal medal pedal petal total local vocal focal loyal royal world would could cloud loud proud found sound round pound bound bound mound hound wound count mount point joint print paint saint stake snake shake brake spoke smoke space spade spice slice splice place plane plant slant giant grant grand brand blend trend spend speed spree three tree threat thread treat great greet green screen queen preen coder cider order corder recorder decoder encoder clean clear blear drear react reach peach teach beach bench lunch launch hunch punch bunch branch ranch french trench search starch march monitor editor auditor creditor tasks masks desks disks risks ticks texts tests rests nests costs posts hosts ports sorts forts parts carts darts charts starts smarts skills drills grills notes votes quotes codes modes nodes roles rules tiles files miles piles wiles dates rates gates states plates slates themes schemes teams beams reams dreams streams proxy epoxy bases cases vases phases phrase notify modify codify resizer'.split(
    ' ',
  ),
)

/** Words with a digit for a letter among their letters, read as they look: `pars3r`. */
function digitsRead(name: string): string[] {
  return (name.match(/[a-z]{2,20}[0135][a-z]{1,20}/g) ?? [])
    .map((word) => word.replace(/[0135]/g, (digit) => ({ 0: 'o', 1: 'l', 3: 'e', 5: 's' })[digit] ?? digit))
    .filter((word) => WORDS.has(word))
}

/** One letter doubled, dropped, added or swapped with its neighbour; not one letter for another, which makes other words. */
function isOneSlip(word: string, known: string): boolean {
  if (word.length === known.length) {
    let i = 0
    while (word[i] === known[i] && i < word.length) i += 1
    return (
      i < word.length - 1 &&
      word[i] === known[i + 1] &&
      word[i + 1] === known[i] &&
      word.slice(i + 2) === known.slice(i + 2)
    )
  }
  const [short, long] = word.length < known.length ? [word, known] : [known, word]
  let i = 0
  while (short[i] === long[i] && i < short.length) i += 1
  return i > 0 && (i < long.length - 1 || long[i] === long[i - 1]) && short.slice(i) === long.slice(i + 1)
}

export const rule: Rule = {
  name: 'name-misspelled',
  check: 'structure',
  ast: 'AST04',
  item: '4.6',
  about: "The skill's name is a common name with one letter wrong: doubled, left out or turned around.",
  severity: 'high',
  because: 'Whoever types or picks the well-known name gets this one instead.',
  remediation: 'Give it a name of its own.',
  *find(material) {
    const name = (textOf(material.frontmatter, 'name') ?? material.skill.directory).toLowerCase()
    const [read] = digitsRead(name)
    if (read !== undefined) {
      yield {
        file: 'SKILL.md',
        line: material.frontmatter.lines['name'] ?? 1,
        view: 'prose',
        evidence: name,
        because: `It has a digit where "${read}" has a letter. ${rule.because}`,
      }
      return
    }
    for (const word of name.split(/[^a-z]+/)) {
      if (word.length < 5 || WORDS.has(word) || isInflected(word)) continue
      for (const known of WORDS) {
        if (Math.abs(known.length - word.length) > 1 || known.length < 5 || !isOneSlip(word, known)) continue
        yield {
          file: 'SKILL.md',
          line: material.frontmatter.lines['name'] ?? 1,
          view: 'prose',
          evidence: name,
          because: `"${word}" is one slip away from "${known}". ${rule.because}`,
        }
        return
      }
    }
  },
}
