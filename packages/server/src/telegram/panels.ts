import { createHash } from 'node:crypto'
import {
  beginSession,
  chooseChain,
  currentSession,
  ownerOf,
  type ConversationTools,
  type Place,
} from './conversations.ts'
import { listSessions, updateSession } from '../sessions/sessions.ts'
import * as Words from './Words.ts'
import { walletFor } from './wallets.ts'

/** The commands of Aomi's bot, each a panel, and one that ends what the bot knows of a user. */
export const COMMANDS = {
  start: 'What this bot does',
  app: 'Choose the app',
  wallet: 'Your wallet',
  model: 'Choose the model',
  apikey: 'API keys',
  settings: 'What is chosen now',
  sessions: 'Your conversations here',
  network: 'Choose the network',
  help: 'The commands',
  stop: 'Forget my wallet and send me nothing',
} as const
export type Panel = Exclude<keyof typeof COMMANDS, 'stop'>

export function isPanel(text: string): text is Panel {
  return text in COMMANDS && text !== 'stop'
}

/** What is shown for a command, and the choices under it. A choice changes a setting; none answers a proposal. */
export interface Shown {
  readonly text: string
  readonly choices: readonly { readonly label: string; readonly panel: Panel; readonly choice?: string }[]
}

export interface PanelTools extends ConversationTools {
  readonly appNames: readonly string[]
  readonly page: () => string
}

/** Ids may be longer than what a button carries (64 bytes). */
export function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 12)
}

/** Shows a panel, after a choice in it where one was made. A choice that is not offered changes nothing. */
export async function show(
  tools: PanelTools,
  place: Place,
  { panel, choice = null }: { panel: Panel; choice?: string | null },
): Promise<Shown> {
  return PANELS[panel](tools, place, choice)
}

const MENU: Shown['choices'] = (['wallet', 'app', 'model', 'network', 'sessions', 'settings', 'help'] as const).map(
  (panel) => ({ label: panel.slice(0, 1).toUpperCase() + panel.slice(1), panel }),
)

type Draw = (tools: PanelTools, place: Place, choice: string | null) => Promise<Shown>

const PANELS: Readonly<Record<Panel, Draw>> = {
  async start(tools, place) {
    const lines = [
      'Ask for what you want in plain words, such as “swap 100 USDC for DAI”. It is simulated first, and you get a link to its card.',
      Words.SIGNING,
      await walletLine(tools, place),
    ]
    return { text: lines.join('\n\n'), choices: MENU }
  },

  async help() {
    const lines = Object.entries(COMMANDS).map(([name, what]) => `/${name}: ${what}`)
    return { text: [...lines, '', Words.SIGNING].join('\n'), choices: [] }
  },

  async wallet(tools, place) {
    const how = [
      `To connect a wallet: open ${tools.page()}/reach in a browser that has your wallet, sign in, and press “Connect Telegram”.`,
      'That proves the wallet on the page. This chat never asks for a key, a phrase or a signature.',
    ]
    return { text: [await walletLine(tools, place), ...how].join('\n\n'), choices: [] }
  },

  async apikey() {
    return {
      text: 'Never send an API key or any other secret to a chat. Keys of models and of apps are set by the operator of the server.',
      choices: [],
    }
  },

  async settings(tools, place) {
    const session = await currentSession(tools, place)
    const chain = session?.wallet.chainId ?? null
    const lines = [
      `App: ${session?.app ?? tools.appNames[0] ?? 'default'}`,
      `Model: ${session?.model ?? 'as the app says'}`,
      `Network: ${chain === null ? 'as your words say' : (tools.gate.chains.get(chain)?.name ?? `chain ${chain}`)}`,
      await walletLine(tools, place),
    ]
    return { text: lines.join('\n'), choices: MENU.filter(({ panel }) => panel !== 'settings') }
  },

  async app(tools, place, choice) {
    const chosen = tools.appNames.find((name) => keyOf(name) === choice)
    if (chosen !== undefined) await beginSession(tools, place, { app: chosen })
    const session = await currentSession(tools, place)
    return {
      text: `The app is ${session?.app ?? tools.appNames[0] ?? 'default'}. Another app begins another conversation.`,
      choices: tools.appNames.map((name) => ({ label: name, panel: 'app', choice: keyOf(name) })),
    }
  },

  async model(tools, place, choice) {
    const { models, store } = tools
    const chosen = models.list.find(({ id }) => keyOf(id) === choice)
    const session = await sessionFor(tools, place)
    if (chosen !== undefined)
      await store.write(async (write) => updateSession({ write }, { sid: session.sid, set: { model: chosen.id } }))
    return {
      text: `The model is ${chosen?.id ?? session.model ?? models.defaultId}.`,
      choices: models.list.map(({ id }) => ({ label: id, panel: 'model', choice: keyOf(id) })),
    }
  },

  async network(tools, place, choice) {
    const { gate } = tools
    const chosen = [...gate.chains.values()].find(({ chainId }) => keyOf(String(chainId)) === choice)
    const session = await sessionFor(tools, place)
    if (chosen !== undefined) await chooseChain(tools, session, chosen.chainId)
    const chainId = chosen?.chainId ?? session.wallet.chainId
    return {
      text:
        chainId === null
          ? 'No network is chosen: say it with what you ask for.'
          : `The network is ${gate.chains.get(chainId)?.name ?? `chain ${chainId}`}.`,
      choices: [...gate.chains.values()].map((chain) => ({
        ...{ label: `${chain.name} (${chain.chainId})`, panel: 'network', choice: keyOf(String(chain.chainId)) },
      })),
    }
  },

  async sessions(tools, place, choice) {
    if (choice === 'new') {
      const before = await currentSession(tools, place)
      await beginSession(tools, place, {
        ...{ app: before?.app ?? tools.appNames[0] ?? 'default', chainId: before?.wallet.chainId ?? null },
      })
    }
    const sessions = await listSessions(tools, { owner: ownerOf(place), limit: 5 })
    const lines = sessions.map(({ title, app }, i) => `${i === 0 ? '▸' : '·'} ${title ?? 'New conversation'} (${app})`)
    return {
      text: [lines.length === 0 ? 'No conversation here yet.' : 'Your newest conversations here:', ...lines].join('\n'),
      choices: [{ label: 'Begin another', panel: 'sessions', choice: 'new' }],
    }
  },
}

/** The conversation that goes on here, or a new one. */
export async function sessionFor(tools: PanelTools, place: Place) {
  return (await currentSession(tools, place)) ?? beginSession(tools, place, { app: tools.appNames[0] ?? 'default' })
}

async function walletLine({ store, clock }: PanelTools, { botId, userId }: Place): Promise<string> {
  const wallet = await walletFor(store.read, { botId, userId, nowMs: clock.nowMs() })
  return wallet === null ? 'No wallet is connected.' : `Your wallet: ${wallet.address}, connected on the page.`
}
