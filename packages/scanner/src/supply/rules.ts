import type { Rule } from '../Rule.ts'
import { configRunsCode } from './rules/config-runs-code/rule.ts'
import { containerHostAccess } from './rules/container-host-access/rule.ts'
import { containerPublicPort } from './rules/container-public-port/rule.ts'
import { containerRemoteCode } from './rules/container-remote-code/rule.ts'
import { containerRoot } from './rules/container-root/rule.ts'
import { containerSecret } from './rules/container-secret/rule.ts'
import { dependencyGit } from './rules/dependency-git/rule.ts'
import { dependencyRange } from './rules/dependency-range/rule.ts'
import { dependencyUnpinned } from './rules/dependency-unpinned/rule.ts'
import { dependencyUrl } from './rules/dependency-url/rule.ts'
import { dependencyVulnerable } from './rules/dependency-vulnerable/rule.ts'
import { imageRegistryUnknown } from './rules/image-registry-unknown/rule.ts'
import { imageUnpinned } from './rules/image-unpinned/rule.ts'
import { lifecycleScript } from './rules/lifecycle-script/rule.ts'
import { lockMissing } from './rules/lock-missing/rule.ts'
import { lockWithoutHash } from './rules/lock-without-hash/rule.ts'
import { packageLookalike } from './rules/package-lookalike/rule.ts'
import { registryRedirect } from './rules/registry-redirect/rule.ts'
import { registryUnverified } from './rules/registry-unverified/rule.ts'

/** The rules of the `supply` check, in the order of their names. */
export const SUPPLY_RULES: readonly Rule[] = [
  configRunsCode,
  containerHostAccess,
  containerPublicPort,
  containerRemoteCode,
  containerRoot,
  containerSecret,
  dependencyGit,
  dependencyRange,
  dependencyUnpinned,
  dependencyUrl,
  dependencyVulnerable,
  imageRegistryUnknown,
  imageUnpinned,
  lifecycleScript,
  lockMissing,
  lockWithoutHash,
  packageLookalike,
  registryRedirect,
  registryUnverified,
]
