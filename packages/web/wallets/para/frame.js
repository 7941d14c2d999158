import { Environment, ParaWeb } from '@getpara/web-sdk'
import { startPara } from '../../src/wallets/inside/startFrame.ts'

startPara((environment, key, options) => new ParaWeb(Environment[environment] ?? Environment.BETA, key, options))
