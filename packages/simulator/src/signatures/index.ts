/** What it would mean to sign a document: typed data, an authorization, a message. Reads no chain and holds no key. */
export { parseAuthorization, readAuthorization, type Authorization } from './readAuthorization.ts'
export { readRawHash, readRawMessage, type RawMessage } from './readRawMessage.ts'
export { readMessage, readSignable, readSource } from './readSignable.ts'
export { readTypedData } from './readTypedData.ts'
export {
  DUMMY,
  isExpected,
  SignatureError,
  STRANGER,
  withBalances,
  withSignature,
  type SignatureContext,
} from './SignatureRequest.ts'
export type {
  BoundedWord,
  Expectation,
  Grant,
  HolderCall,
  Line,
  Movement,
  SignableSource,
  SignatureKind,
  SignatureRequest,
} from '../model/Document.ts'
