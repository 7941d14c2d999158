import { isRead, type Suite } from './corpus.ts'

/** How an operator would describe the tools: in words of their names, written without a look at the tasks. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  send_money: ['send {amount} to {recipient}', 'pay {amount} to {recipient}'],
  schedule_transaction: ['schedule a payment of {amount} to {recipient}'],
  update_password: ['change the password to {password}', 'update the password to {password}'],
  transfer: ['transfer {amount} {symbol} to {recipient}', 'send {amount} {symbol} to {recipient}'],
  bridge: [
    'bridge {amount} {symbol} to {destination_chain} using {bridge_name}',
    'bridge {amount} {symbol} to {destination_chain} on {bridge_name}',
  ],
  stake: [
    'stake {amount} {symbol}',
    '{action} {amount} {symbol}',
    '{action} {amount} {symbol} from staking',
    'unstake {amount} {symbol}',
  ],
  airdrop: ['airdrop {amount} {symbol} to {address}', 'send {amount} {symbol} from the airdrop to {address}'],
  deploy_token_contract: ['deploy a new token named {token_name} ({symbol}) with a supply of {initial_supply}'],
  exchangeFiat: ['{direction} {amount} {token} using {fiatAccount}'],
  spotTrade: ['{direction} {amount} {token} on the spot market'],
  limitOrderTrade: ['place a limit {direction} order for {amount} {token} at {price}'],
  leveragedTrading: [
    '{direction} {token} with {margin} margin and {leverage}x leverage',
    'open a {direction} leveraged position on {token} with {leverage}x leverage and {margin} margin',
  ],
  tradeFutures: [
    '{direction} {amount} {token} futures',
    '{direction} {token} futures with {amount} USDC',
    'go {direction} on {token} futures with {amount} USDC',
  ],
  tradeOptions: [
    '{position} a {option_type} option on {token} with strike {strike} for {amount}',
    '{position} a {option_type} option on {token} with a strike of {strike} and {amount} USDC',
  ],
  tradeOnDex: [
    '{direction} {amount} {token} on the pool {pool_address}',
    '{direction} {amount} {token} from pool {pool_address}',
  ],
  provideLiquidity: [
    'provide {amount} {token} of liquidity to {pool_address}',
    'provide {amount} {token} as liquidity to pool {pool_address}',
  ],
  contractInvocation: ['call {function_call} on {contract_address}'],
  uploadToIPFS: ['upload {content} to IPFS'],
  proposeToDAO: ['propose {description} using governor {governor_address}'],
  voteOnDAO: ['vote {support} on proposal {proposal_id}'],
  createNFT: [
    'create an NFT called {name} with description {description} and max supply of {max_supply} on contract {contract_address}',
  ],
  createMessage: ['send the message {content} to {recipient}'],
  deleteMessage: ['delete the message with the ID {message_id}'],
  gibwork: ['offer {amount} {token} for {task}'],
  invite_user_to_slack: ['invite {user} with {user_email}'],
  send_direct_message: ['message {recipient} saying {body}'],
  send_channel_message: ['write {body} to {channel}'],
  add_user_to_channel: ['add {user} to {channel}'],
  remove_user_from_slack: ['remove {user}'],
  reserve_hotel: ['reserve {hotel} from {start_day} to {end_day}'],
  send_email: ['send an email to {recipients}'],
}
/** Arguments that an operator would not ask about. Free text, recipients and spenders are asked about all the same. */
export const LESSER: ReadonlySet<string> = new Set(['slippage', 'date', 'recurring'])
export const CHOICES: Readonly<Record<string, readonly string[]>> = {
  direction: ['buy', 'sell'],
  position: ['buy', 'sell'],
  option_type: ['put', 'call'],
  action: ['deposit', 'withdraw', 'claim'],
}
/** Tools that answer with what the account itself did: fields of their records may ground a value. */
export const OWN_RECORDS = /^get_?(?:most_recent_)?(?:scheduled_)?transactions$/i

/** The files of an app with every tool of a suite. */
export function appOf({ name, tools }: Suite, origin: string): Readonly<Record<string, string>> {
  const app = appName(name)
  const fields = [
    ...new Set(
      [...tools].filter(([tool]) => !isRead(tool)).flatMap(([, uses]) => uses.flatMap((args) => Object.keys(args))),
    ),
  ]
  const specs = [...tools].map(([tool, uses]) => ({
    name: tool,
    kind: isRead(tool) ? 'read' : 'write',
    request: `POST /${app}/${tool}`,
    description: `${words(tool)}.`,
    input: objectOf(uses),
    ...(isRead(tool) ? {} : { critical: argumentsOf(uses).filter((each) => !LESSER.has(each)) }),
    ...(isRead(tool)
      ? { result: { trust: OWN_RECORDS.test(tool) ? fields.map((field) => `/records/*/${field}`) : 'untrusted' } }
      : { examples: (EXAMPLES[tool] ?? []).filter((each) => slotsExist(each, uses)) }),
  }))
  return {
    'app.yaml': JSON.stringify({
      name: app,
      tools: { http: ['tools/all.yaml'] },
      limits: { steps_per_turn: 60, calls_per_tool: 60, turn_seconds: 60 },
    }),
    'tools/all.yaml': JSON.stringify({ origin, allow_private: true, tools: specs }),
  }
}

export function appName(suite: string): string {
  return suite.replaceAll('_', '-')
}

/** `send_money` and `sendMoney` in words. */
function words(name: string): string {
  const text = name
    .replaceAll('_', ' ')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
  return text[0]?.toUpperCase() + text.slice(1)
}

function slotsExist(example: string, uses: readonly Readonly<Record<string, unknown>>[]): boolean {
  const names = new Set(uses.flatMap((args) => Object.keys(args)))
  return [...example.matchAll(/\{(\w+)\}/g)].every(([, name]) => names.has(name ?? ''))
}

function argumentsOf(uses: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(uses.flatMap((args) => Object.keys(args)))]
}

function objectOf(uses: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const names = [...new Set(uses.flatMap((args) => Object.keys(args)))]
  const valuesOf = (name: string): unknown[] => uses.flatMap((args) => (Object.hasOwn(args, name) ? [args[name]] : []))
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, schemaOf(name, valuesOf(name))])),
    required: names.filter((name) => valuesOf(name).length === uses.length),
  }
}

function schemaOf(name: string, values: readonly unknown[]): Record<string, unknown> {
  const choices = CHOICES[name]
  if (choices !== undefined && values.every((value) => choices.includes(String(value)))) return { enum: choices }
  if (values.every((value) => typeof value === 'string')) return { type: 'string' }
  if (values.every((value) => typeof value === 'number')) return { type: 'number' }
  if (values.every((value) => typeof value === 'boolean')) return { type: 'boolean' }
  if (values.every((value) => Array.isArray(value))) {
    const items = (values as unknown[][]).flat()
    return { type: 'array', items: items.length === 0 ? {} : schemaOf('', items) }
  }
  if (values.every((value) => typeof value === 'object' && value !== null && !Array.isArray(value)))
    return objectOf(values as Record<string, unknown>[])
  return {}
}
