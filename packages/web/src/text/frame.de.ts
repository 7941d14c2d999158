/** What the frame of an optional wallet says, in German. */
import type { Frame } from './frame.en.ts'

export const frame: Frame = {
  scan: 'Scanne diesen Code mit der Wallet auf deinem Telefon.',
  copy: 'Oder kopiere diesen Code in deine Wallet:',
  email: 'Deine E-Mail-Adresse',
  code: 'Der Code, den Para dir geschickt hat',
  next: 'Weiter',
  link: 'Bei Para weitermachen',
  linkAbout: 'Das öffnet ein eigenes Fenster. Komm danach hierher zurück.',
}
