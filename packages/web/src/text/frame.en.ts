/** What the frame of an optional wallet says, in English. The frame loads nothing of the page, and this of the page's texts alone. */
export const frame = {
  scan: 'Scan this code with the wallet on your phone.',
  copy: 'Or copy this code into your wallet:',
  email: 'Your mail address',
  code: 'The code that Para sent you',
  next: 'Continue',
  link: 'Go on at Para',
  linkAbout: 'It opens in a window of its own. Come back here when you are done.',
}

export type Frame = typeof frame
