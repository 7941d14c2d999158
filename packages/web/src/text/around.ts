/** The texts of what is loaded later than the card: dialogs, the page of one proposal, notifications, Telegram. */
import { around as english } from './around.en.ts'
import { area } from './text.ts'

export const around = area(english, { de: () => import('./around.de.ts').then(({ around: german }) => german) })
