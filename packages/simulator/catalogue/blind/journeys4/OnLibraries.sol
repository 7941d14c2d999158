// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Contracts of npm packages, made concrete with as little as they need.

import {ERC4626 as SoladyVault4626} from "solady/src/tokens/ERC4626.sol";
import {ERC4626 as SolmateVault4626} from "solmate/src/tokens/ERC4626.sol";
import {ERC20 as SolmateCoin} from "solmate/src/tokens/ERC20.sol";
import {ERC721A} from "erc721a/contracts/ERC721A.sol";
import {AccessManaged} from "oz5/access/manager/AccessManaged.sol";

contract SoladyVault is SoladyVault4626 {
    address immutable coin;

    constructor(address coin_) {
        coin = coin_;
    }

    function asset() public view override returns (address) {
        return coin;
    }

    function name() public pure override returns (string memory) {
        return "Solady Vault";
    }

    function symbol() public pure override returns (string memory) {
        return "sVLT";
    }
}

contract SolmateVault is SolmateVault4626 {
    constructor(SolmateCoin coin_) SolmateVault4626(coin_, "Solmate Vault", "mVLT") {}

    function totalAssets() public view override returns (uint256) {
        return asset.balanceOf(address(this));
    }
}

contract Drop is ERC721A {
    constructor() ERC721A("Drop", "DROP") {}

    function mint(uint256 count) external payable {
        require(msg.value == count * 0.02 ether, "price");
        _mint(msg.sender, count);
    }
}

/// A shop's money. Who may do what is up to its manager.
contract ShopTill is AccessManaged {
    SolmateCoin immutable coin;
    bool public isPaused;

    constructor(SolmateCoin coin_, address manager) AccessManaged(manager) {
        coin = coin_;
    }

    function pause() external restricted {
        isPaused = true;
    }

    function payOut(address to, uint256 amount) external restricted {
        coin.transfer(to, amount);
    }
}
