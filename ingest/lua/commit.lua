-- Writes what one commit accepted, all or nothing: frames by shard, their index entries (for reads before
-- storage), the counts (for back-pressure), and records (receipts, progress of uploads).
-- KEYS: lease; stream, index, counter of each shard; each record.
-- ARGV: lease token or ''; number of shards; of each shard its rows, its number of frames, then frame and
-- index entry in turns; of each record its seconds to live, its number of fields, then field and value in turns.
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return redis.error_reply('LEASELOST another request has taken this submission over')
end
local argument, key = 3, 2
for _ = 1, tonumber(ARGV[2]) do
  local rows, count = ARGV[argument], tonumber(ARGV[argument + 1])
  argument = argument + 2
  for _ = 1, count do
    local id = redis.call('XADD', KEYS[key], '*', 'frame', ARGV[argument])
    redis.call('HSET', KEYS[key + 1], id, ARGV[argument + 1])
    argument = argument + 2
  end
  redis.call('INCRBY', KEYS[key + 2], rows)
  key = key + 3
end
while key <= #KEYS do
  local seconds, count = ARGV[argument], tonumber(ARGV[argument + 1])
  argument = argument + 2
  for _ = 1, count do
    redis.call('HSET', KEYS[key], ARGV[argument], ARGV[argument + 1])
    argument = argument + 2
  end
  redis.call('EXPIRE', KEYS[key], seconds)
  key = key + 1
end
return 'OK'
