import type { Command } from '../Command.ts'

export const command: Command = {
  names: [
    'telnet',
    'ftp',
    'mail',
    'mailx',
    'sendmail',
    'mutt',
    's3cmd',
    'rclone',
    'gsutil',
    'croc',
    'wormhole',
    'magic-wormhole',
    'lftp',
    'tftp',
  ],
  about: 'Programs that send files or their input away.',
  operands: 'sends',
  input: 'sent',
  gives: 'network',
}
