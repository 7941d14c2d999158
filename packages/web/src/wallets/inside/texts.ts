/** What a wallet's frame says. A catalogue of its own: the frame loads nothing of the page. */
const TEXTS = {
  en: {
    scan: 'Scan this code with the wallet on your phone.',
    copy: 'Or copy this code into your wallet:',
    email: 'Your mail address',
    code: 'The code that Para sent you',
    next: 'Continue',
    link: 'Go on at Para',
    linkAbout: 'It opens in a window of its own. Come back here when you are done.',
  },
  de: {
    scan: 'Scanne diesen Code mit der Wallet auf deinem Telefon.',
    copy: 'Oder kopiere diesen Code in deine Wallet:',
    email: 'Deine E-Mail-Adresse',
    code: 'Der Code, den Para dir geschickt hat',
    next: 'Weiter',
    link: 'Bei Para weitermachen',
    linkAbout: 'Das öffnet ein eigenes Fenster. Komm danach hierher zurück.',
  },
} as const

export type FrameTexts = Readonly<Record<keyof (typeof TEXTS)['en'], string>>

export function textsIn(language: string): FrameTexts {
  return language === 'de' ? TEXTS.de : TEXTS.en
}
