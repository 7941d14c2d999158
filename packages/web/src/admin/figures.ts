/** Figures and times of the dashboard, as the language of the page writes them. */
import { languageNow } from '../text/text.ts'

/** An amount that the server wrote as a decimal, exactly; what is not one stays as it is. */
export function figure(amount: string): string {
  if (!Number.isFinite(Number(amount))) return amount
  return new Intl.NumberFormat(languageNow(), { maximumFractionDigits: 100 }).format(amount as `${number}`)
}

/** A time to the minute, in UTC: operators in several places, and the logs of the server, mean the same one. */
export function timeText(iso: string): string {
  return new Intl.DateTimeFormat(languageNow(), {
    ...{ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
    ...{ hourCycle: 'h23', timeZone: 'UTC', timeZoneName: 'short' },
  }).format(new Date(iso))
}
