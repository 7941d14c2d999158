/** `@countersign/chain`: the local chain with real contracts, for the demo, the tests and the benches. */
export { loadArtifact, permit2Code, type Artifact } from './artifacts.ts'
export { BOMBS } from './bombs.ts'
export { MULTICALL3, PERMIT2, squareRoot, USDC_PER_ETH, type Addresses } from './deployments.ts'
export { createRpc, deploy, send, type Rpc } from './rpc.ts'
export {
  LOCAL_CHAIN_ID,
  startLocalChain,
  type LocalChain,
  type LocalChainOptions,
  type LocalToken,
} from './startLocalChain.ts'
