import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['sha1sum', 'sha224sum', 'sha256sum', 'sha384sum', 'sha512sum', 'shasum', 'md5sum', 'b2sum', 'hmac', 'md5'],
  about: 'A digest: it proves what it was made of without telling it.',
  carries: false,
  input: 'dropped',
}
