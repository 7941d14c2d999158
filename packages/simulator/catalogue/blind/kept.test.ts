import { KINDS, KNOWN } from './keptScenes.ts'
import { playKinds } from './playKinds.ts'

playKinds(KINDS, KNOWN)
