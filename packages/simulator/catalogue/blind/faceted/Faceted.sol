// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What all facets keep, from the diamond's first slot on (EIP-2535, the layout of AppStorage).
library Kept {
    struct Layout {
        mapping(bytes4 => address) facetOf;
        mapping(uint256 => address) holder;
        mapping(address => uint256) count;
    }

    function at() internal pure returns (Layout storage kept) {
        assembly {
            kept.slot := 0
        }
    }
}

/// Pieces whose functions are in several contracts: no run touches them all.
contract Faceted {
    constructor(address ledger, address game) {
        Kept.Layout storage kept = Kept.at();
        bytes4[4] memory ofLedger = [Ledger.ownerOf.selector, Ledger.balanceOf.selector, Ledger.transferFrom.selector, Ledger.mint.selector];
        for (uint256 i; i < 4; ++i) kept.facetOf[ofLedger[i]] = ledger;
        kept.facetOf[Game.lendTo.selector] = game;
        kept.facetOf[Game.enter.selector] = game;
    }

    fallback() external payable {
        address facet = Kept.at().facetOf[msg.sig];
        require(facet != address(0));
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), facet, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

contract Ledger {
    function mint(address to, uint256 id) external {
        Kept.Layout storage kept = Kept.at();
        (kept.holder[id], kept.count[to]) = (to, kept.count[to] + 1);
    }

    function ownerOf(uint256 id) external view returns (address) {
        return Kept.at().holder[id];
    }

    function balanceOf(address who) external view returns (uint256) {
        return Kept.at().count[who];
    }

    function transferFrom(address from, address to, uint256 id) external {
        Kept.Layout storage kept = Kept.at();
        require(kept.holder[id] == from && from == msg.sender);
        kept.holder[id] = to;
        kept.count[from] -= 1;
        kept.count[to] += 1;
    }
}

contract Game {
    /// "Lends" a piece: nothing gives it back, and no event says so.
    function lendTo(uint256 id, address to) external {
        Kept.Layout storage kept = Kept.at();
        require(kept.holder[id] == msg.sender);
        kept.holder[id] = to;
    }

    /// Plays with a piece, which stays whose it is.
    function enter(uint256 id) external view returns (bool) {
        return Kept.at().holder[id] == msg.sender;
    }
}

/// Deeds by number, with an owner each and a function of their own that hands one on.
contract Deeds {
    mapping(uint256 => address) private holder;

    function record(uint256 id) external {
        require(holder[id] == address(0));
        holder[id] = msg.sender;
    }

    function ownerOf(uint256 id) external view returns (address) {
        return holder[id];
    }

    function assign(uint256 id, address to) external {
        require(holder[id] == msg.sender);
        holder[id] = to;
    }
}
