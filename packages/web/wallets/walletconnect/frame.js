import { SignClient } from '@walletconnect/sign-client'
import encodeQr from 'qr'
import { startWalletConnect } from '../../src/wallets/inside/startFrame.ts'

startWalletConnect((options) => SignClient.init(options), encodeQr)
