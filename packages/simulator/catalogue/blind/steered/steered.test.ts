import { playKinds } from '../playKinds.ts'
import { KINDS, KNOWN } from './scenes.ts'

playKinds(KINDS, KNOWN)
