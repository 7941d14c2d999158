// As bin/countersign.mjs starts: with what was compiled before.
import { keepCompiled } from '../../packages/cli/bin/keepCompiled.mjs'

keepCompiled(process.env)
await import('./serveGate.ts')
