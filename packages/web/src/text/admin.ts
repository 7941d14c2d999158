/** The texts of the dashboard of operators: loaded with it alone. */
import { admin as english } from './admin.en.ts'
import { area } from './text.ts'

export const admin = area(english, { de: () => import('./admin.de.ts').then(({ admin: german }) => german) })
