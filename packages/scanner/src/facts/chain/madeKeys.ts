import type { Place } from '../../Fact.ts'
import { liner, type View } from '../../View.ts'

/** Makes an account of a key or of a seed. */
const MAKES =
  /\b(?:from_key|from_private_key|privateKeyToAccount|mnemonicToAccount|hdKeyToAccount|fromSeed|from_seed|fromSecretKey|from_bytes|fromPrivateKey|from_mnemonic|fromMnemonic|fromPhrase|fromEntropy|entropyToMnemonic|to_mnemonic|generateMnemonic|privateToAddress|getPublicKey|SigningKey|PrivateKey|from_secret_bytes|from_string|from_slice|HDNodeWallet|new\s{1,2}(?:ethers\.)?(?:Wallet|SigningKey)|Wallet|Keypair|LocalWallet|PrivateKeySigner|privkey_to_address|keys\.PrivateKey)\s{0,2}\(/g
/** Numbers that can be guessed: of a clock, of a generator that is made for games, of a constant. */
const GUESSED =
  /\bMath\.random\b|\brandom\.(?:choice|choices|randint|randrange|getrandbits|random|Random|randbytes|seed|sample)\b|\bnew\s{1,2}Random\b|\brand\(\)|\bmt_rand\b|\bDate\.now\(\)|\btime\.time(?:_ns)?\(\)|\bnew Date\(\)|\bgetrandbits\b|\bnp\.random\b|\brng\.(?:randrange|randbytes|getrandbits|choice|random)|\buuid\.uuid1\b|\bprocess\.pid\b|\bos\.getpid\(\)|\bhostname\(\)/
/** With so much from the system's own generator the rest may be anything. */
const SOUND =
  /\brandomBytes\(\s{0,2}(?:1[6-9]|[2-9]\d)|\bos\.urandom\(\s{0,2}(?:1[6-9]|[2-9]\d)|\bsecrets\.(?:token_bytes|token_hex|randbits|randbelow)|\bgetRandomValues\b|\bcreateRandom\b|\bOsRng\b|\bcrypto\/rand\b/
const ASSIGNED =
  /(?:^|[\n;{(,])\s{0,40}(?:const|let|var|my)?\s{0,3}([A-Za-z_]\w{0,60})(?:\s{0,2}:\s{0,2}[\w<>[\], |]{1,40})?\s{0,3}:?=(?![=>])\s{0,3}([^\n]{1,600})/g
const PASSES = 4

/** Places where the key of an account is made from numbers that somebody else can make again. */
export function guessedKeys(views: readonly View[]): (Place & { readonly text: string })[] {
  const out: (Place & { text: string })[] = []
  for (const view of views) {
    if (view.name !== 'code' && view.name !== 'decoded') continue
    if (!GUESSED.test(view.text) || SOUND.test(view.text)) continue
    const { text } = view
    const guessed = new Set<string>()
    const assigned = [...text.matchAll(ASSIGNED)]
    const isGuessed = (expression: string) =>
      GUESSED.test(expression) || [...expression.matchAll(/[A-Za-z_]\w{0,60}/g)].some(([name]) => guessed.has(name))
    for (let pass = 0; pass < PASSES; pass += 1)
      for (const [, name = '', value = ''] of assigned) if (isGuessed(value)) guessed.add(name)
    for (const made of text.matchAll(MAKES)) {
      const args = text.slice(made.index + made[0].length, made.index + made[0].length + 160).split(/[;\n]/, 1)[0] ?? ''
      if (!isGuessed(args)) continue
      const { file, name, role } = view
      out.push({ file, line: liner(view)(made.index), view: name, role, text: `${made[0]}${args}`.slice(0, 160) })
      break
    }
  }
  return out
}

const ASKS_NETWORK =
  /\bfetch\s{0,2}\(|\baxios\b|\brequests\.(?:get|post)|\bhttpx\.|\burlopen\s{0,2}\(|\bgot\s{0,2}\(|\bhttp\.Get\s{0,2}\(|\breqwest::|\bureq::|\bcurl\s/
/** The answer is asked for by a method of a chain's own node. */
const OWN_NODE = /127\.0\.0\.1|localhost|eth_|getBalance|getAccounts/
const PAID =
  /\bto(?:Pubkey|_pubkey|Address)?["']?\s{0,2}[:=]\s{0,3}(?:new\s{1,2}\w{1,20}\(|[\w.]{1,40}\()?\s{0,2}([A-Za-z_]\w{0,60}(?:(?:\??\.|\[["'])\w{1,40}(?:["']\])?){0,4})|\b(?:transfer|sendTokens|safeTransfer|approve|setApprovalForAll|spl-token transfer|solana transfer|cast send)\s{0,2}\(?\s{0,2}["']?\$?\{?([A-Za-z_]\w{0,60}(?:\.\w{1,40}){0,4})/g
const TAKEN_APART = /(?:const|let|var)\s{1,3}[{[]([^{}[\]]{1,200})[}\]]\s{0,3}=\s{0,3}([^\n]{1,400})/g

/** Payments whose recipient is what an address of the network answers: a transfer without calldata of a service. */
export function fetchedRecipients(
  views: readonly View[],
): (Place & { readonly text: string; readonly isScript: boolean })[] {
  const out: (Place & { text: string; isScript: boolean })[] = []
  for (const view of views) {
    if (view.name !== 'code' && view.name !== 'decoded') continue
    const { text } = view
    if (!ASKS_NETWORK.test(text)) continue
    const fetched = new Set<string>()
    const learn = (names: readonly string[], value: string) => {
      const isDirect = ASKS_NETWORK.test(value) && !OWN_NODE.test(value)
      const isPassedOn =
        /^(?:await\s{1,2})?\(?(?:await\s{1,2})?[A-Za-z_]\w{0,60}\)?(?:\.\w{1,40}|\[[^\]]{1,40}\])*(?:\s{0,2}\??\.(?:json|text|data|strip|trim|body|get|content|decode|read)\b[^\n]{0,120})?\s{0,2};?$/.test(
          value.trim(),
        ) && [...value.matchAll(/[A-Za-z_]\w{0,60}/g)].some(([name]) => fetched.has(name))
      const isParsed =
        /\bjson\.loads?\(|JSON\.parse\(/.test(value) &&
        [...value.matchAll(/[A-Za-z_]\w{0,60}/g)].some(([name]) => fetched.has(name))
      if (isDirect || isPassedOn || isParsed) for (const name of names) fetched.add(name)
    }
    for (let pass = 0; pass < 2; pass += 1) {
      for (const [, name = '', value = ''] of text.matchAll(ASSIGNED)) learn([name], value)
      for (const [, names = '', value = ''] of text.matchAll(TAKEN_APART))
        learn(
          [...names.matchAll(/[A-Za-z_]\w{0,60}/g)].map(([name]) => name),
          value,
        )
    }
    if (fetched.size === 0) continue
    for (const paid of text.matchAll(PAID)) {
      const value = paid[1] ?? paid[2] ?? ''
      if (!fetched.has(value.split(/[.?[]/, 1)[0] ?? '')) continue
      const around = text.slice(Math.max(0, paid.index - 160), paid.index + 240)
      // A call that a service has put together carries its data; a mail has a subject.
      if (
        /\b(?:data|calldata|input|subject|html|body|chain_?id)\b["']?\s{0,2}[:=,]|payTo|x402|allowanceTarget/i.test(
          around,
        )
      )
        continue
      if (!/value|amount|lamports|transfer|approve|sendTokens|cast send/i.test(around)) continue
      const { file, name, role } = view
      out.push({
        file,
        line: liner(view)(paid.index),
        view: name,
        role,
        text: paid[0].slice(0, 160),
        isScript: view.holder === 'script',
      })
    }
  }
  return out
}

/** Twelve to twenty-four words in a row, as a wallet is restored from. */
const WORDS = /(?<![\w])(?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8}(?![\w])/g
/** Phrases that everybody has, of test chains and of the standard's own examples. */
const PUBLIC =
  /^(?:test[ ,]+test|abandon|legal winner|zoo zoo|letter advice|candy maple|myth like|word\b)|\btest test\b/

/** A whole phrase that the person is to use as their own wallet: whoever wrote it has it too. */
export function givenPhrases(views: readonly View[]): (Place & { readonly text: string })[] {
  const out: (Place & { text: string })[] = []
  for (const view of views) {
    if (!/phrase|mnemonic|seed|words/i.test(`${view.text} ${view.lead}`)) continue
    for (const found of view.text.matchAll(WORDS)) {
      const words = found[0].split(/[ ,]+/)
      if (words.length % 3 !== 0 || PUBLIC.test(found[0]) || new Set(words).size < words.length - 2) continue
      // Prose has words that no list of such words has.
      if (words.some((word) => COMMON.has(word))) continue
      const around = `${view.lead} ${view.text.slice(Math.max(0, found.index - 200), found.index + found[0].length + 160)}`
      if (
        !/\b(?:phrase|mnemonic|seed|recovery|twelve|restore|import)\b/i.test(around) ||
        /\b(?:example|never|anvil|hardhat|localhost|testnet|fake|dummy|not)\b/i.test(around)
      )
        continue
      const { file, name, role } = view
      out.push({ file, line: liner(view)(found.index), view: name, role, text: `${words.slice(0, 2).join(' ')} …` })
    }
  }
  return out
}

const COMMON = new Set(
  'the and for are you your with that this from not has have was were will into its can all any then when than them they but out our one two per via use'.split(
    ' ',
  ),
)

/** A key that is written out and made an account of. */
const WRITTEN_KEY =
  /\b(?:from_key|from_private_key|privateKeyToAccount|new\s{1,2}(?:ethers\.)?Wallet|fromPrivateKey|PrivateKeySigner|LocalWallet|fromSecretKey)\s{0,2}\(\s{0,4}["'`]((?:0x)?[0-9a-fA-F]{64})["'`]/g
/** Keys of the development accounts begin so, and those that are written to be seen are counted or repeated. */
const SHOWN_KEY =
  /^(?:0x)?(?:ac0974bec|59c6995e|5de4111a|7c852118|47e179ec|8b3a350c|92db14e4|4bbbf85c|dbda1821|2a871d07|0{8}|1234|0123|(.)\1{7}|abcd|dead|4f3edf98|4c0883a6)/i

/** Accounts whose key stands in the skill: what is paid in there is whoever's has read it. */
export function writtenKeys(views: readonly View[]): (Place & { readonly text: string })[] {
  const out: (Place & { text: string })[] = []
  for (const view of views) {
    if (view.name !== 'code' || view.role !== 'instruction') continue
    for (const found of view.text.matchAll(WRITTEN_KEY)) {
      if (SHOWN_KEY.test(found[1] ?? '')) continue
      const { file, name, role } = view
      out.push({ file, line: liner(view)(found.index), view: name, role, text: `${found[0].slice(0, 40)}…` })
    }
  }
  return out
}
