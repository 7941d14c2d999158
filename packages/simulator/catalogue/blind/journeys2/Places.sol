// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Contracts that are used both well and badly: the arguments, or what the constructor was given, decide.

interface IT {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address spender, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
}

interface IN {
    function transferFrom(address from, address to, uint256 id) external;
}

interface IRouter {
    function swapExactTokensForTokens(uint256 give, uint256 least, address[] calldata path, address to, uint256 end)
        external
        returns (uint256[] memory);
}

/// Shares of a farm; the last twenty bytes of the memo say whose.
contract Farm {
    IT immutable token;
    mapping(bytes32 => uint256) books;

    constructor(IT token_) {
        token = token_;
    }

    function enter(uint256 pid, uint256 amount, bytes calldata memo) external {
        token.transferFrom(msg.sender, address(this), amount);
        address who = memo.length >= 20 ? address(bytes20(memo[memo.length - 20:])) : msg.sender;
        books[keccak256(abi.encode(pid, who))] += amount;
    }

    function leave(uint256 pid, uint256 amount) external {
        books[keccak256(abi.encode(pid, msg.sender))] -= amount;
        token.transfer(msg.sender, amount);
    }
}

/// Dollars against ether.
contract Lender {
    IT immutable token;
    mapping(address => uint256) public pledged;
    mapping(address => uint256) public owed;

    event Drawn(address indexed account, uint256 amount);

    constructor(IT token_) {
        token = token_;
    }

    function pledge() external payable {
        pledged[msg.sender] += msg.value;
    }

    function draw(uint256 amount, address account, address receiver) external {
        require(account == msg.sender, "not yours");
        owed[account] += amount;
        require(owed[account] * 1e18 <= ((pledged[account] * 2500e6) / 4) * 3, "too much");
        token.transfer(receiver, amount);
        emit Drawn(account, amount);
    }

    function settle(bytes32 loan, uint256 amount) external {
        address who = address(uint160(uint256(loan)));
        if (amount > owed[who]) amount = owed[who];
        token.transferFrom(msg.sender, address(this), amount);
        owed[who] -= amount;
    }

    function unpledge(uint256 amount) external {
        pledged[msg.sender] -= amount;
        require(owed[msg.sender] * 1e18 <= ((pledged[msg.sender] * 2500e6) / 4) * 3, "owed");
        payable(msg.sender).transfer(amount);
    }
}

/// Names that point to accounts.
contract Registrar {
    struct Entry {
        address owner;
        uint64 expires;
        address target;
    }

    mapping(bytes32 => Entry) public entries;
    mapping(bytes32 => uint256) made;

    event NameRegistered(bytes32 indexed node, address indexed owner, uint256 expires);
    event NameRenewed(bytes32 indexed node, uint256 expires);

    function commit(bytes32 commitment) external {
        made[commitment] = block.timestamp;
    }

    function register(string calldata name, address owner, bytes32 salt, uint256 periodYears) external payable {
        bytes32 commitment = keccak256(abi.encode(name, owner, salt));
        require(made[commitment] != 0 && block.timestamp >= made[commitment] + 60, "early");
        bytes32 node = keccak256(bytes(name));
        require(entries[node].expires < block.timestamp, "taken");
        uint256 price = periodYears * 0.002 ether;
        require(msg.value >= price, "price");
        entries[node] = Entry(owner, uint64(block.timestamp + periodYears * 365 days), owner);
        emit NameRegistered(node, owner, entries[node].expires);
        if (msg.value > price) payable(msg.sender).transfer(msg.value - price);
    }

    function renew(bytes32 node, uint256 periodYears) public payable {
        require(msg.value >= periodYears * 0.002 ether, "price");
        entries[node].expires += uint64(periodYears * 365 days);
        emit NameRenewed(node, entries[node].expires);
    }

    function setTarget(bytes32 node, address target) external payable {
        require(entries[node].owner == msg.sender, "owner");
        entries[node].target = target;
    }

    function multicall(bytes[] calldata all) external payable {
        for (uint256 i; i < all.length; i++) {
            (bool ok,) = address(this).delegatecall(all[i]);
            require(ok, "part");
        }
    }

    function payTo(bytes32 node) external payable {
        payable(entries[node].target).transfer(msg.value);
    }
}

/// A stake with a term; who leaves writes the receiver and the amount into one word.
contract Locker {
    IT immutable token;
    uint256 immutable termS;

    struct Stake {
        uint128 amount;
        uint64 since;
    }

    mapping(address => Stake) public stakes;

    constructor(IT token_, uint256 termS_) {
        token = token_;
        termS = termS_;
    }

    function lock(uint128 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        stakes[msg.sender].amount += amount;
        stakes[msg.sender].since = uint64(block.timestamp);
    }

    function exit(uint256 word) external {
        Stake storage stake = stakes[msg.sender];
        require(block.timestamp >= stake.since + termS, "term");
        stake.amount -= uint96(word);
        token.transfer(address(uint160(word >> 96)), uint256(uint96(word)) + uint256(uint96(word)) / 100);
    }
}

/// A purse behind a proxy; limits are at slots of their own.
contract Purse {
    IT immutable token;

    constructor(IT token_) {
        token = token_;
    }

    function slot(address owner, bytes32 what) internal pure returns (bytes32) {
        return keccak256(abi.encode("purse", owner, what));
    }

    function fill(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        bytes32 at = slot(msg.sender, 0);
        assembly {
            sstore(at, add(sload(at), amount))
        }
    }

    function prefer(bytes32 what, uint256 value) external {
        require(what != 0, "what");
        bytes32 at = slot(msg.sender, what);
        assembly {
            sstore(at, value)
        }
    }

    function charge(address owner, uint256 amount) external {
        bytes32 limit = slot(owner, bytes32(uint256(uint160(msg.sender))));
        bytes32 at = slot(owner, 0);
        uint256 left;
        uint256 held;
        assembly {
            left := sload(limit)
            held := sload(at)
        }
        require(left >= amount && held >= amount, "limit");
        assembly {
            sstore(limit, sub(left, amount))
            sstore(at, sub(held, amount))
        }
        token.transfer(msg.sender, amount);
    }

    function take(uint256 amount) external {
        bytes32 at = slot(msg.sender, 0);
        uint256 held;
        assembly {
            held := sload(at)
        }
        require(held >= amount, "held");
        assembly {
            sstore(at, sub(held, amount))
        }
        token.transfer(msg.sender, amount);
    }
}

/// Reinvests; the settings are one masked word.
contract Compounder {
    uint256 constant MASK = 0x005d1f3a9b7c2e4d6f8091a2b3c4d5e6f708192a3b;
    IT immutable token;
    mapping(address => uint256) public shares;
    mapping(address => uint256) settings;

    constructor(IT token_) {
        token = token_;
    }

    function put(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        shares[msg.sender] += amount;
    }

    function setPreferences(uint256 word) external {
        settings[msg.sender] = word;
    }

    function rebalance(address account, address to, uint256 amount) external {
        address helper = address(uint160(settings[account] ^ MASK));
        require(msg.sender == account || msg.sender == helper, "who");
        shares[account] -= amount;
        token.transfer(to, amount);
    }
}

/// Savings; leaving costs what the constructor says.
contract Savings {
    IT immutable token;
    uint256 private packed;
    mapping(address => uint256) public balanceOf;

    constructor(IT token_, address keeper, uint256 exitBps) {
        token = token_;
        packed = uint256(uint160(keeper)) | (exitBps << 160);
    }

    function deposit(uint256 amount) external returns (uint256) {
        token.transferFrom(msg.sender, address(this), amount);
        balanceOf[msg.sender] += amount;
        return amount;
    }

    function withdraw(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        uint256 fee = (amount * (packed >> 160)) / 10_000;
        token.transfer(address(uint160(packed)), fee);
        token.transfer(msg.sender, amount - fee);
    }
}

/// Dollars for ether that is pledged; after the term it is the house's.
contract Pawn {
    IT immutable token;
    address immutable house;
    uint256 immutable termS;
    uint256 immutable rateBps;

    struct Ticket {
        address owner;
        uint256 pledged;
        uint256 lent;
        uint256 since;
    }

    Ticket[] public tickets;

    constructor(IT token_, address house_, uint256 termS_, uint256 rateBps_) {
        token = token_;
        house = house_;
        termS = termS_;
        rateBps = rateBps_;
    }

    function pawn(uint256 lent) external payable returns (uint256) {
        require(lent * 1e18 <= (msg.value * 2500e6) / 2, "too much");
        tickets.push(Ticket(msg.sender, msg.value, lent, block.timestamp));
        token.transfer(msg.sender, lent);
        return tickets.length - 1;
    }

    function redeem(uint256 id) external {
        Ticket memory ticket = tickets[id];
        require(ticket.owner == msg.sender && block.timestamp <= ticket.since + termS, "over");
        delete tickets[id];
        token.transferFrom(msg.sender, address(this), ticket.lent + (ticket.lent * rateBps) / 10_000);
        payable(msg.sender).transfer(ticket.pledged);
    }

    function forfeit(uint256 id) external {
        Ticket memory ticket = tickets[id];
        require(ticket.owner != address(0) && block.timestamp > ticket.since + termS, "term");
        delete tickets[id];
        payable(house).transfer(ticket.pledged);
    }
}

/// Swaps through a router and keeps a part for whoever integrated it.
contract Aggregator {
    function swap(IRouter router, uint256 give, uint256 least, address[] calldata path, uint256 partBps, address partTo)
        external
    {
        IT(path[0]).transferFrom(msg.sender, address(this), give);
        uint256 part = (give * partBps) / 10_000;
        IT(path[0]).transfer(partTo, part);
        IT(path[0]).approve(address(router), give - part);
        router.swapExactTokensForTokens(give - part, least, path, msg.sender, block.timestamp);
    }
}

/// Collects and pays out.
contract Kitty {
    IT immutable token;
    mapping(address => uint256) held;
    mapping(address => address) payee;

    constructor(IT token_) {
        token = token_;
    }

    function put(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        held[msg.sender] += amount;
    }

    function setPayee(address to) external {
        payee[msg.sender] = to;
    }

    function close() external {
        uint256 amount = held[msg.sender];
        held[msg.sender] = 0;
        token.transfer(payee[msg.sender] == address(0) ? msg.sender : payee[msg.sender], amount);
    }
}

/// A market that holds the pieces; five per cent are the maker's.
contract Bazaar {
    struct Offer {
        IN piece;
        uint256 id;
        address seller;
        uint256 price;
        address buyer;
    }

    address immutable maker;
    Offer[] public offers;

    constructor(address maker_) {
        maker = maker_;
    }

    function list(IN piece, uint256 id, uint256 price, address buyer) external {
        piece.transferFrom(msg.sender, address(this), id);
        offers.push(Offer(piece, id, msg.sender, price, buyer));
    }

    function buy(uint256 index) external payable {
        Offer memory offer = offers[index];
        require(offer.seller != address(0) && msg.value == offer.price, "offer");
        require(offer.buyer == address(0) || offer.buyer == msg.sender, "reserved");
        delete offers[index];
        payable(maker).transfer(msg.value / 20);
        payable(offer.seller).transfer(msg.value - msg.value / 20);
        offer.piece.transferFrom(address(this), msg.sender, offer.id);
    }
}

/// Fills orders that Permit2 pays for, out of its own till.
interface IPermit2 {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        uint256 nonce;
        uint256 deadline;
    }

    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata details,
        address owner,
        bytes32 witness,
        string calldata witnessTypeString,
        bytes calldata signature
    ) external;
}

contract Filler {
    IPermit2 immutable permit2;

    constructor(IPermit2 permit2_) {
        permit2 = permit2_;
    }

    function fill(IPermit2.PermitTransferFrom calldata permit, address owner, IT wanted, uint256 least, bytes calldata signature)
        external
    {
        bytes32 witness =
            keccak256(abi.encode(keccak256("Swap(address wanted,uint256 least,address receiver)"), wanted, least, owner));
        permit2.permitWitnessTransferFrom(
            permit,
            IPermit2.SignatureTransferDetails(address(this), permit.permitted.amount),
            owner,
            witness,
            "Swap witness)Swap(address wanted,uint256 least,address receiver)TokenPermissions(address token,uint256 amount)",
            signature
        );
        wanted.transfer(owner, least);
    }
}
