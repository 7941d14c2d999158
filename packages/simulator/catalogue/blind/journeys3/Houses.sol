// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Houses that deal honestly or not: the arguments of a call decide, or which of two like contracts stands there.

interface IT {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

/// Loans against ether. A loan is a numbered position, and its holder closes it.
contract Desk {
    struct Position {
        uint128 pledgedWei;
        uint128 owed;
    }

    IT immutable token;
    uint256 public count;
    mapping(uint256 => Position) public positions;
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Opened(uint256 indexed id, address indexed holder, uint256 pledgedWei, uint256 owed);

    constructor(IT token_) {
        token = token_;
    }

    function open(address holder, uint128 borrow, address receiver) external payable returns (uint256 id) {
        require(uint256(borrow) * 1e18 <= ((msg.value * 2500e6) / 10) * 7, "too much");
        id = ++count;
        positions[id] = Position(uint128(msg.value), borrow);
        ownerOf[id] = holder;
        balanceOf[holder]++;
        emit Transfer(address(0), holder, id);
        emit Opened(id, holder, msg.value, borrow);
        token.transfer(receiver, borrow);
    }

    function close(uint256 id) external {
        require(ownerOf[id] == msg.sender, "holder");
        Position memory was = positions[id];
        delete positions[id];
        delete ownerOf[id];
        balanceOf[msg.sender]--;
        emit Transfer(msg.sender, address(0), id);
        token.transferFrom(msg.sender, address(this), was.owed);
        payable(msg.sender).transfer(was.pledgedWei);
    }
}

/// Stakes that earn; what was earned is put to the stake, less a fee.
contract Staker {
    struct Stake {
        uint128 amount;
        uint128 paidPerUnit;
    }

    IT immutable token;
    address immutable treasury;
    uint256 total;
    uint256 perUnit;
    mapping(address => Stake) stakes;

    event Compounded(address indexed who, uint256 amount, uint256 fee);

    constructor(IT token_, address treasury_) {
        token = token_;
        treasury = treasury_;
    }

    function stake(uint128 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        require(stakes[msg.sender].amount == 0, "once");
        stakes[msg.sender] = Stake(amount, uint128(perUnit));
        total += amount;
    }

    function reward(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        perUnit += (amount * 1e12) / total;
    }

    function compound() external {
        Stake storage own = stakes[msg.sender];
        uint256 earned = (uint256(own.amount) * (perUnit - own.paidPerUnit)) / 1e12;
        uint256 fee = earned / 50;
        own.paidPerUnit = uint128(perUnit);
        own.amount += uint128(earned - fee);
        total += earned - fee;
        token.transfer(treasury, fee);
        emit Compounded(msg.sender, earned - fee, fee);
    }

    function unstake() external {
        uint256 amount = stakes[msg.sender].amount;
        delete stakes[msg.sender];
        total -= amount;
        token.transfer(msg.sender, amount);
    }
}

/// Money that somebody earns over time; what is not earned can be called back.
contract Grants {
    struct Grant {
        address to;
        uint96 amount;
        address revoker;
        uint96 released;
        address refundTo;
        uint48 since;
        uint48 termS;
    }

    IT immutable token;
    uint256 made;
    mapping(bytes32 => Grant) grants;

    event Granted(bytes32 indexed id, address indexed to, uint256 amount);

    constructor(IT token_) {
        token = token_;
    }

    function idOf(uint256 number) public view returns (bytes32) {
        return keccak256(abi.encode(address(this), number));
    }

    function grant(address to, uint96 amount, uint48 termS, address revoker, address refundTo) external {
        token.transferFrom(msg.sender, address(this), amount);
        bytes32 id = idOf(made++);
        grants[id] = Grant(to, amount, revoker, 0, refundTo, uint48(block.timestamp), termS);
        emit Granted(id, to, amount);
    }

    function _earned(Grant storage g) private view returns (uint256) {
        uint256 passed = block.timestamp - g.since;
        return passed >= g.termS ? g.amount : (uint256(g.amount) * passed) / g.termS;
    }

    function release(bytes32 id) external {
        Grant storage g = grants[id];
        uint256 due = _earned(g) - g.released;
        g.released += uint96(due);
        token.transfer(g.to, due);
    }

    function revoke(bytes32 id) external {
        Grant storage g = grants[id];
        require(msg.sender == g.revoker, "revoker");
        uint256 earned = _earned(g);
        token.transfer(g.to, earned - g.released);
        token.transfer(g.refundTo, g.amount - earned);
        delete grants[id];
    }
}

/// Pays people by the second out of what an employer has put in.
contract Salaries {
    struct Line {
        uint128 perSecond;
        uint64 since;
        uint64 until;
    }

    IT immutable token;
    mapping(address => uint256) public free;
    mapping(address => mapping(address => Line)) lines;

    event Hired(address indexed employer, address indexed who, uint256 perSecond, uint256 until);

    constructor(IT token_) {
        token = token_;
    }

    function fill(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        free[msg.sender] += amount;
    }

    function hire(address[] calldata who, uint128[] calldata perSecond, uint64 until) external {
        for (uint256 i; i < who.length; i++) {
            free[msg.sender] -= perSecond[i] * (until - block.timestamp);
            lines[msg.sender][who[i]] = Line(perSecond[i], uint64(block.timestamp), until);
            emit Hired(msg.sender, who[i], perSecond[i], until);
        }
    }

    function draw(address employer) external {
        Line storage line = lines[employer][msg.sender];
        uint256 end = block.timestamp < line.until ? block.timestamp : line.until;
        uint256 due = line.perSecond * (end - line.since);
        line.since = uint64(end);
        token.transfer(msg.sender, due);
    }

    function dismiss(address who) external {
        Line memory line = lines[msg.sender][who];
        delete lines[msg.sender][who];
        uint256 end = block.timestamp < line.until ? block.timestamp : line.until;
        free[msg.sender] += line.perSecond * (line.until - end);
        token.transfer(who, line.perSecond * (end - line.since));
    }

    function empty(uint256 amount) external {
        free[msg.sender] -= amount;
        token.transfer(msg.sender, amount);
    }
}

/// Shares that an operator validates with. The withdrawer, and nobody else, takes them out.
contract Restaker {
    struct Account {
        address operator;
        uint96 shares;
        address withdrawer;
    }

    IT immutable token;
    mapping(address => Account) accounts;
    mapping(address => uint256) public sharesOfOperator;
    mapping(bytes32 => uint256) public queued;

    event Delegated(address indexed who, address indexed operator);

    constructor(IT token_) {
        token = token_;
    }

    function deposit(uint96 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        accounts[msg.sender].shares += amount;
    }

    function delegate(address operator, address withdrawer) external {
        Account storage own = accounts[msg.sender];
        require(own.operator == address(0), "delegated");
        own.operator = operator;
        own.withdrawer = withdrawer;
        sharesOfOperator[operator] += own.shares;
        emit Delegated(msg.sender, operator);
    }

    function queue(address who) external {
        Account storage own = accounts[who];
        require(own.withdrawer == msg.sender, "withdrawer");
        sharesOfOperator[own.operator] -= own.shares;
        queued[keccak256(abi.encode(msg.sender, own.shares, block.timestamp))] = own.shares;
        own.shares = 0;
        own.operator = address(0);
    }

    function complete(uint256 shares, uint256 at) external {
        bytes32 key = keccak256(abi.encode(msg.sender, shares, at));
        require(queued[key] != 0 && block.timestamp >= at + 7 days, "early");
        delete queued[key];
        token.transfer(msg.sender, shares);
    }
}

/// A purse with points. Who brought somebody gets a tenth of the points.
contract Loyalty {
    struct Member {
        uint64 points;
        uint32 claims;
        address referrer;
    }

    IT immutable token;
    address immutable issuer;
    mapping(address => Member) public members;
    mapping(address => uint256) purse;

    event Points(address indexed who, uint256 points);

    constructor(IT token_, address issuer_) {
        token = token_;
        issuer = issuer_;
    }

    function put(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        purse[msg.sender] += amount;
    }

    function claim(uint64 points, address referrer, bytes32 r, bytes32 s, uint8 v) external {
        Member storage own = members[msg.sender];
        bytes32 slip = keccak256(abi.encode(address(this), msg.sender, points, own.claims));
        require(ecrecover(keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", slip)), v, r, s) == issuer, "issuer");
        own.claims++;
        own.points += points;
        if (referrer != address(0)) {
            own.referrer = referrer;
            members[referrer].points += points / 10;
        }
        emit Points(msg.sender, points);
    }

    function get(uint256 amount) external virtual {
        purse[msg.sender] -= amount;
        token.transfer(msg.sender, amount);
    }

    function _takeFor(address who, uint256 amount) internal {
        purse[who] -= amount;
        token.transfer(msg.sender, amount);
    }
}

/// The same on the outside; who brought somebody has that purse as well.
contract LoyaltyTwo is Loyalty {
    constructor(IT token_, address issuer_) Loyalty(token_, issuer_) {}

    function settle(address who, uint256 amount) external {
        require(members[who].referrer == msg.sender, "referrer");
        _takeFor(who, amount);
    }
}

/// Ether that is staked together; who holds a part can ask for it back.
contract Pooled {
    string public constant symbol = "plETH";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    function submit() external payable {
        balanceOf[msg.sender] += msg.value;
        totalSupply += msg.value;
        emit Transfer(address(0), msg.sender, msg.value);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }

    function burn(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        payable(msg.sender).transfer(amount);
    }
}

/// Requests wait their turn, each a numbered ticket; its holder is paid.
contract Queue {
    struct Ticket {
        uint128 amount;
        uint64 since;
        bool isReady;
    }

    Pooled immutable pooled;
    uint256 public last;
    mapping(uint256 => Ticket) public tickets;
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 indexed id);

    constructor(Pooled pooled_) {
        pooled = pooled_;
    }

    receive() external payable {}

    function request(uint128 amount, address holder) external returns (uint256 id) {
        pooled.transferFrom(msg.sender, address(this), amount);
        id = ++last;
        tickets[id] = Ticket(amount, uint64(block.timestamp), false);
        ownerOf[id] = holder;
        balanceOf[holder]++;
        emit Transfer(address(0), holder, id);
    }

    function finalise(uint256 id) external {
        pooled.burn(tickets[id].amount);
        tickets[id].isReady = true;
    }

    function claim(uint256 id) external {
        require(ownerOf[id] == msg.sender && tickets[id].isReady, "ticket");
        uint256 amount = tickets[id].amount;
        delete tickets[id];
        delete ownerOf[id];
        balanceOf[msg.sender]--;
        emit Transfer(msg.sender, address(0), id);
        payable(msg.sender).transfer(amount);
    }
}

/// Calls on ether that their writers have covered.
contract CoveredCalls {
    struct Series {
        address writer;
        uint96 strike;
        address holder;
        uint64 expires;
        uint256 coverWei;
    }

    IT immutable token;
    address immutable maker;
    Series[] series;

    event Written(uint256 indexed id, address indexed writer, address indexed holder, uint256 strike, uint256 expires);

    constructor(IT token_, address maker_) {
        token = token_;
        maker = maker_;
    }

    function write(uint96 strike, uint64 expires, address holder) public payable returns (uint256 id) {
        id = series.length;
        series.push(Series(msg.sender, strike, holder, expires, msg.value));
        emit Written(id, msg.sender, holder, strike, expires);
    }

    function writeAndSell(uint96 strike, uint64 expires, uint256 leastPremium) external payable returns (uint256) {
        uint256 premium = (msg.value * 40e6) / 1e18;
        require(strike >= 2600e6 && premium >= leastPremium, "premium");
        token.transfer(msg.sender, premium);
        return write(strike, expires, maker);
    }

    function exercise(uint256 id) external {
        Series memory s = series[id];
        require(msg.sender == s.holder && block.timestamp <= s.expires, "holder");
        delete series[id];
        token.transferFrom(msg.sender, s.writer, (s.strike * s.coverWei) / 1e18);
        payable(msg.sender).transfer(s.coverWei);
    }

    function reclaim(uint256 id) external {
        Series memory s = series[id];
        require(msg.sender == s.writer && block.timestamp > s.expires, "term");
        delete series[id];
        payable(msg.sender).transfer(s.coverWei);
    }
}
