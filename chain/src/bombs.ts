/**
 * Hostile runtime code, one trick each: what a simulator must survive. Opcodes by the Yellow Paper; every program runs
 * until its gas is gone unless its name says otherwise.
 */
export const BOMBS: Readonly<Record<string, `0x${string}`>> = {
  'an endless loop': '0x5b5f56',
  'endless hashing': '0x5b6110005f20505f56',
  'endless copying in memory': '0x5b61ffff5f5f5e5f56',
  'endless storage reads': '0x5b5a54505f56',
  'endless storage writes': '0x5b5a5a555f56',
  'endless transient writes': '0x5b5a5a5d5f56',
  'endless balance reads': '0x5b5a31505f56',
  'endless code reads': '0x5b5a3b505f56',
  'endless calls': '0x5b5f5f5f5f5f60995af1505f56',
  'endless calls with much data': '0x5b5f5f6120005f5f60045af1505f56',
  'endless calls of a costly precompile': '0x5b5f5f60805f5f60015af1505f56',
  'deep recursion': '0x5f5f5f5f5f305af100',
  'wide and deep recursion': '0x5b5f5f5f5f5f305af1505f56',
  // Called with data it answers with 100 kB, else it calls itself for ever.
  'endless giant answers': '0x366016575b5f5f60015f5f305af1503d5f5f3e6004565b620186a05ff3',
  'giant logs': '0x5b6127105fa05f56',
  'endless small logs': '0x5b5f5fa05f56',
  'memory that grows': '0x5f5b602001808052600156',
  'endless contracts': '0x5b6180005f5ff0505f56',
  'endless small contracts': '0x5b5f5f5ff0505f56',
  'a giant answer': '0x620f42405ff3',
  'a giant revert': '0x620f42405ffd',
  selfdestruct: '0x33ff',
}
