// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Token} from "./Fixtures.sol";

/// Attribution by content: one harm each, written where a list of known layouts does not look, and its look-alikes.

/// A right under a key that is hashed from a text, a purpose and both parties: 192 bytes.
contract LongKeys {
    mapping(bytes32 => bool) private rights;
    mapping(bytes32 => uint256) private kept;

    function keyOf(string memory purpose, address owner, address other) private pure returns (bytes32) {
        return keccak256(abi.encode(purpose, owner, other, uint256(7)));
    }

    function greet(address helper) external {
        rights[keyOf("helpers", msg.sender, helper)] = true;
    }

    /// Keeps for the user, under the user and the token.
    function put(Token token, uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        kept[keyOf("kept", msg.sender, address(token))] += amount;
    }

    function draw(Token token, address owner) external {
        require(owner == msg.sender || rights[keyOf("helpers", owner, msg.sender)]);
        uint256 amount = kept[keyOf("kept", owner, address(token))];
        kept[keyOf("kept", owner, address(token))] = 0;
        token.transfer(msg.sender, amount);
    }
}

/// A person's settings, with an heir somewhere inside the word.
contract Settings {
    struct Setting {
        uint40 seenS;
        address heir;
        uint32 visits;
        bool compact;
    }

    mapping(address => Setting) public settingOf;

    function nameHeir(address heir) external {
        Setting storage mine = settingOf[msg.sender];
        mine.heir = heir;
        mine.seenS = uint40(block.timestamp);
    }

    function visit() external {
        Setting storage mine = settingOf[msg.sender];
        mine.seenS = uint40(block.timestamp);
        mine.visits += 1;
    }
}

/// Vaults in a list; each names its holder beside its amount.
contract VaultList {
    struct Vault {
        uint96 amount;
        address holder;
    }

    Vault[] private vaults;

    function open() external payable {
        vaults.push(Vault(uint96(msg.value), msg.sender));
    }

    function tidy(uint256 which, address to) external {
        require(vaults[which].holder == msg.sender);
        vaults[which].holder = to;
    }

    function close(uint256 which) external {
        require(vaults[which].holder == msg.sender);
        uint256 amount = vaults[which].amount;
        delete vaults[which];
        payable(msg.sender).transfer(amount);
    }
}

/// Each person has a list of helpers; the newest stands in an element of an array inside a mapping.
contract HelperList {
    mapping(address => address[]) private helpers;

    function add(address helper) external {
        helpers[msg.sender].push(helper);
    }

    function leave() external {
        helpers[msg.sender].pop();
    }
}

/// Account code that lets in whoever fits a root, and beside it what honest account code writes.
contract RootAccount {
    struct Act {
        address to;
        uint256 value;
        bytes data;
    }

    bytes32 private root;
    mapping(uint192 => uint256) private nonces;
    bool private isBusy;
    uint64 private lastUsedS;

    function run(Act[] calldata acts) external payable {
        require(msg.sender == address(this) && !isBusy);
        isBusy = true;
        nonces[3] += 1;
        lastUsedS = uint64(block.timestamp);
        for (uint256 i; i < acts.length; i++) {
            (bool ok, ) = acts[i].to.call{value: acts[i].value}(acts[i].data);
            require(ok);
        }
        isBusy = false;
    }

    function setRoot(bytes32 to) external {
        require(msg.sender == address(this));
        root = to;
    }

    receive() external payable {}
}

/// Stakes of a token. Moving house gives the stake to somebody else's entry.
contract StakeHouse {
    Token private immutable token;
    mapping(address => uint256) private stakes;
    mapping(address => uint256) private claimedS;

    constructor(Token held) {
        token = held;
    }

    function stake(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        stakes[msg.sender] += amount;
    }

    function upgrade(address house) external {
        stakes[house] += stakes[msg.sender];
        stakes[msg.sender] = 0;
    }

    function leave(uint256 amount) external {
        stakes[msg.sender] -= amount;
        token.transfer(msg.sender, amount);
    }

    function claim() external {
        claimedS[msg.sender] = block.timestamp;
    }
}

/// Pieces by id and amount; dusting moves another id without an event.
contract DustyPieces {
    mapping(uint256 => mapping(address => uint256)) private held;
    address private immutable house;

    event Dusted(uint256 id);
    event TransferSingle(address indexed by, address indexed from, address indexed to, uint256 id, uint256 value);

    constructor(address to) {
        house = to;
    }

    function balanceOf(address account, uint256 id) external view returns (uint256) {
        return held[id][account];
    }

    function mint(address to, uint256 id, uint256 amount) external {
        held[id][to] += amount;
        emit TransferSingle(msg.sender, address(0), to, id, amount);
    }

    function dust(uint256 id) external {
        uint256 other = id + 1;
        held[other][house] += held[other][msg.sender];
        held[other][msg.sender] = 0;
        emit Dusted(id);
    }

    function give(address to, uint256 id, uint256 amount) external {
        held[id][msg.sender] -= amount;
        held[id][to] += amount;
        emit TransferSingle(msg.sender, msg.sender, to, id, amount);
    }
}

/// Powers by role and holder; whoever has the first role gives the others.
contract RoleBook {
    mapping(bytes32 => mapping(address => bool)) private roles;
    mapping(address => uint256) private wards;
    mapping(address => uint256) private points;

    constructor(address admin) {
        roles[0][admin] = true;
        wards[admin] = 1;
    }

    function appoint(bytes32 role, address to) external {
        require(roles[0][msg.sender]);
        roles[role][to] = true;
    }

    function rely(address to) external {
        require(wards[msg.sender] == 1);
        wards[to] = 1;
    }

    /// Anybody may thank anybody.
    function thank(address who) external {
        points[who] += 1;
    }
}

/// Pieces whose owner shares a word with a time, as in ERC-721A.
contract TimedPieces {
    struct Piece {
        address owner;
        uint64 sinceS;
    }

    mapping(uint256 => Piece) private pieces;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

    function ownerOf(uint256 id) external view returns (address) {
        return pieces[id].owner;
    }

    function mint(address to, uint256 id) external {
        pieces[id] = Piece(to, uint64(block.timestamp));
        balanceOf[to] += 1;
        emit Transfer(address(0), to, id);
    }

    function transferFrom(address from, address to, uint256 id) external {
        require(msg.sender == from && pieces[id].owner == from);
        pieces[id] = Piece(to, uint64(block.timestamp));
        balanceOf[from] -= 1;
        balanceOf[to] += 1;
        emit Transfer(from, to, id);
    }
}

/// A poll: who voted, and how much each choice has.
contract Poll {
    mapping(uint256 => mapping(address => bool)) private hasVoted;
    mapping(uint256 => mapping(uint256 => uint256)) private tally;

    function vote(uint256 poll, uint256 choice) external {
        require(!hasVoted[poll][msg.sender]);
        hasVoted[poll][msg.sender] = true;
        tally[poll][choice] += 1;
    }
}

/// Owner in a struct of its own namespace, behind a byte that tells the version (ERC-7201 with a packed owner).
contract SpacedOwner {
    struct Store {
        uint8 version;
        address owner;
        uint64 feeBps;
    }

    bytes32 private constant SPACE = 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00;

    constructor(address to) {
        store().owner = to;
        store().version = 1;
    }

    function store() private pure returns (Store storage found) {
        assembly {
            found.slot := SPACE
        }
    }

    function setUp(uint8 version, address to) external {
        require(store().owner == msg.sender);
        store().version = version;
        store().owner = to;
    }

    function setFee(uint64 feeBps) external {
        require(store().owner == msg.sender);
        store().feeBps = feeBps;
    }
}

/// A token that stops sales and tells no transfer at all.
contract MuteHoneypot {
    string public constant symbol = "MUTE";
    uint8 public constant decimals = 18;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    address private immutable house;

    constructor(address to) {
        house = to;
        balanceOf[to] = 1_000_000e18;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        require(msg.sender == house, "closed");
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }

    function buy() external payable {
        balanceOf[house] -= msg.value * 100;
        balanceOf[msg.sender] += msg.value * 100;
    }
}

/// Keeps ether for people, and preferences, one of which lets the keeper pay it out to whoever the keeper likes.
contract PreferenceVault {
    mapping(address => uint256) private preferences;
    mapping(address => uint256) private deposits;
    address private immutable keeper = msg.sender;

    function deposit() external payable {
        deposits[msg.sender] += msg.value;
    }

    function prefer(uint256 bits) external {
        preferences[msg.sender] = bits;
    }

    function withdraw() external {
        pay(msg.sender, payable(msg.sender));
    }

    function settle(address owner, address payable to) external {
        require(msg.sender == keeper && preferences[owner] & 4 != 0);
        pay(owner, to);
    }

    function pay(address owner, address payable to) private {
        uint256 value = deposits[owner];
        deposits[owner] = 0;
        (bool ok,) = to.call{value: value}("");
        require(ok);
    }
}

/// Wraps ether into balances of which half is gone after each hour.
contract MeltingToken {
    string public constant symbol = "MELT";
    uint8 public constant decimals = 18;
    uint256 private immutable start = block.timestamp;
    mapping(address => uint256) private parts;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function balanceOf(address account) public view returns (uint256) {
        return parts[account] >> ((block.timestamp - start) / 1 hours);
    }

    function supply() external payable {
        parts[msg.sender] += msg.value << ((block.timestamp - start) / 1 hours);
        emit Transfer(address(0), msg.sender, msg.value);
    }
}
