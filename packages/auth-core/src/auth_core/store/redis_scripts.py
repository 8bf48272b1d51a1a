"""Lua scripts, which Redis runs atomically.

The keys of one script have the same hash tag, so that they are on one node of a Redis Cluster. Every response begins
with that node's time. A script may run twice if its first response was lost with the connection: the second run has no
additional effect (except that forgetting may increment the generation again).

=============  =========  ====================================================================================
holders        sorted     owners of the lock (or of turns to log in) by the time at which they end unless extended,
               set        in milliseconds of the server's time
record         hash       ``text`` (JSON), ``generation``; ``fence``: the number of the last lease that was granted,
                          ``holder``: to whom, empty when it was revoked or the token was forgotten;
                          ``forgotten``: the number of the last lease that was granted before that
refusals       sorted     refused logins (JSON) by their time
               set
=============  =========  ====================================================================================

A lease is identified by ``fence`` and ``holder`` together: the number alone would repeat after the server lost its
data.
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
"""Keys: any, to select the node."""

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
"""Keys: salt. Arguments: a salt to store if there is none. Returns the stored one."""

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
"""Keys: holders, record (for a lease). Arguments: owner, maximum number of holders, duration, lifetime of the record.

Returns the fence (0 for a turn), or an empty fence and the current holder.
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
"""Keys as for TAKE. Arguments: owner, fence, duration. An expired lease is renewed if no other owner took it."""

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
"""Keys: holders, record. Arguments: owner, fence, duration, text, generation, lifetime of the record.

Saves only for the holder of the last lease, even if it has expired, since no other owner took it. Returns ``saved``,
``forgotten`` (since the lease was granted) or ``lost``.
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
"""Keys: holders, record. Arguments: lifetime of the record."""

ADD_REFUSAL = (
    _TIME
    + """
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {time[1], time[2]}
"""
)
"""Keys: refusals. Arguments: time, refusal, maximum number, lifetime in milliseconds."""

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
