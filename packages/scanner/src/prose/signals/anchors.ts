import type { Lexicon } from '../Lexicon.ts'

/**
 * Words of which each signal needs one, in English: a sentence without them is not asked for it. They let through too much and
 * leave nothing out; {@link en} judges.
 */
export const ANCHORS: Lexicon = {
  language: 'en',
  negation: 'before',
  marks: /$^/g,
  isSpaced: true,
  words: {
    'signal-outside':
      'reporter* author* contributor* maintainer* customer* commenter* sender* peer* agents publisher* participant* poster* visitor* organizer* organiser* payer* counterpart* member* supplier* vendor* candidate* applicant* upstream third stranger* responder* subscriber* follower* guest* tenant* requester* submitter* caller* users warden* coordinator* moderator* whoever issue* comment* ticket* email* e mail* message* memo* feed* article* posts replies reviews release changelog* advisor* webpage* page pages description* transcript* subtitle* caption* invit* calendar form txt dns header* response banner* metadata alt commit pull thread* dm dms tweet* frame* bulletin* notice* listing* log attachment* pdf* resume* cv* nft* token calldata inscription* submission* inbox relay tool search reports answer* text',
    'signal-task':
      'command* step* task* to todo* action* request* snippet* block* one instruction* verb* order* statement* migration* follow directive* what op playbook* runbook* recipe* job* assignment*',
    'signal-done':
      'carry* carries carried run runs running execute* perform* complete* apply applies applied fulfil* implement* follow* honor* honour* obey* settle* grant* handle* process* do done work works act acts comply pay pays paying tick written stands stand told posted requested verbatim letter order task instruction next assignment job take pick picks made to',
    'signal-unchecked':
      "no without not needn't need nor skip* never don't isn't aren't sufficient enough good strong* ample know knows written ask* discuss explain question count counts bother* wake* annoy* disturb* interrupt* slow* burden* beat beats minutes right before either regardless anyway even settle* just simply",
    'signal-unsaid':
      "keep* kept leave* left take* taken stay* not don't never needn't no nor without rather need needs summar* report* digest* answer* repl* log* only just enough quietly silently discreetly unobtrusively tacitly side user users reader* people host* they stakeholder* avoid* otherwise make* chat conversation* history",
    'signal-untrue':
      'report* describe* present* label* call* book* record* mark* explain* frame* name* list* declare* show* treat* answer get whichever left open asked ask* if repl* pos* no for commented whatever move there state maintenance',
    'signal-soothed':
      'reassur* calm* sooth* nervous* hesitat* worr* suspicio* anxious afraid if remind* each raises last stay false known display is that never not do may will',
    'signal-code':
      '12 24 twelve twenty recovery seed index backup wallet one otp verification six 6 pin card cvv remote screen* deposit release clearing doubled',
    'signal-traces':
      'histfile clear* delete* remove* erase* wipe* purge* rewrite* overwrite* truncate* prune* strip* take* scrub* drop* touch',
    'signal-demoted':
      'user host owner human operator person final binding newer new fetched updated latest coming continue settle* read open for assistant* part finish',
  },
}
