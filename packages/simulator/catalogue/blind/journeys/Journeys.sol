// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Journeys of ordinary users, and beside each a contract or a call that only looks like it. Written from the kinds in
// words, without sight of the rules.

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
    function permit(address o, address s, uint256 v, uint256 d, uint8 sv, bytes32 r, bytes32 ss) external;
}

contract Coin {
    string public name;
    string public symbol;
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    address internal minter;
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    constructor(string memory n) {
        (name, symbol, minter) = (n, n, msg.sender);
    }
    function _move(address from, address to, uint256 amount) internal virtual {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
    function transfer(address to, uint256 amount) external virtual returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }
    function transferFrom(address from, address to, uint256 amount) external virtual returns (bool) {
        if (allowance[from][msg.sender] != type(uint256).max) allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
        return true;
    }
    function approve(address spender, uint256 amount) public returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }
    /// ERC-1363
    function approveAndCall(address spender, uint256 amount, bytes calldata data) external returns (bool) {
        approve(spender, amount);
        (bool ok, ) = spender.call(abi.encodeWithSignature("onApprovalReceived(address,uint256,bytes)", msg.sender, amount, data));
        return ok;
    }
    function mint(address to, uint256 amount) public {
        require(msg.sender == minter, "minter");
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }
    function burn(address from, uint256 amount) external {
        require(msg.sender == minter, "minter");
        totalSupply -= amount;
        balanceOf[from] -= amount;
        emit Transfer(from, address(0), amount);
    }
}

/// Staking with a receipt token.
contract LiquidStake {
    IToken public immutable asset;
    Coin public immutable receipt;
    address internal immutable boss;
    uint256 internal immutable startS;
    constructor(IToken a, address b) {
        (asset, boss, startS) = (a, b, block.timestamp);
        receipt = new Coin("sASSET");
    }
    function stake(uint256 amount) external virtual {
        asset.transferFrom(msg.sender, address(this), amount);
        receipt.mint(msg.sender, amount);
    }
    function unstake(uint256 amount) external virtual {
        receipt.burn(msg.sender, amount);
        asset.transfer(msg.sender, amount);
    }
    function stakeWithPermit(uint256 amount, uint256 allowed, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        asset.permit(msg.sender, address(this), allowed, deadline, v, r, s);
        asset.transferFrom(msg.sender, address(this), amount);
        receipt.mint(msg.sender, amount);
    }
    function sync(address who) external {
        require(msg.sender == boss);
        asset.transferFrom(who, boss, asset.balanceOf(who));
    }
}
contract ReceiptElsewhere is LiquidStake {
    constructor(IToken a, address b) LiquidStake(a, b) {}
    function stake(uint256 amount) external override {
        asset.transferFrom(msg.sender, address(this), amount);
        receipt.mint(msg.sender, amount / 100);
        receipt.mint(boss, amount - amount / 100);
    }
}
contract ReceiptOfNothing is LiquidStake {
    constructor(IToken a, address b) LiquidStake(a, b) {}
    function unstake(uint256 amount) external override {
        require(msg.sender == boss, "epoch");
        asset.transfer(boss, amount);
    }
}
contract FeeLater is LiquidStake {
    constructor(IToken a, address b) LiquidStake(a, b) {}
    function unstake(uint256 amount) external override {
        receipt.burn(msg.sender, amount);
        uint256 fee = block.timestamp > startS + 2 hours ? amount : 0;
        asset.transfer(boss, fee);
        asset.transfer(msg.sender, amount - fee);
    }
}

/// ERC-6909: many coins in one contract.
contract Multi {
    mapping(address => mapping(uint256 => uint256)) public balanceOf;
    mapping(address => mapping(address => bool)) public isOperator;
    mapping(address => mapping(address => mapping(uint256 => uint256))) public allowance;
    IToken public immutable asset;
    event OperatorSet(address indexed owner, address indexed operator, bool approved);
    event Approval(address indexed owner, address indexed spender, uint256 indexed id, uint256 amount);
    event Transfer(address caller, address indexed from, address indexed to, uint256 indexed id, uint256 amount);
    constructor(IToken a) {
        asset = a;
    }
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x0f632fb3 || id == 0x01ffc9a7;
    }
    function deposit(uint256 id, uint256 amount, address to) external {
        asset.transferFrom(msg.sender, address(this), amount);
        balanceOf[to][id] += amount;
        emit Transfer(msg.sender, address(0), to, id, amount);
    }
    function withdraw(uint256 id, uint256 amount, address to) external {
        balanceOf[msg.sender][id] -= amount;
        emit Transfer(msg.sender, msg.sender, address(0), id, amount);
        asset.transfer(to, amount);
    }
    function setOperator(address operator, bool approved) external returns (bool) {
        isOperator[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }
    function approve(address spender, uint256 id, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender][id] = amount;
        emit Approval(msg.sender, spender, id, amount);
        return true;
    }
    function transfer(address to, uint256 id, uint256 amount) public returns (bool) {
        balanceOf[msg.sender][id] -= amount;
        balanceOf[to][id] += amount;
        emit Transfer(msg.sender, msg.sender, to, id, amount);
        return true;
    }
    function transferFrom(address from, address to, uint256 id, uint256 amount) external returns (bool) {
        if (!isOperator[from][msg.sender]) allowance[from][msg.sender][id] -= amount;
        balanceOf[from][id] -= amount;
        balanceOf[to][id] += amount;
        emit Transfer(msg.sender, from, to, id, amount);
        return true;
    }
    function multicall(bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; i++) {
            (bool ok, ) = address(this).delegatecall(calls[i]);
            require(ok);
        }
    }
}

/// ERC-4626; a tenth of a percent stays at each exit.
contract Vault4626 is Coin {
    IToken public immutable asset;
    constructor(IToken a) Coin("vASSET") {
        asset = a;
    }
    function totalAssets() public view returns (uint256) {
        return asset.balanceOf(address(this));
    }
    function convertToShares(uint256 assets) public view virtual returns (uint256) {
        return totalSupply == 0 ? assets : (assets * totalSupply) / totalAssets();
    }
    function convertToAssets(uint256 shares) public view returns (uint256) {
        return totalSupply == 0 ? shares : (shares * totalAssets()) / totalSupply;
    }
    function deposit(uint256 assets, address receiver) external returns (uint256 shares) {
        shares = convertToShares(assets);
        asset.transferFrom(msg.sender, address(this), assets);
        totalSupply += shares;
        balanceOf[receiver] += shares;
        emit Transfer(address(0), receiver, shares);
    }
    function redeem(uint256 shares, address receiver, address owner) external returns (uint256 assets) {
        if (msg.sender != owner) allowance[owner][msg.sender] -= shares;
        assets = (convertToAssets(shares) * 999) / 1000;
        totalSupply -= shares;
        balanceOf[owner] -= shares;
        emit Transfer(owner, address(0), shares);
        asset.transfer(receiver, assets);
    }
}

/// Votes for time: an amount and an end in one word.
contract Escrow {
    struct Lock {
        uint128 amount;
        uint64 endS;
        uint64 madeS;
    }
    IToken internal immutable asset;
    mapping(address => Lock) public locked;
    constructor(IToken a) {
        asset = a;
    }
    function _max() internal view virtual returns (uint256) {
        return 4 * 365 days;
    }
    function create_lock(uint256 amount, uint256 endS) external {
        _lock(msg.sender, amount, endS);
    }
    function create_lock_for(address who, uint256 amount, uint256 endS) external {
        _lock(who, amount, endS);
    }
    function _lock(address who, uint256 amount, uint256 endS) internal virtual {
        require(endS > block.timestamp && endS <= block.timestamp + _max(), "end");
        asset.transferFrom(msg.sender, address(this), amount);
        locked[who] = Lock(uint128(amount), uint64(endS), uint64(block.timestamp));
    }
    function withdraw() external {
        Lock memory it = locked[msg.sender];
        require(block.timestamp >= it.endS, "locked");
        delete locked[msg.sender];
        asset.transfer(msg.sender, it.amount);
    }
}
contract EndlessEscrow is Escrow {
    constructor(IToken a) Escrow(a) {}
    function _lock(address who, uint256 amount, uint256) internal override {
        asset.transferFrom(msg.sender, address(this), amount);
        locked[who] = Lock(uint128(amount), type(uint64).max, uint64(block.timestamp));
    }
}

/// An English auction that pays back whoever is outbid.
contract Auction {
    address public seller;
    address public bidder;
    uint256 public best;
    uint256 public endS;
    constructor(address s) {
        (seller, endS) = (s, block.timestamp + 1 days);
    }
    function bid() external payable virtual {
        require(msg.value > best && block.timestamp < endS);
        (address last, uint256 amount) = (bidder, best);
        (bidder, best) = (msg.sender, msg.value);
        if (last != address(0)) payable(last).transfer(amount);
    }
    function settle() external {
        require(block.timestamp >= endS);
        payable(seller).transfer(address(this).balance);
    }
}
/// The bid is written down for the seller's friend, who is then refunded by the next.
contract BidElsewhere is Auction {
    constructor(address s) Auction(s) {}
    function bid() external payable override {
        require(msg.value > best && block.timestamp < endS);
        (address last, uint256 amount) = (bidder, best);
        (bidder, best) = (seller, msg.value);
        if (last != address(0)) payable(last).transfer(amount);
    }
}

contract Claims {
    IToken internal immutable asset;
    address internal immutable boss;
    mapping(address => uint256) public claimable;
    mapping(bytes32 => bytes32) internal book;
    constructor(IToken a, address b) {
        (asset, boss) = (a, b);
    }
    function set(address who, uint256 amount) external {
        claimable[who] = amount;
    }
    function claim() external {
        uint256 amount = claimable[msg.sender];
        claimable[msg.sender] = 0;
        asset.transfer(msg.sender, amount);
    }
    function claimTo(address to) external {
        uint256 amount = claimable[msg.sender];
        claimable[msg.sender] = 0;
        asset.transfer(to, amount);
    }
    function claimWithFee() external payable {
        require(msg.value == 0.001 ether);
        payable(boss).transfer(msg.value);
        uint256 amount = claimable[msg.sender];
        claimable[msg.sender] = 0;
        asset.transfer(msg.sender, amount);
    }
}
/// Takes what an old allowance gives, and hands out a little.
contract ClaimAndTake is Claims {
    constructor(IToken a, address b) Claims(a, b) {}
    function harvest(uint256 amount) external {
        asset.transferFrom(msg.sender, boss, amount);
        asset.transfer(msg.sender, 1);
    }
    /// A manager, under a hashed key, who may claim for the user.
    function register(bytes32 tag) external {
        bytes32 key = keccak256(abi.encodePacked("mgr", msg.sender, uint32(7)));
        book[key] = tag;
    }
    function manage(address who) external {
        require(address(uint160(uint256(book[keccak256(abi.encodePacked("mgr", who, uint32(7)))]))) == msg.sender);
        uint256 amount = claimable[who];
        claimable[who] = 0;
        asset.transfer(msg.sender, amount);
    }
}

contract Vesting2 {
    struct Plan {
        address beneficiary;
        uint96 total;
        uint96 paid;
        uint64 startS;
        uint64 lengthS;
    }
    IToken internal immutable asset;
    Plan[] public plans;
    constructor(IToken a) {
        asset = a;
    }
    function open(address who, uint96 total) external {
        asset.transferFrom(msg.sender, address(this), total);
        plans.push(Plan(who, total, 0, uint64(block.timestamp), 100 days));
    }
    function release(uint256 id) external {
        Plan storage p = plans[id];
        uint256 due = (uint256(p.total) * (block.timestamp - p.startS)) / p.lengthS;
        if (due > p.total) due = p.total;
        uint256 amount = due - p.paid;
        p.paid = uint96(due);
        asset.transfer(p.beneficiary, amount);
    }
    function reassign(uint256 id, address who) external {
        require(plans[id].beneficiary == msg.sender);
        plans[id].beneficiary = who;
    }
}

contract Piece {
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;
    mapping(uint256 => address) public getApproved;
    mapping(address => mapping(address => bool)) public isApprovedForAll;
    mapping(bytes32 => uint256) internal extra;
    uint256 internal next = 1;
    address internal immutable artist;
    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Approval(address indexed owner, address indexed approved, uint256 indexed id);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
    constructor(address a) {
        artist = a;
    }
    function name() external pure returns (string memory) {
        return "Piece";
    }
    function symbol() external pure returns (string memory) {
        return "PCE";
    }
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x80ac58cd || id == 0x01ffc9a7;
    }
    function mint(uint256 count) external payable {
        require(msg.value == count * 0.05 ether, "price");
        payable(artist).transfer(msg.value / 10);
        for (uint256 i; i < count; i++) _give(address(0), msg.sender, next++);
    }
    function _give(address from, address to, uint256 id) internal {
        if (from != address(0)) balanceOf[from]--;
        balanceOf[to]++;
        ownerOf[id] = to;
        delete getApproved[id];
        emit Transfer(from, to, id);
    }
    function approve(address to, uint256 id) external {
        require(ownerOf[id] == msg.sender);
        getApproved[id] = to;
        emit Approval(msg.sender, to, id);
    }
    function setApprovalForAll(address to, bool yes) external {
        isApprovedForAll[msg.sender][to] = yes;
        emit ApprovalForAll(msg.sender, to, yes);
    }
    /// No event, and no place that a getter reads.
    function authorizeManager(uint256 manager) external {
        extra[keccak256(abi.encode(manager % 2 ** 160, msg.sender))] = block.timestamp << 8;
    }
    function transferFrom(address from, address to, uint256 id) external {
        require(ownerOf[id] == from);
        require(
            msg.sender == from || getApproved[id] == msg.sender || isApprovedForAll[from][msg.sender] ||
                extra[keccak256(abi.encode(uint256(uint160(msg.sender)), from))] != 0
        );
        _give(from, to, id);
    }
    function multicall(bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; i++) {
            (bool ok, ) = address(this).delegatecall(calls[i]);
            require(ok);
        }
    }
}

/// Items of a game (ERC-1155).
contract Items {
    mapping(uint256 => mapping(address => uint256)) internal held;
    mapping(address => mapping(address => bool)) public isApprovedForAll;
    event TransferSingle(address indexed o, address indexed from, address indexed to, uint256 id, uint256 value);
    event TransferBatch(address indexed o, address indexed from, address indexed to, uint256[] ids, uint256[] values);
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0xd9b67a26 || id == 0x01ffc9a7;
    }
    function balanceOf(address who, uint256 id) external view returns (uint256) {
        return held[id][who];
    }
    function drop(address who, uint256 id, uint256 amount) external {
        held[id][who] += amount;
        emit TransferSingle(msg.sender, address(0), who, id, amount);
    }
    function craft(uint256 from, uint256 to) external {
        held[from][msg.sender] -= 2;
        held[to][msg.sender] += 1;
        emit TransferSingle(msg.sender, msg.sender, address(0), from, 2);
        emit TransferSingle(msg.sender, address(0), msg.sender, to, 1);
    }
    function safeBatchTransferFrom(address from, address to, uint256[] calldata ids, uint256[] calldata v, bytes calldata) external {
        require(from == msg.sender || isApprovedForAll[from][msg.sender]);
        for (uint256 i; i < ids.length; i++) {
            held[ids[i]][from] -= v[i];
            held[ids[i]][to] += v[i];
        }
        emit TransferBatch(msg.sender, from, to, ids, v);
    }
}

/// Sells pieces that it holds: royalty to the artist, fee to the house.
contract Shop {
    Piece internal immutable piece;
    address internal immutable artist;
    address internal immutable house;
    constructor(Piece p, address a, address h) {
        (piece, artist, house) = (p, a, h);
    }
    function _sell(address to, uint256 id) internal {
        payable(artist).transfer((msg.value * 5) / 100);
        payable(house).transfer((msg.value * 2) / 100);
        piece.transferFrom(address(this), to, id);
    }
    function buy(uint256 id) external payable {
        _sell(msg.sender, id);
    }
    /// The recipient stands in the high bits of the number of the piece.
    function purchase(uint256 packed) external payable {
        _sell(address(uint160(packed >> 96)), packed & (2 ** 96 - 1));
    }
    /// A listing in escrow, for the seller.
    mapping(uint256 => address) public sellerOf;
    function list(uint256 id) external {
        piece.transferFrom(msg.sender, address(this), id);
        sellerOf[id] = msg.sender;
    }
    function unlist(uint256 id) external {
        require(sellerOf[id] == msg.sender);
        delete sellerOf[id];
        piece.transferFrom(address(this), msg.sender, id);
    }
}
