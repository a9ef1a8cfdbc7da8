-- Claims an idempotency key for one request.
-- KEYS: record. ARGV: token, lease in milliseconds, seconds to live, submission id, received at (microseconds).
-- Returns the record's fields and values with state `open` when the caller may go on (from field `lines`),
-- `done` when there is a receipt, or the milliseconds to wait while another request is at work.
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'state', 'open', 'submission', ARGV[4], 'received_at', ARGV[5], 'lines', 0)
elseif redis.call('HGET', KEYS[1], 'state') == 'open' then
  local lease = tonumber(redis.call('HGET', KEYS[1], 'lease_until') or '0')
  -- A lease further ahead than leases last was taken before the clock went back.
  if lease > ms and lease - ms <= tonumber(ARGV[2]) and redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
    return lease - ms
  end
end
if redis.call('HGET', KEYS[1], 'state') == 'open' then
  redis.call('HSET', KEYS[1], 'token', ARGV[1], 'lease_until', string.format('%d', ms + ARGV[2]))
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return redis.call('HGETALL', KEYS[1])
