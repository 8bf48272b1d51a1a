"""What runs inside Redis: Lua scripts, each one step for everybody.

The keys of one script carry the same hash tag, so that they lie on one node of a Redis Cluster. Every response begins
with that node's time. A script may run twice, when its first response was lost with the connection: the second run
changes nothing more (a forgotten record may count one generation further).

=============  =========  ====================================================================================
holders        sorted     who holds the lock (or a turn to log in), by the moment at which that ends unless extended,
               set        in milliseconds of the server's time
record         hash       ``text`` (JSON), ``generation``; ``fence``: the number of the last lease that was granted,
                          ``holder``: to whom, empty when it was revoked or the token was forgotten;
                          ``forgotten``: the number of the last lease that was granted before that
refusals       sorted     refused logins (JSON) by their time
               set
=============  =========  ====================================================================================

A lease is told by ``fence`` and ``holder`` together: the number alone would come again after the server lost its
memory.
"""

from __future__ import annotations

_TIME = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

_HOLD = """
local function hold(key, owner, milliseconds)
    redis.call('ZADD', key, now + milliseconds, owner)
    local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
    redis.call('PEXPIREAT', key, last[2])
end
local function has_lease(record, owner, fence)
    local lease = redis.call('HMGET', record, 'holder', 'fence')
    return lease[1] == owner and lease[2] == fence
end
"""

TIME = _TIME + "return {time[1], time[2]}"
"""Keys: any (says which node is asked)."""

SALT = (
    _TIME
    + """
local salt = redis.call('GET', KEYS[1])
if not salt then
    salt = ARGV[1]
    redis.call('SET', KEYS[1], salt)
end
return {time[1], time[2], salt}
"""
)
"""Keys: salt. Arguments: one to keep if there is none. Returns the one that is kept."""

READ = (
    _TIME
    + """
local record = redis.call('HMGET', KEYS[1], 'text', 'generation')
return {time[1], time[2], record[1] or '', record[2] or '0'}
"""
)
"""Keys: record."""

TAKE = (
    _TIME
    + _HOLD
    + """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
    if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
        return {time[1], time[2], '', redis.call('ZRANGE', KEYS[1], 0, 0)[1]}
    end
    if KEYS[2] then
        redis.call('HINCRBY', KEYS[2], 'fence', 1)
        redis.call('HSET', KEYS[2], 'holder', ARGV[1])
        if redis.call('PTTL', KEYS[2]) < 0 then
            redis.call('PEXPIRE', KEYS[2], ARGV[4])
        end
    end
end
hold(KEYS[1], ARGV[1], ARGV[3])
return {time[1], time[2], KEYS[2] and redis.call('HGET', KEYS[2], 'fence') or '0', ARGV[1]}
"""
)
"""Keys: holders, record (for a lease). Arguments: owner, how many may hold, for how long, how long a record is kept.

Returns the fence (0 for a turn), or nothing and who holds.
"""

EXTEND = (
    _TIME
    + _HOLD
    + """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
    if not KEYS[2] or not has_lease(KEYS[2], ARGV[1], ARGV[2]) then
        return {time[1], time[2], '0'}
    end
end
hold(KEYS[1], ARGV[1], ARGV[3])
return {time[1], time[2], '1'}
"""
)
"""Keys as for TAKE. Arguments: owner, fence, for how long. A lease that has ended is taken up where nobody else did."""

RELEASE = """
redis.call('ZREM', KEYS[1], ARGV[1])
if KEYS[2] and redis.call('HGET', KEYS[2], 'holder') == ARGV[1] then
    redis.call('HSET', KEYS[2], 'holder', '')
end
local time = redis.call('TIME')
return {time[1], time[2]}
"""
"""Keys as for TAKE. Arguments: owner."""

SAVE = (
    _TIME
    + _HOLD
    + """
if not has_lease(KEYS[2], ARGV[1], ARGV[2]) then
    local forgotten = tonumber(redis.call('HGET', KEYS[2], 'forgotten') or 0) >= tonumber(ARGV[2])
    return {time[1], time[2], forgotten and 'forgotten' or 'lost'}
end
hold(KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], 'text', ARGV[4], 'generation', ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return {time[1], time[2], 'saved'}
"""
)
"""Keys: holders, record. Arguments: owner, fence, for how long, text, generation, how long the record is kept.

Saves for the holder of the last lease only; who holds that has a right to it even where it has ended, since nobody
came after. Responses ``saved``, ``forgotten`` (since the lease was granted) or ``lost``.
"""

FORGET = (
    _TIME
    + """
redis.call('DEL', KEYS[1])
redis.call('HDEL', KEYS[2], 'text')
redis.call('HINCRBY', KEYS[2], 'generation', 1)
redis.call('HSET', KEYS[2], 'holder', '', 'forgotten', redis.call('HGET', KEYS[2], 'fence') or '0')
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return {time[1], time[2]}
"""
)
"""Keys: holders, record. Arguments: how long the record is kept."""

ADD_REFUSAL = (
    _TIME
    + """
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {time[1], time[2]}
"""
)
"""Keys: refusals. Arguments: when, the refusal, how many are kept, how long (milliseconds)."""

REFUSALS = (
    _TIME
    + """
return {time[1], time[2], redis.call('ZRANGE', KEYS[1], 0, -1)}
"""
)
"""Keys: refusals."""

FORGET_REFUSALS = (
    _TIME
    + """
redis.call('DEL', KEYS[1])
return {time[1], time[2]}
"""
)
"""Keys: refusals."""
