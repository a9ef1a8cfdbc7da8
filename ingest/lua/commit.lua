-- Writes what one commit accepted, all or nothing: frames by shard, their index entries (for reads before
-- storage), the counts (for back-pressure), and records (receipts, progress of uploads).
-- A guard holds a version number; the commit is refused if one of them holds its number or a greater one already.
-- KEYS: lease; each guard; stream, index, counter of each shard; each record.
-- ARGV: lease token or ''; number of guards; seconds that a guard lives; of each guard its number and 1 if it takes
-- that number, 0 if it only looks; number of shards; of each shard its rows, its number of frames, then frame and
-- index entry in turns; of each record its seconds to live, its number of fields, then field and value in turns.
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return redis.error_reply('LEASELOST another request has taken this submission over')
end
local guards, argument, key = tonumber(ARGV[2]), 4, 2
local passed, taken = {}, {}
for guard = 1, guards do
  local name, number = KEYS[1 + guard], tonumber(ARGV[2 + 2 * guard])
  local held = taken[name] or tonumber(redis.call('GET', name) or '0')
  if held >= number then
    passed[#passed + 1] = guard
  elseif ARGV[3 + 2 * guard] == '1' then
    taken[name] = number -- two in one commit that want the same: the first has it
  end
end
if #passed > 0 then
  return redis.error_reply('CONFLICT ' .. table.concat(passed, ' '))
end
for guard = 1, guards do
  if ARGV[argument + 1] == '1' then
    redis.call('SET', KEYS[key], ARGV[argument], 'EX', ARGV[3])
  end
  argument = argument + 2
  key = key + 1
end
local shards = tonumber(ARGV[argument])
argument = argument + 1
for _ = 1, shards do
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
