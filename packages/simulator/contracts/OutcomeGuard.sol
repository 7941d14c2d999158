// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// Checks bounds on the outcome of an atomic batch: `open` is the batch's first call, `close` its last. A bound that does not
/// hold, or cannot be read, reverts, and the batch with it.
///
/// No owner, no storage, no value, no delegatecall; the only calls are `staticcall`. Notes live in transient storage (EIP-1153)
/// under keccak256(msg.sender ‖ bounds), so that only the same caller with the same bytes finds them.
///
/// A bound, packed: source|op (a nibble each) · word (1) · target (20: Call, CallHash, Balance, CodeHash) · length (1) ·
/// value (≤ 32, big-endian) · length (2) · data (Call, CallHash). A byte that nothing would read must be zero.
contract OutcomeGuard {
    /// A bound was read and does not hold. `before` is 0 for an absolute bound.
    error OutcomeRefused(uint256 index, uint256 before, uint256 reading);
    /// No code at the target, a reverting getter, or an answer that ends before the word.
    error ReadFailed(uint256 index);
    /// Bytes that are no bound, or a relative bound where there is nothing to compare with.
    error BadBound(uint256 index);
    /// `close` without an `open` of the same caller and bytes in this transaction, or a second `close`.
    error NotOpened();
    /// A second `open` of the same caller and bytes in this transaction.
    error AlreadyOpened();

    uint256 private constant CALL = 0;
    uint256 private constant CALL_HASH = 1;
    uint256 private constant BALANCE = 2;
    uint256 private constant CODE_HASH = 3;
    uint256 private constant GAS_PRICE = 4;
    uint256 private constant TIMESTAMP = 5;
    uint256 private constant BLOCK_NUMBER = 6;

    uint256 private constant AT_LEAST = 0;
    uint256 private constant AT_MOST = 1;
    uint256 private constant EQUALS = 2;
    uint256 private constant FALLS_AT_MOST = 3;
    uint256 private constant RISES_AT_LEAST = 4;
    uint256 private constant RISES_AT_MOST = 5;
    uint256 private constant UNCHANGED = 6;

    uint256 private constant OPENED = 1;
    uint256 private constant CLOSED = 2;

    struct Bound {
        uint256 source;
        uint256 op;
        uint256 word;
        uint256 target;
        uint256 value;
        /// Where `data` begins in the calldata, and how long it is.
        uint256 dataAt;
        uint256 dataLength;
    }

    /// Judges `conditions` (absolute bounds) now, and notes what the relative ones among `bounds` read.
    function open(bytes calldata conditions, bytes calldata bounds) external {
        judgeAbsolute(conditions);
        uint256 key = keyOf(bounds);
        if (noted(key) != 0) revert AlreadyOpened();
        note(key, OPENED);
        Bound memory bound;
        uint256 at;
        for (uint256 index; at < bounds.length; ++index) {
            at = parse(bounds, at, index, bound);
            if (bound.op >= FALLS_AT_MOST) note(noteOf(key, index), read(bound, index));
        }
    }

    /// Judges every bound: relative ones against what `open` noted.
    function close(bytes calldata bounds) external {
        uint256 key = keyOf(bounds);
        if (noted(key) != OPENED) revert NotOpened();
        note(key, CLOSED);
        Bound memory bound;
        uint256 at;
        for (uint256 index; at < bounds.length; ++index) {
            at = parse(bounds, at, index, bound);
            uint256 before = bound.op >= FALLS_AT_MOST ? noted(noteOf(key, index)) : 0;
            judge(bound, index, before);
        }
    }

    /// Judges absolute bounds alone.
    function check(bytes calldata bounds) external view {
        judgeAbsolute(bounds);
    }

    function judgeAbsolute(bytes calldata bounds) private view {
        Bound memory bound;
        uint256 at;
        for (uint256 index; at < bounds.length; ++index) {
            at = parse(bounds, at, index, bound);
            if (bound.op >= FALLS_AT_MOST) revert BadBound(index);
            judge(bound, index, 0);
        }
    }

    function judge(Bound memory bound, uint256 index, uint256 before) private view {
        uint256 reading = read(bound, index);
        uint256 value = bound.value;
        uint256 op = bound.op;
        bool holds;
        if (op == AT_LEAST) holds = reading >= value;
        else if (op == AT_MOST) holds = reading <= value;
        else if (op == EQUALS) holds = reading == value;
        else if (op == FALLS_AT_MOST) holds = reading >= before || before - reading <= value;
        else if (op == RISES_AT_LEAST) holds = reading >= before && reading - before >= value;
        else if (op == RISES_AT_MOST) holds = reading <= before || reading - before <= value;
        else holds = reading == before;
        if (!holds) revert OutcomeRefused(index, before, reading);
    }

    /// Reads one bound at `at` into `bound`, and answers where the next one begins.
    function parse(bytes calldata bounds, uint256 at, uint256 index, Bound memory bound) private pure returns (uint256) {
        uint256 kind = take(bounds, at, 2, index);
        uint256 source = kind >> 12;
        uint256 op = (kind >> 8) & 15;
        uint256 word = kind & 255;
        if (source > BLOCK_NUMBER || op > UNCHANGED || (word != 0 && source != CALL)) revert BadBound(index);
        at += 2;
        if (source <= CODE_HASH) {
            bound.target = take(bounds, at, 20, index);
            at += 20;
        }
        uint256 length = take(bounds, at, 1, index);
        if (length > 32) revert BadBound(index);
        at += 1;
        uint256 value = take(bounds, at, length, index);
        if (op == UNCHANGED && value != 0) revert BadBound(index);
        at += length;
        if (source <= CALL_HASH) {
            length = take(bounds, at, 2, index);
            at += 2;
            if (length > bounds.length - at) revert BadBound(index);
            assembly ("memory-safe") {
                mstore(add(bound, 0xa0), add(bounds.offset, at))
            }
            bound.dataLength = length;
            at += length;
        }
        bound.source = source;
        bound.op = op;
        bound.word = word;
        bound.value = value;
        return at;
    }

    /// The number in `length` bytes (≤ 32) at `at`. Bytes behind them are shifted out.
    function take(bytes calldata bounds, uint256 at, uint256 length, uint256 index) private pure returns (uint256 taken) {
        if (length > bounds.length - at) revert BadBound(index);
        assembly ("memory-safe") {
            taken := shr(sub(256, shl(3, length)), calldataload(add(bounds.offset, at)))
        }
    }

    function read(Bound memory bound, uint256 index) private view returns (uint256 reading) {
        uint256 source = bound.source;
        address target = address(uint160(bound.target));
        if (source == BALANCE) return target.balance;
        if (source == CODE_HASH) return uint256(target.codehash);
        if (source == GAS_PRICE) return tx.gasprice;
        if (source == TIMESTAMP) return block.timestamp;
        if (source == BLOCK_NUMBER) return block.number;
        bool isRead;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let length := mload(add(bound, 0xc0))
            calldatacopy(free, mload(add(bound, 0xa0)), length)
            isRead := and(staticcall(gas(), target, free, length, 0, 0), iszero(iszero(extcodesize(target))))
            if isRead {
                switch source
                case 0 {
                    let start := shl(5, mload(add(bound, 0x40)))
                    isRead := iszero(lt(returndatasize(), add(start, 32)))
                    if isRead {
                        returndatacopy(free, start, 32)
                        reading := mload(free)
                    }
                }
                default {
                    returndatacopy(free, 0, returndatasize())
                    reading := keccak256(free, returndatasize())
                }
            }
        }
        if (!isRead) revert ReadFailed(index);
    }

    function keyOf(bytes calldata bounds) private view returns (uint256) {
        return uint256(keccak256(abi.encodePacked(msg.sender, bounds)));
    }

    /// The first note stands behind the mark of the batch itself.
    function noteOf(uint256 key, uint256 index) private pure returns (uint256) {
        unchecked {
            return key + 1 + index;
        }
    }

    function noted(uint256 slot) private view returns (uint256 value) {
        assembly ("memory-safe") {
            value := tload(slot)
        }
    }

    function note(uint256 slot, uint256 value) private {
        assembly ("memory-safe") {
            tstore(slot, value)
        }
    }
}
