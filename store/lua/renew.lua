-- Keeps a lease alive if it is still ours, or takes it again if it ran out unclaimed.
-- KEYS: lease. ARGV: token, milliseconds. Returns 1 if the lease is ours.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
