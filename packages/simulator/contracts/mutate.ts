/**
 * `npm run test:guard [-- --json]`: breaks the guard's source in every place that matters, compiles it, and runs the checks
 * of `guardChecks.ts` on the result. A mutation that no check notices fails the command.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileGuard } from './compileGuard.ts'
import { openGuardBench, type GuardBench } from './GuardBench.ts'
import { GUARD_CHECKS } from './guardChecks.ts'

/** A text of the source that stands there once, and what replaces it. */
type Mutation = readonly [found: string, replaced: string]

const source = readFileSync(join(import.meta.dirname, 'OutcomeGuard.sol'), 'utf8')

/** Each operator flipped, loosened or dropped; each check removed; each reading exchanged; each length off by one. */
const MUTATIONS: readonly Mutation[] = [
  ...flips('holds = reading >= value;', ['>= value', ['> value', '< value', '<= value', '== value']]),
  ...flips('holds = reading <= value;', ['<= value', ['< value', '>= value', '== value', '>= 0 || value > 0']]),
  ...flips('holds = reading == value;', ['== value', ['!= value', '>= value', '<= value']]),
  ['reading >= before || before - reading <= value', 'reading >= before'],
  ['reading >= before || before - reading <= value', 'reading >= before || before - reading < value'],
  ['reading >= before || before - reading <= value', 'reading >= before || before - reading >= value'],
  ['reading >= before || before - reading <= value', 'reading < before && before - reading <= value'],
  ['reading >= before && reading - before >= value', 'reading >= before && reading - before > value'],
  ['reading >= before && reading - before >= value', 'reading >= before && reading - before <= value'],
  ['reading >= before && reading - before >= value', 'reading >= before || value == 0'],
  ['reading >= before && reading - before >= value', 'reading >= value'],
  ['reading <= before || reading - before <= value', 'reading <= before'],
  ['reading <= before || reading - before <= value', 'reading <= before || reading - before < value'],
  ['reading <= before || reading - before <= value', 'reading <= before || reading - before >= value'],
  ['reading <= before || reading - before <= value', 'reading > before && reading - before <= value'],
  ['else holds = reading == before;', 'else holds = reading != before;'],
  ['else holds = reading == before;', 'else holds = reading >= before;'],
  ['else holds = reading == before;', 'else holds = reading <= before;'],
  ['if (!holds) revert OutcomeRefused(index, before, reading);', ''],
  [
    'if (!holds) revert OutcomeRefused(index, before, reading);',
    'if (holds) revert OutcomeRefused(index, before, reading);',
  ],
  ['revert OutcomeRefused(index, before, reading)', 'revert OutcomeRefused(0, before, reading)'],
  ['revert OutcomeRefused(index, before, reading)', 'revert OutcomeRefused(index, reading, before)'],
  ['judgeAbsolute(conditions);', ''],
  ['judgeAbsolute(bounds);', ''],
  ['if (noted(key) != 0) revert AlreadyOpened();', ''],
  ['if (noted(key) != 0) revert AlreadyOpened();', 'if (noted(key) == OPENED) revert AlreadyOpened();'],
  ['note(key, OPENED);', ''],
  ['note(key, OPENED);', 'note(key, CLOSED);'],
  ['if (noted(key) != OPENED) revert NotOpened();', ''],
  ['if (noted(key) != OPENED) revert NotOpened();', 'if (noted(key) == 0) revert NotOpened();'],
  ['note(key, CLOSED);', ''],
  ['note(key, CLOSED);', 'note(key, 0);'],
  ['if (bound.op >= FALLS_AT_MOST) note(noteOf(key, index), read(bound, index));', ''],
  [
    'if (bound.op >= FALLS_AT_MOST) note(noteOf(key, index), read(bound, index));',
    'note(noteOf(key, index), read(bound, index));',
  ],
  [
    'if (bound.op >= FALLS_AT_MOST) note(noteOf(key, index), read(bound, index));',
    'if (bound.op > FALLS_AT_MOST) note(noteOf(key, index), read(bound, index));',
  ],
  ['bound.op >= FALLS_AT_MOST ? noted(noteOf(key, index)) : 0', '0'],
  [
    'bound.op >= FALLS_AT_MOST ? noted(noteOf(key, index)) : 0',
    'bound.op >= FALLS_AT_MOST ? noted(noteOf(key, 0)) : 0',
  ],
  ['judge(bound, index, before);', ''],
  ['judge(bound, index, 0);', ''],
  ['if (bound.op >= FALLS_AT_MOST) revert BadBound(index);', ''],
  ['if (bound.op >= FALLS_AT_MOST) revert BadBound(index);', 'if (bound.op > FALLS_AT_MOST) revert BadBound(index);'],
  ['source > BLOCK_NUMBER || ', ''],
  ['op > UNCHANGED || ', ''],
  [' || (word != 0 && source != CALL)', ''],
  [' && source != CALL)', ')'],
  ['if (length > 32) revert BadBound(index);', ''],
  ['if (length > 32) revert BadBound(index);', 'if (length > 33) revert BadBound(index);'],
  ['if (length > 32) revert BadBound(index);', 'if (length > 31) revert BadBound(index);'],
  ['if (op == UNCHANGED && value != 0) revert BadBound(index);', ''],
  ['if (length > bounds.length - at) revert BadBound(index);\n            assembly', 'assembly'],
  ['if (length > bounds.length - at) revert BadBound(index);\n        assembly', 'assembly'],
  ['mstore(add(bound, 0xa0), add(bounds.offset, at))', 'mstore(add(bound, 0xa0), add(bounds.offset, add(at, 1)))'],
  ['bound.dataLength = length;', 'bound.dataLength = 4;'],
  ['sub(256, shl(3, length))', 'sub(255, shl(3, length))'],
  ['if (source == BALANCE) return target.balance;', 'if (source == BALANCE) return msg.sender.balance + 1;'],
  ['if (source == BALANCE) return target.balance;', ''],
  ['if (source == CODE_HASH) return uint256(target.codehash);', ''],
  [
    'if (source == CODE_HASH) return uint256(target.codehash);',
    'if (source == CODE_HASH) return uint256(msg.sender.codehash);',
  ],
  ['if (source == GAS_PRICE) return tx.gasprice;', 'if (source == GAS_PRICE) return block.basefee;'],
  ['if (source == TIMESTAMP) return block.timestamp;', 'if (source == TIMESTAMP) return block.number;'],
  ['if (source == BLOCK_NUMBER) return block.number;', 'if (source == BLOCK_NUMBER) return block.timestamp;'],
  [
    'and(staticcall(gas(), target, free, length, 0, 0), iszero(iszero(extcodesize(target))))',
    'staticcall(gas(), target, free, length, 0, 0)',
  ],
  [
    'and(staticcall(gas(), target, free, length, 0, 0), iszero(iszero(extcodesize(target))))',
    'or(staticcall(gas(), target, free, length, 0, 0), iszero(iszero(extcodesize(target))))',
  ],
  ['isRead := iszero(lt(returndatasize(), add(start, 32)))', 'isRead := iszero(lt(returndatasize(), start))'],
  ['isRead := iszero(lt(returndatasize(), add(start, 32)))', 'isRead := gt(returndatasize(), 0)'],
  ['shl(5, mload(add(bound, 0x40)))', '0'],
  ['returndatacopy(free, 0, returndatasize())', ''],
  ['keccak256(free, returndatasize())', 'keccak256(free, 32)'],
  ['if (!isRead) revert ReadFailed(index);', ''],
  ['if (!isRead) revert ReadFailed(index);', 'if (!isRead) revert ReadFailed(0);'],
  ['abi.encodePacked(msg.sender, bounds)', 'abi.encodePacked(bounds)'],
  ['abi.encodePacked(msg.sender, bounds)', 'abi.encodePacked(msg.sender)'],
  ['abi.encodePacked(msg.sender, bounds)', 'abi.encodePacked(msg.sender, bounds.length)'],
  ['abi.encodePacked(msg.sender, bounds)', 'abi.encodePacked(tx.origin, bounds)'],
  ['return key + 1 + index;', 'return key + 1;'],
  ['return key + 1 + index;', 'return key + index;'],
  [
    'function open(bytes calldata conditions, bytes calldata bounds) external {',
    'function open(bytes calldata conditions, bytes calldata bounds) external payable {',
  ],
  ['function close(bytes calldata bounds) external {', 'function close(bytes calldata bounds) external payable {'],
]

function flips(line: string, [part, others]: readonly [string, readonly string[]]): Mutation[] {
  return others.map((other) => [line, line.replace(part, other)])
}

/** The title of the first check that fails; null when none does. */
async function noticedBy(bench: GuardBench): Promise<string | null> {
  for (const check of GUARD_CHECKS) {
    try {
      await check.run(bench)
    } catch {
      return check.title
    }
  }
  return null
}

const bench = await openGuardBench()
const survivors: string[] = []
let stillborn = 0
try {
  const untouched = await noticedBy(bench)
  if (untouched !== null) throw new Error(`The guard as it is fails: ${untouched}`)
  for (const [found, replaced] of MUTATIONS) {
    const places = source.split(found).length - 1
    if (places === 0) throw new Error(`The source does not contain: ${found}`)
    let code
    try {
      code = compileGuard(source.split(found).join(replaced), { isLenient: true }).deployedBytecode
    } catch {
      stillborn++
      console.error(`does not compile: ${found} → ${replaced}`)
      continue
    }
    await bench.replaceGuard(code)
    const title = await noticedBy(bench)
    if (title === null) survivors.push(`${found} → ${replaced}`)
    else console.error(`noticed by "${title}": ${found} → ${replaced}`)
  }
} finally {
  await bench.close()
}
for (const survivor of survivors) console.log(`NOT NOTICED: ${survivor}`)
console.log(`${MUTATIONS.length} mutations, ${stillborn} do not compile, ${survivors.length} not noticed.`)
if (survivors.length > 0 || stillborn > 0) process.exitCode = 1
