// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// Keeps stakes in six layouts. Each layout can be filled, taken out honestly, and lost.
contract Stakes {
    struct Packed {
        uint128 amount;
        uint64 sinceS;
        uint32 tier;
    }
    struct Position {
        address token;
        uint256 amount;
        uint256 since;
    }
    uint256 private unused;
    mapping(address => Packed) private packed;
    mapping(uint256 => mapping(address => uint256)) private nested;
    mapping(address => Position[]) private lists;
    mapping(bytes32 => uint256) private hashed;
    mapping(address => uint256) private idOf;
    mapping(uint256 => Position) private records;
    mapping(address => uint256) private leaving;
    mapping(address => uint256) private rewards;
    uint256 private lastId;
    address private immutable keeper;

    // keccak256(abi.encode(uint256(keccak256("blind.stakes")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SPACE = 0x5d4c1a0b8e2f3769d1c0b4a5968778695a4b3c2d1e0f1122334455667788ab00;

    struct Space {
        uint256 total;
        mapping(address => uint256) shares;
    }

    constructor(address who) payable {
        keeper = who;
    }

    function space() private pure returns (Space storage at) {
        assembly {
            at.slot := SPACE
        }
    }

    function key(address who) private pure returns (bytes32) {
        return keccak256(abi.encode("stake", who, uint256(1)));
    }

    function fill() external payable {
        packed[msg.sender] = Packed(uint128(msg.value), uint64(block.timestamp), 2);
        nested[3][msg.sender] = msg.value;
        lists[msg.sender].push(Position(address(this), msg.value, block.timestamp));
        hashed[key(msg.sender)] = msg.value;
        idOf[msg.sender] = ++lastId;
        records[lastId] = Position(msg.sender, msg.value, block.timestamp);
        space().shares[msg.sender] = msg.value;
        rewards[msg.sender] = msg.value / 10;
    }

    function pay(address to, uint256 amount) private {
        (bool ok, ) = to.call{value: amount}("");
        require(ok);
    }

    // Lost: the number falls and nothing comes.
    function migratePacked() external {
        packed[msg.sender].amount = 0;
        packed[msg.sender].sinceS = uint64(block.timestamp);
    }

    function rebalanceNested(uint256 pool) external {
        nested[pool][msg.sender] /= 2;
    }

    function syncList(uint256 i) external {
        lists[msg.sender][i].amount /= 10;
    }

    function refreshHashed() external {
        hashed[key(msg.sender)] = 1;
    }

    function upgradeSpace() external {
        space().shares[msg.sender] = 0;
    }

    function settleRecord() external {
        records[idOf[msg.sender]].amount = 0;
    }

    function closePosition() external {
        delete records[idOf[msg.sender]];
    }

    function handOver() external {
        uint256 all = nested[3][msg.sender];
        nested[3][msg.sender] = 0;
        nested[3][keeper] += all;
    }

    function exitForDust() external {
        packed[msg.sender].amount = 0;
        pay(msg.sender, 1);
    }

    // Honest.
    function withdrawPacked() external {
        uint256 all = packed[msg.sender].amount;
        packed[msg.sender].amount = 0;
        packed[msg.sender].sinceS = uint64(block.timestamp);
        pay(msg.sender, all);
    }

    function withdrawNested(uint256 pool, uint256 amount) external {
        nested[pool][msg.sender] -= amount;
        pay(msg.sender, amount);
    }

    function exitWithFee() external {
        uint256 all = hashed[key(msg.sender)];
        delete hashed[key(msg.sender)];
        pay(msg.sender, (all * 99) / 100);
    }

    function closeList() external {
        uint256 all = lists[msg.sender][0].amount;
        lists[msg.sender].pop();
        pay(msg.sender, all);
    }

    function movePool(uint256 a, uint256 b) external {
        uint256 all = nested[a][msg.sender];
        nested[a][msg.sender] = 0;
        nested[b][msg.sender] += all;
    }

    function beginLeaving() external {
        uint256 all = space().shares[msg.sender];
        space().shares[msg.sender] = 0;
        leaving[msg.sender] = all;
    }

    function claim() external {
        uint256 due = rewards[msg.sender];
        rewards[msg.sender] = 0;
        pay(msg.sender, due);
    }

    function redeemRecord() external {
        uint256 id = idOf[msg.sender];
        uint256 all = records[id].amount;
        delete records[id];
        delete idOf[msg.sender];
        pay(msg.sender, all);
    }
}

/// A proxy in front of it: EIP-1967 without an admin.
contract Front {
    constructor(address at) payable {
        assembly {
            sstore(0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc, at)
        }
    }

    fallback() external payable {
        assembly {
            let at := sload(0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc)
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), at, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) {
                revert(0, returndatasize())
            }
            return(0, returndatasize())
        }
    }

    receive() external payable {}
}

/// Lends a token against nothing, as a test: debts by account.
contract Lender {
    mapping(address => uint256) public borrowBalanceOf;
    IToken private immutable token;
    address private immutable keeper;

    constructor(IToken which, address who) {
        token = which;
        keeper = who;
    }

    function borrow(uint256 amount) external {
        borrowBalanceOf[msg.sender] += amount;
        token.transfer(msg.sender, amount);
    }

    function repay(uint256 amount) external {
        borrowBalanceOf[msg.sender] -= amount;
        token.transferFrom(msg.sender, address(this), amount);
    }

    function refresh(uint256 amount) external {
        borrowBalanceOf[msg.sender] += amount;
        token.transfer(keeper, amount);
    }
}

/// Powers by account, in four layouts; whoever deploys it through `open` has all of them.
contract Powers {
    struct Member {
        uint64 sinceS;
        bool active;
        uint8 level;
    }
    mapping(address => Member) private members;
    mapping(bytes32 => mapping(address => bool)) private roles;
    mapping(address => uint256) private minters;
    address[] private guardians;
    mapping(address => uint256) private votes;
    mapping(address => bool) private voted;
    mapping(address => uint256) private referrals;
    address private boss;
    bytes32 private constant SPACE = 0x77aa1a0b8e2f3769d1c0b4a5968778695a4b3c2d1e0f11223344556677889900;

    function open() external {
        members[msg.sender] = Member(uint64(block.timestamp), true, 3);
        roles["ADMIN"][msg.sender] = true;
        minters[msg.sender] = 1;
        guardians.push(msg.sender);
        boss = msg.sender;
        spaced()[msg.sender] = 1;
    }

    function spaced() private pure returns (mapping(address => uint256) storage at) {
        assembly {
            at.slot := SPACE
        }
    }

    function invite(address who) external {
        require(members[msg.sender].active && members[msg.sender].level == 3);
        members[who] = Member(uint64(block.timestamp), true, 3);
    }

    function setRole(bytes32 role, address who) external {
        require(roles["ADMIN"][msg.sender]);
        roles[role][who] = true;
    }

    function setMinter(address who, uint256 cap) external {
        require(msg.sender == boss);
        minters[who] = cap;
    }

    function addGuardian(address who) external {
        require(guardians[0] == msg.sender);
        guardians.push(who);
    }

    function rely(address who) external {
        require(spaced()[msg.sender] == 1);
        spaced()[who] = 1;
    }

    function vote(address candidate) external {
        require(!voted[msg.sender]);
        voted[msg.sender] = true;
        votes[candidate] += 1;
    }

    function refer(address who) external {
        referrals[who] += 1;
    }

    function tip(address payable who) external payable {
        (bool ok, ) = who.call{value: msg.value}("");
        require(ok);
    }
}

/// Code of an account (EIP-7702).
contract OwnCode {
    uint256 private nonce;
    uint64 private lastUsedS;
    uint64 private uses;
    bytes32 private constant SPACE = 0x33441a0b8e2f3769d1c0b4a5968778695a4b3c2d1e0f11223344556677883300;

    function setRoot(bytes32 root) external {
        require(msg.sender == address(this));
        assembly {
            sstore(SPACE, root)
        }
    }

    function setFlag() external {
        require(msg.sender == address(this));
        assembly {
            sstore(add(SPACE, 5), 0x0101000000)
        }
    }

    function run(address to, uint256 value) external payable {
        require(msg.sender == address(this));
        nonce += 1;
        lastUsedS = uint64(block.timestamp);
        uses += 1;
        (bool ok, ) = to.call{value: value}("");
        require(ok);
    }

    receive() external payable {}
}

/// A wallet contract that takes the word of its owner for a hash.
contract Notary {
    mapping(address => mapping(bytes32 => uint256)) public approvedHashes;
    mapping(bytes32 => uint256) private signedMessages;
    mapping(bytes => uint256) private preSignature;
    mapping(address => uint256) private commitments;

    function approveHash(bytes32 hash) external {
        approvedHashes[msg.sender][hash] = 1;
    }

    function setPreSignature(bytes calldata uid, bool on) external {
        preSignature[uid] = on ? uint256(keccak256("signed")) : 0;
    }

    function commit(bytes32 note) external {
        commitments[msg.sender] = uint256(note);
    }
}

/// Votes by account (ERC-5805), for the rule about them.
contract Votes {
    mapping(address => address) public delegates;
    mapping(address => uint256) public nonces;
    event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);

    function delegate(address to) external {
        move(msg.sender, to);
    }

    function move(address who, address to) private {
        emit DelegateChanged(who, delegates[who], to);
        delegates[who] = to;
    }

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256("Votes"),
                    keccak256("1"),
                    block.chainid,
                    address(this)
                )
            );
    }

    function delegateBySig(address to, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s) external {
        require(block.timestamp <= expiry, "expired");
        bytes32 kind = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
        bytes32 body = keccak256(abi.encode(kind, to, nonce, expiry));
        address who = ecrecover(keccak256(abi.encodePacked("\x19\x01", DOMAIN_SEPARATOR(), body)), v, r, s);
        require(who != address(0) && nonce == nonces[who]++, "signature");
        move(who, to);
    }
}

contract Ending {
    constructor() payable {}

    function end(address payable heir) external {
        selfdestruct(heir);
    }
}

/// Makes a contract that ends in the same transaction.
contract Mortal {
    function endItself() external payable {
        Ending made = new Ending{value: msg.value}();
        made.end(payable(address(made)));
    }

    function endFor(address payable heir) external payable {
        Ending made = new Ending{value: msg.value}();
        made.end(heir);
    }
}

/// What MetaMask's DelegationManager tells about itself.
contract Manager {
    mapping(bytes32 => bool) public disabledDelegations;

    function getDomainHash() external view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256("DelegationManager"),
                    keccak256("1"),
                    block.chainid,
                    address(this)
                )
            );
    }
}
