import type { Language } from '../Language.ts'

export const language: Language = {
  name: 'shell',
  fences: ['sh', 'bash', 'shell', 'zsh', 'console', 'terminal', 'shell-session', 'shellsession', 'fish', 'ksh'],
  endings: ['sh', 'bash', 'zsh', 'ksh'],
  files: [
    '.envrc',
    '.bashrc',
    '.bash_profile',
    '.bash_login',
    '.profile',
    '.zshrc',
    '.zshenv',
    '.zprofile',
    '.xinitrc',
  ],
  about: 'The shells of Unix.',
}
