// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// Written for the simulator: run with its code at the user's own address, so that every read comes from the user.
/// Reads in order and returns what was answered. The reads are static calls: what is asked cannot put back what it
/// took before the next one is asked. No read gets more than its share of gas, and only the first kilobyte of an answer
/// is kept, so that one contract cannot silence the others.
///
/// In: (address 20, length 2, data)*. Out: (success 1, length 2, data)*. Out ends early when gas runs low: whoever asked
/// asks again from there.
contract ReadProbe {
    fallback() external {
        assembly {
            let o := 0
            for { let p := 0 } lt(p, calldatasize()) {} {
                let share := gas()
                if lt(share, 400000) { break }
                share := sub(share, 300000)
                if gt(share, 5000000) { share := 5000000 }
                let head := calldataload(p)
                let length := and(shr(80, head), 0xffff)
                calldatacopy(add(o, 3), add(p, 22), length)
                let ok := staticcall(share, shr(96, head), add(o, 3), length, 0, 0)
                let size := returndatasize()
                if gt(size, 1024) { size := 1024 }
                mstore8(o, ok)
                mstore8(add(o, 1), shr(8, size))
                mstore8(add(o, 2), size)
                returndatacopy(add(o, 3), 0, size)
                o := add(o, add(3, size))
                p := add(p, add(22, length))
            }
            return(0, o)
        }
    }
}
