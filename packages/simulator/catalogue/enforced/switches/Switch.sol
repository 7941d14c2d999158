// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// Contracts that behave in the preview and do something else once their keeper has turned them: one kind of effect each.
/// Of docs/reference/enforcement.md; `scenes.ts` says what each does.

interface IErc20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

interface IErc721 {
    function transferFrom(address from, address to, uint256 id) external;
}

interface IPermit2 {
    function transferFrom(address from, address to, uint160 amount, address token) external;
}

interface ISafe {
    function execTransactionFromModule(address to, uint256 value, bytes calldata data, uint8 operation)
        external
        returns (bool);
}

contract Keeper {
    mapping(address => bool) public turnedBy;
    address public keeper;
    bool public isTurned;

    constructor(address who) {
        keeper = who;
    }

    function turn() external {
        require(msg.sender == keeper);
        turnedBy[msg.sender] = true;
        isTurned = true;
    }
}

/// Sells dollars for ether; turned, it pays one cent.
contract Till is Keeper {
    IErc20 dollars;

    constructor(address who, IErc20 token) Keeper(who) {
        dollars = token;
    }

    function buy() external payable {
        dollars.transfer(msg.sender, isTurned ? 10_000 : msg.value * 2_000 / 1e12);
    }
}

/// Passes a payment on to the payee; turned, to its keeper.
contract Post is Keeper {
    constructor(address who) Keeper(who) {}

    function pay(address payable to) external payable {
        (bool ok,) = (isTurned ? payable(keeper) : to).call{value: msg.value}("");
        require(ok);
    }
}

/// Takes the dollars that it was approved for and gives as much ether back; turned, it leaves half of the allowance for later.
contract Change is Keeper {
    IErc20 dollars;

    constructor(address who, IErc20 token) Keeper(who) {
        dollars = token;
    }

    function change(uint256 value) external {
        dollars.transferFrom(msg.sender, address(this), isTurned ? value / 2 : value);
        (bool ok,) = msg.sender.call{value: value * 1e12 / 3_000}("");
        require(ok);
    }

    receive() external payable {}
}

/// Counts a visit; turned, it takes by the right that it has had for long.
contract Visits is Keeper {
    mapping(address => uint256) public visits;
    address token;
    uint256 what;
    uint8 kind;

    constructor(address who, address asset, uint256 idOrAmount, uint8 standard) Keeper(who) {
        token = asset;
        what = idOrAmount;
        kind = standard;
    }

    function visit() external payable {
        visits[msg.sender] += 1;
        if (msg.value > 0) {
            (bool ok,) = msg.sender.call{value: msg.value}("");
            require(ok);
        }
        if (!isTurned) return;
        if (kind == 0) IErc20(token).transferFrom(msg.sender, keeper, what);
        if (kind == 1) IErc721(token).transferFrom(msg.sender, keeper, what);
        if (kind == 2) Many(token).safeTransferFrom(msg.sender, keeper, what, 5, "");
        if (kind == 3) Kinds(token).transferFrom(msg.sender, keeper, what, 5);
        if (kind == 4) Registry(token).hand(what, keeper);
    }
}

/// The same by an allowance inside Permit2.
contract Puller is Keeper {
    mapping(address => uint256) public visits;
    IPermit2 permit2;
    address token;

    constructor(address who, IPermit2 at, address asset) Keeper(who) {
        permit2 = at;
        token = asset;
    }

    function visit() external payable {
        visits[msg.sender] += msg.value + 1;
        if (isTurned) permit2.transferFrom(msg.sender, keeper, 50e6, token);
    }
}

/// A module of the user's Safe that pays a fee from it; turned, it adds an owner as well.
contract Module is Keeper {
    constructor(address who) Keeper(who) {}

    function run(ISafe safe) external {
        require(safe.execTransactionFromModule(msg.sender, 1 ether, "", 0));
        if (isTurned)
            safe.execTransactionFromModule(
                address(safe), 0, abi.encodeWithSignature("addOwnerWithThreshold(address,uint256)", keeper, 1), 0
            );
    }
}

/// ERC-1155, as far as it is needed.
contract Many {
    mapping(uint256 => mapping(address => uint256)) public held;
    mapping(address => mapping(address => bool)) public isApprovedForAll;

    event ApprovalForAll(address indexed account, address indexed operator, bool approved);
    event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value);

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0xd9b67a26;
    }

    function balanceOf(address account, uint256 id) external view returns (uint256) {
        return held[id][account];
    }

    function mint(address to, uint256 id, uint256 value) external {
        held[id][to] += value;
        emit TransferSingle(msg.sender, address(0), to, id, value);
    }

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes calldata) external {
        require(msg.sender == from || isApprovedForAll[from][msg.sender]);
        held[id][from] -= value;
        held[id][to] += value;
        emit TransferSingle(msg.sender, from, to, id, value);
    }
}

/// ERC-6909, as far as it is needed.
contract Kinds {
    mapping(address => mapping(uint256 => uint256)) public balanceOf;
    mapping(address => mapping(address => bool)) public isOperator;

    event OperatorSet(address indexed owner, address indexed operator, bool approved);
    event Transfer(address caller, address indexed from, address indexed to, uint256 indexed id, uint256 amount);

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x0f632fb3;
    }

    function mint(address to, uint256 id, uint256 amount) external {
        balanceOf[to][id] += amount;
        emit Transfer(msg.sender, address(0), to, id, amount);
    }

    function setOperator(address operator, bool approved) external returns (bool) {
        isOperator[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    function transferFrom(address from, address to, uint256 id, uint256 amount) external returns (bool) {
        require(msg.sender == from || isOperator[from][msg.sender]);
        balanceOf[from][id] -= amount;
        balanceOf[to][id] += amount;
        emit Transfer(msg.sender, from, to, id, amount);
        return true;
    }
}

/// Names that belong to people, in no standard; who was let in once may hand them on.
contract Registry {
    mapping(uint256 => address) public holder;
    mapping(address => mapping(address => bool)) letIn;

    function take(uint256 id) external {
        require(holder[id] == address(0));
        holder[id] = msg.sender;
    }

    function open(address who) external {
        letIn[msg.sender][who] = true;
    }

    function hand(uint256 id, address to) external {
        require(holder[id] == msg.sender || letIn[holder[id]][msg.sender]);
        holder[id] = to;
    }
}

/// A token whose balance tells what it told in the preview, whatever is really there.
contract Liar is Keeper {
    mapping(address => uint256) public real;
    mapping(address => uint256) public told;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(address who) Keeper(who) {}

    function name() external pure returns (string memory) {
        return "Fine";
    }

    function symbol() external pure returns (string memory) {
        return "FINE";
    }

    function decimals() external pure returns (uint8) {
        return 18;
    }

    function balanceOf(address account) external view returns (uint256) {
        return told[account];
    }

    function allowance(address, address) external pure returns (uint256) {
        return 0;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        real[msg.sender] -= value;
        real[to] += value;
        told[msg.sender] -= value;
        told[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function buy() external payable {
        told[msg.sender] += msg.value;
        if (!isTurned) real[msg.sender] += msg.value;
        emit Transfer(address(0), msg.sender, msg.value);
    }
}

/// Pays the ether back with a little on top for ten minutes; later it keeps the half.
contract Hours {
    uint256 end = block.timestamp + 600;

    function visit() external payable {
        (bool ok,) = msg.sender.call{value: block.timestamp < end ? msg.value + 1000 : msg.value / 2}("");
        require(ok);
    }

    receive() external payable {}
}

/// Makes the user's account run other code rights: turned, a visit gives an allowance of the caller's own vault shares.
contract Vault is Keeper {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(address who) Keeper(who) {}

    function symbol() external pure returns (string memory) {
        return "VLT";
    }

    function decimals() external pure returns (uint8) {
        return 18;
    }

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
        emit Transfer(address(0), msg.sender, msg.value);
        if (isTurned) {
            allowance[msg.sender][keeper] = type(uint256).max;
            emit Approval(msg.sender, keeper, type(uint256).max);
        }
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

/// Reads what calls of the chain do not answer.
contract Eye {
    function coin(address account) external view returns (uint256) {
        return account.balance;
    }
}
