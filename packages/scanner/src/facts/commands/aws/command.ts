import type { Command } from '../Command.ts'

const UPLOADS = /s3 (?:cp|sync|mv)|gist create|storage (?:cp|blob upload)|release upload/

const TELLS_KEYS =
  /auth (?:token|print-access-token|print-identity-token)|get-access-token|configure get|find-generic-password|find-internet-password|dump-keychain|secrets? (?:versions access|view|get)|kv get|^read |get secret|config view --raw|token get|auth:token|ecr get-login-password|create-access-key|^item (?:get|list)|secretsmanager get-secret-value|ssm get-parameter|get secrets?\b|^lookup\b|^search --all|config get \S{0,60}(?:auth|token|password)|inspect\b.{0,200}\bEnv\b|\bexec\b.{0,80}\s(?:env|printenv)$|^get \S+ \S+$|(?:secrets|download)\b.{0,40}--(?:plain|no-file|format)|^export\b|^(?:-d|--decrypt)\b/

export const command: Command = {
  names: [
    'aws',
    'gcloud',
    'az',
    'kubectl',
    'op',
    'vault',
    'security',
    'heroku',
    'fly',
    'doctl',
    'firebase',
    'npm',
    'pass',
    'bw',
    'lpass',
    'secret-tool',
    'keyring',
    'docker',
    'podman',
    'nomad',
    'chamber',
    'doppler',
    'infisical',
    'sops',
    'gopass',
    'yarn',
    'pnpm',
    'cargo-credential',
    'oci',
    'ibmcloud',
    'databricks',
    'snow',
    'sf',
    'huggingface-cli',
    'wrangler',
    'vercel',
    'netlify',
    'railway',
  ],
  about:
    'Clients of services that hold keys: some of their answers are keys, and some put files where others read them.',
  run(call, engine) {
    const line = call.own.join(' ')
    if (UPLOADS.test(line)) {
      const taint = new Map([...call.argTaint, ...call.input])
      for (const file of call.operands)
        for (const [source, what] of engine.fileTaint(file.text)) taint.set(source, what)
      engine.send(taint, line.slice(0, 60))
    }
    return {
      taint: TELLS_KEYS.test(line)
        ? new Map([['secret', `${call.program} ${line.slice(0, 40)}`] as const])
        : call.argTaint,
      literal: null,
    }
  },
}
