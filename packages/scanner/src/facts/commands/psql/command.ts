import type { Command } from '../Command.ts'

export const command: Command = {
  names: [
    'pg_dump',
    'pg_dumpall',
    'pg_restore',
    'psql',
    'mysql',
    'mysqldump',
    'mongodump',
    'mongosh',
    'mongo',
    'redis-cli',
    'prisma',
    'ssh-keygen',
    'ssh-add',
  ],
  about: 'The address or the key opens something; what comes out is data.',
  carries: false,
  input: 'dropped',
}
