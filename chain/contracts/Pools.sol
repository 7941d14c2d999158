// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}

/// A pool in the manner of Curve: coins by number, `get_dy` tells what an amount would bring. The curve is x * y = k.
contract NumberedPool {
    address[2] public coins;

    constructor(address zero, address one) {
        coins[0] = zero;
        coins[1] = one;
    }

    function get_dy(int128 i, int128 j, uint256 dx) public view returns (uint256) {
        uint256 x = IToken(coins[uint128(i)]).balanceOf(address(this));
        uint256 y = IToken(coins[uint128(j)]).balanceOf(address(this));
        return (y * dx) / (x + dx);
    }

    function exchange(int128 i, int128 j, uint256 dx, uint256 least) external {
        uint256 dy = get_dy(i, j, dx);
        require(dy >= least, "too little");
        IToken(coins[uint128(i)]).transferFrom(msg.sender, address(this), dx);
        IToken(coins[uint128(j)]).transfer(msg.sender, dy);
    }
}

/// Many pools in one contract in the manner of Uniswap V4: pools by id, state read by slot, trades told by an event.
contract SinglePoolManager {
    event Swap(
        bytes32 indexed id,
        address indexed sender,
        int128 amount0,
        int128 amount1,
        uint160 sqrtPriceX96,
        uint128 liquidity,
        int24 tick,
        uint24 fee
    );

    struct State {
        uint160 sqrtPriceX96;
        uint128 liquidity;
    }

    uint256[6] private unused;
    mapping(bytes32 => State) private pools;
    address public immutable zero;
    address public immutable one;

    constructor(address a, address b) {
        zero = a;
        one = b;
    }

    function open(bytes32 id, uint160 sqrtPriceX96, uint128 liquidity) external {
        pools[id] = State(sqrtPriceX96, liquidity);
    }

    function extsload(bytes32 slot) external view returns (bytes32 value) {
        assembly {
            value := sload(slot)
        }
    }

    /// Sells token 0: √P falls to L * √P / (L + amount * √P / 2^96), and what leaves is L * (√P before - after) / 2^96.
    function sellZero(bytes32 id, uint128 amount) external {
        State storage pool = pools[id];
        uint256 root = pool.sqrtPriceX96;
        uint256 liquidity = pool.liquidity;
        uint256 next = (liquidity * root) / (liquidity + ((uint256(amount) * root) >> 96));
        uint256 out = (liquidity * (root - next)) >> 96;
        pool.sqrtPriceX96 = uint160(next);
        IToken(zero).transferFrom(msg.sender, address(this), amount);
        IToken(one).transfer(msg.sender, out);
        emit Swap(id, msg.sender, -int128(amount), int128(uint128(out)), uint160(next), uint128(liquidity), 0, 0);
    }
}
